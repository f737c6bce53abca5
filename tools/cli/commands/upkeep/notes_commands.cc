// notes: the vaults' notes, brought up to date with the memories.

#include "tools/cli/call/run_call.h"
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

Result<int> run_notes(const GlobalOptions& globals, const NotesCommand& command) {
  OperationCall call("notes.follow");
  call.text_if_any("tenant_id", command.tenant)
      .flag("dry_run", command.request.dry_run)
      .text_if_any("vault", command.vault)
      .text_if_any("forget_vault", command.forget_vault)
      .flag("remove_edited", command.request.remove_edited)
      .text_if_any("now", command.now, "--now");
  return run_call(globals, call, {&print_notes, &exit_code_of_problems});
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
