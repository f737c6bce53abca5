// Logs and manifests with right checksums and wrong contents, as a fault in memory or a stranger's
// hand leaves them: RocksDB believes what its checksums cover, and aborts. Here the opening is
// refused, or the store opens; the process lives.
//
// Each trial alters a record, sums it anew and opens the store in a process of its own, which must
// not be ended by a signal. TULVING_WRONG_CONTENTS_TRIALS sets how many (300).

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <random>

#include "storage/rocksdb/rocksdb_journal.h"
#include "tests/storage/rocksdb/log_bytes.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

namespace fs = std::filesystem;

/// What a process that does `work` ends with; RocksDB's threads do not outlive a fork, so that the
/// test itself opens nothing.
int in_a_process(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);  // One that hangs is ended by a signal, too.
    ::_exit(work());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

enum Outcome : int { kOpened = 0, kRefused = 1, kWrong = 2 };

/// Opens a store as a program does: reads all, verifies, writes.
int use(const fs::path& store, bool read_only) {
  const auto opened = open_rocksdb_journal(store, {.read_only = read_only});
  if (!opened) return opened.error().code == ErrorCode::kCorruption ? kRefused : kWrong;
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const auto status =
        (*opened)->snapshot()->scan(static_cast<Table>(i), "", [](auto, auto) { return Status(); });
    if (!status) return kRefused;
  }
  (void)(*opened)->verify().has_value();
  if (read_only) return kOpened;
  if (!(*opened)->append(put(Table::kRecords, "new", "row"))) return kRefused;
  if (!(*opened)->purge()) return kRefused;
  return (*opened)->close() ? kOpened : kRefused;
}

class WrongContents : public testing::Test {
 protected:
  /// Tables, a blob file with garbage, a log with batches of all tables, killed.
  void SetUp() override {
    const int status = in_a_process([&] {
      auto opened = open_rocksdb_journal(whole_, {});
      if (!opened) return 1;
      for (int i = 0; i < 60; ++i) {
        JournalBatch batch;
        for (std::size_t table = 0; table < kTableCount; ++table) {
          batch.put(static_cast<Table>(table), "key " + std::to_string(i % 40),
                    std::string(table == 2 ? 1500 : 50, static_cast<char>('a' + i % 26)));
        }
        if (i % 7 == 0) batch.erase(Table::kRecords, "key " + std::to_string(i / 2));
        if (!(*opened)->append(batch)) return 1;
        if (i % 20 == 10 && !(*opened)->purge()) return 1;
        if (i % 3 == 0 && !(*opened)->make_durable()) return 1;
      }
      ::_exit(0);
    });
    ASSERT_EQ(status, 0);
    fs::copy(whole_, store_);
    for (const auto& file : fs::directory_iterator(store_)) {
      const auto name = file.path().filename().string();
      if (name.starts_with("MANIFEST")) manifest_ = file.path();
      if (name.ends_with(".log") && file.file_size() > 0) log_ = file.path();
    }
    log_records_ = records_of(log_);
    manifest_records_ = records_of(manifest_);
    ASSERT_GT(log_records_.size(), 5U);
    ASSERT_GT(manifest_records_.size(), 3U);
  }
  void reset() {
    fs::remove_all(store_);
    fs::copy(whole_, store_);
  }
  /// How a process ends that opens the store with these records, for reading, then for writing.
  Outcome outcome(const fs::path& file, const std::vector<std::string>& records) {
    for (const bool read_only : {true, false}) {
      reset();
      write_file(file, log_of(records));
      const int status = in_a_process([&] { return use(store_, read_only); });
      EXPECT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
      if (!WIFEXITED(status) || WEXITSTATUS(status) != kOpened) {
        return WIFEXITED(status) ? static_cast<Outcome>(WEXITSTATUS(status)) : kWrong;
      }
    }
    return kOpened;
  }
  /// The manifest with one more edit at its end.
  std::vector<std::string> with_edit(const std::string& edit) {
    auto records = manifest_records_;
    records.push_back(edit);
    return records;
  }
  /// The log with one more batch at its end.
  std::vector<std::string> with_batch(std::uint64_t first, std::uint32_t count,
                                      const std::string& operations) {
    auto records = log_records_;
    std::string batch;
    for (unsigned i = 0; i < 8; ++i) batch += static_cast<char>(first >> (8 * i));
    for (unsigned i = 0; i < 4; ++i) batch += static_cast<char>(count >> (8 * i));
    records.push_back(batch + operations);
    return records;
  }
  /// The number that the next write has.
  [[nodiscard]] std::uint64_t next() const {
    const auto& last = log_records_.back();
    const auto number = [&](std::size_t at, std::size_t bytes) {
      std::uint64_t value = 0;
      for (std::size_t i = bytes; i-- > 0;) {
        value = value << 8U | static_cast<unsigned char>(last[at + i]);
      }
      return value;
    };
    return number(0, 8) + number(8, 4);
  }

