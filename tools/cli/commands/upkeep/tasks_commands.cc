// tasks, tasks show, claim, close, fail, approve, reject, reopen. export and import are in
// commands_tracker.cc.

#include <fmt/core.h>

#include "tools/cli/command.h"
#include "tools/cli/print/json_text.h"
#include "tools/cli/print/output.h"
#include "tools/cli/print/print_preview.h"
#include "tulving/consolidation_queue.h"
#include "tulving/json.h"

namespace tulving::tools {

namespace {

struct TasksCommand {
  std::string tenant;
  std::string agent, status, approval, memory;
  ConsolidationTaskFilter filter;
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

JsonText task_text(const ConsolidationTask& task) { return {to_json(task)}; }

/// Reads an enumerator's name. An empty one leaves `value` empty.
template <class Enum>
Status read_name(const std::string& name, const char* option,
                 std::optional<Enum> (*parse)(std::string_view) noexcept,
                 std::optional<Enum>& value) {
  if (name.empty()) return {};
  value = parse(name);
  if (value) return {};
  std::string known;
  for (int i = 0; to_string(static_cast<Enum>(i)) != "unknown"; ++i) {
    known += (i == 0 ? "" : ", ") + std::string(to_string(static_cast<Enum>(i)));
  }
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{} is \"{}\"; must be one of {}", option, name, known)};
}

void print_task(const GlobalOptions& globals, const ConsolidationTask& task, const char* done) {
  if (globals.json) {
    print_json(task_text(task));
  } else {
    fmt::print("{} {}: {}\n", done, task.task_id, one_line(task.title, 200));
  }
}

// What the task is about, in its memories' own words: a title says "merge 2 memories".
std::vector<std::string> texts_of(const Tenant& tenant, const ConsolidationTask& task) {
  std::vector<std::string> texts;
  for (const Uuid& id : task.memory_ids) {
    const auto memory = tenant.get(id);
    texts.push_back(memory ? memory->text : fmt::format("({} is not here)", id.to_string()));
  }
  return texts;
}

void print_tasks(const Tenant& tenant, const std::vector<ConsolidationTask>& tasks) {
  constexpr std::size_t kTextColumns = 90;
  Table table({"TASK", "PRIORITY", "URGENCY", "STATUS", "APPROVAL", "TITLE", "TEXT"});
  for (const ConsolidationTask& task : tasks) {
    std::string about;
    for (const std::string& text : texts_of(tenant, task)) {
      about += (about.empty() ? "" : " | ") + one_line(text, kTextColumns);
    }
    table.add_row({task.task_id, std::to_string(task.priority),
                   std::string(to_string(task.urgency)), std::string(to_string(task.status)),
                   std::string(to_string(task.approval)), one_line(task.title, 200),
                   one_line(about, 2 * kTextColumns)});
  }
  table.print();
}

Result<int> run_list(const GlobalOptions& globals, const TasksCommand& command) {
  ConsolidationTaskFilter filter = command.filter;
  if (auto status = read_name(command.agent, "--agent", &parse_upkeep_agent, filter.agent);
      !status) {
    return status.error();
  }
  if (auto status =
          read_name(command.status, "--status", &parse_consolidation_task_status, filter.status);
      !status) {
    return status.error();
  }
  if (auto status = read_name(command.approval, "--approval", &parse_approval, filter.approval);
      !status) {
    return status.error();
  }
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  if (!command.memory.empty()) {
    auto id = opened->tenant.resolve(command.memory);
    if (!id) return id.error();
    filter.memory_id = *id;
  }
  auto tasks = opened->tenant.tasks(filter);
  if (!tasks) return tasks.error();
  if (!globals.json) {
    print_tasks(opened->tenant, *tasks);
    return kDone;
  }
  std::vector<JsonText> all;
  for (const ConsolidationTask& task : *tasks) all.push_back(task_text(task));
  print_json(ObjectText().set("tasks", array_text(all)).done());
  return kDone;
}

Result<int> run_show(const GlobalOptions& globals, const TaskCommand& command) {
  auto opened = open_tenant(globals, Access::kRead, command.group->tenant);
  if (!opened) return opened.error();
  auto task = opened->tenant.get_task(command.task_id);
  if (!task) return task.error();
  if (globals.json) {
    print_json(task_text(*task));
    return kDone;
  }
  auto preview = preview_task(opened->tenant, *task);
  if (!preview) return preview.error();
  preview->error.clear();  // It stands among the members.
  print_members(task_text(*task));
  fmt::print("\n");
  print_preview(*preview);
  return kDone;
}

Result<int> run_claim(const GlobalOptions& globals, const ClaimCommand& command) {
  ConsolidationTaskClaim claim = command.claim;
  claim.lease = std::chrono::seconds(command.lease_s);
  if (auto status = read_name(command.agent, "--agent", &parse_upkeep_agent, claim.agent);
      !status) {
    return status.error();
  }
  auto opened = open_tenant(globals, Access::kWrite, command.group->tenant);
  if (!opened) return opened.error();
  auto task = opened->tenant.queue().claim(claim);
  if (!task) return task.error();
  if (auto closed = close_store(opened->store); !closed) return closed.error();
  if (*task) {
    print_task(globals, **task, "claimed");
  } else if (globals.json) {
    print_json(Json(nullptr));
  } else {
    fmt::print("no task waits\n");
  }
  return kDone;
}

using Change = Result<ConsolidationTask> (*)(Tenant&, const TaskCommand&);

template <Change kChange>
Result<int> run_change(const GlobalOptions& globals, const TaskCommand& command) {
  auto opened = open_tenant(globals, Access::kWrite, command.group->tenant);
  if (!opened) return opened.error();
  auto task = kChange(opened->tenant, command);
  if (!task) return task.error();
  if (auto closed = close_store(opened->store); !closed) return closed.error();
  print_task(globals, *task, to_string(task->status).data());
  return kDone;
}

Result<ConsolidationTask> close(Tenant& tenant, const TaskCommand& command) {
  return tenant.queue().close(command.task_id, command.worker);
}
Result<ConsolidationTask> fail(Tenant& tenant, const TaskCommand& command) {
  return tenant.queue().fail(command.task_id, command.worker, command.error);
}
Result<ConsolidationTask> approve(Tenant& tenant, const TaskCommand& command) {
  return tenant.queue().decide(command.task_id, true);
}
Result<ConsolidationTask> reject(Tenant& tenant, const TaskCommand& command) {
  return tenant.queue().decide(command.task_id, false);
}
Result<ConsolidationTask> reopen(Tenant& tenant, const TaskCommand& command) {
  return tenant.queue().reopen(command.task_id);
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
      add_task_command(group, line, tasks, "close", "Says that a task is done", run_change<close>);
  close_command->add_option("--worker", closing->worker, "Who has it")->required()->type_name("W");
  const auto [fail_command, failing] = add_task_command(
      group, line, tasks, "fail", "Says that a task could not be done", run_change<fail>);
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
      add("--label", tasks->filter.label, "One that the task must have, as urgency:high", "LABEL"),
      add("--memory", tasks->memory, "Of this memory, by id or external id", "ID"),
      add("--limit", tasks->filter.limit, "1..1000000", "N")->capture_default_str()};
  add_task_command(group, line, tasks, "show", "Shows a task", run_show);
  add_worker_commands(group, line, tasks);
  add_task_command(group, line, tasks, "approve", "Lets a task that waits for it be done",
                   run_change<approve>);
  add_task_command(group, line, tasks, "reject", "Closes a task that waits for approval",
                   run_change<reject>);
  add_task_command(group, line, tasks, "reopen", "Opens a blocked or closed task again",
                   run_change<reopen>);
  add_tracker_commands(group, line, {tasks, &tasks->tenant});
  for_list_alone(group, list_options);
}

}  // namespace tulving::tools
