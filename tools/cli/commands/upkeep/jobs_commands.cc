// jobs, jobs show, lineage.

#include "tools/cli/call/run_call.h"

namespace tulving::tools {

namespace {

struct JobsCommand {
  std::string tenant;
  std::string project;
};

struct JobCommand {
  std::shared_ptr<JobsCommand> group;
  std::string job_id;
};

struct LineageCommand {
  std::string tenant;
  std::string name;
  std::uint32_t depth = 64;
};

Result<int> run_list(const GlobalOptions& globals, const JobsCommand& command) {
  OperationCall call("consolidation_job.list");
  call.text("tenant_id", command.tenant)
      .text_if_any("project_id", command.project)
      .number("limit", kAll);
  return run_call(globals, call, {&print_jobs});
}

Result<int> run_show(const GlobalOptions& globals, const JobCommand& command) {
  OperationCall call("consolidation_job.get");
  call.text("tenant_id", command.group->tenant).text("id", command.job_id, "JOB");
  return run_call(globals, call, {&print_members});
}

Result<int> run_lineage(const GlobalOptions& globals, const LineageCommand& command) {
  OperationCall call("memory.lineage");
  call.text("tenant_id", command.tenant)
      .text("id", command.name)
      .number("depth_max", command.depth);
  return run_call(globals, call, {&print_lineage});
}

void add_tenant(CLI::App* command, std::string& tenant) {
  command->add_option("--tenant", tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
}

}  // namespace

void add_job_commands(const CommandLine& line) {
  auto jobs = std::make_shared<JobsCommand>();
  CLI::App* group =
      add_listing_group(line, "jobs", "Lists the consolidation jobs of projects", jobs, run_list);
  add_tenant(group, jobs->tenant);
  CLI::Option* project = group->add_option("--project", jobs->project, "Of this project alone")
                             ->check(check_not_empty)
                             ->type_name("P");
  auto show = std::make_shared<JobCommand>();
  show->group = jobs;
  add_command(*group, line, "show", "Shows a job's progress and what it did", show, run_show)
      ->add_option("JOB", show->job_id, "The job's id")
      ->required()
      ->type_name("");
  add_job_run_commands(group, line, std::shared_ptr<const std::string>(jobs, &jobs->tenant));
  for_list_alone(group, {project});

  auto lineage = std::make_shared<LineageCommand>();
  CLI::App* command =
      add_command(line.app, line, "lineage",
                  "Shows what a memory was made from, and what became of it", lineage, run_lineage);
  add_tenant(command, lineage->tenant);
  command->add_option("ID", lineage->name, "Id or external id")->required()->type_name("");
  command->add_option("--depth", lineage->depth, "Links followed, 1..1000")
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace tulving::tools
