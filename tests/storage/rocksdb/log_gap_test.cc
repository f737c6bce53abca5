// A log file that begins with nothing readable, before a sound one.
//
// After a power loss it may be one whose writes have long been moved into tables, and whose removal
// alone was lost: then nothing is missing and the store opens. Or its writes were in it alone: then
// the store says so. Both look alike but for what recovery reaches. The oracle is the batches.

#include <set>

#include "storage/rocksdb/rocksdb_journal.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

class LogGap : public testing::Test {
 protected:
  /// Opens the store, appends batches `from` .. `to` - 1, and dies as a killed process does.
  void append_and_die(int from, int to, bool purges = false) {
    auto opened = open_rocksdb_journal(store_, {});
    ASSERT_THAT(opened, Succeeds());
    Journal& journal = **opened;
    for (int i = from; i < to; ++i) {
      ASSERT_THAT(journal.append(put(Table::kRecords, std::to_string(i), "record")), Succeeds());
      if (purges && i == from) {
        ASSERT_THAT(journal.purge(), Succeeds());
      }
      // The note in the next batch says that this one is on disk.
      ASSERT_THAT(journal.make_durable(), Succeeds());
    }
  }

  std::set<std::filesystem::path> logs() const {
    std::set<std::filesystem::path> found;
    for (const auto& file : std::filesystem::directory_iterator(store_)) {
      if (file.path().extension() == ".log" && file.file_size() > 0) found.insert(file.path());
    }
    return found;
  }

  /// As a disk leaves a file of which it wrote the length and not the bytes.
  static void blank(const std::filesystem::path& log, std::size_t bytes) {
    write_file(log, std::string(bytes, '\0'));
  }

  TemporaryDirectory directory_;
  const std::filesystem::path store_ = directory_.path() / "store";
};

TEST_F(LogGap, OfAFileThatIsPastUseIsNoDamage) {
  append_and_die(0, 10);
  const auto before = logs();
  ASSERT_EQ(before.size(), 1U);
  const auto old_log = *before.begin();
  const auto bytes = std::filesystem::file_size(old_log);
  append_and_die(10, 15, true);
  ASSERT_FALSE(logs().contains(old_log)) << "the purge should have moved its writes into tables";

  blank(old_log, bytes);

  for (int reopening = 0; reopening < 3; ++reopening) {
    auto journal = open_rocksdb_journal(store_, {});
    ASSERT_THAT(journal, Succeeds());
    EXPECT_EQ(rows_of(**journal, Table::kRecords).size(), 15U);
  }
}

TEST_F(LogGap, OfAFileInUseIsDamage) {
  append_and_die(0, 10);
  append_and_die(10, 12);
  append_and_die(12, 15);
  const auto found = logs();
  ASSERT_EQ(found.size(), 3U);
  const auto whole = directory_.path() / "whole";
  std::filesystem::copy(store_, whole);
  for (const auto& log : {*found.begin(), *std::next(found.begin())}) {
    const auto bytes = std::filesystem::file_size(log);
    for (const auto& left : {std::string(bytes, '\0'), std::string(bytes, 'x'), std::string()}) {
      SCOPED_TRACE(log.filename().string() + ", " + std::to_string(left.size()) + " bytes");
      std::filesystem::remove_all(store_);
      std::filesystem::copy(whole, store_);
      write_file(log, left);
      for (const bool read_only : {true, false, false}) {  // Refusing it changes nothing.
        const auto journal = open_rocksdb_journal(store_, {.read_only = read_only});
        EXPECT_THAT(journal, FailsWith(ErrorCode::kCorruption, ".log"));
      }
    }
  }
  // And a file that is not there at all, where one before it tells.
  std::filesystem::remove_all(store_);
  std::filesystem::copy(whole, store_);
  std::filesystem::remove(*std::next(found.begin()));
  EXPECT_THAT(open_rocksdb_journal(store_, {}),
              FailsWith(ErrorCode::kCorruption, "are lost, from number 11"));
}

}  // namespace
}  // namespace tulving::storage
