#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/check.h"
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

  /// `sql` with {schema}, {store}, {projection}, {tenant}, {table} put in as literals, and
  /// {in_scope} as a condition on a row `r` of a ledger's table.
  [[nodiscard]] std::string fill(std::string_view sql, std::string_view table = {}) const;
};

/// The lock that whoever writes rows of a schema, or hands them over, holds: pg_advisory_lock() of
/// this name's hash.
[[nodiscard]] inline std::string sync_lock_name(const std::string& schema) {
  return "tulving sync " + schema;
}

/// What the database remembers of syncs, in a schema of its own, so that the target's tables keep
/// exactly their shape:
///
///   tulving.sync_state    the position held, by store, projection, schema and tenant
///   tulving.sync_rows     which rows came from which store and tenant, with their slots
///   tulving.sync_waiting  which records wait for what: a parent, an id, a slot
///   tulving.sync_links    which memories a relation joins, where no table holds relations
///   tulving.sync_names    the names behind UUIDs that stand for them
///
/// A row is ours only if it stands in sync_rows (or, for a tag or an embedding, its memory does),
/// and only such rows are ever deleted. Here are the tables and the positions; ledger_rows.h has
/// the rest.
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
  struct State {
    std::string tenant;  ///< Empty: all.
    Position position;
  };
  /// What the schema holds of the store, by scope, whatever this one's is. See held().
  Result<std::vector<State>> states(const std::string& root_table);
  Status record_position(const std::string& root_table, const Position& position);

 private:
  Result<bool> exists();
  [[nodiscard]] std::string qualified(std::string_view table) const;
  [[nodiscard]] std::string fill(std::string_view sql, std::string_view table = {}) const {
    return scope_.fill(sql, table);
  }

  Connection& connection_;
  LedgerScope scope_;
};

}  // namespace tulving::storage::postgres
