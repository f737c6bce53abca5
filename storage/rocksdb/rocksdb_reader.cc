#include <rocksdb/iterator.h>
#include <rocksdb/snapshot.h>

#include "core/base/check.h"
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/options.h"
#include "storage/rocksdb/status.h"

namespace tulving::storage {
namespace {

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// The least key above every key that starts with `prefix`; empty when there is none.
std::string end_of(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  TULVING_DCHECK(end.empty() || (end > prefix && !end.starts_with(prefix)));
  return end;
}

class RocksdbReader final : public JournalReader {
 public:
  explicit RocksdbReader(std::shared_ptr<const Database> database)
      : database_(std::move(database)), snapshot_(take_snapshot(*database_)) {}
  ~RocksdbReader() override {
    if (snapshot_ != nullptr && !database_->is_broken) database_->db->ReleaseSnapshot(snapshot_);
  }
  RocksdbReader(const RocksdbReader&) = delete;
  RocksdbReader& operator=(const RocksdbReader&) = delete;

  Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
    auto options = point_read_options();
    options.snapshot = snapshot_;
    return get_value(*database_, options, table, key);
  }

  Status scan(Table table, std::string_view prefix, const ScanVisitor& visit) const override {
    if (auto status = database_->check_sound(); !status) return status;
    auto options = scan_options();
    options.snapshot = snapshot_;
    // A prefix beyond tenant and kind names one record: reading ahead would read its neighbours.
    constexpr std::size_t kWidePrefixBytes = 5;
    if (prefix.size() > kWidePrefixBytes) options.readahead_size = 0;
    const std::string end = end_of(prefix);
    const rocksdb::Slice end_slice(end);
    if (!end.empty()) options.iterate_upper_bound = &end_slice;
    const std::unique_ptr<rocksdb::Iterator> row(database_->guard(
        [&] { return database_->db->NewIterator(options, database_->family(table)); }));
    for (row->Seek({prefix.data(), prefix.size()}); row->Valid(); row->Next()) {
      TULVING_DCHECK(row->key().starts_with({prefix.data(), prefix.size()}));
      if (auto status = visit(view(row->key()), view(row->value())); !status) return status;
    }
    if (!row->status().ok()) return to_error(row->status(), "reading", database_->directory);
    return {};
  }

 private:
  static const rocksdb::Snapshot* take_snapshot(const Database& database) {
    if (database.is_broken) return nullptr;  // Each call says so.
    const auto* const taken = database.guard([&] { return database.db->GetSnapshot(); });
    TULVING_DCHECK(taken != nullptr || database.is_read_only);
    return taken;
  }

  const std::shared_ptr<const Database> database_;
  const rocksdb::Snapshot* const
      snapshot_;  ///< Null in a read-only database, which does not change.
};

}  // namespace

Result<std::optional<std::string>> get_value(const Database& database,
                                             const rocksdb::ReadOptions& options, Table table,
                                             std::string_view key) {
  if (auto status = database.check_sound(); !status) return status.error();
  std::string value;
  const auto status = database.guard([&] {
    return database.db->Get(options, database.family(table), {key.data(), key.size()}, &value);
  });
  if (status.ok()) return std::optional(std::move(value));
  if (status.IsNotFound()) return std::optional<std::string>();
  return to_error(status, "reading", database.directory);
}

std::unique_ptr<JournalReader> read_database(std::shared_ptr<const Database> database) {
  return std::make_unique<RocksdbReader>(std::move(database));
}

}  // namespace tulving::storage
