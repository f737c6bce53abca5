// stats, verify, snapshot, restore, salvage, changes, tenants, tenant drop: commands on the store
// as a whole.

#include "tools/cli/call/run_call.h"
#include "tools/cli/print/output.h"
#include "tools/cli/process/ending.h"
#include "tulving/json.h"
#include "tulving/salvage.h"

namespace tulving::tools {

namespace {

struct NoOptions {};

struct SnapshotCommand {
  std::string directory;
  std::optional<std::uint64_t> since;
  std::string incarnation;
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

struct DropCommand {
  std::string tenant;
  bool purge = false, is_meant = false;
};

Result<int> run_drop(const GlobalOptions& globals, const DropCommand& command) {
  OperationCall call("tenant.drop");
  call.text("tenant_id", command.tenant).flag("purge", command.purge);
  return run_call(globals, call, {&print_dropped});
}

Result<int> run_snapshot(const GlobalOptions& globals, const SnapshotCommand& command) {
  end_in_order_on_signals("snapshot");
  OperationCall call("snapshot");
  call.text("directory", command.directory).number("since", command.since);
  call.text_if_any("incarnation", command.incarnation);
  return run_call(globals, call, {&print_snapshot});
}

Result<int> print_done(const GlobalOptions& globals, const char* done,
                       const Result<SnapshotInfo>& info) {
  if (!info) return info.error();
  const std::string manifest = to_json(*info);
  if (globals.json) {
    print_json_line(manifest);
  } else {
    print_manifest(done, AnswerView(manifest));
  }
  return kDone;
}

// No operation: there is no store yet that it could be done to.
Result<int> run_restore(const GlobalOptions& globals, const SnapshotCommand& command) {
  if (globals.db.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--db DIR or TULVING_DB is needed: the directory of the new store"};
  }
  return print_done(globals, "restored", Store::restore(command.directory, globals.db));
}

// Nor here: a store to be salvaged does not open.
Result<int> run_salvage(const GlobalOptions& globals, const SnapshotCommand& command) {
  if (globals.db.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--db DIR or TULVING_DB is needed: the directory of the damaged store"};
  }
  end_in_order_on_signals("salvage");
  return print_done(globals, "salvaged", salvage(globals.db, command.directory));
}

struct HoldableCommand {
  std::string tenant, schema;
  std::optional<std::uint64_t> limit;
};

Result<int> run_holdable(const GlobalOptions& globals, const HoldableCommand& command) {
  OperationCall call("holdable");
  call.text("tenant_id", command.tenant).text("schema", command.schema);
  call.number("limit", command.limit);
  return run_call(globals, call, {&print_holdable});
}

struct ReembedCommand {
  std::string tenant, drop_model;
};

Result<int> run_reembed(const GlobalOptions& globals, const ReembedCommand& command) {
  end_in_order_on_signals("reembed");
  OperationCall call("reembed");
  call.text_if_any("tenant_id", command.tenant).text_if_any("drop_model", command.drop_model);
  return run_call(globals, call, {&print_reembedded});
}

struct ChangesCommand {
  std::optional<std::uint64_t> since, limit;
  std::string incarnation;
};

Result<int> run_changes(const GlobalOptions& globals, const ChangesCommand& command) {
  OperationCall call("changes");
  call.number("since", command.since).number("limit", command.limit);
  call.text_if_any("incarnation", command.incarnation);
  return run_call(globals, call, {&print_changes});
}

void add_incarnation_option(CLI::App& command, std::string& incarnation) {
  command
      .add_option("--incarnation", incarnation,
                  "The one that --since is of: refused where the store was never there")
      ->type_name("UUID");
}

void add_tenant_command(const CommandLine& line) {
  CLI::App* group = line.app.add_subcommand("tenant", "One tenant as a whole");
  group->fallthrough();
  group->require_subcommand(1);
  auto drop = std::make_shared<DropCommand>();
  CLI::App* command = add_command(
      *group, line, "drop", "Removes a tenant for good, with all that it has", drop, run_drop);
  command->add_option("TENANT", drop->tenant, "The tenant's id")->required()->type_name("");
  command->add_flag("--yes", drop->is_meant, "That it is meant: nothing brings it back")
      ->required();
  command->add_flag("--purge", drop->purge, "Rewrite the log's files, so that no byte remains");
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
  add_incarnation_option(*command, snapshot->incarnation);

  auto restore = std::make_shared<SnapshotCommand>();
  command = add_command(line.app, line, "restore", "Makes the store of --db from a full snapshot",
                        restore, run_restore);
  command->add_option("IN", restore->directory, "The snapshot's directory")
      ->required()
      ->type_name("");

  auto salvage = std::make_shared<SnapshotCommand>();
  command = add_command(line.app, line, "salvage",
                        "Writes what is sound of a damaged store into a new snapshot", salvage,
                        run_salvage);
  command->add_option("OUT", salvage->directory, "The snapshot's new directory")
      ->required()
      ->type_name("");

  add_command(line.app, line, "tenants", "Lists the tenants and what each has",
              std::make_shared<NoOptions>(), run_tenants);

  add_tenant_command(line);

  auto holdable = std::make_shared<HoldableCommand>();
  command =
      add_command(line.app, line, "holdable",
                  "Lists what a Postgres schema could not hold, and why", holdable, run_holdable);
  command->add_option("--tenant", holdable->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  command->add_option("--schema", holdable->schema, "orchestrator, guild, consolidation, ...")
      ->required()
      ->type_name("NAME");
  command->add_option("--limit", holdable->limit, "Records listed, 100 by default")->type_name("N");

  auto reembed = std::make_shared<ReembedCommand>();
  command = add_command(line.app, line, "reembed",
                        "Gives every memory a vector of --embedder; cut short, it goes on there",
                        reembed, run_reembed);
  command->add_option("--tenant", reembed->tenant, "Only this tenant's memories")
      ->check(check_not_empty)
      ->type_name("T");
  command
      ->add_option("--drop-model", reembed->drop_model,
                   "The model whose vectors go where a memory has one of the embedder's")
      ->check(check_not_empty)
      ->type_name("M");

  auto changes = std::make_shared<ChangesCommand>();
  command = add_command(line.app, line, "changes",
                        "Lists what was written or erased after a revision", changes, run_changes);
  command->add_option("--since", changes->since, "After this revision")
      ->required()
      ->type_name("REVISION");
  add_incarnation_option(*command, changes->incarnation);
  command
      ->add_option("--limit", changes->limit,
                   "Changes a page, 1000 by default; the last write comes whole")
      ->type_name("N");
}

}  // namespace tulving::tools
