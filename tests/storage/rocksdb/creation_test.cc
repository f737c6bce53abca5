// Two that make one store: whatever the slower one saw before the quicker one was done, nothing
// that was acknowledged goes, and a log that has records is never removed.
//
// The slower one is stopped at each of its file operations in turn, and the quicker one makes the
// store, appends, syncs and is told so. The oracle is what it was told.

#include <sys/stat.h>

#include <functional>

#include "core/base/hash.h"
#include "storage/rocksdb/rocksdb_journal_internal.h"
#include "tests/storage/rocksdb/files_of_rocksdb.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

using testing::Contains;
using testing::Key;

/// The machine's, but before its nth operation something else happens.
class Interrupted final : public FileSystem {
 public:
  Interrupted(int nth, std::function<void()> then) : left_(nth), then_(std::move(then)) {}
  [[nodiscard]] bool was_interrupted() const { return left_ <= 0; }

  Descriptor open(int directory, const std::string& name, int flags, unsigned mode) override {
    step();
    const Descriptor opened = machine().open(directory, name, flags, mode);
    if (!opened.is_open()) return Descriptor::failed(opened.cause());
    return {*this, ::fcntl(opened.get(), F_DUPFD_CLOEXEC, 0)};
  }
  int read(int file, std::uint64_t offset, std::span<std::byte> into, std::size_t& count) override {
    step();
    return machine().read(file, offset, into, count);
  }
  int write(int file, std::string_view bytes) override {
    step();
    return machine().write(file, bytes);
  }
  int truncate(int file, std::uint64_t bytes) override { return machine().truncate(file, bytes); }
  int fsync(int file) override {
    step();
    return machine().fsync(file);
  }
  int stat(int file, struct stat& info) override { return machine().stat(file, info); }
  int chmod(int file, unsigned mode) override { return machine().chmod(file, mode); }
  int chown(int file, uid_t user, gid_t group) override {
    return machine().chown(file, user, group);
  }
  int lock(int file, bool waits) override {
    step();
    return machine().lock(file, waits);
  }
  void unlock(int file) override { machine().unlock(file); }
  int stat(int directory, const std::string& name, struct stat& info) override {
    return machine().stat(directory, name, info);
  }
  int access(int directory, const std::string& name, int mode) override {
    return machine().access(directory, name, mode);
  }
  int rename(int from_directory, const std::string& from, int to_directory, const std::string& to,
             bool replaces) override {
    step();
    return machine().rename(from_directory, from, to_directory, to, replaces);
  }
  int remove(int directory, const std::string& name, bool is_directory) override {
    step();
    return machine().remove(directory, name, is_directory);
  }
  int create_directory(int directory, const std::string& name, unsigned mode) override {
    step();
    return machine().create_directory(directory, name, mode);
  }
  int list(int directory, std::vector<std::string>& names) override {
    step();
    return machine().list(directory, names);
  }

 private:
  void step() {
    if (left_ > 0 && --left_ == 0) then_();
  }

  int left_;
  const std::function<void()> then_;
};

class Creation : public testing::Test {
 protected:
  /// Stops the slower one at each of its operations; `stays` leaves the quicker one's store open.
  void race(const RocksdbJournalOptions& slower, bool stays) {
    for (int nth = 1;; ++nth) {
      ASSERT_LT(nth, 500);
      SCOPED_TRACE(testing::Message() << "interrupted at operation " << nth);
      std::filesystem::remove_all(store_);
      std::unique_ptr<Journal> quick;
      bool is_acknowledged = false;
      Interrupted files(nth, [&] {
        auto opened = open_rocksdb_journal(store_, {});
        if (!opened) {
          EXPECT_THAT(opened, FailsWith(ErrorCode::kBusy)) << "the slower one has it";
          return;
        }
        quick = *std::move(opened);
        ASSERT_THAT(quick->append(put(Table::kRecords, "quick", "")), Succeeds());
        ASSERT_THAT(quick->make_durable(), Succeeds());
        is_acknowledged = true;
        if (!stays) quick.reset();
      });
      auto slow = open_rocksdb_journal(store_, slower, files, files_of_rocksdb(files));
      if (is_acknowledged && (stays || slower.restores)) {
        EXPECT_THAT(slow, FailsWith(stays ? ErrorCode::kBusy : ErrorCode::kConflict));
      } else {
        EXPECT_THAT(slow, Succeeds());
      }
      if (slow) {
        ASSERT_THAT((*slow)->append(put(Table::kRecords, "slow", "")), Succeeds());
        ASSERT_THAT((*slow)->close(), Succeeds());
      }
      quick.reset();
      const auto again = open_rocksdb_journal(store_, {});
      ASSERT_THAT(again, Succeeds());
      const auto rows = rows_of(**again, Table::kRecords);
      if (is_acknowledged) {
        EXPECT_THAT(rows, Contains(Key("quick")));
        ++acknowledged_;
      }
      if (slow) {
        EXPECT_THAT(rows, Contains(Key("slow")));
      }
      if (HasFailure() || !files.was_interrupted()) break;
    }
    EXPECT_GT(acknowledged_, 3) << "the quicker one got in between";
  }

