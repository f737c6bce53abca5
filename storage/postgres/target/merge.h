#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/postgres/projection.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/postgres.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// Brings one table's rows from a staging table into it, by statements derived from its TableSpec.
class Merge {
 public:
  Merge(Connection& connection, std::string schema, const TableSpec& table)
      : connection_(connection), schema_(std::move(schema)), table_(table) {}

  /// Makes the staging table: the target's columns that are sent, with their types and checks, gone
  /// at the end of the transaction.
  Status create_staging();
  /// What COPY is to name: the staging table or, `direct`, the table itself.
  [[nodiscard]] std::string copy_target(bool direct) const;
  [[nodiscard]] std::size_t copy_columns(bool direct) const;

  /// To be called once all rows are staged.
  Status finish_staging();
  /// Takes out the staged rows that would change a row which no sync wrote.
  Result<std::vector<SkippedRow>> remove_foreign();

  struct Counts {
    std::uint64_t inserted = 0, updated = 0, deleted = 0;
  };
  /// Updates the rows that differ, inserts those that are new and, where the staged rows are all
  /// there are, deletes the rest of ours. A row that is equal is not touched at all: neither
  /// written nor locked, and no serial is drawn for it.
  Result<Counts> apply(bool full);

 private:
  [[nodiscard]] std::string staging() const { return "tulving_stage_" + table_.name; }
  [[nodiscard]] std::string same_key() const;
  [[nodiscard]] std::string differs() const;
  [[nodiscard]] std::string value_of(const Column& column) const;
  [[nodiscard]] std::vector<Column> value_columns() const;
  [[nodiscard]] std::string insertion() const;
  [[nodiscard]] std::string deletion() const;

  Connection& connection_;
  std::string schema_;
  const TableSpec& table_;
};

}  // namespace tulving::storage::postgres
