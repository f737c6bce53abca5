// jobs start, jobs resume, jobs cancel.

#include "tools/cli/call/run_call.h"
#include "tulving/job_runner.h"

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

constexpr Rendering kRun = {&print_job, &exit_code_of_job};

Result<int> run_start(const GlobalOptions& globals, const StartCommand& command) {
  const JobRequest& request = command.request;
  OperationCall call("job.start");
  call.text("tenant_id", *command.tenant)
      .text("project_id", request.project_id)
      .text_if_any("created_from", command.from, "--from")
      .text_if_any("created_until", command.until, "--until")
      .texts("memory_types", request.scope.memory_types)
      .flag("all", command.all)
      .text("trigger", command.trigger, "--trigger")
      .text_if_any("triggered_by", request.triggered_by);
  return run_call(globals, call, kRun);
}

OperationCall call_of(std::string_view operation, const JobNameCommand& command) {
  OperationCall call(operation);
  call.text("tenant_id", *command.tenant).text("id", command.job_id, "JOB");
  return call;
}

Result<int> run_resume(const GlobalOptions& globals, const JobNameCommand& command) {
  return run_call(globals, call_of("job.resume", command), kRun);
}

Result<int> run_cancel(const GlobalOptions& globals, const JobNameCommand& command) {
  return run_call(globals, call_of("job.cancel", command), kRun);
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