  TemporaryDirectory directory_;
  const fs::path whole_ = directory_.path() / "whole";
  const fs::path store_ = directory_.path() / "store";
  fs::path log_, manifest_;
  std::vector<std::string> log_records_, manifest_records_;
};

std::string bytes_of(std::initializer_list<int> bytes) {
  std::string made;
  for (const int byte : bytes) made += static_cast<char>(static_cast<unsigned char>(byte));
  return made;
}

TEST_F(WrongContents, OfNoneIsTheStoreItself) {
  EXPECT_EQ(outcome(log_, log_records_), kOpened);
  EXPECT_EQ(outcome(manifest_, manifest_records_), kOpened);
}

TEST_F(WrongContents, OfABatchAreRefused) {
  const std::string put_a = bytes_of({0x5, 1, 1, 'a', 1, 'b'});
  ASSERT_EQ(outcome(log_, with_batch(next(), 1, put_a)), kOpened);
  ASSERT_EQ(outcome(log_, with_batch(next(), 0, bytes_of({3, 2, 'h', 'i'}))), kOpened);
  EXPECT_EQ(outcome(log_, with_batch(next(), 2, put_a)), kRefused) << "a wrong count";
  EXPECT_EQ(outcome(log_, with_batch(next() + 1, 1, put_a)), kRefused) << "a number left out";
  EXPECT_EQ(outcome(log_, with_batch(next() - 1, 1, put_a)), kRefused) << "one that was there";
  EXPECT_EQ(outcome(log_, with_batch(~0ULL, 1, put_a)), kRefused) << "no number";
  for (const auto& operation :
       {bytes_of({0x5, 9, 1, 'a', 1, 'b'}),  // A column family that is none.
        bytes_of({0x5, 1, 1, 'a', 9, 'b'}),  // A value past the end.
        bytes_of({0x2, 1, 'a', 1, 'b'}),     // A merge,
        bytes_of({0x7, 1, 'a'}),             // a single deletion,
        bytes_of({0xf, 1, 'a', 1, 'b'}),     // a range,
        bytes_of({0x11, 1, 'a', 1, 'b'}),    // a place in a blob file,
        bytes_of({0xa, 1, 'x'}),             // an end of a transaction without one,
        bytes_of({0x9, 0x1, 1, 'a', 1, 'b', 0xa, 1, 'x'}), bytes_of({0xb, 1, 'x'}),
        bytes_of({0x15, 0, 0}), bytes_of({0x77}),
        bytes_of({0x1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1})}) {
    EXPECT_EQ(outcome(log_, with_batch(next(), 1, operation)), kRefused)
        << static_cast<int>(operation[0]);
  }
  auto records = log_records_;
  records.erase(records.begin() + 2);
  EXPECT_EQ(outcome(log_, records), kRefused) << "a record left out";
}

TEST_F(WrongContents, OfAllNumbersOfALogAbortNothing) {
  // All of them less or more by as much, so that they fit one another and not the tables.
  for (const int by : {-300, -100, -20, -5, -1, 1, 5, 1000}) {
    SCOPED_TRACE(by);
    auto records = log_records_;
    for (auto& record : records) {
      std::uint64_t first = 0;
      for (std::size_t i = 8; i-- > 0;) {
        first = first << 8U | static_cast<unsigned char>(record[i]);
      }
      first += static_cast<std::uint64_t>(by);
      for (std::size_t i = 0; i < 8; ++i) record[i] = static_cast<char>(first >> (8 * i));
    }
    EXPECT_EQ(outcome(log_, records), by < 0 ? kRefused : kOpened);
  }
}

