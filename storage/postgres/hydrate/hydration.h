#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/postgres/hydrate/place.h"
#include "storage/postgres/hydrate/record_sink.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/target/ddl.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/postgres.h"
#include "tulving/result.h"
#include "tulving/store.h"

namespace tulving::storage::postgres {

/// One schema into one tenant.
class Hydration {
 public:
  Hydration(Connection& connection, Store& store, PostgresSchema kind,
            const PostgresHydrateOptions& options);

  Result<PostgresHydrateReport> run();

 private:
  /// A pass over all tables: compares, or writes.
  enum class Pass : std::uint8_t { kCompare, kWrite };
  Status lock();
  Status begin();
  Status look();
  Status settle_target(Tenant& tenant);
  Result<std::uint64_t> read_all(Tenant& tenant, Pass pass);
  Status read_table(const TableSpec& table, RecordSink& sink);
  Status hand_over(Tenant& tenant);
  Status count_rows(const std::vector<const TableSpec*>& tables);
  void count_done();

  Connection& connection_;
  Store& store_;
  const PostgresHydrateOptions& options_;
  Projection projection_;
  Ddl ddl_;
  Place place_;
  PostgresHydrateReport report_;
  std::map<std::string_view, RecordSink::Serials> serials_;
  std::unordered_map<std::string, Uuid> ids_;  ///< See RowReader::Ends.
  std::uint64_t records_ = 0;                  ///< That the tenant has of what was read.
  std::uint64_t done_ = 0, total_ = 0;
};

}  // namespace tulving::storage::postgres