  /// Says that the store's creation was not finished.
  void mark_as_new() const {
    std::string marker = "Tulving store\nformat 1\nstate new\nsequence 0\n";
    std::uint64_t checksum = xxh3(std::string_view(marker));
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = bytes.size(); i-- > 0; checksum >>= 8U) {
      bytes[i] = static_cast<std::uint8_t>(checksum);
    }
    write_file(store_ / "TULVING", marker + "xxh3 " + to_hex(bytes) + "\n");
  }

  TemporaryDirectory directory_;
  const std::filesystem::path store_ = directory_.path() / "store";
  int acknowledged_ = 0;
};

TEST_F(Creation, LosesNothingThatAQuickerOneWasToldIsDurable) { race({}, false); }

TEST_F(Creation, IsRefusedWhileAQuickerOneHasTheStore) { race({}, true); }

TEST_F(Creation, ByARestoreTakesNoStoreThatAQuickerOneMade) { race({.restores = true}, false); }

TEST_F(Creation, NeverRemovesALogThatHasRecords) {
  for (const bool is_in_tables : {false, true}) {
    SCOPED_TRACE(is_in_tables);
    {
      const auto journal = open_rocksdb_journal(store_, {});
      ASSERT_THAT(journal, Succeeds());
      ASSERT_THAT((*journal)->append(put(Table::kRecords, "a", "value")), Succeeds());
      if (is_in_tables) {
        ASSERT_THAT((*journal)->purge(), Succeeds());
      }
    }
    mark_as_new();

    EXPECT_THAT(open_rocksdb_journal(store_, {.restores = true}), FailsWith(ErrorCode::kConflict));
    for (int reopening = 0; reopening < 2; ++reopening) {
      const auto journal = open_rocksdb_journal(store_, {});
      ASSERT_THAT(journal, Succeeds());
      EXPECT_EQ(rows_of(**journal, Table::kRecords).size(), 1U);
    }
  }
}

TEST_F(Creation, OfAStoreToBeRestoredIsNoStoreUntilItIsWhole) {
  {
    const auto journal = open_rocksdb_journal(store_, {.restores = true});
    ASSERT_THAT(journal, Succeeds());
    ASSERT_THAT((*journal)->append(put(Table::kRecords, "half", "")), Succeeds());
    ASSERT_THAT((*journal)->make_durable(), Succeeds());
    EXPECT_THAT(discard_restore(FileSystem::machine(), store_), FailsWith(ErrorCode::kBusy));
  }
  for (const bool read_only : {false, true}) {
    EXPECT_THAT(open_rocksdb_journal(store_, {.read_only = read_only}),
                FailsWith(ErrorCode::kCorruption, "restore into it was cut short"));
  }
  {
    const auto journal = open_rocksdb_journal(store_, {.restores = true});
    ASSERT_THAT(journal, Succeeds());
    ASSERT_THAT((*journal)->append(put(Table::kRecords, "whole", "")), Succeeds());
    ASSERT_THAT((*journal)->close(), Succeeds());
  }
  EXPECT_THAT(open_rocksdb_journal(store_, {.restores = true}), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(discard_restore(FileSystem::machine(), store_), FailsWith(ErrorCode::kConflict));
  const auto journal = open_rocksdb_journal(store_, {});
  ASSERT_THAT(journal, Succeeds());
  EXPECT_THAT(rows_of(**journal, Table::kRecords),
              testing::ElementsAre(testing::Pair("whole", "")));
}

/// No opening reads a marker of any length, or waits for a pipe's other end.
TEST(Marker, ThatIsNoFileOrTooLongIsDamage) {
  const TemporaryDirectory directory;
  const auto log = directory.path() / "log";
  { ASSERT_THAT(open_rocksdb_journal(log, {}), Succeeds()); }
  const auto marker = log / "TULVING";
  const std::string sound = read_file(marker);
  std::filesystem::resize_file(marker, std::uintmax_t{40} << 30U);
  EXPECT_THAT(open_rocksdb_journal(log, {}),
              FailsWith(ErrorCode::kCorruption, "no file of at most"));
  std::filesystem::remove(marker);
  ASSERT_EQ(::mkfifo(marker.c_str(), 0600), 0);
  EXPECT_THAT(open_rocksdb_journal(log, {}),
              FailsWith(ErrorCode::kCorruption, "no file of at most"));
  std::filesystem::remove(marker);
  std::filesystem::create_directory(marker);
  EXPECT_THAT(open_rocksdb_journal(log, {}),
              FailsWith(ErrorCode::kCorruption, "no file of at most"));
  std::filesystem::remove(marker);
  write_file(marker, sound);
  EXPECT_THAT(open_rocksdb_journal(log, {}), Succeeds());
}

}  // namespace
}  // namespace tulving::storage
