#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/postgres/row_writer.h"
#include "storage/postgres/table.h"
#include "storage/postgres/target/ddl.h"
#include "storage/postgres/target/ledger.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// Brings one table's rows from a staging table into it, by statements derived from its TableSpec
/// and its DDL.
class Merge {
 public:
  Merge(Connection& connection, const LedgerScope& scope, const Projection& projection,
        const Ddl& ddl, const TableSpec& table, const std::vector<const Column*>& columns);

  /// Makes the staging table: the target's columns that are sent, with their types and checks, gone
  /// at the end of the transaction. Its first column is the record's id.
  Status create_staging();
  /// What COPY is to name: the staging table or, `direct`, the table itself.
  [[nodiscard]] std::string copy_target(bool direct) const;
  [[nodiscard]] std::size_t copy_columns(bool direct) const;

  /// To be called once all rows are staged: draws serials for the new ones of a kSerial table. Of a
  /// full sync, rows that no sync wrote are taken over where they are equal.
  Status finish_staging(bool is_full);

  struct Foreign {
    std::string id;
    std::string reason;
  };
  /// Takes out the staged rows that would change a row which no sync wrote, or that a slot of such
  /// a row is in the way of.
  Result<std::vector<Foreign>> remove_foreign();

  struct Counts {
    std::uint64_t inserted = 0, updated = 0, deleted = 0;
  };
  /// Updates the rows that differ, inserts those that are new and, where the staged rows are all
  /// there are, deletes the rest of ours. A row that is equal is not touched at all: neither
  /// written nor locked, and no serial is drawn for it.
  Result<Counts> apply(bool full);

  /// Of an incremental sync's kParent table: the columns that follow the parent's row, where that
  /// was written and the part was not. How many rows.
  Result<std::uint64_t> follow_parents();

 private:
  [[nodiscard]] std::string staging() const { return "tulving_stage_" + name_; }
  [[nodiscard]] std::vector<std::string> key() const;
  [[nodiscard]] std::string same_key() const;
  [[nodiscard]] std::string differs() const;
  [[nodiscard]] std::string value_of(const Column& column) const;
  [[nodiscard]] std::vector<const Column*> value_columns() const;
  [[nodiscard]] std::string insertion() const;
  [[nodiscard]] std::string deletion() const;
  [[nodiscard]] std::string is_owned() const;
  Status draw_serials(bool is_full);
  Status adopt_equal();
  Status vacate();

  Connection& connection_;
  const LedgerScope& scope_;
  const Projection& projection_;
  const Ddl& ddl_;
  const TableSpec& table_;
  const Ddl::Table& definition_;
  const std::vector<const Column*>& columns_;
  const std::string name_;
};

}  // namespace tulving::storage::postgres
