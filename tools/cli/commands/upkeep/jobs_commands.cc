// jobs, jobs show, lineage.

#include <fmt/core.h>

#include "tools/cli/command.h"
#include "tools/cli/print/json_text.h"
#include "tools/cli/print/missing.h"
#include "tools/cli/print/output.h"
#include "tulving/json.h"

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
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  auto jobs = opened->tenant.jobs(command.project);
  if (!jobs) return jobs.error();
  if (jobs->empty()) tell_missing_project(opened->tenant, command.project);
  if (globals.json) {
    std::vector<JsonText> all;
    for (const ConsolidationJob& job : *jobs) all.push_back({to_json(job)});
    print_json(ObjectText().set("jobs", array_text(all)).done());
    return kDone;
  }
  Table table({"JOB", "CREATED", "PROJECT", "STATUS", "PROGRESS", "ERRORS"});
  for (const ConsolidationJob& job : *jobs) {
    table.add_row({job.id.to_string(), job.created_at ? format_time(*job.created_at) : "",
                   job.project_id, std::string(to_string(job.status)),
                   fmt::format("{:.0f} %", 100 * job.progress), std::to_string(job.errors.size())});
  }
  table.print();
  return kDone;
}

Result<int> run_show(const GlobalOptions& globals, const JobCommand& command) {
  auto id = parse_id(command.job_id, "JOB");
  if (!id) return id.error();
  auto opened = open_tenant(globals, Access::kRead, command.group->tenant);
  if (!opened) return opened.error();
  auto job = opened->tenant.get_job(*id);
  if (!job) return job.error();
  const JsonText text{to_json(*job)};
  if (globals.json) {
    print_json(text);
  } else {
    print_members(text);
  }
  return kDone;
}

void print_links(const Tenant& tenant, const char* heading, const std::vector<LineageLink>& links,
                 Uuid LineageLink::*end) {
  if (links.empty()) return;
  Table table({heading, "DEPTH", "LINK", "SIMILARITY", "TEXT"});
  for (const LineageLink& link : links) {
    const auto memory = tenant.get(link.*end);
    table.add_row({(link.*end).to_string(), std::to_string(link.depth), link.kind,
                   link.similarity ? fmt::format("{:.3f}", *link.similarity) : std::string(),
                   memory ? one_line(memory->text, 200) : std::string()});
  }
  table.print();
}

Result<int> run_lineage(const GlobalOptions& globals, const LineageCommand& command) {
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  auto id = opened->tenant.resolve(command.name);
  if (!id) return id.error();
  auto lineage = opened->tenant.lineage(*id, command.depth);
  if (!lineage) return lineage.error();
  if (globals.json) {
    print_json(JsonText{to_json(*lineage)});
    return kDone;
  }
  print_links(opened->tenant, "MADE FROM", lineage->sources, &LineageLink::source_id);
  print_links(opened->tenant, "BECAME", lineage->derived, &LineageLink::derived_id);
  if (lineage->sources.empty() && lineage->derived.empty()) {
    fmt::print("{} was made from no other memory, and none from it\n", shown(command.name));
  }
  return kDone;
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
