// What a restore promises of any snapshot whose checksums are right: it fails, and says which row
// breaks which rule, or what it made opens and verifies clean. Snapshots are crafted of a real one
// with some of every kind: rows missing, put under others' keys, of unknown kinds, with any byte
// changed, with counts and revisions that are not theirs. The log is one in RAM, so that thousands
// are tried.

#include <fstream>
#include <random>

#include "core/engine/store/store_files.h"
#include "storage/memory/memory_journal.h"
#include "storage/snapshot/block_file.h"
#include "storage/snapshot/manifest.h"
#include "tests/engine/store/verify_world.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using storage::Table;
namespace fs = std::filesystem;

/// A journal that is there after its close, as a directory would be.
class KeptJournal final : public storage::Journal {
 public:
  KeptJournal(std::shared_ptr<storage::Journal> kept, bool* is_closed)
      : kept_(std::move(kept)), is_closed_(is_closed) {}
  Status append(const storage::JournalBatch& batch) override { return kept_->append(batch); }
  Status make_durable() override { return kept_->make_durable(); }
  Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
    return kept_->get(table, key);
  }
  std::unique_ptr<storage::JournalReader> snapshot() const override { return kept_->snapshot(); }
  Status purge() override { return kept_->purge(); }
  Result<std::vector<std::string>> verify() const override { return kept_->verify(); }
  std::uint64_t disk_bytes() const override { return 0; }
  Status close() override {
    *is_closed_ = true;
    return {};
  }

 private:
  const std::shared_ptr<storage::Journal> kept_;
  bool* const is_closed_;
};

struct Row {
  Table table;
  std::string key;
  std::string value;
};

class CraftedSnapshot : public ::testing::Test {
 protected:
  CraftedSnapshot() {
    value_of(world_.store.snapshot(directory_ / "sound"));
    const auto reader = value_of(storage::SnapshotReader::open(directory_ / "sound"));
    info_ = reader.info();
    for (const Table table : kTables) {
      EXPECT_THAT(reader.scan(table,
                              [&](std::string_view key, std::string_view value) -> Status {
                                rows_.push_back({table, std::string(key), std::string(value)});
                                return {};
                              }),
                  Succeeds());
    }
  }

  /// Writes the rows as a snapshot with right checksums.
  fs::path craft(std::vector<Row> rows, const SnapshotInfo& info) const {
    const fs::path to = directory_ / "crafted";
    fs::remove_all(to);
    fs::create_directory(to);
    std::ranges::sort(rows, {}, [](const Row& row) { return std::tie(row.table, row.key); });
    storage::Manifest manifest;
    manifest.info = info;
    for (const Table table : kTables) {
      auto file = value_of(storage::BlockFileWriter::create(FileSystem::machine(), to, table));
      for (const Row& row : rows) {
        if (row.table == table) {
          EXPECT_THAT(file.add(row.key, row.value), Succeeds());
        }
      }
      manifest.files[static_cast<std::size_t>(table)] = value_of(file.finish());
    }
    std::ofstream(to / "manifest.json", std::ios::binary) << render_manifest(manifest);
    return to;
  }

  /// The promise. The error of the restore, if there is one.
  std::optional<Error> check(const std::vector<Row>& rows, const SnapshotInfo& info) {
    const fs::path from = craft(rows, info);
    std::shared_ptr<storage::Journal> log = storage::open_memory_journal();
    bool is_whole = false;
    const StoreFiles files(FileSystem::machine(), [&](const auto&, const auto&) {
      return Result<std::unique_ptr<storage::Journal>>(
          std::make_unique<KeptJournal>(log, &is_whole));
    });
    const auto told = files.restore(from, directory_ / "none");
    EXPECT_EQ(told.has_value(), is_whole) << "the marker says what the caller is told";
    if (!told) {
      EXPECT_EQ(told.error().code, ErrorCode::kCorruption) << told.error().message;
      return told.error();
    }
    fs::create_directories(directory_ / "none/log");
    {
      StoreOptions options;
      options.background_indexing = false;
      const auto store = files.open(directory_ / "none", options);
      EXPECT_THAT(store, Succeeds());
      if (store) {
        EXPECT_THAT(value_of(store->verify()).problems, ::testing::IsEmpty());
      }
    }
    fs::remove_all(directory_ / "none");
    return std::nullopt;
  }
  std::optional<Error> check(const std::vector<Row>& rows) { return check(rows, info_); }

