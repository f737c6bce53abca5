#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>

#include "storage/changes.h"
#include "storage/keys.h"
#include "storage/rocksdb/rocksdb_journal.h"
#include "storage/snapshot/snapshot_files.h"
#include "tests/engine/testing.h"

namespace tulving::testing {

/// Changes the log of a closed store under the engine's feet.
inline void edit_log(const std::filesystem::path& store,
                     const std::function<void(const storage::JournalReader& reader,
                                              storage::JournalBatch& batch)>& edit) {
  auto journal = value_of(storage::open_rocksdb_journal(store / "log", {}));
  storage::JournalBatch batch;
  edit(*journal->snapshot(), batch);
  ASSERT_THAT(journal->append(batch), Succeeds());
  ASSERT_THAT(journal->close(), Succeeds());
}

/// Puts tombstones under the key that they had before format 3, one for all kinds; and so the
/// change feed names them.
inline void move_tombstones_back(const storage::JournalReader& reader, storage::JournalBatch& batch,
                                 const std::function<bool(const storage::RecordKey&)>& is_moved) {
  constexpr auto kFormer = static_cast<std::uint8_t>(storage::RecordKind::kTombstone);
  const auto move = [&](std::string_view key, std::string_view value) -> Status {
    const auto parsed = storage::parse_record_key(key);
    if (parsed->gone == 0 || !is_moved(*parsed)) return {};
    batch.erase(storage::Table::kRecords, std::string(key));
    batch.put(storage::Table::kRecords, storage::record_key(parsed->tenant, kFormer, parsed->id),
              std::string(value));
    return {};
  };
  ASSERT_THAT(reader.scan(storage::Table::kRecords, "", move), Succeeds());
  const auto rename = [&](std::string_view key, std::string_view value) -> Status {
    auto row = value_of(storage::decode_change(value));
    for (auto& changed : row.changed) {
      if (changed.kind >= 128) changed.kind = kFormer;
    }
    std::ranges::sort(row.changed);
    batch.put(storage::Table::kMeta, std::string(key), storage::encode_change(row));
    return {};
  };
  ASSERT_THAT(reader.scan(storage::Table::kMeta, storage::kChangePrefix, rename), Succeeds());
}

inline void set_format(const storage::JournalReader& reader, storage::JournalBatch& batch,
                       std::uint32_t format) {
  auto row = value_of(
      storage::decode_store(*value_of(reader.get(storage::Table::kMeta, storage::store_key()))));
  row.format = format;
  batch.put(storage::Table::kMeta, storage::store_key(), storage::encode_store(row));
}

/// Makes a closed store one of format 2.
inline void make_format_2(const std::filesystem::path& store) {
  edit_log(store, [](const storage::JournalReader& reader, storage::JournalBatch& batch) {
    move_tombstones_back(reader, batch, [](const auto&) { return true; });
    set_format(reader, batch, 2);
  });
}

/// Makes a closed store one of format 1, as a release without the change feed left it.
inline void make_format_1(const std::filesystem::path& store) {
  make_format_2(store);
  edit_log(store, [](const storage::JournalReader& reader, storage::JournalBatch& batch) {
    const auto take_out = [&](std::string_view key, std::string_view) -> Status {
      batch.erase(storage::Table::kMeta, std::string(key));
      return {};
    };
    ASSERT_THAT(reader.scan(storage::Table::kMeta, storage::kChangePrefix, take_out), Succeeds());
    set_format(reader, batch, 1);
  });
}

inline std::uint32_t format_of(const std::filesystem::path& store) {
  auto journal = value_of(storage::open_rocksdb_journal(store / "log", {.read_only = true}));
  return value_of(storage::decode_store(
                      *value_of(journal->get(storage::Table::kMeta, storage::store_key()))))
      .format;
}

/// What the log shows, but for the change feed.
class WithoutFeed final : public storage::JournalReader {
 public:
  explicit WithoutFeed(std::unique_ptr<storage::JournalReader> reader)
      : reader_(std::move(reader)) {}
  Result<std::optional<std::string>> get(storage::Table table,
                                         std::string_view key) const override {
    if (table == storage::Table::kMeta && key.starts_with(storage::kChangePrefix)) {
      return std::optional<std::string>();
    }
    return reader_->get(table, key);
  }
  Status scan(storage::Table table, std::string_view prefix,
              const storage::ScanVisitor& visit) const override {
    return reader_->scan(table, prefix, visit);
  }

 private:
  const std::unique_ptr<storage::JournalReader> reader_;
};

/// The incremental snapshot of an open store by a pass over all rows.
inline void snapshot_by_a_pass(const Store& store, const std::filesystem::path& directory,
                               std::uint64_t since, const std::filesystem::path& to) {
  auto journal = value_of(storage::open_rocksdb_journal(directory / "log", {.read_only = true}));
  value_of(storage::write_snapshot(
      WithoutFeed(journal->snapshot()),
      {store.id(), store.revision(), since, 0, store.position().incarnation}, to));
}

}  // namespace tulving::testing
