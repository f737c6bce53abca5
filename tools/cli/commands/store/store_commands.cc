// stats, verify, snapshot, restore: commands on the store as a whole.

#include <fmt/core.h>

#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tulving/json.h"

namespace tulving::tools {

namespace {

struct Nothing {};

struct SnapshotCommand {
  std::string directory;
  std::optional<std::uint64_t> since;
};

void print_stats(const StoreStats& stats) {
  print_fields({
      {"revision", std::to_string(stats.revision)},
      {"durable revision", std::to_string(stats.durable_revision)},
      {"memories", std::to_string(stats.memories)},
      {"without a vector", std::to_string(stats.without_vector)},
      {"bytes per memory", fmt::format("{:.0f}", stats.bytes_per_memory)},
      {"RAM", human_bytes(stats.ram_bytes)},
      {"disk", human_bytes(stats.disk_bytes)},
      {"erased, remembered", std::to_string(stats.tombstones)},
      {"indexing", stats.indexing_caught_up ? "caught up" : "behind"},
  });
  fmt::print("\n");
  Table tenants({"TENANT", "MEMORIES", "NO VECTOR", "SESSIONS", "RELATIONS", "TERMS", "RECORDS",
                 "TEXT INDEX", "ATTRIBUTES"});
  Table vectors({"TENANT", "MODEL", "DIM", "VECTORS", "IN GRAPH", "DEAD", "BYTES"});
  bool any_vectors = false;
  for (const TenantStats& tenant : stats.tenants) {
    tenants.add_row({tenant.tenant_id, std::to_string(tenant.memories),
                     std::to_string(tenant.without_vector), std::to_string(tenant.sessions),
                     std::to_string(tenant.relations), std::to_string(tenant.terms),
                     human_bytes(tenant.record_bytes), human_bytes(tenant.text_bytes),
                     human_bytes(tenant.attribute_bytes)});
    for (const VectorStats& model : tenant.vectors) {
      any_vectors = true;
      vectors.add_row({tenant.tenant_id, model.model, std::to_string(model.dim),
                       std::to_string(model.vectors), std::to_string(model.in_graph),
                       std::to_string(model.tombstones), human_bytes(model.bytes)});
    }
  }
  tenants.print();
  if (!any_vectors) return;
  fmt::print("\n");
  vectors.print();
}

Result<int> run_stats(const GlobalOptions& globals, const Nothing&) {
  auto store = open_store(globals, Access::kRead);
  if (!store) return store.error();
  const StoreStats stats = store->stats();
  if (globals.json) {
    fmt::print("{}\n", to_json(stats));
  } else {
    print_stats(stats);
  }
  return kDone;
}

Result<int> run_verify(const GlobalOptions& globals, const Nothing&) {
  auto store = open_store(globals, Access::kRead);
  if (!store) return store.error();
  auto report = store->verify();
  if (!report) return report.error();
  if (globals.json) {
    print_json(Json{{"records_checked", report->records_checked},
                    {"vectors_checked", report->vectors_checked},
                    {"problems", report->problems}});
  } else {
    fmt::print(
        "{} records and {} vectors checked: {}\n", report->records_checked, report->vectors_checked,
        report->problems.empty() ? "sound" : fmt::format("{} problems", report->problems.size()));
  }
  for (const std::string& problem : report->problems) tools::report(problem);
  return report->problems.empty() ? kDone : kFailed;
}

void print_snapshot(const GlobalOptions& globals, const char* done, const SnapshotInfo& info) {
  if (globals.json) {
    fmt::print("{}\n", to_json(info));
    return;
  }
  fmt::print("{} revision {}", done, info.revision);
  if (info.since) fmt::print(", changes since {}", *info.since);
  fmt::print(", {}\n", human_bytes(info.bytes));
  std::vector<std::pair<std::string, std::string>> counts;
  for (const auto& [kind, count] : info.counts) counts.emplace_back(kind, std::to_string(count));
  print_fields(counts);
}

Result<int> run_snapshot(const GlobalOptions& globals, const SnapshotCommand& command) {
  auto store = open_store(globals, Access::kRead);
  if (!store) return store.error();
  auto info = store->snapshot(command.directory, command.since);
  if (!info) return info.error();
  print_snapshot(globals, "snapshot of", *info);
  return kDone;
}

Result<int> run_restore(const GlobalOptions& globals, const SnapshotCommand& command) {
  if (globals.db.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--db DIR or TULVING_DB is needed: the directory of the new store"};
  }
  auto info = Store::restore(command.directory, globals.db);
  if (!info) return info.error();
  print_snapshot(globals, "restored", *info);
  return kDone;
}

}  // namespace

void add_store_commands(const CommandLine& line) {
  add_command(line.app, line, "stats", "Counts, bytes per memory, index health",
              std::make_shared<Nothing>(), run_stats);
  add_command(line.app, line, "verify", "Checks every checksum, record and index",
              std::make_shared<Nothing>(), run_verify);

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
}

}  // namespace tulving::tools
