// A flipped byte in any file of a store is found and the file named, and no altered row is ever
// served.
//
// The oracle is the rows that were written. Each trial copies a store, flips one byte of one file,
// then opens, scans and verifies the copy; either one of these says so and names the file, or the
// file is one that nothing is read from (harmless() below) and the rows are all there.

#include <algorithm>
#include <random>

#include "storage/rocksdb/rocksdb_journal.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

using testing::HasSubstr;

std::string noise(std::mt19937& random, std::size_t length) {
  std::string bytes(length, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

/// RocksDB writes these and does not read them: a copy of the options, the database's name, which
/// only tools use, and an empty file to lock.
bool harmless(const std::string& name) {
  return name.starts_with("OPTIONS-") || name == "IDENTITY" || name == "LOCK";
}

class Corruption : public testing::Test {
 protected:
  /// Rows in tables, in a blob file and in the log.
  void write_store(Journal& journal, std::array<Rows, kTableCount>& rows) {
    std::mt19937 random(7);
    const auto write = [&](int from, int to) {
      for (int i = from; i < to; ++i) {
        JournalBatch batch;
        for (std::size_t table = 0; table < kTableCount; ++table) {
          const auto key = "key " + std::to_string(i);
          const auto value = noise(random, table == 2 ? 2000 : 100);
          rows[table][key] = value;
          batch.put(static_cast<Table>(table), key, value);
        }
        ASSERT_THAT(journal.append(batch), Succeeds());
      }
    };
    write(0, 10);
    ASSERT_THAT(journal.purge(), Succeeds());
    write(10, 20);
    ASSERT_THAT(journal.make_durable(), Succeeds());
    write(20, 30);
  }

  /// What there is to say against the store at `path`; an error or a problem, or empty.
  std::string complaint_about(const std::filesystem::path& path, bool read_only) {
    auto journal = open_rocksdb_journal(path, {.create_if_missing = false, .read_only = read_only});
    if (!journal) {
      EXPECT_NE(journal.error().code, ErrorCode::kInvalidArgument) << journal.error().message;
      return journal.error().message;
    }
    std::string complaint;
    const auto reader = (*journal)->snapshot();
    seen_ = {};
    for (std::size_t i = 0; i < kTableCount; ++i) {
      const auto status = reader->scan(static_cast<Table>(i), "", [&](auto key, auto value) {
        seen_[i].emplace(key, value);
        return Status();
      });
      if (!status) complaint += status.error().message;
    }
    const auto problems = (*journal)->verify();
    if (!problems) return complaint + problems.error().message;
    for (const auto& problem : *problems) complaint += problem;
    return complaint;
  }

  /// Every row read is one that was written.
  void expect_nothing_altered() {
    for (std::size_t i = 0; i < kTableCount; ++i) {
      for (const auto& [key, value] : seen_[i]) {
        const auto found = rows_[i].find(key);
        EXPECT_TRUE(found != rows_[i].end() && found->second == value) << key;
      }
    }
  }

  std::filesystem::path copy_store() {
    const auto to = directory_.path() / "copy";
    std::filesystem::remove_all(to);
    std::filesystem::copy(store_, to, std::filesystem::copy_options::recursive);
    return to;
  }

  TemporaryDirectory directory_;
  const std::filesystem::path store_ = directory_.path() / "store";
  std::array<Rows, kTableCount> rows_;
  std::array<Rows, kTableCount> seen_;
};

/// Both ends, where headers and footers are, and places between.
std::vector<std::size_t> places_in(std::size_t size) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < size; i += i < 24 || i + 24 >= size ? 1 : std::max(size / 60, 1UL)) {
    places.push_back(i);
  }
  return places;
}

