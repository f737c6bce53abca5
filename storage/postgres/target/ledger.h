#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/skip_list.h"
#include "storage/postgres/source.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// Whose rows go where.
struct LedgerScope {
  std::string projection;
  std::string schema;
  std::string store_id;
  std::string tenant;  ///< Empty: all.
};

/// What the database remembers of syncs, in a schema of its own, so that the target's tables keep
/// exactly their shape:
///
///   tulving.sync_state  the revision held, by store, projection, schema and tenant
///   tulving.sync_rows   which rows came from which store and tenant
///
/// A row is ours only if it stands in sync_rows (or, for a tag or an embedding, its memory does),
/// and only such rows are ever deleted. An id belongs to the tenant that owns its row; among
/// tenants of one snapshot that want a free id, to the first by name; so that a choice once made
/// stays.
class Ledger {
 public:
  Ledger(Connection& connection, LedgerScope scope)
      : connection_(connection), scope_(std::move(scope)) {
    TULVING_DCHECK(!scope_.projection.empty() && !scope_.schema.empty());
    TULVING_DCHECK(Uuid::parse(scope_.store_id).has_value());
  }

  /// Makes the schema "tulving" where it is missing.
  Status prepare();

  struct Held {
    std::uint64_t revision = 0;  ///< Of the scope.
    std::uint64_t greatest = 0;  ///< Of any tenant within the scope.
  };
  /// What the schema holds of the store. Nothing when `root_table` is not the table that was
  /// synced, since someone made the schema anew.
  Result<Held> held(const std::string& root_table);
  /// As held(), from a database that may have no ledger, for a tenant that may be unknown: then the
  /// least revision of any.
  Result<std::uint64_t> synced_revision(const std::string& root_table, bool any_tenant);
  Status record_revision(const std::string& root_table, std::uint64_t revision);

  /// Sends the names of all above `floor` that the snapshot wants to write or delete, without
  /// contents, in one pass over it. How many rows of `tables` they have.
  Result<std::uint64_t> send_claims(Source& source, std::uint64_t floor,
                                    const Projection& projection,
                                    const std::vector<TableSpec>& tables,
                                    const ProjectionSettings& settings, SkipList& skips);

  using Counts = std::map<std::string, std::uint64_t>;
  /// Deletes our rows that are gone: those under a tombstone, or in a full snapshot those it does
  /// not claim; and all that hangs on them.
  Status delete_gone(const std::vector<TableSpec>& tables, bool full, Counts& deleted);
  /// Settles every claim: lists those that lose against a row or a claim of another tenant or
  /// store, with all that needs them. Deletes what loses and was ours before.
  Status settle(const std::vector<TableSpec>& tables, bool full, SkipList& skips, Counts& deleted);
  /// Withdraws claims that were settled, but whose rows turned out not to fit.
  Status withdraw(const std::string& table, std::span<const SkippedRow> rows);
  /// Records the rows of a table as ours, once they are there.
  Status record_rows(const TableSpec& table);

 private:
  Result<bool> exists();
  Status delete_gone_vectors(const std::vector<TableSpec>& tables, Counts& deleted);
  Status delete_dead(const std::vector<TableSpec>& tables, Counts& deleted);
  Status gather_hanging(const TableSpec& table);
  Status delete_from(const TableSpec& table, Counts& deleted);
  [[nodiscard]] std::string qualified(std::string_view table) const;
  /// `sql` with {schema}, {store}, {projection}, {tenant}, {table} put in as literals, and
  /// {in_scope} as a condition on a row `r` of sync_rows.
  [[nodiscard]] std::string fill(std::string_view sql, std::string_view table = {}) const;

  Connection& connection_;
  LedgerScope scope_;
};

}  // namespace tulving::storage::postgres
