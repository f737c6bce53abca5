#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/position.h"
#include "tulving/result.h"

namespace tulving {

class Store;
struct Operation;

/// The span of time of one partition; see PostgresSyncOptions::partitions.
enum class PartitionSpan : std::uint8_t { kMonth, kQuarter };

/// Where and what to send. One snapshot goes into one Postgres schema per projection.
struct PostgresSyncOptions {
  std::string uri;  ///< libpq connection URI or key=value string.
  /// Names of PostgresSchema: orchestrator, guild, consolidation, compass, cortex.
  std::vector<std::string> projections = {"orchestrator"};
  std::string tenant = {};   ///< The tenant sent; may be empty where the snapshot has one only.
  bool all_tenants = false;  ///< Every tenant into one schema; shared ids are skipped and listed.
  std::map<std::string, std::string> namespaces =
      {};  ///< Projection -> Postgres schema; default: the projection's name.
  /// Where the sync makes orchestrator's tables: memory_entries and memory_access_logs partitioned
  /// by time, vector_embeddings by hash of memory_id. Postgres then wants the partition column in
  /// each primary key, and takes no foreign key to memory_id. kConflict: unpartitioned ones are
  /// there.
  std::optional<PartitionSpan> partitions = {};
  /// Compares as a full sync does, and writes nothing: the report's `inserted` are the rows that
  /// are missing, `updated` those that differ, `deleted` those that should not be there. A full
  /// snapshot is needed; sync_store() takes one.
  bool verify = false;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress =
      {};  ///< Rows; called on this thread.
};

/// One row a target cannot hold, or an id that two tenants share.
struct SkippedRow {
  std::string tenant_id;
  std::string kind;
  std::string id;
  std::string reason;
};

/// What a sync did in one projection.
struct PostgresSyncReport {
  std::string projection;
  std::string schema;
  std::uint64_t from_revision = 0;  ///< The revision the database held before; 0: nothing.
  std::uint64_t to_revision = 0;
  /// The position that the database held before, where that is not known to be of the store's
  /// history: of one that a power loss took away, of another copy's, or of a release that kept no
  /// incarnations. Then all was sent anew, and rows that the store does not have were deleted.
  std::optional<Position> replaced = {};
  std::map<std::string, std::uint64_t> inserted, updated, deleted;  ///< Rows by table.
  std::vector<SkippedRow> skipped;
  /// How the tables that are there differ from the schema's definition, where that does not matter.
  std::vector<std::string> differences;
};

/// Sends the snapshot in `directory` to Postgres: creates the schema and what is missing in it,
/// copies into staging tables, then upserts and deletes, all in one transaction per projection, so
/// that a reader sees the state before or after and a broken connection leaves the state before.
/// Sending the same snapshot again changes no row. An incremental snapshot is taken where the
/// database holds its `since` revision or a later one. A full one of a later revision takes the
/// place of what is not known to be of its history, and the report says so (`replaced`). A record
/// that waited for something that an incremental snapshot brings, and is not in it itself, is
/// listed as skipped until a full one comes; sync_store() fetches it.
///
/// kInvalidArgument: an option, or a tenant that is needed and not given. kIo: the server cannot be
/// reached or went away before the commit. kInDoubt: it went away during the commit. kConflict: a
/// table of the schema has another shape, the pgvector extension is missing, the incremental
/// snapshot starts after what the database holds or is of another history, or the snapshot is
/// older. kCorruption: the snapshot is damaged.
Result<std::vector<PostgresSyncReport>> sync_snapshot(const std::filesystem::path& directory,
                                                      const PostgresSyncOptions& options);

/// Sends what a live store has that the database does not: takes a snapshot of the changes since
/// the least revision that the database holds for one of the projections (a full one the first
/// time, and where the database holds a position that the store never was at, which is then
/// replaced), in a temporary directory, and sends it as sync_snapshot() does. Beside other reads
/// and writes; in time by the changes. Errors: those of Store::snapshot() and sync_snapshot(), and
/// kIo where the temporary directory cannot be made.
Result<std::vector<PostgresSyncReport>> sync_store(const Store& store,
                                                   const PostgresSyncOptions& options);

/// The positions of store `store_id` that the database holds for a projection: one, or where no
/// tenant is named and tenants were synced each by itself, one each. A live store that contains()
/// all of them is synced by an incremental snapshot since the least. kIo: cannot be reached.
Result<std::vector<Position>> synced_positions(const std::string& store_id,
                                               const std::string& projection,
                                               const PostgresSyncOptions& options);
/// The least revision of these; 0: there is none.
Result<std::uint64_t> synced_revision(const std::string& store_id, const std::string& projection,
                                      const PostgresSyncOptions& options);

/// Sends a projection into the Postgres schema that `pair`, PROJECTION=SCHEMA, names.
/// kInvalidArgument: it is no such pair, or `options.projections` has no such projection.
Status add_namespace(PostgresSyncOptions& options, std::string_view pair);

/// How many were left out, by what their reasons have in common (up to its first ": ").
[[nodiscard]] std::map<std::string, std::uint64_t> skipped_by_reason(
    const PostgresSyncReport& report);

/// {"reports": [{"projection", "schema", "from_revision", "to_revision", "inserted", ...}]}.
[[nodiscard]] std::string to_json(const std::vector<PostgresSyncReport>& reports);

/// From where and into which tenant; see hydrate_store().
struct PostgresHydrateOptions {
  std::string uri;     ///< libpq connection URI or key=value string.
  std::string schema;  ///< Name of a PostgresSchema: orchestrator, guild, ...
  std::string tenant;  ///< The tenant that is filled; of a schema of several, whose rows are read.
  /// The Postgres schema, where it has another name. Empty: `schema`.
  std::string schema_name = {};
  /// Afterwards the rows are this store's: the next sync_store() into the schema sends what changed
  /// since, and nothing else. For a store that takes the place of one that is lost.
  bool take_over = false;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress =
      {};  ///< Rows; called on this thread.

