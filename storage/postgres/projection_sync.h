#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "storage/postgres/claims.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/row_writer.h"
#include "storage/postgres/skip_list.h"
#include "storage/postgres/source.h"
#include "storage/postgres/target/ddl.h"
#include "storage/postgres/target/ledger.h"
#include "storage/postgres/target/ledger_rows.h"
#include "storage/postgres/target/merge.h"
#include "storage/postgres/target/target_schema.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/postgres.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// Whether the store that a snapshot is of was at a position once. Empty: the store cannot be
/// asked, only its snapshot, which may be older than what a database holds.
using History = std::function<bool(const Position& position)>;

/// What a live store is asked beside its snapshot. Empty functions: it cannot be asked.
struct LiveStore {
  History history;
  Fetch fetch;
};

/// As sync_snapshot(), of a store that can be asked. In sync.cc.
Result<std::vector<PostgresSyncReport>> send_snapshot(const std::filesystem::path& directory,
                                                      const PostgresSyncOptions& options,
                                                      const LiveStore& store);

/// One snapshot into one schema.
class ProjectionSync {
 public:
  ProjectionSync(Connection& connection, Source& source, PostgresSchema kind,
                 const std::string& schema, const PostgresSyncOptions& options,
                 const LiveStore& store);

  Result<PostgresSyncReport> run();

 private:
  Status begin();
  Result<bool> is_needed();
  Result<bool> is_ahead(const Ledger::Held& held);
  Status replace(const Position& stranger);
  Status plan_full_joins();
  Status settle_shape();
  /// The tenants whose rows go, since the store dropped them after whatever the database has.
  Result<std::vector<std::string>> dropped_tenants();
  Status remove_dropped(Claims& claims);
  Status make_partitions(const TableSpec& table);
  Status send_rows(Claims& claims);
  Status send_table(std::size_t table);
  Status copy_rows(std::size_t table, RowWriter& rows, const Merge& merge, bool direct);
  Status skip_foreign(const TableSpec& table, Merge& merge);
  Status send_vectors(const TableSpec& table);
  Status record(Claims& claims);
  Result<bool> is_direct(const TableSpec& table);
  void skip(const TableSpec& table, const SourceRecord& record, std::string reason);
  void count_done(std::uint64_t rows);
  [[nodiscard]] bool is_full() const { return !source_.info().since; }

  const LiveStore& store_;
  Connection& connection_;
  Source& source_;
  const PostgresSyncOptions& options_;
  LedgerScope scope_;
  TargetSchema target_;
  Ledger ledger_;
  Projection projection_;
  Ddl ddl_;
  LedgerRows ledger_rows_;
  std::uint32_t dim_ = 0;
  Partitions::Span span_ = Partitions::Span::kMonth;
  std::string model_;  ///< Whose vectors the memories' own column holds.
  const Claims* claims_ = nullptr;
  SkipList skips_;
  SyncNames names_;
  std::vector<Waiting> waiting_;  ///< For parents that the database refused.
  PostgresSyncReport report_;
  std::uint64_t floor_ = 0;  ///< The revision that the database has of an incremental snapshot.
  std::uint64_t done_ = 0, total_ = 0;
};

}  // namespace tulving::storage::postgres
