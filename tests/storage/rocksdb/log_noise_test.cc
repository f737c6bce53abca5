// What stands behind a log, or in its place, costs an opening no more than reading it once, and is
// dropped once: noise, zeros, a hole of many gigabytes, bytes made to look like records. No time is
// asserted; a search that is not linear would not end within the test's time.
//
// And what a power loss leaves of a log's blocks is a prefix: RocksDB by itself reads on past
// zeros.

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <random>

#include "core/base/files/file_system.h"
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/log/log_file.h"
#include "storage/rocksdb/owned_files.h"
#include "storage/rocksdb/rocksdb_journal.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

namespace fs = std::filesystem;

class LogNoise : public testing::Test {
 protected:
  void fill(std::size_t batches, bool closes, std::size_t value_bytes = 100) {
    auto opened = open_rocksdb_journal(store_, {});
    ASSERT_THAT(opened, Succeeds());
    for (std::size_t i = 0; i < batches; ++i) {
      ASSERT_THAT((*opened)->append(put(Table::kRecords, "key " + std::to_string(1000 + i),
                                        std::string(value_bytes, 'v'))),
                  Succeeds());
    }
    if (closes) {
      ASSERT_THAT((*opened)->close(), Succeeds());
    }
  }
  [[nodiscard]] fs::path log() const {
    for (const auto& file : fs::directory_iterator(store_)) {
      if (file.path().extension() == ".log" && file.file_size() > 0) return file.path();
    }
    return {};
  }
  [[nodiscard]] std::size_t rows(bool read_only) const {
    const auto opened = open_rocksdb_journal(store_, {.read_only = read_only});
    EXPECT_THAT(opened, Succeeds());
    return opened ? rows_of(**opened, Table::kRecords).size() : 0;
  }
  static std::string noise(std::size_t bytes) {
    std::mt19937_64 random(3);
    std::string made;
    while (made.size() < bytes) {
      const auto word = random();
      made.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    return made;
  }
  static void append_to(const fs::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::app)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  TemporaryDirectory directory_;
  const fs::path store_ = directory_.path() / "store";
};

TEST_F(LogNoise, BehindASoundLogIsReadInPassingAndDroppedOnce) {
  fill(50, true);
  const auto path = log();
  const auto sound = read_file(path);
  append_to(path, noise(60'000'000));
  EXPECT_EQ(rows(true), 50U);
  EXPECT_EQ(rows(false), 50U);
  EXPECT_FALSE(fs::exists(path)) << "it would be read at every opening";
  EXPECT_EQ(rows(false), 50U);
}

TEST_F(LogNoise, AloneIsDroppedOnce) {
  fill(50, true);
  {
    auto opened = open_rocksdb_journal(store_, {});
    ASSERT_THAT(opened, Succeeds());
    ASSERT_THAT((*opened)->purge(), Succeeds());
    ASSERT_THAT((*opened)->close(), Succeeds());
  }
  const auto noisy = store_ / "000900.log";
  write_file(noisy, noise(1'000'000));
  EXPECT_EQ(rows(true), 50U);
  EXPECT_TRUE(fs::exists(noisy)) << "a reader changes nothing";
  EXPECT_EQ(rows(false), 50U);
  EXPECT_FALSE(fs::exists(noisy));
}

/// Files of which each log that is to be removed is removed by somebody else just before.
class RemovedByAnother final : public rocksdb::FileSystemWrapper {
 public:
  RemovedByAnother() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  [[nodiscard]] const char* Name() const override { return "RemovedByAnother"; }
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override {
    if (name.ends_with(".log")) removed_ += fs::remove(name) ? 1U : 0U;
    return FileSystemWrapper::DeleteFile(name, options, context);
  }
  [[nodiscard]] std::size_t removed() const { return removed_; }