  /// Counts as the rows are, so that nothing but themselves gives them away.
  [[nodiscard]] SnapshotInfo counted(const std::vector<Row>& rows) const {
    SnapshotInfo info = info_;
    for (auto& [kind, count] : info.counts) count = 0;
    for (const Row& row : rows) {
      if (const std::string kind = kind_of(row); !kind.empty()) ++info.counts[kind];
    }
    return info;
  }
  static std::string kind_of(const Row& row) {
    if (row.table == Table::kMeta) return row.key.front() == 't' ? "tenant" : "";
    if (row.table == Table::kVectors) return "embedding";
    if (row.table == Table::kHistory) return "history";
    const auto key = storage::parse_record_key(row.key);
    if (!key) return "";
    switch (key->kind) {
      case storage::RecordKind::kMemory:
        return "memory";
      case storage::RecordKind::kPlan:
        return "plan";
      case storage::RecordKind::kTombstone:
        return "tombstone";
      default: {
        std::string name;
        kinds::PlainKinds::with(
            key->kind, [&]<class Record>(kinds::Tag<Record>) { name = kinds::Kind<Record>::name; });
        return name;
      }
    }
  }

  static constexpr Table kTables[] = {Table::kMeta, Table::kRecords, Table::kVectors,
                                      Table::kHistory};
  TemporaryDirectory directory_;
  World world_;
  std::vector<Row> rows_;
  SnapshotInfo info_;
};

TEST_F(CraftedSnapshot, ThatIsSoundIsRestored) {
  EXPECT_EQ(check(rows_), std::nullopt);
  EXPECT_EQ(counted(rows_).counts, info_.counts);
  EXPECT_GT(rows_.size(), 15U);
}

TEST_F(CraftedSnapshot, WithARowMissingIsRefusedOrSound) {
  int refused = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    SCOPED_TRACE(::testing::Message() << "without row " << i << ", " << kind_of(rows_[i]));
    auto rows = rows_;
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i));
    if (!kind_of(rows_[i]).empty()) {
      EXPECT_NE(check(rows), std::nullopt) << "the manifest counts";
    }
    refused += check(rows, counted(rows)) ? 1 : 0;
    if (HasFailure()) return;
  }
  EXPECT_GT(refused, 4) << "the store's row, the tenant's, the model's, a relation's ends";
}