TEST_F(WrongContents, OfAnEditAreRefused) {
  const std::string key = bytes_of({9, 'k', 1, 0, 0, 0, 0, 0, 0, 0});
  const auto table = [&](int level, int number, const std::string& range) {
    return bytes_of({103, level, number, 100}) + range + bytes_of({1, 1, 1});
  };
  ASSERT_EQ(outcome(manifest_, with_edit(bytes_of({3, 100}))), kOpened);
  for (const auto& edit : {
           bytes_of({200, 1, 9}),  // A column family that is none.
           bytes_of({200, 1, 2, 201, 1, 7, 'r', 'e', 'c', 'o', 'r', 'd', 's'}),
           bytes_of({202, 1}),     // One dropped.
           bytes_of({1, 1, 'x'}),  // Keys in another order.
           bytes_of({2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}),  // No log.
           bytes_of({3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}),  // No file.
           bytes_of({3, 1}),  // Numbers that are in use come again.
           bytes_of({4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}),
           bytes_of({4, 0}),      // Tables have later writes.
           bytes_of({6, 0, 99}),  // A table goes that is not there.
           bytes_of({6, 0xff, 0xff, 0xff, 0xff, 0xf, 99}),
           table(9, 99, key + key),
           table(0, 99, bytes_of({1, 'k'}) + key),
           bytes_of({103, 0xff, 0xff, 0xff, 0xff, 0xf, 99, 100}) + key + key + bytes_of({1, 1, 1}),
           bytes_of({0xac, 2, 0xff, 0xff, 0xff, 0xff, 0xf}),  // A group of 2^32 edits,
           bytes_of({0x91, 3, 99, 1, 1, 0}),                  // Garbage of no blob file.
           bytes_of({0x86, 0x40, 1, 'x'}),                    // Times of a user's.
           bytes_of({0x84, 0x40, 1, 'x'}),
           bytes_of({77}),
           bytes_of({2}),
       }) {
    EXPECT_EQ(outcome(manifest_, with_edit(edit)), kRefused) << testing::PrintToString(edit);
  }
  // What a later RocksDB adds, and says may be passed over.
  EXPECT_EQ(outcome(manifest_, with_edit(bytes_of({0x89, 0x40, 1, 'x'}))), kOpened);
}

TEST_F(WrongContents, OfAFragmentsTypeAreRefused) {
  const auto bytes = read_file(log_);
  for (unsigned type = 3; type < 256; type += type < 12 ? 1 : 61) {
    reset();
    write_file(log_, bytes + log_fragment(type, "some bytes"));
    const int status = in_a_process([&] { return use(store_, true); });
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == kRefused) << "type " << type;
  }
}

/// One record altered as chance has it.
void alter(std::vector<std::string>& records, std::mt19937& random) {
  auto& record = records[random() % records.size()];
  const auto at = record.empty() ? 0 : random() % record.size();
  const auto byte = [&] { return static_cast<char>(random() % 3 == 0 ? 0xff : random()); };
  switch (random() % 8) {
    case 0:
    case 1:
      if (!record.empty()) record[at] = byte();
      break;
    case 2:  // A number.
      for (std::size_t i = at; i < std::min(at + 1 + random() % 9, record.size()); ++i) {
        record[i] = byte();
      }
      break;
    case 3:
      record.insert(at, 1 + random() % 8, byte());
      break;
    case 4:
      record.erase(at, 1 + random() % 8);
      break;
    case 5:
      record.resize(at);
      break;
    case 6:
      records.push_back(records[random() % records.size()]);
      break;
    default:
      std::swap(record, records[random() % records.size()]);
  }
}

TEST_F(WrongContents, OfAnyKindAbortNothing) {
  const char* wanted = std::getenv("TULVING_WRONG_CONTENTS_TRIALS");
  const int trials = wanted != nullptr ? std::atoi(wanted) : 300;
  const auto seed = std::random_device{}();
  std::array<int, 3> outcomes{};
  for (int trial = 0; trial < trials; ++trial) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", trial " << trial);
    std::mt19937 random(seed + static_cast<unsigned>(trial));
    const bool is_log = trial % 2 == 0;
    auto records = is_log ? log_records_ : manifest_records_;
    for (auto times = 1 + random() % 3; times > 0; --times) alter(records, random);
    ++outcomes.at(outcome(is_log ? log_ : manifest_, records));
  }
  std::cout << trials << " trials: " << outcomes[kOpened] << " opened, " << outcomes[kRefused]
            << " refused\n";
  EXPECT_EQ(outcomes[kWrong], 0);
  EXPECT_GT(outcomes[kRefused], trials / 4);
}

}  // namespace
}  // namespace tulving::storage
