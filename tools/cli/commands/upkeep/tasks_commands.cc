// tasks, tasks show, claim, close, fail, approve, reject, reopen. export and import are in
// commands_tracker.cc.

#include "tools/cli/call/run_call.h"

namespace tulving::tools {

namespace {

struct TasksCommand {
  std::string tenant;
  std::string agent, status, approval, memory;
  std::string label;
  std::uint32_t limit = 1000;
};

struct TaskCommand {
  std::shared_ptr<TasksCommand> group;
  std::string task_id;
  std::string worker;
  std::string error;
};

struct ClaimCommand {
  std::shared_ptr<TasksCommand> group;
  std::string agent;
  ConsolidationTaskClaim claim;
  std::int64_t lease_s = 600;
};

Result<int> run_list(const GlobalOptions& globals, const TasksCommand& command) {
  OperationCall call("consolidation_task.list");
  call.text("tenant_id", command.tenant)
      .text_if_any("agent", command.agent, "--agent")
      .text_if_any("status", command.status, "--status")
      .text_if_any("approval", command.approval, "--approval")
      .text_if_any("label", command.label)
      .text_if_any("memory", command.memory)
      .number("limit", command.limit);
  return run_call(globals, call, {&print_tasks});
}

OperationCall call_of(std::string_view operation, const TaskCommand& command) {
  OperationCall call(operation);
  call.text("tenant_id", command.group->tenant).text("task_id", command.task_id);
  return call;
}

Result<int> run_show(const GlobalOptions& globals, const TaskCommand& command) {
  return run_call(globals, call_of("consolidation_task.get", command), {&print_task});
}

Result<int> run_claim(const GlobalOptions& globals, const ClaimCommand& command) {
  OperationCall call("queue.claim");
  call.text("tenant_id", command.group->tenant)
      .text("worker", command.claim.worker)
      .text_if_any("agent", command.agent, "--agent")
      .number("lease", command.lease_s);
  return run_call(globals, call, {&print_claimed});
}

Result<int> run_close(const GlobalOptions& globals, const TaskCommand& command) {
  OperationCall call = call_of("queue.close", command);
  call.text("worker", command.worker);
  return run_call(globals, call, {&print_changed_task});
}

Result<int> run_fail(const GlobalOptions& globals, const TaskCommand& command) {
  OperationCall call = call_of("queue.fail", command);
  call.text("worker", command.worker).text("error", command.error);
  return run_call(globals, call, {&print_changed_task});
}

Result<int> run_approve(const GlobalOptions& globals, const TaskCommand& command) {
  return run_call(globals, call_of("queue.approve", command), {&print_changed_task});
}

Result<int> run_reject(const GlobalOptions& globals, const TaskCommand& command) {
  return run_call(globals, call_of("queue.reject", command), {&print_changed_task});
}

Result<int> run_reopen(const GlobalOptions& globals, const TaskCommand& command) {
  return run_call(globals, call_of("queue.reopen", command), {&print_changed_task});
}

/// Adds `tasks NAME ID`.
std::pair<CLI::App*, std::shared_ptr<TaskCommand>> add_task_command(
    CLI::App* group, const CommandLine& line, const std::shared_ptr<TasksCommand>& tasks,
    const char* name, const char* description,
    Result<int> (*run)(const GlobalOptions&, const TaskCommand&)) {
  auto options = std::make_shared<TaskCommand>();
  options->group = tasks;
  CLI::App* command = add_command(*group, line, name, description, options, run);
  command->add_option("ID", options->task_id, "The task's id")->required()->type_name("");
  return {command, options};
}

void add_worker_commands(CLI::App* group, const CommandLine& line,
                         const std::shared_ptr<TasksCommand>& tasks) {
  auto claim = std::make_shared<ClaimCommand>();
  claim->group = tasks;
  CLI::App* command =
      add_command(*group, line, "claim", "Takes the first task that waits", claim, run_claim);
  command->add_option("--worker", claim->claim.worker, "Who takes it")->required()->type_name("W");
  command->add_option("--agent", claim->agent, "Only tasks of this agent")
      ->check(check_not_empty)
      ->type_name("AGENT");
  command->add_option("--lease", claim->lease_s, "Seconds until another may take it, 1..86400")
      ->capture_default_str()
      ->type_name("S");
  const auto [close_command, closing] =
      add_task_command(group, line, tasks, "close", "Says that a task is done", run_close);
  close_command->add_option("--worker", closing->worker, "Who has it")->required()->type_name("W");
  const auto [fail_command, failing] =
      add_task_command(group, line, tasks, "fail", "Says that a task could not be done", run_fail);
  fail_command->add_option("--worker", failing->worker, "Who has it")->required()->type_name("W");
  fail_command->add_option("--error", failing->error, "Why")
      ->check(check_not_empty)
      ->required()
      ->type_name("TEXT");
}

}  // namespace

void add_task_commands(const CommandLine& line) {
  auto tasks = std::make_shared<TasksCommand>();
  CLI::App* group =
      add_listing_group(line, "tasks", "Lists what consolidation has to do", tasks, run_list);
  group->add_option("--tenant", tasks->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  const auto add = [&](const char* name, auto& value, const char* description, const char* type) {
    return group->add_option(name, value, description)->check(check_not_empty)->type_name(type);
  };
  const std::vector<CLI::Option*> list_options = {
      add("--agent", tasks->agent, "decay, cluster, merge, promote or relations", "AGENT"),
      add("--status", tasks->status, "open, in_progress, blocked or closed", "STATUS"),
      add("--approval", tasks->approval, "not_needed, waiting, approved or rejected", "APPROVAL"),
      add("--label", tasks->label, "One that the task must have, as urgency:high", "LABEL"),
      add("--memory", tasks->memory, "Of this memory, by id or external id", "ID"),
      add("--limit", tasks->limit, "1..1000000", "N")->capture_default_str()};
  add_task_command(group, line, tasks, "show", "Shows a task", run_show);
  add_worker_commands(group, line, tasks);
  add_task_command(group, line, tasks, "approve", "Lets a task that waits for it be done",
                   run_approve);
  add_task_command(group, line, tasks, "reject", "Closes a task that waits for approval",
                   run_reject);
  add_task_command(group, line, tasks, "reopen", "Opens a blocked or closed task again",
                   run_reopen);
  add_tracker_commands(group, line, {tasks, &tasks->tenant});
  for_list_alone(group, list_options);
}

}  // namespace tulving::tools
