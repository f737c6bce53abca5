// touch, archive, recover, forget, erase: commands on memories by name.

#include <fmt/core.h>

#include <optional>

#include "tools/cli/call/run_call.h"
#include "tools/cli/print/notes.h"

namespace tulving::tools {

namespace {

struct NamesCommand {
  std::string tenant;
  std::vector<std::string> names;
  bool purge = false;
  std::optional<double> expires_after;
};

OperationCall call_of(std::string_view operation, const NamesCommand& command) {
  OperationCall call(operation);
  call.text("tenant_id", command.tenant).texts("ids", command.names).flag("purge", command.purge);
  return call;
}

/// {"touched": [...]}: "touched 2".
void print_count(const AnswerView& answer, const Asked& /*asked*/) {
  for (const auto& [done, ids] : answer.members()) {
    fmt::print("{} {}\n", done, ids.elements().size());
  }
}

Result<int> run_touch(const GlobalOptions& globals, const NamesCommand& command) {
  OperationCall call = call_of("memory.touch", command);
  call.number("expires_after", command.expires_after);
  return run_call(globals, call, {&print_count});
}

Result<int> run_archive(const GlobalOptions& globals, const NamesCommand& command) {
  return run_call(globals, call_of("memory.archive", command), {&print_count});
}

Result<int> run_recover(const GlobalOptions& globals, const NamesCommand& command) {
  return run_call(globals, call_of("memory.recover", command), {&print_count});
}

Result<int> run_forget(const GlobalOptions& globals, const NamesCommand& command) {
  return run_call(globals, call_of("memory.forget", command), {&print_count});
}

Result<int> run_erase(const GlobalOptions& globals, const NamesCommand& command) {
  const OperationCall call = call_of("memory.erase", command);
  auto service = open_service(globals, call);
  if (!service) return service.error();
  auto answer = ask(*service, call);
  if (!answer) return answer.error();
  const bool is_left =
      tell_edited_notes_of(service->store(), command.tenant, AnswerView(answer->json)["erased"]);
  if (auto status = finish(*service, call); !status) return status.error();
  const int code = show(globals, call, *answer, *service, {&print_count});
  // Erased means gone: what a person's edit kept from it must not look as if it were.
  return is_left ? kFailed : code;
}

CLI::App* add_names_command(const CommandLine& line, const char* name, const char* description,
                            const std::shared_ptr<NamesCommand>& options,
                            Result<int> (*run)(const GlobalOptions&, const NamesCommand&)) {
  CLI::App* command = add_command(line.app, line, name, description, options, run);
  command->add_option("--tenant", options->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  command->add_option("ID", options->names, "Ids or external ids")->required()->type_name("");
  return command;
}

}  // namespace

void add_names_commands(const CommandLine& line) {
  auto touch = std::make_shared<NamesCommand>();
  add_names_command(line, "touch", "Reinforces memories", touch, run_touch)
      ->add_option("--expires-after", touch->expires_after,
                   "Each that has an expiry lives so long from now, at least")
      ->type_name("SECONDS");
  add_names_command(line, "archive", "Puts memories aside; gc deletes them after 30 days",
                    std::make_shared<NamesCommand>(), run_archive);
  add_names_command(line, "recover", "Takes archived memories back, for 30 days",
                    std::make_shared<NamesCommand>(), run_recover);
  add_names_command(line, "forget", "Hides memories, kept in the log",
                    std::make_shared<NamesCommand>(), run_forget);
  auto erase = std::make_shared<NamesCommand>();
  add_names_command(line, "erase", "Removes memories for good", erase, run_erase)
      ->add_flag("--purge", erase->purge, "Rewrite the log's files, so that no byte remains");
}

}  // namespace tulving::tools
