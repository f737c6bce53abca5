#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "storage/postgres/table.h"
#include "storage/postgres/target/ddl.h"
#include "storage/postgres/target/ledger.h"
#include "storage/postgres/wire/copy_writer.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// Vectors that lie in a column of their memories' rows, and come without these.
class VectorUpdate {
 public:
  VectorUpdate(Connection& connection, const LedgerScope& scope, const Ddl& ddl,
               const TableSpec& table)
      : connection_(connection), scope_(scope), ddl_(ddl), table_(table) {}

  Status start();
  Status add(const SourceRecord& record, std::span<const float> vector);
  /// Updates the rows of ours whose vectors differ; how many.
  Result<std::uint64_t> finish();

 private:
  [[nodiscard]] std::string staging() const {
    return "tulving_vectors_" + std::string(table_.name);
  }

  Connection& connection_;
  const LedgerScope& scope_;
  const Ddl& ddl_;
  const TableSpec& table_;
  std::optional<CopyWriter> copy_;
};

}  // namespace tulving::storage::postgres
