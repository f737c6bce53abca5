// touch, archive, recover, forget, erase: commands on memories by name.

#include <fmt/core.h>

#include "tools/cli/command.h"
#include "tools/cli/print/notes.h"
#include "tools/cli/print/output.h"

namespace tulving::tools {

namespace {

struct NamesCommand {
  std::string tenant;
  std::vector<std::string> names;
  bool purge = false;
};

/// Opens the tenant and resolves every name before anything is done to any of them.
struct Named {
  TenantStore opened;
  std::vector<Uuid> ids;
};
Result<Named> resolve_names(const GlobalOptions& globals, const NamesCommand& command) {
  auto opened = open_tenant(globals, Access::kWrite, command.tenant);
  if (!opened) return opened.error();
  Named named{*std::move(opened), {}};
  for (const std::string& name : command.names) {
    auto id = named.opened.tenant.resolve(name);
    if (!id) return id.error();
    named.ids.push_back(*id);
  }
  return named;
}

Result<int> finish_names(const GlobalOptions& globals, const char* done, Named& named) {
  if (auto closed = close_store(named.opened.store); !closed) return closed.error();
  Json ids = Json::array();
  for (const Uuid& id : named.ids) ids.push_back(id.to_string());
  if (globals.json) {
    print_json(Json{{done, ids}});
  } else {
    fmt::print("{} {}\n", done, named.ids.size());
  }
  return kDone;
}

Result<int> run_touch(const GlobalOptions& globals, const NamesCommand& command) {
  auto named = resolve_names(globals, command);
  if (!named) return named.error();
  if (auto status = named->opened.tenant.touch(named->ids); !status) return status.error();
  return finish_names(globals, "touched", *named);
}

/// Does to each memory what `change` does.
Result<int> run_each(const GlobalOptions& globals, const NamesCommand& command, const char* done,
                     Status (Tenant::*change)(Uuid)) {
  auto named = resolve_names(globals, command);
  if (!named) return named.error();
  for (const Uuid& id : named->ids) {
    if (auto status = (named->opened.tenant.*change)(id); !status) return status.error();
  }
  return finish_names(globals, done, *named);
}

Result<int> run_archive(const GlobalOptions& globals, const NamesCommand& command) {
  return run_each(globals, command, "archived", &Tenant::archive);
}

Result<int> run_recover(const GlobalOptions& globals, const NamesCommand& command) {
  return run_each(globals, command, "recovered", &Tenant::recover);
}

Result<int> run_forget(const GlobalOptions& globals, const NamesCommand& command) {
  return run_each(globals, command, "forgotten", &Tenant::forget);
}

Result<int> run_erase(const GlobalOptions& globals, const NamesCommand& command) {
  auto named = resolve_names(globals, command);
  if (!named) return named.error();
  for (const Uuid& id : named->ids) {
    if (auto status = named->opened.tenant.erase(id); !status) return status.error();
  }
  if (command.purge) {
    if (auto status = named->opened.store.purge(); !status) return status.error();
  }
  const bool is_left = tell_edited_notes_of(named->opened.store, named->opened.tenant, named->ids);
  auto done = finish_names(globals, "erased", *named);
  // Erased means gone: what a person's edit kept from it must not look as if it were.
  if (done && is_left) return kFailed;
  return done;
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
  add_names_command(line, "touch", "Reinforces memories", std::make_shared<NamesCommand>(),
                    run_touch);
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
