// A log that two writers had open at once, as earlier releases let them: each numbered its writes
// on from what it had read, so that the same numbers stand for different writes. RocksDB replays
// one upon the other, or aborts. Here the store is refused, both files are named, nothing is
// changed, and what the first one wrote can be had by a salvage, or by setting the second one's log
// aside.
//
// The second writer is a copy of the store whose log is put back beside the first one's.

#include <map>
#include <random>

#include "storage/rocksdb/rocksdb_journal.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TwoWriters : public testing::Test {
 protected:
  /// Opens the store in `path`, appends `count` batches, and dies as a killed process does.
  static void append_and_die(const fs::path& path, const std::string& by, std::size_t count) {
    auto opened = open_rocksdb_journal(path, {});
    ASSERT_THAT(opened, Succeeds());
    for (std::size_t i = 0; i < count; ++i) {
      JournalBatch batch;
      batch.put(Table::kRecords, by + std::to_string(i), by);
      if (i % 3 == 0) batch.put(Table::kMeta, by + std::to_string(i), by);
      ASSERT_THAT((*opened)->append(batch), Succeeds());
      if (i % 4 == 0) {
        ASSERT_THAT((*opened)->make_durable(), Succeeds());
      }
    }
  }
  static std::map<std::string, std::string> files_of(const fs::path& path) {
    std::map<std::string, std::string> files;
    for (const auto& file : fs::directory_iterator(path)) {
      files[file.path().filename().string()] = read_file(file.path());
    }
    return files;
  }
  /// The last log of the store, which has something in it.
  static fs::path last_log(const fs::path& path) {
    fs::path last;
    for (const auto& file : fs::directory_iterator(path)) {
      if (file.path().extension() == ".log" && file.file_size() > 0 && file.path() > last) {
        last = file.path();
      }
    }
    return last;
  }

  TemporaryDirectory directory_;
  const fs::path store_ = directory_.path() / "store";
  const fs::path other_ = directory_.path() / "other";
  const fs::path aside_ = directory_.path() / "000900.log";
};

TEST_F(TwoWriters, AreFoundAndTheFirstOnesWritesCanBeHad) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  constexpr int kCases = 30;
  for (int i = 0; i < kCases; ++i) {
    const std::size_t before = random() % 5;
    const std::size_t first = 1 + random() % 20;
    const std::size_t second = 1 + random() % 20;
    SCOPED_TRACE(testing::Message() << before << ", " << first << ", " << second << " batches");
    append_and_die(store_, "before ", before);
    fs::copy(store_, other_);
    append_and_die(store_, "first ", first);
    append_and_die(other_, "second ", second);
    const fs::path firsts = last_log(store_);
    const fs::path seconds = store_ / "000900.log";
    fs::copy(last_log(other_), seconds);
    const auto files = files_of(store_);

    for (const bool read_only : {true, false, true}) {
      const auto opened = open_rocksdb_journal(store_, {.read_only = read_only});
      ASSERT_THAT(opened, FailsWith(ErrorCode::kCorruption, "two writers"));
      EXPECT_THAT(opened.error().message, HasSubstr(firsts.filename().string()));
      EXPECT_THAT(opened.error().message, HasSubstr(seconds.string() + " holds write"));
      EXPECT_EQ(files_of(store_), files);
    }
    {
      const auto salvaged = open_rocksdb_journal(store_, {.read_only = true, .salvages = true});
      ASSERT_THAT(salvaged, Succeeds());
      EXPECT_EQ(rows_of(**salvaged, Table::kRecords).size(), before + first);
      EXPECT_EQ(rows_of(**salvaged, Table::kRecords, "first").size(), first);
    }
    EXPECT_EQ(files_of(store_), files);
    {
      const auto salvaged = open_rocksdb_journal(store_, {.read_only = true, .salvages = true});
      ASSERT_THAT(salvaged, Succeeds());
      EXPECT_EQ(rows_of(**salvaged, Table::kRecords).size(), before + first);
      EXPECT_EQ(rows_of(**salvaged, Table::kRecords, "first").size(), first);
    }
    EXPECT_EQ(files_of(store_), files);
    fs::rename(seconds, aside_);
    {
      const auto opened = open_rocksdb_journal(store_, {});
      ASSERT_THAT(opened, Succeeds());
      EXPECT_EQ(rows_of(**opened, Table::kRecords).size(), before + first);
      EXPECT_EQ(rows_of(**opened, Table::kRecords, "first").size(), first);
    }
    for (const auto& path : {store_, other_, aside_}) fs::remove_all(path);
  }
}

}  // namespace
}  // namespace tulving::storage
