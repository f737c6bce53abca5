#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "storage/postgres/projection.h"
#include "storage/postgres/skip_list.h"
#include "storage/postgres/source.h"
#include "storage/postgres/target/ledger.h"
#include "storage/postgres/target/merge.h"
#include "storage/postgres/target/target_schema.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/postgres.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// Whether the store that a snapshot is of was at a position once. Empty: the store cannot be
/// asked, only its snapshot, which may be older than what a database holds.
using History = std::function<bool(const Position& position)>;

/// As sync_snapshot(), of a store that can be asked. In sync.cc.
Result<std::vector<PostgresSyncReport>> send_snapshot(const std::filesystem::path& directory,
                                                      const PostgresSyncOptions& options,
                                                      const History& history);

/// One snapshot into one schema.
class ProjectionSync {
 public:
  ProjectionSync(Connection& connection, Source& source, const Projection& projection,
                 const std::string& schema, const PostgresSyncOptions& options,
                 const History& history)
      : history_(history),
        connection_(connection),
        source_(source),
        projection_(projection),
        options_(options),
        target_(connection, schema),
        ledger_(connection,
                {std::string(projection.name()), schema, source.info().store_id, source.scope()}) {
    report_.projection = projection.name();
    report_.schema = schema;
  }

  Result<PostgresSyncReport> run();

 private:
  Status begin();
  Result<bool> is_needed();
  Result<bool> is_ahead(const Ledger::Held& held);
  Status replace(const Position& stranger);
  Status plan_full_joins();
  Status settle_shape();
  Status send_table(const TableSpec& table);
  Status copy_rows(const TableSpec& table, const Merge& merge, bool direct);
  Status skip_foreign(const TableSpec& table, Merge& merge);
  Result<bool> is_direct(const TableSpec& table);
  void count_done(std::uint64_t rows);
  [[nodiscard]] bool is_full() const { return !source_.info().since; }

  const History& history_;
  Connection& connection_;
  Source& source_;
  const Projection& projection_;
  const PostgresSyncOptions& options_;
  TargetSchema target_;
  Ledger ledger_;
  ProjectionSettings settings_;
  std::vector<TableSpec> tables_;
  SkipList skips_;
  PostgresSyncReport report_;
  std::uint64_t floor_ = 0;  ///< The revision that the database has of an incremental snapshot.
  std::uint64_t done_ = 0, total_ = 0;
};

}  // namespace tulving::storage::postgres
