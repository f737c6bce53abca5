#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "storage/postgres/hydrate/record_sink.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/target/ledger.h"
#include "storage/postgres/wire/connection.h"
#include "storage/postgres/wire/copy_writer.h"
#include "tulving/postgres.h"
#include "tulving/result.h"
#include "tulving/store.h"

namespace tulving::storage::postgres {

/// Makes a store the one whose rows a schema holds, as if it had synced them. Requires: the lock
/// that syncs into the schema take, since before its rows were read; the store is durable.
///
/// A row that the store would know by another key than it has (of cortex.relations, say, with an id
/// that some application drew) stays nobody's, as does what was refused.
class TakeOver {
 public:
  TakeOver(Connection& connection, const Store& store, const Tenant& tenant,
           const Projection& projection, const PostgresHydrateReport& report,
           const std::map<std::string_view, RecordSink::Serials>& serials);

  /// The rows that are the store's now, by table. kConflict: the tenant has not as many `records`.
  Result<std::map<std::string, std::uint64_t>> run(std::uint64_t records);

 private:
  Status begin();
  Status stage(std::uint64_t records);
  Status stage_record(const Record& record, CopyWriter& copy);
  Result<std::uint64_t> take(const TableSpec& table);
  Status take_rest();
  [[nodiscard]] std::optional<std::int64_t> serial_of(const TableSpec& table,
                                                      const std::string& id) const;

  Connection& connection_;
  const Store& store_;
  const Tenant& tenant_;
  const Projection& projection_;
  LedgerScope scope_;
  Ledger ledger_;
  std::map<std::string_view, RecordSink::Serials> serials_;  ///< Sorted.
  Position position_;
};

}  // namespace tulving::storage::postgres