  [[nodiscard]] const std::string& name_in_database() const {
    return schema_name.empty() ? schema : schema_name;
  }
};

/// A row that no record was made of.
struct RefusedRow {
  std::string table;
  std::string key;     ///< As text.
  std::string reason;  ///< A rule that is ours alone, a value no record can have, a refused parent.
};

/// What a hydrate read.
struct PostgresHydrateReport {
  std::string schema;
  std::string name_in_database;
  std::string tenant_id;
  std::uint64_t revision = 0;                    ///< Of the store, at the end.
  std::map<std::string, std::uint64_t> rows;     ///< That records were made of, by table.
  std::map<std::string, std::uint64_t> records;  ///< By kind; the made ones not counted.
  /// Sessions and tasks that records name and no row says more of, made of the name alone.
  std::map<std::string, std::uint64_t> made;
  std::uint64_t unchanged = 0;  ///< Of the records: what an earlier hydrate had brought.
  std::vector<RefusedRow> refused;
  std::vector<std::string> differences;             ///< Tables and columns that are not there.
  std::map<std::string, std::uint64_t> taken_over;  ///< Rows by table, where that was asked for.
};

/// Fills a tenant from a Postgres schema, of a sync's or of another application's making: rows
/// become records, with their ids and times; what columns do not hold takes its default. One
/// REPEATABLE READ transaction, so all is of one moment. What no record can be made of is listed,
/// and what belongs to it; the rest goes in.
///
/// The tenant must be empty, or hold only what an earlier hydrate from there brought: then what is
/// missing is added. Nobody else may write to it meanwhile. guild's rows are of the tenant that
/// they name. Of other schemas all rows are read; where syncs of several tenants went into one,
/// those of this tenant's, and those that no sync wrote.
///
/// kInvalidArgument: an option. kNotFound: there is no such schema, or none of its tables.
/// kConflict: the tenant holds something else, and nothing was written; or, with take_over, the
/// rows are another tenant's, or the tenant was written to meanwhile. kIo: the server cannot be
/// reached, refused or went away; kResourceExhausted: the store's disk is full; what the tenant has
/// by then stays, and another hydrate goes on. kInDoubt: the server went away while the rows were
/// handed over, of which another hydrate makes sure.
Result<PostgresHydrateReport> hydrate_store(Store& store, const PostgresHydrateOptions& options);

/// How many rows were refused, by what their reasons have in common (up to its first ": ").
[[nodiscard]] std::map<std::string, std::uint64_t> refused_by_reason(
    const PostgresHydrateReport& report);

/// {"schema", "rows": {...}, "records": {...}, "refused": [...], ...}.
[[nodiscard]] std::string to_json(const PostgresHydrateReport& report);

/// The operations "sync" and "hydrate", for ServiceOptions::more.
[[nodiscard]] std::span<const Operation> postgres_operations();

}  // namespace tulving
