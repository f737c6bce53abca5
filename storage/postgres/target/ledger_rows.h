#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/projection.h"
#include "storage/postgres/row_writer.h"
#include "storage/postgres/settlement.h"
#include "storage/postgres/target/ledger.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// The ledger's rows of one scope, as the settlement asks for them and writes them back.
class LedgerRows {
 public:
  LedgerRows(Connection& connection, const LedgerScope& scope, const Projection& projection)
      : connection_(connection), scope_(scope), projection_(projection) {}

  /// Makes all rows of the schema known.
  Status read_all(Settlement& settlement);
  /// Those that have an id or a slot of `names`, which are Settlement::event()s.
  Status read_named(const std::vector<std::string>& names, Settlement& settlement);

  /// The tenants of the store of which there is anything. O(rows).
  Result<std::set<std::string>> tenants();

  /// Which of the ids a table has, whoever wrote them.
  Result<std::vector<std::string>> existing(const TableSpec& table,
                                            const std::vector<std::string>& ids);

  struct Waiter {
    std::string tenant;
    std::string table;
    std::string id;
    std::string awaits;
  };
  /// Who waits for any of `events`.
  Result<std::vector<Waiter>> waiters(const std::vector<std::string>& events);

  /// Stages the names of what is written, as the temporary table tulving_written.
  Status stage_written(const Settlement& settlement);
  /// Takes out what turned out not to fit.
  Status withdraw(std::string_view table, const std::vector<std::string>& ids);
  /// Whose records of the table these are, by id, of those that are staged.
  Result<std::map<std::string, std::string>> tenants_of(std::string_view table,
                                                        const std::vector<std::string>& ids);
  /// Records a table's written rows as ours, once they are there.
  Status record(const TableSpec& table);
  /// Replaces what the records of this sync wait for: of all, where it `is_full`.
  Status record_waiting(const Settlement& settlement, const std::vector<Waiting>& more,
                        bool is_full);
  /// Keeps names; where `is_full`, no others.
  Status record_names(const SyncNames& names, bool is_full);
  /// Forgets the names of what is gone, but for those that rows still have. To be called once all
  /// rows are written.
  Status forget_names(const std::vector<std::string>& ids, const Ddl& ddl);

 private:
  Status read(const std::string& sql, Settlement& settlement);
  /// COPY of rows of texts (NULL where they are empty and `null_empty`) into a table.
  Status copy(const std::string& target, std::size_t columns,
              const std::vector<std::vector<std::string>>& rows);

  Connection& connection_;
  const LedgerScope& scope_;
  const Projection& projection_;
};

/// SQL of the key of the row that the ledger's row `alias` names, in the type of the table's key.
[[nodiscard]] std::string ledger_key(const TableSpec& table, const Ddl& ddl,
                                     std::string_view alias);
/// The column that holds that key.
[[nodiscard]] std::string_view key_column(const TableSpec& table);

}  // namespace tulving::storage::postgres
