// What the journal on disk promises beyond the common contract: what was appended is there after
// reopening, one owner at a time, a directory that is not a store is left as it is, readers beside
// a writer, and no byte of an erased row in any file after a purge.

#include "storage/rocksdb/rocksdb_journal.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <random>
#include <thread>

#include "core/base/hash.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class RocksdbJournal : public testing::Test {
 protected:
  Result<std::unique_ptr<Journal>> open(const RocksdbJournalOptions& options = {}) {
    return open_rocksdb_journal(path_, options);
  }
  std::unique_ptr<Journal> open_or_die(const RocksdbJournalOptions& options = {}) {
    auto journal = open(options);
    if (!journal) {
      ADD_FAILURE() << journal.error().message;
      std::abort();
    }
    return *std::move(journal);
  }
  [[nodiscard]] std::vector<std::string> file_names() const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      names.push_back(file.path().filename().string());
    }
    return names;
  }

  TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "deep" / "store";
};

TEST_F(RocksdbJournal, KeepsRowsAcrossACleanCloseAndWithoutOne) {
  for (int round = 0; round < 20; ++round) {
    const auto journal = open_or_die();
    EXPECT_EQ(rows_of(*journal, Table::kRecords).size(), static_cast<std::size_t>(round));
    ASSERT_THAT(journal->append(put(Table::kRecords, std::to_string(round), "value")), Succeeds());
    if (round % 3 != 0) {
      ASSERT_THAT(journal->close(), Succeeds());
    }
  }
}

