#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/skip_list.h"
#include "storage/postgres/source.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/position.h"
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
///   tulving.sync_state  the position held, by store, projection, schema and tenant
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

  /// Makes the schema "tulving" where it is missing, or was made by a release that knew less.
  Status prepare();

  struct Held {
    std::optional<Position> own;   ///< What a sync of the scope builds on. Empty: nothing is held.
    std::vector<Position> within;  ///< That, and those of each tenant within the scope.
  };
  /// What the schema holds of the store. Nothing when `root_table` is not the table that was
  /// synced, since someone made the schema anew. Positions from before incarnations were known have
  /// none.
  Result<Held> held(const std::string& root_table);
  /// held().within, from a database that may have no ledger, for a tenant that may be unknown: then
  /// of all tenants.
  Result<std::vector<Position>> synced_positions(const std::string& root_table, bool any_tenant);
  Status record_position(const std::string& root_table, const Position& position);

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
  struct State {
    std::string tenant;  ///< Empty: all.
    Position position;
  };
  Result<bool> exists();
  Status add_incarnations();
  Result<std::vector<State>> states(const std::string& root_table);
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