TEST_F(Corruption, OfAnyByteOfAStoreClosedInOrderIsFoundAndNamed) {
  {
    auto journal = open_rocksdb_journal(store_, {});
    ASSERT_THAT(journal, Succeeds());
    write_store(**journal, rows_);
    ASSERT_THAT((*journal)->close(), Succeeds());
  }
  ASSERT_EQ(complaint_about(copy_store(), true), "");
  ASSERT_EQ(seen_, rows_);
  std::vector<std::string> kinds;
  for (const auto& file : std::filesystem::directory_iterator(store_)) {
    const std::string name = file.path().filename().string();
    kinds.push_back(file.path().extension().string());
    std::size_t trial = 0;
    for (const std::size_t at : places_in(file.file_size())) {
      SCOPED_TRACE(name + " byte " + std::to_string(at));
      // Opening for writing costs a copy and fsyncs, so only now and then.
      const bool read_only = ++trial % 16 != 0;
      const auto store = read_only ? store_ : copy_store();
      flip_byte(store / name, at);
      const auto complaint = complaint_about(store, read_only);
      flip_byte(store / name, at);
      if (harmless(name)) {
        EXPECT_EQ(complaint, "");
        EXPECT_EQ(seen_, rows_);
      } else {
        EXPECT_THAT(complaint, HasSubstr(name));
        expect_nothing_altered();
      }
    }
  }
  // The store had what this test is about.
  for (const char* kind : {".sst", ".blob", ".log"}) EXPECT_THAT(kinds, testing::Contains(kind));
}

TEST_F(Corruption, OfTheLogOfAKilledStoreIsFoundUpToItsLastSync) {
  {
    auto journal = open_rocksdb_journal(store_, {});
    ASSERT_THAT(journal, Succeeds());
    write_store(**journal, rows_);  // Then no close().
  }
  const auto log = [&] {
    for (const auto& file : std::filesystem::directory_iterator(store_)) {
      if (file.path().extension() == ".log" && file.file_size() > 0) return file.path();
    }
    return std::filesystem::path();
  }();
  ASSERT_FALSE(log.empty());
  const std::string bytes = read_file(log);
  const auto synced = bytes.find("key 20");
  ASSERT_NE(synced, std::string::npos);
  constexpr std::size_t header_bytes = 100;  // More than what lies before the first key of a batch.

  for (const std::size_t at : places_in(bytes.size())) {
    SCOPED_TRACE("byte " + std::to_string(at));
    flip_byte(log, at);
    const auto complaint = complaint_about(store_, true);
    flip_byte(log, at);
    expect_nothing_altered();
    if (at < synced - header_bytes) {
      EXPECT_THAT(complaint, HasSubstr(log.filename().string()));
    } else if (complaint.empty()) {
      // It looks as a power loss may leave it. What was synced is there, and so is a whole prefix.
      EXPECT_GE(seen_[1].size(), 20U);
      for (std::size_t i = 0; i < kTableCount; ++i) EXPECT_EQ(seen_[i].size(), seen_[1].size());
    }
  }
}

TEST_F(Corruption, ATornLogLosesOnlyTheWriteThatWasCut) {
  {
    auto journal = open_rocksdb_journal(store_, {});
    ASSERT_THAT(journal, Succeeds());
    write_store(**journal, rows_);
  }
  std::string log;
  for (const auto& file : std::filesystem::directory_iterator(store_)) {
    if (file.path().extension() == ".log" && file.file_size() > 0) {
      log = file.path().filename().string();
    }
  }
  const std::string bytes = read_file(store_ / log);
  for (const std::size_t cut : {1, 7, 20, 500, 1500}) {
    SCOPED_TRACE(cut);
    const auto copy = copy_store();
    write_file(copy / log, std::string_view(bytes).substr(0, bytes.size() - cut));
    for (int reopening = 0; reopening < 3; ++reopening) {  // And goes on from there.
      auto journal = open_rocksdb_journal(copy, {});
      ASSERT_THAT(journal, Succeeds());
      EXPECT_EQ(rows_of(**journal, Table::kRecords).size(), 29U + static_cast<unsigned>(reopening));
      EXPECT_EQ(rows_of(**journal, Table::kVectors).size(), 29U);
      ASSERT_THAT((*journal)->append(put(Table::kRecords, std::to_string(reopening), "")),
                  Succeeds());
      if (reopening == 1) {
        ASSERT_THAT((*journal)->close(), Succeeds());
      }
    }
  }
}

}  // namespace
}  // namespace tulving::storage