TEST_F(CraftedSnapshot, WithARowUnderAnotherKeyIsRefusedOrSound) {
  int refused = 0;
  int tried = 0;
  for (const Row& row : rows_) {
    for (std::size_t at = 0; at < row.key.size(); ++at) {
      for (const bool keeps : {false, true}) {  // As well as under its own, or in its place.
        auto rows = rows_;
        Row moved = row;
        moved.key[at] = static_cast<char>(moved.key[at] ^ (1 << (at % 7)));
        const auto same = [&](const Row& one) {
          return one.table == row.table && (one.key == moved.key || (!keeps && one.key == row.key));
        };
        std::erase_if(rows, same);
        rows.push_back(moved);
        SCOPED_TRACE(::testing::Message() << kind_of(row) << ", byte " << at << " of its key");
        refused += check(rows, counted(rows)) ? 1 : 0;
        ++tried;
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(refused, tried / 2);
}

TEST_F(CraftedSnapshot, WithAnyByteOfAnyRowChangedIsRefusedOrSound) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  int refused = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    for (std::size_t at = 0; at < rows_[i].value.size(); ++at) {
      auto rows = rows_;
      char& byte = rows[i].value[at];
      const char before = byte;
      byte = static_cast<char>(random() % 2 == 0 ? byte ^ (1 << (random() % 8)) : random());
      SCOPED_TRACE(::testing::Message() << kind_of(rows[i]) << " row " << i << ", byte " << at
                                        << ": " << int{before} << " became " << int{byte});
      refused += check(rows) ? 1 : 0;
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(refused, 100);
}

TEST_F(CraftedSnapshot, WithRowsOfAnUnknownKindIsRefused) {
  const std::vector<Row> unknown = {
      {Table::kMeta, "x", "?"},
      {Table::kMeta, "t", "?"},
      {Table::kMeta, std::string(1, '\0'), "?"},
      {Table::kMeta, storage::change_key(1), storage::encode_change({})},
      {Table::kRecords, "short", "?"},
      {Table::kRecords, rows_.front().key + std::string(30, 'k'), rows_.front().value},
      {Table::kVectors, "short", "?"},
      {Table::kHistory, "short", "?"},
  };
  for (const Row& row : unknown) {
    auto rows = rows_;
    rows.push_back(row);
    const auto error = check(rows);
    ASSERT_NE(error, std::nullopt) << row.key;
    EXPECT_THAT(error->message, ::testing::HasSubstr("the snapshot's row")) << error->message;
  }
  for (int kind = 0; kind < 256; ++kind) {
    for (const Row& row : rows_) {
      if (row.table != Table::kRecords) continue;
      auto rows = rows_;
      Row other = row;
      other.key[4] = static_cast<char>(kind);
      if (other.key == row.key) continue;
      std::erase_if(rows, [&](const Row& one) { return one.key == other.key; });
      rows.push_back(other);
      SCOPED_TRACE(::testing::Message() << kind_of(row) << " as kind " << kind);
      (void)check(rows, counted(rows));
      if (HasFailure()) return;
      if (kind % 16 != 0) break;  // One row of them; all, now and then.
    }
  }
}

TEST_F(CraftedSnapshot, WhoseManifestSaysAnythingElseIsRefused) {
  for (const auto& [kind, count] : info_.counts) {
    for (const std::uint64_t said : {count + 1, count == 0 ? 7 : count - 1}) {
      SnapshotInfo info = info_;
      info.counts[kind] = said;
      const auto error = check(rows_, info);
      ASSERT_NE(error, std::nullopt) << kind;
      EXPECT_THAT(error->message, ::testing::HasSubstr(kind));
    }
  }
  SnapshotInfo info = info_;
  info.counts["telepathy"] = 3;
  EXPECT_NE(check(rows_, info), std::nullopt);
  info = info_;
  info.store_id = Uuid::random().to_string();
  EXPECT_NE(check(rows_, info), std::nullopt);
  for (std::uint64_t revision = 0; revision < info_.revision; ++revision) {
    info = info_;
    info.revision = revision;
    EXPECT_NE(check(rows_, info), std::nullopt) << revision;
  }
}

TEST_F(CraftedSnapshot, WhoseTenantsOrModelsShareNamesOrNumbersIsRefused) {
  for (const Row& row : rows_) {
    if (row.table != Table::kMeta || row.key == storage::store_key()) continue;
    const bool is_model = row.key.front() == 'm';
    const auto again = [&](std::uint32_t key, std::uint32_t number, const std::string& name,
                           std::uint32_t dim) {
      if (is_model) {
        return Row{Table::kMeta, storage::model_key(static_cast<std::uint16_t>(key)),
                   storage::encode_model({static_cast<std::uint16_t>(number), 1, name, dim})};
      }
      return Row{Table::kMeta, storage::tenant_key(key),
                 storage::encode_tenant({number, 1, name, {}})};
    };
    for (const Row& other : {again(9, 9, is_model ? "default" : "acme", 3), again(9, 0, "x", 3),
                             again(9, 1, "x", 3)}) {
      auto rows = rows_;
      rows.push_back(other);
      EXPECT_NE(check(rows, counted(rows)), std::nullopt);
    }
    auto rows = rows_;
    std::erase_if(rows, [&](const Row& one) { return one.key == row.key; });
    rows.push_back(again(0, 0, "other", 4));
    EXPECT_NE(check(rows, counted(rows)), std::nullopt) << "its rows are of another";
  }
}

}  // namespace
}  // namespace tulving
