// tasks export, tasks import: the issue tracker's file.

#include <fmt/core.h>

#include "tools/cli/call/run_call.h"
#include "tools/cli/print/output.h"

namespace tulving::tools {

namespace {

struct TrackerCommand {
  std::shared_ptr<const std::string> tenant;
  std::string file;
};

void print_exported(const AnswerView& answer, const Asked& /*asked*/) {
  fmt::print("written {}, unchanged {}, newer in the file {}, others {}, rejected {}\n",
             answer["written"].text(), answer["unchanged"].text(), answer["newer"].text(),
             answer["others"].text(), answer["rejected"].text());
}

void print_imported(const AnswerView& answer, const Asked& /*asked*/) {
  fmt::print("imported {}, unchanged {}, updated {}, older {}, gone {}, others {}, rejected {}\n",
             answer["imported"].text(), answer["unchanged"].text(), answer["updated"].text(),
             answer["older"].text(), answer["gone"].text(), answer["others"].text(),
             answer["rejected"].text());
}

// With --json the lines at fault are in the answer.
int exit_code_of_faults_in_json(const AnswerView& answer) {
  if (answer["rejected"].count() == 0) return kDone;
  report(fmt::format("{} lines were rejected", answer["rejected"].text()));
  return kWrongInput;
}

int exit_code_of_faults(const AnswerView& answer) {
  for (const AnswerView& fault : answer["errors"].elements()) {
    report(fmt::format("line {}: {}", fault["line"].text(), fault["error"].text()));
  }
  return answer["rejected"].count() == 0 ? kDone : kWrongInput;
}

Result<int> run_on_file(const GlobalOptions& globals, const TrackerCommand& command,
                        std::string_view operation,
                        void (*print)(const AnswerView& answer, const Asked& asked)) {
  OperationCall call(operation);
  call.text("tenant_id", *command.tenant).text("file", command.file);
  return run_call(globals, call,
                  {print, globals.json ? &exit_code_of_faults_in_json : &exit_code_of_faults});
}

Result<int> run_export(const GlobalOptions& globals, const TrackerCommand& command) {
  return run_on_file(globals, command, "tracker.export", &print_exported);
}

Result<int> run_import(const GlobalOptions& globals, const TrackerCommand& command) {
  return run_on_file(globals, command, "tracker.import", &print_imported);
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
