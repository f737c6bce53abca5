// tasks export, tasks import: the issue tracker's file.

#include <fmt/core.h>

#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tulving/issue_tracker.h"

namespace tulving::tools {

namespace {

struct TrackerCommand {
  std::shared_ptr<const std::string> tenant;
  std::string file;
};

Json faults_json(const std::vector<TaskFault>& faults) {
  Json errors = Json::array();
  for (const TaskFault& fault : faults) {
    errors.push_back(
        Json{{"line", fault.line}, {"field", fault.error.field}, {"error", fault.error.message}});
  }
  return errors;
}

/// Names the lines at fault. The exit code they call for.
int tell_faults(const GlobalOptions& globals, const std::vector<TaskFault>& faults) {
  if (faults.empty()) return kDone;
  if (globals.json) {
    report(fmt::format("{} lines were rejected", faults.size()));
  } else {
    for (const TaskFault& fault : faults) {
      report(fmt::format("line {}: {}", fault.line, fault.error.message));
    }
  }
  return kWrongInput;
}

Result<int> run_export(const GlobalOptions& globals, const TrackerCommand& command) {
  auto opened = open_tenant(globals, Access::kRead, *command.tenant);
  if (!opened) return opened.error();
  auto report = export_tasks(opened->tenant, command.file);
  if (!report) return report.error();
  if (globals.json) {
    print_json(Json{{"written", report->written},
                    {"unchanged", report->unchanged},
                    {"newer", report->newer},
                    {"others", report->others},
                    {"rejected", report->faults.size()},
                    {"errors", faults_json(report->faults)}});
  } else {
    fmt::print("written {}, unchanged {}, newer in the file {}, others {}, rejected {}\n",
               report->written, report->unchanged, report->newer, report->others,
               report->faults.size());
  }
  return tell_faults(globals, report->faults);
}

Result<int> run_import(const GlobalOptions& globals, const TrackerCommand& command) {
  auto opened = open_tenant(globals, Access::kWrite, *command.tenant);
  if (!opened) return opened.error();
  auto report = import_tasks(opened->tenant, command.file);
  if (!report) return report.error();
  if (auto closed = close_store(opened->store); !closed) return closed.error();
  if (globals.json) {
    print_json(Json{{"imported", report->added},
                    {"unchanged", report->unchanged},
                    {"updated", report->updated},
                    {"older", report->older},
                    {"gone", report->gone},
                    {"others", report->others},
                    {"rejected", report->faults.size()},
                    {"errors", faults_json(report->faults)}});
  } else {
    fmt::print("imported {}, unchanged {}, updated {}, older {}, gone {}, others {}, rejected {}\n",
               report->added, report->unchanged, report->updated, report->older, report->gone,
               report->others, report->faults.size());
  }
  return tell_faults(globals, report->faults);
}

void add_tracker_command(CLI::App* tasks, const CommandLine& line,
                         const std::shared_ptr<const std::string>& tenant, const char* name,
                         const char* description,
                         Result<int> (*run)(const GlobalOptions&, const TrackerCommand&)) {
  auto options = std::make_shared<TrackerCommand>();
  options->tenant = tenant;
  add_command(*tasks, line, name, description, options, run)
      ->add_option("FILE", options->file, "The tracker's issues.jsonl")
      ->check(check_not_empty)
      ->required()
      ->type_name("");
}

}  // namespace

void add_tracker_commands(CLI::App* tasks, const CommandLine& line,
                          const std::shared_ptr<const std::string>& tenant) {
  add_tracker_command(tasks, line, tenant, "export",
                      "Brings the beads tracker's issues.jsonl up to date with the tasks",
                      run_export);
  add_tracker_command(tasks, line, tenant, "import",
                      "Takes in what was done to the tasks in the beads tracker's issues.jsonl",
                      run_import);
}

}  // namespace tulving::tools
