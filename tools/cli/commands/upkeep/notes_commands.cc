// notes: the vaults' notes, brought up to date with the memories.

#include <fmt/core.h>

#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tulving/notes.h"

namespace tulving::tools {

namespace {

struct NotesCommand {
  std::string tenant;
  std::string vault;
  std::string forget_vault;
  std::string now;
  NotesRequest request;
};

/// What became of the notes of one tenant or more.
struct Told {
  Json changes = Json::array();
  Json vaults = Json::array();
  Json problems = Json::array();
  Table table{{"TENANT", "NOTE", "WHAT", "WHY"}};
  std::uint64_t current = 0;
  std::uint64_t others = 0;
};

void add(Told& told, const Tenant& tenant, const NotesReport& report) {
  for (const NoteChange& note : report.changes) {
    told.table.add_row({tenant.id(), note.vault + "/" + note.path,
                        std::string(to_string(note.event)), note.reason});
    told.changes.push_back(Json{{"tenant_id", tenant.id()},
                                {"memory_id", note.memory_id.to_string()},
                                {"vault", note.vault},
                                {"path", note.path},
                                {"event", to_string(note.event)},
                                {"reason", note.reason}});
  }
  for (const std::string& vault : tenant.vaults()) {
    told.vaults.push_back(Json{{"tenant_id", tenant.id()}, {"vault", vault}});
  }
  for (const std::string& problem : report.problems) told.problems.push_back(problem);
  told.current += report.current;
  told.others += report.others;
}

/// The exit code: a vault that could not be looked into is a failure.
Result<int> print(const GlobalOptions& globals, const Told& told, bool dry_run) {
  for (const Json& problem : told.problems) report(problem.get<std::string>());
  if (globals.json) {
    print_json(Json{{"dry_run", dry_run},
                    {"changes", told.changes},
                    {"current", told.current},
                    {"others", told.others},
                    {"vaults", told.vaults},
                    {"problems", told.problems}});
  } else {
    if (!told.changes.empty()) told.table.print();
    fmt::print("{} {}, {} as they should be, {} of others\n", told.changes.size(),
               dry_run ? "to do" : "changes", told.current, told.others);
  }
  return told.problems.empty() ? kDone : kFailed;
}

Status follow(const Store& store, const std::string& id, const NotesCommand& command, Told& told) {
  auto tenant = store.tenant(id);
  if (!tenant) return tenant.error();
  if (!command.forget_vault.empty()) {
    if (auto status = tenant->forget_vault(command.forget_vault); !status) return status;
  }
  auto report = follow_notes(store, id, command.request);
  if (!report) return report.error();
  add(told, *tenant, *report);
  return {};
}

Result<int> run_notes(const GlobalOptions& globals, const NotesCommand& given) {
  NotesCommand command = given;
  auto now = parse_moment(command.now, "--now");
  if (!now) return now.error();
  command.request.now = *now;
  command.request.vault = command.vault;
  auto store = open_store(globals, command.request.dry_run ? Access::kRead : Access::kWrite);
  if (!store) return store.error();
  const auto tenants = tenants_asked_for(*store, command.tenant);
  Told told;
  for (const std::string& tenant : tenants) {
    if (auto status = follow(*store, tenant, command, told); !status) return status.error();
  }
  if (auto status = store->close(); !status) return status.error();
  return print(globals, told, command.request.dry_run);
}

}  // namespace

void add_notes_command(const CommandLine& line) {
  auto options = std::make_shared<NotesCommand>();
  CLI::App* command = add_command(
      line.app, line, "notes",
      "Brings the vaults' notes up to date with the memories, as every command that writes does",
      options, run_notes);
  CLI::Option* tenant = command->add_option("--tenant", options->tenant, "One tenant; else all")
                            ->check(check_not_empty)
                            ->type_name("T");
  CLI::Option* dry_run = command->add_flag("--dry-run", options->request.dry_run,
                                           "Show what would be done, write nothing");
  command->add_option("--vault", options->vault, "Look into this vault too, from now on")
      ->check(check_not_empty)
      ->needs(tenant)
      ->type_name("DIR");
  command
      ->add_option("--forget-vault", options->forget_vault,
                   "No longer look into this vault; its notes stay")
      ->check(check_not_empty)
      ->needs(tenant)
      ->excludes(dry_run)
      ->type_name("DIR");
  command->add_flag("--remove-edited", options->request.remove_edited,
                    "Also notes of erased memories that a person edited");
  command->add_option("--now", options->now, "The moment by which memories expire")
      ->type_name("RFC3339");
}

}  // namespace tulving::tools
