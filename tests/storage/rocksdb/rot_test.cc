// A bit that rots in the log after a kill takes nothing without a word: what was synced, and a
// moment later noted beside the log, is there, or the opening fails and names the file. Then a
// salvage has what was written before the bit.
//
// The oracle is the list of batches and of what make_durable() promised. The store is left as a
// kill leaves it; each trial alters the bytes of its log, opens it and puts them back. A run
// without the note must lose batches silently, or the trials would prove nothing.

#include <algorithm>
#include <random>

#include "storage/rocksdb/rocksdb_journal.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Rot : public testing::Test {
 protected:
  /// Appends batches until there are `count`, and makes them durable, as the mode of the store has
  /// it: each, or all with one sync.
  void append(Journal& journal, int count, bool each) {
    for (; batches_ < count; ++batches_) {
      JournalBatch batch;
      batch.put(Table::kRecords, key(batches_), std::string(200, 'r'));
      batch.put(Table::kMeta, key(batches_), "meta");
      ASSERT_THAT(journal.append(batch), Succeeds());
      if (each) {
        ASSERT_THAT(journal.make_durable(), Succeeds());
      }
    }
    ASSERT_THAT(journal.make_durable(), Succeeds());
  }
  static std::string key(int batch) {
    const auto number = std::to_string(batch);
    return std::string(4 - number.size(), '0') + number;
  }
  /// A store in which `count` batches were synced, by a process that was killed.
  void fill_and_die(int count, bool each, bool notes) {
    auto opened = open_rocksdb_journal(store_, {});
    ASSERT_THAT(opened, Succeeds());
    append(**opened, count, each);
    if (notes) {
      ASSERT_THAT((*opened)->note_durable(), Succeeds());
    }
  }
  [[nodiscard]] fs::path log() const {
    for (const auto& file : fs::directory_iterator(store_)) {
      if (file.path().extension() == ".log" && file.file_size() > 0) return file.path();
    }
    return {};
  }
  /// The batches there, or -1: the opening was refused and named the log.
  int found() const {
    const auto opened = open_rocksdb_journal(store_, {.read_only = true});
    if (!opened) {
      EXPECT_EQ(opened.error().code, ErrorCode::kCorruption);
      EXPECT_THAT(opened.error().message, HasSubstr(".log"));
      return -1;
    }
    return whole_batches(**opened);
  }
  /// What a salvage has of it.
  int salvaged() const {
    const auto opened = open_rocksdb_journal(store_, {.read_only = true, .salvages = true});
    EXPECT_THAT(opened, Succeeds());
    return opened ? whole_batches(**opened) : 0;
  }
  /// Their number; each is whole and none is missing between.
  static int whole_batches(const Journal& journal) {
    const auto rows = rows_of(journal, Table::kRecords);
    EXPECT_EQ(rows.size(), rows_of(journal, Table::kMeta).size());
    if (!rows.empty()) {
      EXPECT_EQ(rows.rbegin()->first, key(static_cast<int>(rows.size()) - 1));
    }
    return static_cast<int>(rows.size());
  }

  TemporaryDirectory directory_;
  const fs::path store_ = directory_.path() / "store";
  int batches_ = 0;
};

constexpr int kBatches = 40;

class RotInMode : public Rot, public testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(EachWriteIsSynced, RotInMode, testing::Bool());

TEST_P(RotInMode, OfAnyBitIsFoundOrHarmless) {
  fill_and_die(kBatches, GetParam(), true);
  const auto path = log();
  const auto bytes = fs::file_size(path);
  int refused = 0;
  for (std::size_t at = 0; at < bytes; at += at + 600 < bytes ? 13 : 1) {
    SCOPED_TRACE("byte " + std::to_string(at));
    flip_byte(path, at);
    const int batches = found();
    if (batches < 0) ++refused;
    EXPECT_TRUE(batches < 0 || batches == kBatches) << batches << " of " << kBatches;
    if (batches < 0 && at % 5 == 0) {
      // A batch takes some 280 bytes, so that it is seen to be the one before the bit.
      const auto before = static_cast<int>(at * kBatches / bytes);
      EXPECT_NEAR(salvaged(), before, 1);
    }
    flip_byte(path, at);
  }
  EXPECT_GT(refused, 500);
  EXPECT_EQ(found(), kBatches);
}

