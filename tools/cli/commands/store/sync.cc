// sync: a snapshot, or a live store through an incremental snapshot, into Postgres.

#include <fmt/core.h>
#include <stdlib.h>  // mkdtemp(3)

#include <algorithm>
#include <filesystem>
#include <limits>

#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tools/cli/transfer/progress.h"
#include "tulving/postgres.h"

namespace tulving::tools {

namespace {

struct SyncCommand {
  std::string snapshot;
  std::vector<std::string> namespaces;  // "projection=schema" each.
  PostgresSyncOptions options;
};

/// A new directory among the temporary files, removed with all in it.
class TemporaryDirectory {
 public:
  static Result<TemporaryDirectory> make() {
    std::error_code error;
    std::string path =
        (std::filesystem::temp_directory_path(error) / "tulving-sync.XXXXXX").string();
    if (error || mkdtemp(path.data()) == nullptr) {
      return Error{ErrorCode::kIo, fmt::format("cannot make a temporary directory {}", path)};
    }
    return TemporaryDirectory(path);
  }
  TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

Result<PostgresSyncOptions> options_of(const SyncCommand& command) {
  PostgresSyncOptions options = command.options;
  for (const std::string& pair : command.namespaces) {
    const auto equals = pair.find('=');
    const std::string projection = pair.substr(0, equals);
    if (equals == std::string::npos || projection.empty() || equals + 1 == pair.size()) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("--namespace is \"{}\"; must be PROJECTION=SCHEMA", pair)};
    }
    if (std::ranges::find(options.projections, projection) == options.projections.end()) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("--namespace names \"{}\", which --schemas does not", projection)};
    }
    options.namespaces[projection] = pair.substr(equals + 1);
  }
  return options;
}

/// The least revision that the database holds for any of the projections: what a snapshot must
/// begin with to serve them all.
Result<std::uint64_t> revision_there(const std::string& store_id,
                                     const PostgresSyncOptions& options) {
  auto least = std::numeric_limits<std::uint64_t>::max();
  for (const std::string& projection : options.projections) {
    auto revision = synced_revision(store_id, projection, options);
    if (!revision) return revision.error();
    least = std::min(least, *revision);
  }
  return least;
}

/// Writes the snapshot that takes the database from what it holds to the store's present.
Status snapshot_changes(const Store& store, const PostgresSyncOptions& options,
                        const std::filesystem::path& directory) {
  // An empty snapshot (nothing is newer than now) tells the store's id.
  auto probe = store.snapshot(directory / "probe", store.revision());
  if (!probe) return probe.error();
  auto there = revision_there(probe->store_id, options);
  if (!there) return there.error();
  std::optional<std::uint64_t> since;
  if (*there != 0) since = *there;
  auto info = store.snapshot(directory / "snapshot", since);
  if (!info) return info.error();
  return {};
}

Result<std::vector<PostgresSyncReport>> sync_store(const GlobalOptions& globals,
                                                   const PostgresSyncOptions& options) {
  auto directory = TemporaryDirectory::make();
  if (!directory) return directory.error();
  {
    auto store = open_store(globals, Access::kRead);
    if (!store) return store.error();
    if (auto status = snapshot_changes(*store, options, directory->path()); !status) {
      return status.error();
    }
  }
  return sync_snapshot(directory->path() / "snapshot", options);
}

Json report_json(const PostgresSyncReport& report) {
  Json skipped = Json::array();
  for (const SkippedRow& row : report.skipped) {
    skipped.push_back(Json{
        {"tenant_id", row.tenant_id}, {"kind", row.kind}, {"id", row.id}, {"reason", row.reason}});
  }
  return Json{{"projection", report.projection},
              {"schema", report.schema},
              {"from_revision", report.from_revision},
              {"to_revision", report.to_revision},
              {"inserted", report.inserted},
              {"updated", report.updated},
              {"deleted", report.deleted},
              {"skipped", std::move(skipped)}};
}

void print_report(const PostgresSyncReport& report) {
  fmt::print("{} -> schema {}: revision {} to {}\n", report.projection, report.schema,
             report.from_revision, report.to_revision);
  std::map<std::string, std::array<std::uint64_t, 3>> tables;
  for (const auto& [table, rows] : report.inserted) tables[table][0] = rows;
  for (const auto& [table, rows] : report.updated) tables[table][1] = rows;
  for (const auto& [table, rows] : report.deleted) tables[table][2] = rows;
  Table table({"TABLE", "INSERTED", "UPDATED", "DELETED"});
  for (const auto& [name, rows] : tables) {
    table.add_row(
        {name, std::to_string(rows[0]), std::to_string(rows[1]), std::to_string(rows[2])});
  }
  table.print();
  if (report.skipped.empty()) return;
  std::map<std::string, std::uint64_t> reasons;
  for (const SkippedRow& row : report.skipped) ++reasons[row.reason];
  for (const auto& [reason, rows] : reasons) fmt::print("skipped {}: {}\n", rows, reason);
  for (const SkippedRow& row : report.skipped) {
    fmt::print("  {} {} {}\n", shown(row.tenant_id), row.kind, shown(row.id));
  }
}

Result<int> run_sync(const GlobalOptions& globals, const SyncCommand& command) {
  if (command.snapshot.empty() ? globals.db.empty() : globals.db_is_given) {
    return Error{ErrorCode::kInvalidArgument, "sync takes either --snapshot IN or --db DIR"};
  }
  auto options = options_of(command);
  if (!options) return options.error();
  Progress progress("sync", 0);
  options->progress = [&](std::uint64_t done, std::uint64_t total) { progress.set(done, total); };
  auto reports = command.snapshot.empty() ? sync_store(globals, *options)
                                          : sync_snapshot(command.snapshot, *options);
  progress.clear();
  if (!reports) return reports.error();
  if (!globals.json) {
    for (const PostgresSyncReport& report : *reports) print_report(report);
    return kDone;
  }
  Json all = Json::array();
  for (const PostgresSyncReport& report : *reports) all.push_back(report_json(report));
  print_json(Json{{"reports", std::move(all)}});
  return kDone;
}

}  // namespace

void add_sync_command(const CommandLine& line) {
  auto sync = std::make_shared<SyncCommand>();
  CLI::App* command =
      add_command(line.app, line, "sync",
                  "Sends a snapshot, or what is new in a store, to PostgreSQL", sync, run_sync);
  command->add_option("--snapshot", sync->snapshot, "A snapshot, in place of --db")
      ->check(check_not_empty)
      ->type_name("IN");
  command->add_option("--to", sync->options.uri, "postgresql://...")
      ->check(check_not_empty)
      ->required()
      ->type_name("URI");
  command->add_option("--schemas", sync->options.projections, "Of: orchestrator")
      ->delimiter(',')
      ->required()
      ->type_name("NAMES");
  CLI::Option* tenant = command->add_option("--tenant", sync->options.tenant, "The tenant sent")
                            ->check(check_not_empty)
                            ->type_name("T");
  command->add_flag("--all-tenants", sync->options.all_tenants, "Every tenant, into one schema")
      ->excludes(tenant);
  command->add_option("--namespace", sync->namespaces, "Into another Postgres schema")
      ->type_name("PROJECTION=SCHEMA")
      ->allow_extra_args(false);
}

}  // namespace tulving::tools