 private:
  std::atomic<std::size_t> removed_ = 0;
};

TEST_F(LogNoise, ThatRocksdbDropsFirstIsDropped) {
  // It removes logs in the background too, once what it read of them is in tables.
  fill(50, true);
  write_file(store_ / "000900.log", noise(1'000'000));
  const auto files = std::make_shared<RemovedByAnother>();
  auto& machine = FileSystem::machine();
  const auto opened =
      open_database(store_, {}, machine, rocksdb::NewCompositeEnv(owned_files(machine, files)));
  EXPECT_THAT(opened, Succeeds());
  EXPECT_GT(files->removed(), 0U);
}

TEST_F(LogNoise, AHoleIsPassedOverUnread) {
  fill(50, true);
  const auto path = log();
  fs::resize_file(path, std::uintmax_t{40} << 30U);
  EXPECT_EQ(rows(true), 50U);
  EXPECT_EQ(rows(false), 50U);
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(LogNoise, AHoleInTheMarkerOrInCurrentIsNotRead) {
  fill(5, true);
  for (const char* name : {"TULVING", "CURRENT"}) {
    const auto before = read_file(store_ / name);
    fs::resize_file(store_ / name, std::uintmax_t{40} << 30U);
    EXPECT_THAT(open_rocksdb_journal(store_, {}), FailsWith(ErrorCode::kCorruption, name));
    write_file(store_ / name, before);
  }
  const auto manifest = [&] {
    for (const auto& file : fs::directory_iterator(store_)) {
      if (file.path().filename().string().starts_with("MANIFEST")) return file.path();
    }
    return fs::path();
  }();
  fs::resize_file(manifest, std::uintmax_t{40} << 30U);
  EXPECT_THAT(open_rocksdb_journal(store_, {}), FailsWith(ErrorCode::kCorruption, "MANIFEST"));
}

TEST_F(LogNoise, MadeToLookLikeRecordsIsDamage) {
  fill(50, true);
  std::string record(7 + 12, '\0');
  record[5] = 0x70;  // 28 KiB long,
  record[6] = 1;     // whole,
  record += kNoteStart;
  std::string made;
  while (made.size() < 10'000'000) made += record;
  append_to(log(), made);
  EXPECT_THAT(open_rocksdb_journal(store_, {}), FailsWith(ErrorCode::kCorruption, ".log"));
}

/// How many batches of which size: some that go on from block to block, and some that fill each
/// block to its end, where RocksDB by itself reads on behind zeros as if nothing were missing.
class LostBlock : public LogNoise,
                  public testing::WithParamInterface<std::pair<std::size_t, std::size_t>> {};
INSTANTIATE_TEST_SUITE_P(OfBatches, LostBlock,
                         testing::Values(std::pair(800, 150), std::pair(40, 4050)));

TEST_P(LostBlock, EndsTheLogThere) {
  // As a power loss leaves it that wrote some blocks and not those before: of 5 blocks, each is
  // lost in turn. Nothing was synced, so what comes before is right, and what comes after is not.
  const auto [batches, value_bytes] = GetParam();
  fill(batches, false, value_bytes);
  const auto path = log();
  const auto bytes = read_file(path);
  constexpr std::size_t block = 32768;
  ASSERT_GT(bytes.size(), 4 * block);
  const auto whole = directory_.path() / "whole";
  fs::copy(store_, whole);
  for (std::size_t lost = 0; lost < 5; ++lost) {
    for (const bool is_noise : {false, true}) {
      SCOPED_TRACE(testing::Message() << "block " << lost << (is_noise ? ", noise" : ", zeros"));
      fs::remove_all(store_);
      fs::copy(whole, store_);
      auto damaged = bytes;
      const auto length = std::min(block, bytes.size() - lost * block);
      damaged.replace(lost * block, length,
                      is_noise ? noise(length).substr(0, length) : std::string(length, '\0'));
      write_file(path, damaged);
      const auto seen = rows(true);
      EXPECT_NEAR(static_cast<int>(seen), static_cast<int>(lost * block * batches / bytes.size()),
                  2);
      for (int opening = 0; opening < 3; ++opening) {
        auto opened = open_rocksdb_journal(store_, {});
        ASSERT_THAT(opened, Succeeds());
        const auto found = rows_of(**opened, Table::kRecords, "key");
        EXPECT_EQ(found.size(), seen);
        if (!found.empty()) {
          EXPECT_EQ(found.rbegin()->first, "key " + std::to_string(1000 + found.size() - 1));
        }
        ASSERT_THAT((*opened)->append(put(Table::kRecords, std::to_string(opening), "")),
                    Succeeds());
      }
    }
  }
}

/// What read_log() finds in a file, and how much of it was read.
class Counted final : public LogVisitor {
 public:
  void begin_record(std::uint64_t) override {}
  void add(std::string_view) override {}
  void end_record() override { ++records; }
  bool gap(const LogGap& gap) override {
    gaps.push_back(gap);
    return true;
  }
  int records = 0;
  std::vector<LogGap> gaps;
};

TEST_F(LogNoise, RecordsBehindAGapAreFoundWhereverTheyBegin) {
  fill(2000, false, 60);  // Some begin within the last bytes of a block.
  const auto path = log();
  const auto file = Descriptor::open(FileSystem::machine(), path, O_RDONLY);
  Counted sound;
  ASSERT_EQ(read_log(file, sound), 0);
  ASSERT_EQ(sound.records, 2000);
  ASSERT_TRUE(sound.gaps.empty());
  const auto bytes = fs::file_size(path);
  for (std::size_t at = 0; at + 300 < bytes; at += 37) {
    flip_byte(path, at);
    Counted seen;
    ASSERT_EQ(read_log(file, seen), 0);
    flip_byte(path, at);
    if (seen.gaps.empty()) {  // What fills a block up holds nothing.
      ASSERT_EQ(seen.records, 2000) << at;
      continue;
    }
    ASSERT_EQ(seen.gaps.size(), 1U) << at;
    ASSERT_LE(seen.gaps[0].offset, at);
    ASSERT_GT(seen.gaps[0].offset + 300, at);
    ASSERT_EQ(seen.records, 1999) << at;
  }
}

}  // namespace
}  // namespace tulving::storage