TEST_F(RocksdbJournal, KeepsEveryAppendAcrossAKill) {
  int acknowledged[2];
  ASSERT_EQ(::pipe(acknowledged), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto journal = open_rocksdb_journal(path_, {});
    for (int i = 0; journal; ++i) {
      JournalBatch batch;
      batch.put(Table::kRecords, std::to_string(i), "record");
      batch.put(Table::kVectors, std::to_string(i), std::string(6000, 'v'));
      if (!(*journal)->append(batch)) break;
      if (::write(acknowledged[1], &i, sizeof i) != sizeof i) break;
    }
    ::_exit(1);
  }
  int last = -1;
  while (last < 3000 && ::read(acknowledged[0], &last, sizeof last) == sizeof last) {
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(acknowledged[1]);
  while (::read(acknowledged[0], &last, sizeof last) == sizeof last) {
  }
  ::close(acknowledged[0]);
  ASSERT_GE(last, 3000);

  const auto journal = open_or_die();
  const auto records = rows_of(*journal, Table::kRecords);

  EXPECT_GE(records.size(), static_cast<std::size_t>(last) + 1);
  EXPECT_LE(records.size(), static_cast<std::size_t>(last) + 2);  // The one in flight, or not.
  EXPECT_EQ(rows_of(*journal, Table::kVectors).size(), records.size());
  EXPECT_TRUE(records.contains(std::to_string(last)));
}

TEST_F(RocksdbJournal, GathersNoFilesWithItsOpens) {
  ASSERT_THAT(open_or_die()->append(put(Table::kRecords, "a", "")), Succeeds());
  for (int i = 0; i < 5; ++i) ASSERT_THAT(open_or_die()->close(), Succeeds());
  const auto files = file_names().size();
  for (int i = 0; i < 10; ++i) ASSERT_THAT(open_or_die()->close(), Succeeds());
  EXPECT_LE(file_names().size(), files);
}

TEST_F(RocksdbJournal, HasOneOwnerAtATime) {
  const auto first = open_or_die();

  EXPECT_THAT(open(), FailsWith(ErrorCode::kBusy, path_.string()));

  ASSERT_THAT(first->append(put(Table::kRecords, "a", "still works")), Succeeds());
  ASSERT_THAT(first->close(), Succeeds());
  EXPECT_THAT(open(), Succeeds());
}

constexpr const char* kStoreVariable = "TULVING_TEST_STORE";

/// Run by the test below in a process of its own.
TEST(RocksdbJournalChild, FindsTheStoreInUse) {
  const char* store = std::getenv(kStoreVariable);
  if (store == nullptr) GTEST_SKIP() << "is the second process of another test";
  EXPECT_THAT(open_rocksdb_journal(store, {}), FailsWith(ErrorCode::kBusy, store));
  const auto reader = open_rocksdb_journal(store, {.read_only = true});
  ASSERT_THAT(reader, Succeeds());
  EXPECT_THAT(rows_of(**reader, Table::kRecords), ElementsAre(Pair("a", "value")));
}

TEST_F(RocksdbJournal, HasOneOwnerAmongProcessesAndReadersBeside) {
  const auto journal = open_or_die();
  ASSERT_THAT(journal->append(put(Table::kRecords, "a", "value")), Succeeds());
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  ASSERT_EQ(::setenv(kStoreVariable, path_.c_str(), 1), 0);

  const int status =
      std::system((program + " --gtest_filter=RocksdbJournalChild.* > /dev/null").c_str());

  ::unsetenv(kStoreVariable);
  EXPECT_EQ(status, 0);
}

TEST_F(RocksdbJournal, RefusesAMissingStoreUnlessAskedToCreateIt) {
  EXPECT_THAT(open({.create_if_missing = false}), FailsWith(ErrorCode::kNotFound, path_.string()));
  EXPECT_THAT(open({.read_only = true}), FailsWith(ErrorCode::kNotFound, path_.string()));
  EXPECT_FALSE(std::filesystem::exists(path_));

  std::filesystem::create_directories(path_);
  EXPECT_THAT(open({.create_if_missing = false}), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(file_names(), IsEmpty());
  EXPECT_THAT(open(), Succeeds());
}

TEST_F(RocksdbJournal, LeavesADirectoryOfSomethingElseAsItIs) {
  std::filesystem::create_directories(path_);
  write_file(path_ / "letter.txt", "dear Ada");
  write_file(path_ / "CURRENT", "MANIFEST-000001\n");

  EXPECT_THAT(open(), FailsWith(ErrorCode::kInvalidArgument, "is not a Tulving store"));
  EXPECT_THAT(open({.read_only = true}),
              FailsWith(ErrorCode::kInvalidArgument, "is not a Tulving store"));

  EXPECT_THAT(file_names(), UnorderedElementsAre("letter.txt", "CURRENT"));
  EXPECT_THAT(open_rocksdb_journal(path_ / "letter.txt", {}),
              FailsWith(ErrorCode::kInvalidArgument, "is not a directory"));
}

TEST_F(RocksdbJournal, RefusesANewerFormat) {
  ASSERT_THAT(open_or_die()->close(), Succeeds());
  // A later release's marker: another format, more lines, a checksum that holds.
  std::string marker = "Tulving store\nformat 2\nstate ready\nsequence 0\nshape round\n";
  std::uint64_t checksum = xxh3(std::string_view(marker));
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = bytes.size(); i-- > 0; checksum >>= 8U) {
    bytes[i] = static_cast<std::uint8_t>(checksum);
  }
  marker += "xxh3 " + to_hex(bytes) + "\n";
  write_file(path_ / "TULVING", marker);

  EXPECT_THAT(open(), FailsWith(ErrorCode::kCorruption, "format is 2, newer than 1"));
  EXPECT_EQ(read_file(path_ / "TULVING"), marker);
}

TEST_F(RocksdbJournal, FinishesACreationThatWasCutShort) {
  ASSERT_THAT(open_or_die()->close(), Succeeds());
  const std::string ready = read_file(path_ / "TULVING");
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
  write_file(path_ / "TULVING.new", ready.substr(0, 20));

  const auto journal = open_or_die();

  EXPECT_THAT(journal->append(put(Table::kRecords, "a", "")), Succeeds());
}

TEST_F(RocksdbJournal, RefusesAStoreWhoseManifestIsGoneInsteadOfStartingAnew) {
  ASSERT_THAT(open_or_die()->append(put(Table::kRecords, "a", "")), Succeeds());
  std::filesystem::remove(path_ / "CURRENT");

  EXPECT_THAT(open(), FailsWith(ErrorCode::kCorruption, "CURRENT"));
}

TEST_F(RocksdbJournal, RefusesALogThatLostItsEnd) {
  {
    const auto journal = open_or_die();
    for (const char* key : {"a", "b", "c"}) {
      ASSERT_THAT(journal->append(put(Table::kRecords, key, "value")), Succeeds());
    }
    ASSERT_THAT(journal->close(), Succeeds());
  }
  for (const auto& file : std::filesystem::directory_iterator(path_)) {
    if (file.path().extension() == ".log" && file.file_size() > 0) {
      // At the end of a record: nothing looks torn.
      std::filesystem::resize_file(file.path(), file.file_size() / 3);
    }
  }

  EXPECT_THAT(open(), FailsWith(ErrorCode::kCorruption, ".log"));
}

TEST_F(RocksdbJournal, ReadsBesideAWriter) {
  const auto writer = open_or_die();
  ASSERT_THAT(writer->append(put(Table::kRecords, "a", "first")), Succeeds());

  const auto reader = open_or_die({.read_only = true});
  ASSERT_THAT(writer->append(put(Table::kRecords, "b", "second")), Succeeds());

  EXPECT_THAT(rows_of(*reader, Table::kRecords), ElementsAre(Pair("a", "first")));
  EXPECT_EQ(rows_of(*open_or_die({.read_only = true}), Table::kRecords).size(), 2U);
  EXPECT_THAT(reader->append(put(Table::kRecords, "c", "")),
              FailsWith(ErrorCode::kInvalidArgument, "reading only"));
  EXPECT_THAT(reader->purge(), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(reader->verify().value(), IsEmpty());
}

TEST_F(RocksdbJournal, OpensForReadingWhileAWriterRewritesItsFiles) {
  const auto writer = open_or_die();
  ASSERT_THAT(writer->append(put(Table::kRecords, "always", "here")), Succeeds());
  std::atomic<bool> is_done{false};
  std::thread rewriter([&] {
    for (int i = 0; !is_done; ++i) {
      EXPECT_THAT(writer->append(put(Table::kVectors, std::to_string(i % 20),
                                     std::string(5000, static_cast<char>(i)))),
                  Succeeds());
      if (i % 20 == 0) {
        EXPECT_THAT(writer->purge(), Succeeds());
      }
    }
  });
  for (int i = 0; i < 20; ++i) {
    auto reader = open({.read_only = true});
    ASSERT_THAT(reader, Succeeds());
    EXPECT_THAT(rows_of(**reader, Table::kRecords), ElementsAre(Pair("always", "here")));
  }
  is_done = true;
  rewriter.join();
}

/// Bytes that neither compress nor occur by chance.
std::string secret(std::uint32_t seed, std::size_t length) {
  std::mt19937 random(seed);
  std::string bytes(length, '\0');
  for (char& byte : bytes) byte = static_cast<char>('!' + random() % 90);
  return bytes;
}

/// The files that hold `text`.
std::vector<std::string> files_with(const std::filesystem::path& directory, std::string_view text) {
  std::vector<std::string> found;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    if (file.is_regular_file() && read_file(file.path()).find(text) != std::string::npos) {
      found.push_back(file.path().filename().string());
    }
  }
  return found;
}

TEST_F(RocksdbJournal, LeavesNoByteOfAnErasedRowAfterAPurge) {
  const std::string text = secret(1, 300);
  const std::string vector = secret(2, 6000);
  const std::string replaced = secret(3, 300);
  const std::string kept = secret(4, 300);
  for (const bool is_in_tables : {false, true}) {
    SCOPED_TRACE(is_in_tables);
    auto journal = open_or_die();
    for (int i = 0; i < 50; ++i) {  // Neighbours, so that the rows share blocks and blob files.
      const auto key = std::to_string(i);
      ASSERT_THAT(journal->append(put(Table::kRecords, key, secret(100, 200))), Succeeds());
      ASSERT_THAT(journal->append(put(Table::kVectors, key, secret(101, 6000))), Succeeds());
    }
    ASSERT_THAT(journal->append(put(Table::kRecords, "erased", text)), Succeeds());
    ASSERT_THAT(journal->append(put(Table::kVectors, "erased", vector)), Succeeds());
    ASSERT_THAT(journal->append(put(Table::kHistory, "erased", text)), Succeeds());
    ASSERT_THAT(journal->append(put(Table::kMeta, "erased", text)), Succeeds());
    ASSERT_THAT(journal->append(put(Table::kRecords, "replaced", replaced)), Succeeds());
    ASSERT_THAT(journal->append(put(Table::kRecords, "kept", kept)), Succeeds());
    if (is_in_tables) {
      ASSERT_THAT(journal->purge(), Succeeds());
    }
    EXPECT_THAT(files_with(path_, text.substr(0, 100)), testing::Not(IsEmpty()));
    JournalBatch batch;
    for (std::uint8_t i = 0; i < kTableCount; ++i) batch.erase(Table{i}, "erased");
    batch.put(Table::kRecords, "replaced", "short");
    ASSERT_THAT(journal->append(batch), Succeeds());

    ASSERT_THAT(journal->purge(), Succeeds());

    for (const bool is_closed : {false, true}) {
      SCOPED_TRACE(is_closed);
      for (std::size_t at = 0; at + 40 <= vector.size(); at += 40) {
        EXPECT_THAT(files_with(path_, vector.substr(at, 40)), IsEmpty());
        if (at > 400) at += 1000;
      }
      for (std::size_t at = 0; at + 20 <= text.size(); at += 20) {
        EXPECT_THAT(files_with(path_, text.substr(at, 20)), IsEmpty());
        EXPECT_THAT(files_with(path_, replaced.substr(at, 20)), IsEmpty());
      }
      EXPECT_THAT(files_with(path_, kept.substr(0, 100)), testing::Not(IsEmpty()));
      if (!is_closed) {
        ASSERT_THAT(journal->close(), Succeeds());
      }
    }
    journal = open_or_die();
    EXPECT_EQ(rows_of(*journal, Table::kRecords).size(), 52U);
    EXPECT_EQ(rows_of(*journal, Table::kVectors).size(), 50U);
  }
}

TEST_F(RocksdbJournal, DoesNotPurgeUnderAReader) {
  const auto journal = open_or_die();
  auto reader = journal->snapshot();

  EXPECT_THAT(journal->purge(), FailsWith(ErrorCode::kBusy, "readers (1)"));

  reader.reset();
  EXPECT_THAT(journal->purge(), Succeeds());
}

TEST_F(RocksdbJournal, CountsTheBytesOfItsDirectory) {
  const auto journal = open_or_die();
  const auto before = journal->disk_bytes();
  ASSERT_THAT(journal->append(put(Table::kVectors, "a", std::string(100'000, 'x'))), Succeeds());

  EXPECT_GE(journal->disk_bytes(), before + 100'000);
  EXPECT_LE(journal->disk_bytes(), before + 110'000);
}

}  // namespace
}  // namespace tulving::storage
