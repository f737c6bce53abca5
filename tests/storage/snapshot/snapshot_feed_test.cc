// What an incremental snapshot costs, shown by what it does not look at: a row that no decoder
// takes lies in its way, and it comes past. By the change feed it does not even look at the row; in
// a pass over all rows it reads the row's revision alone. And what it holds is the same either way.

#include <gmock/gmock.h>

#include "storage/changes.h"
#include "storage/keys.h"
#include "storage/memory/memory_journal.h"
#include "storage/snapshot/snapshot_files.h"
#include "tests/storage/codec/random_records.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

constexpr Table kTables[] = {Table::kMeta, Table::kRecords, Table::kVectors, Table::kHistory};
constexpr std::uint64_t kSince[] = {0, 1, 50, 90, 99, 100};

class SnapshotFeed : public testing::Test {
 protected:
  /// A memory with a vector and, after its first write, the version before.
  void write(std::uint64_t revision, const Uuid& id) {
    JournalBatch batch;
    auto memory = random_.memory();
    memory.id = id;
    memory.revision = revision;
    const auto before = journal_->get(Table::kRecords, record_key(1, RecordKind::kMemory, id));
    if (*before) {
      const auto was = *row_revision(**before);
      batch.put(Table::kHistory, history_key(1, id, was),
                encode_history({"update", was, Timestamp(), **before}));
    }
    batch.put(Table::kRecords, record_key(1, RecordKind::kMemory, id),
              std::string(MemoryRecord::encode(memory)->bytes()));
    batch.put(Table::kVectors, vector_key(1, id, 0), encode_embedding(revision, random_.vector()));
    batch.put(
        Table::kMeta, change_key(revision),
        encode_change({revision, 0, 1, {{static_cast<std::uint8_t>(RecordKind::kMemory), id}}}));
    ASSERT_THAT(journal_->append(batch), Succeeds());
  }
  void forget_the_feed() {
    JournalBatch batch;
    for (const auto& [key, value] : rows_of(*journal_, Table::kMeta, kChangePrefix)) {
      batch.erase(Table::kMeta, key);
    }
    ASSERT_THAT(journal_->append(batch), Succeeds());
  }
  Result<SnapshotInfo> take(const std::string& name, std::uint64_t revision, std::uint64_t since) {
    return write_snapshot(*journal_->snapshot(), {store_id_, revision, since},
                          directory_.path() / name);
  }
  std::map<std::string, std::string> files_of(const std::string& name) {
    return files_in(directory_.path() / name);
  }

  const std::uint32_t seed_ = std::random_device{}();
  testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  RandomRecords random_{seed_};
  const Uuid store_id_ = random_.id();
  TemporaryDirectory directory_;
  const std::unique_ptr<Journal> journal_ = open_memory_journal();
};

TEST_F(SnapshotFeed, TakesTheSameRowsAsAPassOverAll) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(random_.id());
  for (std::uint64_t revision = 1; revision <= 100; ++revision) {
    write(revision, ids[random_.below(ids.size())]);
  }
  for (const std::uint64_t since : kSince) {
    const auto info = take("feed" + std::to_string(since), 100, since);
    ASSERT_THAT(info, Succeeds());
    EXPECT_EQ(info->counts.at("memory") > 0, since < 100);
  }
  forget_the_feed();
  for (const std::uint64_t since : kSince) {
    ASSERT_THAT(take("pass" + std::to_string(since), 100, since), Succeeds());
    EXPECT_EQ(files_of("feed" + std::to_string(since)), files_of("pass" + std::to_string(since)));
  }
}

TEST_F(SnapshotFeed, DoesNotLookAtWhatDidNotChange) {
  write(1, random_.id());
  write(2, random_.id());
  const Uuid unchanged = random_.id();
  ASSERT_THAT(journal_->append(
                  put(Table::kRecords, record_key(1, RecordKind::kMemory, unchanged), "not a row")),
              Succeeds());
  ASSERT_THAT(journal_->append(put(Table::kVectors, vector_key(1, unchanged, 0), "nor this")),
              Succeeds());

  EXPECT_THAT(take("one", 2, 1), Succeeds());
  EXPECT_THAT(take("none", 2, 2), Succeeds());

  forget_the_feed();
  EXPECT_THAT(take("pass", 2, 1), FailsWith(ErrorCode::kCorruption)) << "the test sees nothing";
}

