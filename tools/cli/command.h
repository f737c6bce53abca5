#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tulving/options.h"
#include "tulving/result.h"
#include "tulving/store.h"

namespace tulving::tools {

inline constexpr int kDone = 0;        ///< Exit code: done.
inline constexpr int kFailed = 1;      ///< Exit code: failed, the reason is on stderr.
inline constexpr int kWrongInput = 2;  ///< Exit code: wrong arguments or input.

/// The options that every command takes, before or after its name.
struct GlobalOptions {
  std::string db;            ///< --db, else TULVING_DB.
  bool db_is_given = false;  ///< By --db.
  bool json = false;
  std::string durability = "process";
  std::optional<std::uint64_t> text_bytes_max;
  std::uint64_t memory_max = 0;
  std::uint32_t dim = 0;
  std::string embedder = "auto";        ///< As open_embedder() reads it.
  std::vector<std::string> thresholds;  ///< "NAME=VALUE" each.
};

/// How a command wants the store.
enum class Access : std::uint8_t {
  kRead,   ///< Read-only, beside a writer; there must be a store.
  kWrite,  ///< There must be a store.
  kCreate  ///< Made when there is none.
};

/// Whether a command writes memories, or looks for texts.
enum class Embeds : std::uint8_t {
  kNo,
  kYes,    ///< And ends when it has: its writes wait for their vectors.
  kStays,  ///< And goes on: vectors come in the background.
};

/// A command's work, run once all arguments are read. Returns the exit code, or why it failed.
using Action = std::function<Result<int>()>;

/// Where commands register themselves.
struct CommandLine {
  CLI::App& app;
  const GlobalOptions& globals;
  Action& action;
};

/// Adds the command `name` to `parent`; `run` gets the global options and `options` when it was
/// chosen.
template <class Options>
CLI::App* add_command(CLI::App& parent, const CommandLine& line, const std::string& name,
                      const std::string& description, std::shared_ptr<Options> options,
                      Result<int> (*run)(const GlobalOptions&, const Options&)) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->fallthrough();  // Global options may follow the command.
  command->callback([&line, options, run] {
    line.action = [&globals = line.globals, options, run] { return run(globals, *options); };
  });
  return command;
}

/// Adds the group `name`, which lists when no command of it follows. An option of the list alone is
/// to be kept from those by for_list_alone().
template <class Options>
CLI::App* add_listing_group(const CommandLine& line, const std::string& name,
                            const std::string& description, std::shared_ptr<Options> options,
                            Result<int> (*run)(const GlobalOptions&, const Options&)) {
  CLI::App* group = line.app.add_subcommand(name, description);
  group->fallthrough();
  group->require_subcommand(0, 1);
  group->callback([group, &line, options, run] {
    if (!group->get_subcommands().empty()) return;  // Its action is set already.
    line.action = [&globals = line.globals, options, run] { return run(globals, *options); };
  });
  return group;
}

/// Refuses `options` of the group beside each of its commands, which would ignore them.
void for_list_alone(CLI::App* group, const std::vector<CLI::Option*>& options);

/// Refuses an empty value: `--filter "$UNSET"` is a mistake, not the absence of a filter.
std::string check_not_empty(const std::string& value);

/// TULVING_TENANT; empty where it is not set.
std::string tenant_of_environment();

/// Opens the store of --db, with the embedder of --embedder where the command embeds. `options`
/// carries what a command sets
/// beside the global options.
Result<Store> open_store(const GlobalOptions& globals, Access access, Embeds embeds = Embeds::kNo,
                         StoreOptions options = {});

/// As open_embedder(), of this build: null where the name means none.
Result<std::shared_ptr<const Embedder>> embedder_named(const std::string& name);

/// `tenant_id` alone, which is said on stderr where it is not there; empty: all that the store has.
std::vector<std::string> tenants_asked_for(const Store& store, const std::string& tenant_id);

/// 2 for what the caller got wrong, 1 for everything else.
int exit_code_of(const Error& error);

void add_write_commands(const CommandLine& line);       // add, update
void add_names_commands(const CommandLine& line);       // touch, archive, recover, forget, erase
void add_read_commands(const CommandLine& line);        // get, list, values, history
void add_search_command(const CommandLine& line);       // search
void add_relation_commands(const CommandLine& line);    // relate, related
void add_session_command(const CommandLine& line);      // session put, get, list, erase
void add_record_command(const CommandLine& line);       // record put, get, list, update, erase
void add_store_commands(const CommandLine& line);       // stats, verify, snapshots, tenants
void add_upkeep_commands(const CommandLine& line);      // decay, gc
void add_consolidate_command(const CommandLine& line);  // consolidate
void add_task_commands(const CommandLine& line);        // tasks
/// tasks export, import; `tenant` is what the group's --tenant will say.
void add_tracker_commands(CLI::App* tasks, const CommandLine& line,
                          const std::shared_ptr<const std::string>& tenant);
void add_plan_commands(const CommandLine& line);  // plans, undo
void add_notes_command(const CommandLine& line);  // notes
void add_job_commands(const CommandLine& line);   // jobs, lineage
/// jobs start, resume, cancel: commands of the group `jobs`, whose --tenant `tenant` is.
void add_job_run_commands(CLI::App* jobs, const CommandLine& line,
                          const std::shared_ptr<const std::string>& tenant);
void add_import_command(const CommandLine& line);      // import
void add_export_command(const CommandLine& line);      // export
void add_sync_command(const CommandLine& line);        // sync
void add_hydrate_command(const CommandLine& line);     // hydrate
void add_bench_command(const CommandLine& line);       // bench vectors
void add_model_commands(const CommandLine& line);      // embed, model
void add_operation_commands(const CommandLine& line);  // call, operations
void add_serve_command(const CommandLine& line);       // serve
void add_mcp_command(const CommandLine& line);         // mcp
void add_token_commands(const CommandLine& line);      // token
void add_doctor_command(const CommandLine& line);      // doctor
void add_init_command(const CommandLine& line);        // init
void add_shell_commands(const CommandLine& line);      // completion, man

}  // namespace tulving::tools
