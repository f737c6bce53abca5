// stats, verify, snapshot, restore, changes, tenants: commands on the store as a whole.

#include "tools/cli/call/run_call.h"
#include "tools/cli/print/output.h"
#include "tulving/json.h"

namespace tulving::tools {

namespace {

struct NoOptions {};

struct SnapshotCommand {
  std::string directory;
  std::optional<std::uint64_t> since;
};

void print_snapshot(const AnswerView& manifest, const Asked& /*asked*/) {
  print_manifest("snapshot of", manifest);
}

Result<int> run_stats(const GlobalOptions& globals, const NoOptions&) {
  return run_call(globals, OperationCall("store.stats"), {&print_stats});
}

Result<int> run_verify(const GlobalOptions& globals, const NoOptions&) {
  return run_call(globals, OperationCall("store.verify"),
                  {&print_verified, &exit_code_of_problems});
}

Result<int> run_tenants(const GlobalOptions& globals, const NoOptions&) {
  return run_call(globals, OperationCall("tenants"), {&print_tenants});
}

Result<int> run_snapshot(const GlobalOptions& globals, const SnapshotCommand& command) {
  OperationCall call("snapshot");
  call.text("directory", command.directory).number("since", command.since);
  return run_call(globals, call, {&print_snapshot});
}

// No operation: there is no store yet that it could be done to.
Result<int> run_restore(const GlobalOptions& globals, const SnapshotCommand& command) {
  if (globals.db.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--db DIR or TULVING_DB is needed: the directory of the new store"};
  }
  auto info = Store::restore(command.directory, globals.db);
  if (!info) return info.error();
  const std::string manifest = to_json(*info);
  if (globals.json) {
    print_json_line(manifest);
  } else {
    print_manifest("restored", AnswerView(manifest));
  }
  return kDone;
}

struct ChangesCommand {
  std::optional<std::uint64_t> since, limit;
};

Result<int> run_changes(const GlobalOptions& globals, const ChangesCommand& command) {
  OperationCall call("changes");
  call.number("since", command.since).number("limit", command.limit);
  return run_call(globals, call, {&print_changes});
}

}  // namespace

void add_store_commands(const CommandLine& line) {
  add_command(line.app, line, "stats", "Counts, bytes per memory, index health",
              std::make_shared<NoOptions>(), run_stats);
  add_command(line.app, line, "verify", "Checks every checksum, record and index",
              std::make_shared<NoOptions>(), run_verify);

  auto snapshot = std::make_shared<SnapshotCommand>();
  CLI::App* command = add_command(line.app, line, "snapshot",
                                  "Writes a consistent copy of the store into a new directory",
                                  snapshot, run_snapshot);
  command->add_option("OUT", snapshot->directory, "The new directory")->required()->type_name("");
  command->add_option("--since", snapshot->since, "Only what changed after this revision")
      ->type_name("REVISION");

  auto restore = std::make_shared<SnapshotCommand>();
  command = add_command(line.app, line, "restore", "Makes the store of --db from a full snapshot",
                        restore, run_restore);
  command->add_option("IN", restore->directory, "The snapshot's directory")
      ->required()
      ->type_name("");

  add_command(line.app, line, "tenants", "Lists the tenants and what each has",
              std::make_shared<NoOptions>(), run_tenants);

  auto changes = std::make_shared<ChangesCommand>();
  command = add_command(line.app, line, "changes",
                        "Lists what was written or erased after a revision", changes, run_changes);
  command->add_option("--since", changes->since, "After this revision")
      ->required()
      ->type_name("REVISION");
  command
      ->add_option("--limit", changes->limit,
                   "Changes a page, 1000 by default; the last write comes whole")
      ->type_name("N");
}

}  // namespace tulving::tools
