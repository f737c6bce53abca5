// jobs start, jobs resume, jobs cancel.

#include <fmt/core.h>

#include "tools/cli/command.h"
#include "tools/cli/print/json_text.h"
#include "tools/cli/print/missing.h"
#include "tools/cli/print/output.h"
#include "tulving/job_runner.h"
#include "tulving/json.h"

namespace tulving::tools {

namespace {

struct StartCommand {
  std::shared_ptr<const std::string> tenant;
  std::string from;
  std::string until;
  std::string trigger = "manual";
  bool all = false;
  JobRequest request;
};

struct JobNameCommand {
  std::shared_ptr<const std::string> tenant;
  std::string job_id;
};

Result<JobTrigger> parse_trigger(const std::string& name) {
  for (const auto trigger :
       {JobTrigger::kManual, JobTrigger::kScheduled, JobTrigger::kThreshold, JobTrigger::kUrgent}) {
    if (to_string(trigger) == name) return trigger;
  }
  return Error{ErrorCode::kInvalidArgument,
               "--trigger is \"" + name + "\"; must be manual, scheduled, threshold or urgent",
               "trigger"};
}

// A job all of whose phases failed is a failure of the command, which has told what it did.
Result<int> show(const GlobalOptions& globals, TenantStore& opened, const ConsolidationJob& job) {
  const int exit_code = job.status == JobStatus::kFailed ? kFailed : kDone;
  if (auto closed = close_store(opened.store); !closed) return closed.error();
  if (globals.json) {
    print_json(JsonText{to_json(job)});
    return exit_code;
  }
  fmt::print(
      "job {} is {}: {} memories looked at, {} patterns, {} memories in {} merges, {} "
      "principles\n",
      job.id.to_string(), to_string(job.status), job.metrics.memories_processed,
      job.metrics.patterns_extracted, job.metrics.memories_merged, job.metrics.merges_made,
      job.metrics.principles_created);
  for (const Uuid& plan : job.plan_ids) fmt::print("plan {}\n", plan.to_string());
  for (const std::string& error : job.errors) report(error);
  return exit_code;
}

Result<int> run_start(const GlobalOptions& globals, const StartCommand& command) {
  JobRequest request = command.request;
  auto trigger = parse_trigger(command.trigger);
  if (!trigger) return trigger.error();
  request.trigger = *trigger;
  request.scope.unconsolidated_only = !command.all;
  auto from = parse_moment(command.from, "--from");
  if (!from) return from.error();
  auto until = parse_moment(command.until, "--until");
  if (!until) return until.error();
  request.scope.created_from = *from;
  request.scope.created_until = *until;
  auto opened = open_tenant(globals, Access::kWrite, *command.tenant);
  if (!opened) return opened.error();
  tell_missing_project(opened->tenant, request.project_id);
  auto runner = JobRunner::create(opened->store, *command.tenant);
  if (!runner) return runner.error();
  auto job = runner->start(request);
  if (!job) return job.error();
  return show(globals, *opened, *job);
}

Result<int> run_resume(const GlobalOptions& globals, const JobNameCommand& command) {
  auto id = parse_id(command.job_id, "JOB");
  if (!id) return id.error();
  auto opened = open_tenant(globals, Access::kWrite, *command.tenant);
  if (!opened) return opened.error();
  auto runner = JobRunner::create(opened->store, *command.tenant);
  if (!runner) return runner.error();
  auto job = runner->resume(*id);
  if (!job) return job.error();
  return show(globals, *opened, *job);
}

Result<int> run_cancel(const GlobalOptions& globals, const JobNameCommand& command) {
  auto id = parse_id(command.job_id, "JOB");
  if (!id) return id.error();
  auto opened = open_tenant(globals, Access::kWrite, *command.tenant);
  if (!opened) return opened.error();
  auto runner = JobRunner::create(opened->store, *command.tenant);
  if (!runner) return runner.error();
  if (auto status = runner->cancel(*id); !status) return status.error();
  auto job = opened->tenant.get_job(*id);
  if (!job) return job.error();
  return show(globals, *opened, *job);
}

}  // namespace

void add_job_run_commands(CLI::App* jobs, const CommandLine& line,
                          const std::shared_ptr<const std::string>& tenant) {
  auto start = std::make_shared<StartCommand>();
  start->tenant = tenant;
  CLI::App* command = add_command(*jobs, line, "start",
                                  "Extracts patterns, merges and principles from a project's "
                                  "memories",
                                  start, run_start);
  command->add_option("--project", start->request.project_id, "The project")
      ->check(check_not_empty)
      ->required()
      ->type_name("P");
  command->add_option("--from", start->from, "Memories created from then on")
      ->check(check_not_empty)
      ->type_name("RFC3339");
  command->add_option("--until", start->until, "And before then")
      ->check(check_not_empty)
      ->type_name("RFC3339");
  command->add_option("--types", start->request.scope.memory_types, "Of these memory types")
      ->delimiter(',')
      ->type_name("A,B");
  command->add_flag("--all", start->all, "Also what a merge or pattern holds already");
  command->add_option("--trigger", start->trigger, "manual, scheduled, threshold or urgent")
      ->capture_default_str()
      ->type_name("WHY");
  command->add_option("--by", start->request.triggered_by, "Who started it")->type_name("NAME");

  const auto add = [&](const char* name, const char* description,
                       Result<int> (*run)(const GlobalOptions&, const JobNameCommand&)) {
    auto options = std::make_shared<JobNameCommand>();
    options->tenant = tenant;
    add_command(*jobs, line, name, description, options, run)
        ->add_option("JOB", options->job_id, "The job's id")
        ->required()
        ->type_name("");
  };
  add("resume", "Goes on with a job that a killed process left", run_resume);
  add("cancel", "Cancels a job that a killed process left", run_cancel);
}

}  // namespace tulving::tools