TEST_F(SnapshotFeed, APassDecodesNothingButWhatIsNew) {
  write(1, random_.id());
  auto old = random_.session();
  old.revision = 1;
  std::string bytes = encode(old);
  bytes.resize(bytes.size() - 8);  // Its revision is there, and no decoder takes it.
  ASSERT_THAT(decode<Session>(bytes), FailsWith(ErrorCode::kCorruption));
  ASSERT_EQ(row_revision(bytes).value(), 1U);
  ASSERT_THAT(journal_->append(
                  put(Table::kRecords, record_key(1, RecordKind::kSession, random_.id()), bytes)),
              Succeeds());
  write(2, random_.id());
  forget_the_feed();

  EXPECT_THAT(take("changes", 2, 1), Succeeds());
  EXPECT_THAT(take("all", 2, 0), FailsWith(ErrorCode::kCorruption));
}

TEST_F(SnapshotFeed, IsNoPartOfASnapshot) {
  write(1, random_.id());
  ASSERT_THAT(journal_->append(put(Table::kMeta, store_key(), encode_store({2, store_id_, 0}))),
              Succeeds());
  ASSERT_THAT(write_snapshot(*journal_->snapshot(), {store_id_, 1, {}}, directory_.path() / "out"),
              Succeeds());
  const auto reader = SnapshotReader::open(directory_.path() / "out");
  ASSERT_THAT(reader, Succeeds());
  std::vector<std::string> keys;
  ASSERT_THAT(reader->scan(Table::kMeta,
                           [&](auto key, auto) -> Status {
                             keys.emplace_back(key);
                             return {};
                           }),
              Succeeds());
  EXPECT_THAT(keys, testing::ElementsAre(store_key()));
}

// Rows of half a megabyte, so that there are blocks to be left out.
TEST_F(SnapshotFeed, AReaderReadsTheBlocksThatAreWanted) {
  for (std::uint64_t revision = 1; revision <= 8; ++revision) {
    auto memory = random_.memory();
    memory.id = random_.id();
    memory.revision = revision;
    memory.text = std::string(500'000, 'x');
    ASSERT_THAT(journal_->append(put(Table::kRecords, record_key(1, RecordKind::kMemory, memory.id),
                                     std::string(MemoryRecord::encode(memory)->bytes()))),
                Succeeds());
  }
  ASSERT_THAT(write_snapshot(*journal_->snapshot(), {store_id_, 8, {}}, directory_.path() / "out"),
              Succeeds());
  std::size_t seen = 0;
  const auto reader =
      SnapshotReader::open(directory_.path() / "out", FileSystem::machine(),
                           [&](Table, std::string_view, std::string_view) -> Status {
                             ++seen;
                             return {};
                           });
  ASSERT_THAT(reader, Succeeds());
  EXPECT_EQ(seen, 8U);
  const Rows all = rows_of(*journal_, Table::kRecords);
  for (const auto& [wanted, value] : all) {
    Rows rows;
    const auto status = reader->scan(
        Table::kRecords,
        [&](std::string_view first, std::string_view last) {
          return first <= wanted && wanted <= last;
        },
        [&](auto key, auto bytes) -> Status {
          rows.emplace(key, bytes);
          return {};
        });
    ASSERT_THAT(status, Succeeds());
    ASSERT_TRUE(rows.contains(wanted));
    EXPECT_EQ(rows.at(wanted), value);
    EXPECT_LT(rows.size(), 3U);
    for (const auto& [key, bytes] : rows) EXPECT_EQ(bytes, all.at(key));
  }
  for (const Table table : kTables) {
    Rows rows;
    const auto every = [](std::string_view, std::string_view) { return true; };
    const auto keep = [&](auto key, auto bytes) -> Status {
      rows.emplace(key, bytes);
      return {};
    };
    ASSERT_THAT(reader->scan(table, every, keep), Succeeds());
    EXPECT_EQ(rows, rows_of(*journal_, table));
  }
}

}  // namespace
}  // namespace tulving::storage