TEST_F(Rot, OfWholePagesAndALostEndAreFound) {
  fill_and_die(kBatches, false, true);
  const auto path = log();
  const auto bytes = read_file(path);
  std::mt19937 random(5);
  for (int trial = 0; trial < 100; ++trial) {
    const std::size_t from = random() % bytes.size();
    const std::size_t length = 1 + random() % 8192;
    auto damaged = bytes;
    if (trial % 2 == 0) {
      damaged.resize(from);
    } else {
      const auto end = std::min(from + length, bytes.size());
      std::generate(damaged.begin() + static_cast<std::ptrdiff_t>(from),
                    damaged.begin() + static_cast<std::ptrdiff_t>(end),
                    [&] { return trial % 4 == 1 ? '\0' : static_cast<char>(random()); });
    }
    SCOPED_TRACE("trial " + std::to_string(trial) + ", from byte " + std::to_string(from));
    write_file(path, damaged);
    EXPECT_EQ(found(), -1);
    EXPECT_NEAR(salvaged(), static_cast<int>(from * kBatches / bytes.size()), 1);
  }
}

TEST_F(Rot, OfTheEndIsNotToldWithoutTheNote) {  // The control.
  fill_and_die(kBatches, false, false);
  flip_byte(log(), fs::file_size(log()) - 10);
  EXPECT_EQ(found(), kBatches - 1);
}

TEST_F(Rot, OfWhatAnEarlierProcessLeftIsFoundOnceItWasReadAndNoted) {
  fill_and_die(kBatches, false, false);
  const auto path = log();
  {  // Opening makes it durable; nothing is appended.
    auto opened = open_rocksdb_journal(store_, {});
    ASSERT_THAT(opened, Succeeds());
    ASSERT_THAT((*opened)->note_durable(), Succeeds());
  }
  flip_byte(path, fs::file_size(path) - 10);
  EXPECT_EQ(found(), -1);
}

TEST_F(Rot, OfWhatWasNeverSyncedIsATornTail) {
  {
    auto opened = open_rocksdb_journal(store_, {});
    ASSERT_THAT(opened, Succeeds());
    append(**opened, kBatches, false);
    ASSERT_THAT((*opened)->note_durable(), Succeeds());
    for (int i = kBatches; i < kBatches + 5; ++i) {
      JournalBatch batch;
      batch.put(Table::kRecords, key(i), "");
      batch.put(Table::kMeta, key(i), "");
      ASSERT_THAT((*opened)->append(batch), Succeeds());
    }
  }
  const auto path = log();
  const auto bytes = fs::file_size(path);
  flip_byte(path, bytes - 10);
  EXPECT_EQ(found(), kBatches + 4);
  flip_byte(path, bytes - 10);
  fs::resize_file(path, bytes - 200);
  const int left = found();
  EXPECT_GE(left, kBatches);
  EXPECT_LT(left, kBatches + 5);
  auto opened = open_rocksdb_journal(store_, {});
  ASSERT_THAT(opened, Succeeds());
  EXPECT_EQ(whole_batches(**opened), left);
}

TEST_F(Rot, IsNotedOnceABurstAndNeverBeforeItIsDurable) {
  auto opened = open_rocksdb_journal(store_, {});
  ASSERT_THAT(opened, Succeeds());
  const auto marker = store_ / "TULVING";
  const auto before = read_file(marker);
  append(**opened, 1, true);
  ASSERT_THAT((*opened)->append(put(Table::kHistory, "a", "")), Succeeds());
  EXPECT_EQ(read_file(marker), before);
  ASSERT_THAT((*opened)->note_durable(), Succeeds());
  EXPECT_THAT(read_file(marker), HasSubstr("sequence 2\n"));
  const auto written = fs::last_write_time(marker);
  ASSERT_THAT((*opened)->note_durable(), Succeeds());
  EXPECT_EQ(fs::last_write_time(marker), written);
  ASSERT_THAT((*opened)->make_durable(), Succeeds());
  ASSERT_THAT((*opened)->note_durable(), Succeeds());
  EXPECT_THAT(read_file(marker), HasSubstr("sequence 3\n"));
}

}  // namespace
}  // namespace tulving::storage
