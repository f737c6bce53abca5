#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/projection.h"
#include "storage/postgres/settlement.h"
#include "storage/postgres/target/ddl.h"
#include "storage/postgres/target/ledger.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/postgres.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// Deletes rows of ours, with all of ours that hangs on them by a foreign key.
class Removal {
 public:
  using Counts = std::map<std::string, std::uint64_t>;
  Removal(Connection& connection, const LedgerScope& scope, const Projection& projection,
          const Ddl& ddl, const Settlement& settlement, Counts& deleted)
      : connection_(connection),
        scope_(scope),
        projection_(projection),
        ddl_(ddl),
        settlement_(settlement),
        deleted_(deleted) {}

  /// Children go by statements of their own, not by cascade, so that they are counted. Those of a
  /// parent that is there, but lost its row, wait for it; they are answered, to be listed. So do
  /// those of which only a column becomes NULL. A dead row on which still one hangs that this sync
  /// writes (LedgerRows::stage_written() was called) is left for remove_deferred().
  Result<std::vector<SkippedRow>> remove(const std::vector<const KnownRow*>& dead);
  /// To be called when all rows are written, so that none hangs any more on what is left.
  Status remove_deferred();

  /// Deletes all that the schema and its ledger have of tenants: nothing of theirs waits or is
  /// waited for, as if they had never been sent. To be called before anything else. What others
  /// wait for of it, as events (Settlement::event()).
  Result<std::vector<std::string>> remove_tenants(const std::vector<std::string>& tenants);

  /// Vectors whose memory stays; by "MEMORY/MODEL".
  struct GoneVector {
    std::string tenant;
    std::string memory;
    std::string model;
  };
  /// `column_model`: whose vectors the memories' own column holds.
  Status remove_vectors(const std::vector<GoneVector>& gone, std::string_view column_model);

 private:
  Status stage(const std::vector<const KnownRow*>& dead);
  Status defer(const TableSpec& table);
  Status gather_hanging(const TableSpec& table);
  Status clear_columns(const TableSpec& table);
  Result<std::vector<SkippedRow>> list_hanging();
  Status pass_on_waiting();
  Status delete_dead();
  Status delete_from(const TableSpec& table);
  Status stage_tenants(const std::string& of_them);
  /// SQL: rows `t` of the column's table that have the key of a dead row `d` there.
  [[nodiscard]] std::string joined_to_dead(const Column& column) const;
  /// SQL: the ledger's row `r` of the row `t` of `table`.
  [[nodiscard]] std::string joined_to_ledger(const TableSpec& table) const;
  /// SQL: the key of `d`, as the table's type.
  [[nodiscard]] std::string dead_key(const TableSpec& table) const;
  [[nodiscard]] const TableSpec& parent_of(const Column& column) const;

  Connection& connection_;
  const LedgerScope& scope_;
  const Projection& projection_;
  const Ddl& ddl_;
  const Settlement& settlement_;
  Counts& deleted_;
  bool is_staged_ = false;
};

}  // namespace tulving::storage::postgres
