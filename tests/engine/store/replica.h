#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/keys.h"
#include "storage/snapshot/snapshot_files.h"
#include "storage/vector_tombstone.h"
#include "tests/engine/store/log_edit.h"
#include "tests/engine/testing.h"

namespace tulving::testing {

/// A copy of a store's rows that is kept up to date by incremental snapshots alone. What it does
/// with one is all that a reader of snapshots may have to do: tenants that are not in it any more
/// go with all that they had, tombstones take away what they name, then the rows replace those of
/// their keys, and a record that is back takes its tombstone away.
///
/// Of versions (Table::kHistory) a snapshot tells what came and not what was erased, so those are
/// left out.
class Replica {
 public:
  using Rows = std::map<std::string, std::string>;
  using Tables = std::map<storage::Table, Rows>;

  void apply(const std::filesystem::path& snapshot) {
    const Tables changes = rows_of(snapshot);
    take_out_dropped(changes.at(storage::Table::kMeta));
    for (const auto& [key, value] : changes.at(storage::Table::kRecords)) {
      const auto parsed = storage::parse_record_key(key);
      if (parsed->kind == storage::RecordKind::kTombstone) bury(*parsed, value, changes);
    }
    for (const auto& [key, value] : changes.at(storage::Table::kRecords)) {
      const auto parsed = storage::parse_record_key(key);
      if (!kinds::RecordKinds::with(parsed->kind, [](auto) {})) continue;
      tables_[storage::Table::kRecords].erase(
          storage::tombstone_key(parsed->tenant, parsed->kind, parsed->id));
    }
    for (const auto& [table, rows] : changes) {
      Rows& present = tables_[table];  // There from the first on, though nothing may be in it.
      for (const auto& [key, value] : rows) present[key] = value;
    }
  }

  [[nodiscard]] const Tables& tables() const { return tables_; }

  static Tables rows_of(const std::filesystem::path& snapshot) {
    const auto reader = value_of(storage::SnapshotReader::open(snapshot));
    Tables tables;
    for (const auto table :
         {storage::Table::kMeta, storage::Table::kRecords, storage::Table::kVectors}) {
      Rows& rows = tables[table];
      EXPECT_THAT(reader.scan(table,
                              [&](auto key, auto value) -> Status {
                                rows.emplace(key, value);
                                return {};
                              }),
                  Succeeds());
    }
    return tables;
  }

 private:
  // Each snapshot has all tenants that there are.
  void take_out_dropped(const Rows& meta) {
    for (auto& [table, rows] : tables_) {
      std::erase_if(rows, [&, in = table](const auto& row) {
        if (in == storage::Table::kMeta)
          return row.first.starts_with('t') && !meta.contains(row.first);
        return !meta.contains("t" + row.first.substr(0, 4));
      });
    }
  }

  void bury(const storage::RecordKey& key, std::string_view value, const Tables& changes) {
    const auto tombstone = value_of(storage::decode_tombstone(value));
    if (tombstone.kind == storage::kVectorTombstone) {
      const auto memory = *Uuid::parse(std::string_view(tombstone.name).substr(0, 36));
      for (const auto& [meta, row] : changes.at(storage::Table::kMeta)) {
        if (!meta.starts_with('m')) continue;
        const auto model = value_of(storage::decode_model(row));
        if (model.name != tombstone.name.substr(37)) continue;
        tables_[storage::Table::kVectors].erase(
            storage::vector_key(key.tenant, memory, model.number));
      }
      return;
    }
    const auto kind = static_cast<storage::RecordKind>(tombstone.kind);
    tables_[storage::Table::kRecords].erase(storage::record_key(key.tenant, kind, key.id));
    if (kind != storage::RecordKind::kMemory) return;
    std::erase_if(tables_[storage::Table::kVectors], [&](const auto& row) {
      return row.first.starts_with(storage::vector_prefix(key.tenant, key.id));
    });
  }

  Tables tables_;
};

inline std::map<std::string, std::string> files_in(const std::filesystem::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::ifstream in(entry.path(), std::ios::binary);
    files[entry.path().filename().string()] = {std::istreambuf_iterator<char>(in), {}};
  }
  return files;
}

/// Names of the keys that two tables do not agree on, for a test to print; empty: they agree.
inline std::string differences(const Replica::Tables& is, const Replica::Tables& must_be) {
  std::string text;
  const auto note = [&](const std::string& key, const char* what) {
    text += what;
    for (const char byte : key) {
      constexpr const char* kHex = "0123456789abcdef";
      text += kHex[static_cast<unsigned char>(byte) >> 4U];
      text += kHex[static_cast<unsigned char>(byte) & 15U];
    }
    text += '\n';
  };
  for (const auto& [table, rows] : must_be) {
    for (const auto& [key, value] : rows) {
      const auto found = is.at(table).find(key);
      if (found == is.at(table).end()) note(key, "missing ");
      if (found != is.at(table).end() && found->second != value) note(key, "differs ");
    }
    for (const auto& [key, value] : is.at(table)) {
      if (!rows.contains(key)) note(key, "too many ");
    }
  }
  return text;
}

/// Checks after each call that the changes since the one before, found by the feed and by a pass
/// over all, are the same bytes, and take a replica to the state that a full snapshot shows.
class IncrementalSnapshots {
 public:
  IncrementalSnapshots(std::filesystem::path store_directory, std::filesystem::path snapshots)
      : store_directory_(std::move(store_directory)), snapshots_(std::move(snapshots)) {
    std::filesystem::create_directory(snapshots_);
  }

  void check(const Store& store) {
    const auto name = [this](const char* kind) {
      return snapshots_ / (kind + std::to_string(taken_));
    };
    value_of(store.snapshot(name("full")));
    const auto changes = name(since_ ? "changes" : "full");
    if (since_) {
      value_of(store.snapshot(changes, since_));
      snapshot_by_a_pass(store, store_directory_, *since_, name("pass"));
      ASSERT_EQ(files_in(changes), files_in(name("pass")));
    }
    replica_.apply(changes);
    ASSERT_EQ(differences(replica_.tables(), Replica::rows_of(name("full"))), "");
    since_ = store.revision();
    ++taken_;
  }

 private:
  const std::filesystem::path store_directory_;
  const std::filesystem::path snapshots_;
  Replica replica_;
  std::optional<std::uint64_t> since_;
  int taken_ = 0;
};

}  // namespace tulving::testing
