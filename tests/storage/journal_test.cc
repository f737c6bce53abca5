// What every journal promises, checked against both of them: an ordered map per table whose batches
// take effect whole, and readers that see one point in time. The oracle is a std::map per table.

#include "storage/journal.h"

#include <atomic>
#include <random>
#include <thread>

#include "storage/memory/memory_journal.h"
#include "storage/rocksdb/rocksdb_journal.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;

enum class Kind { kMemory, kRocksdb };

class JournalContract : public testing::TestWithParam<Kind> {
 protected:
  JournalContract() {
    if (GetParam() == Kind::kMemory) {
      journal_ = open_memory_journal();
    } else {
      auto opened = open_rocksdb_journal(directory_.path(), {});
      EXPECT_THAT(opened, Succeeds());
      if (opened) journal_ = *std::move(opened);
    }
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Journal> journal_;
};

TEST_P(JournalContract, GivesBackWhatWasPut) {
  ASSERT_THAT(journal_->append(put(Table::kRecords, "key", "value")), Succeeds());

  EXPECT_THAT(journal_->get(Table::kRecords, "key").value(), Optional(Eq("value")));
  EXPECT_THAT(journal_->get(Table::kRecords, "other").value(), Eq(std::nullopt));
}

TEST_P(JournalContract, KeepsTablesApart) {
  for (std::uint8_t i = 0; i < kTableCount; ++i) {
    ASSERT_THAT(journal_->append(put(Table{i}, "key", std::to_string(i))), Succeeds());
  }

  for (std::uint8_t i = 0; i < kTableCount; ++i) {
    EXPECT_THAT(rows_of(*journal_, Table{i}), ElementsAre(Pair("key", std::to_string(i))));
  }
}

TEST_P(JournalContract, KeepsKeysAndValuesOfAnyBytes) {
  const std::string key("\0\xFF\n", 3);
  const std::string value("\xFF\0\0", 3);
  ASSERT_THAT(journal_->append(put(Table::kMeta, key, value)), Succeeds());
  ASSERT_THAT(journal_->append(put(Table::kMeta, "empty", "")), Succeeds());

  EXPECT_THAT(journal_->get(Table::kMeta, key).value(), Optional(Eq(value)));
  EXPECT_THAT(journal_->get(Table::kMeta, "empty").value(), Optional(Eq("")));
}

TEST_P(JournalContract, PutsAValueThatLiesInTwoPlaces) {
  JournalBatch batch;
  {
    const auto owned = std::make_shared<const std::string>("and what is shared");
    batch.put(Table::kVectors, "both", "A front ", *owned, owned);
    batch.put(Table::kVectors, "rest alone", {}, *owned, owned);
  }  // The batch keeps it.
  const std::string lent(5000, 'x');
  batch.put(Table::kRecords, "lent", "x", lent, nullptr);
  batch.put(Table::kRecords, "empty", {}, {}, nullptr);
  EXPECT_EQ(batch.bytes(), 4U + 26 + 10 + 18 + 4 + 5001 + 5);
  ASSERT_THAT(journal_->append(batch), Succeeds());

  EXPECT_THAT(rows_of(*journal_, Table::kVectors),
              ElementsAre(Pair("both", "A front and what is shared"),
                          Pair("rest alone", "and what is shared")));
  EXPECT_THAT(rows_of(*journal_, Table::kRecords),
              ElementsAre(Pair("empty", ""), Pair("lent", std::string(5001, 'x'))));
}

// One batch after another through the same memory: nothing of the one before is left.
TEST_P(JournalContract, ABatchHasNothingOfTheOneBefore) {
  const std::string huge(std::size_t{3} << 20U, 'h');
  for (const std::string& value : {huge, std::string("long before"), std::string("short")}) {
    ASSERT_THAT(journal_->append(put(Table::kRecords, value.substr(0, 5), value)), Succeeds());
  }
  EXPECT_THAT(
      rows_of(*journal_, Table::kRecords),
      ElementsAre(Pair("hhhhh", huge), Pair("long ", "long before"), Pair("short", "short")));
}

TEST_P(JournalContract, ScansAPrefixInKeyOrder) {
  for (const char* key : {"b2", "a", "b", "c", "b1"}) {
    ASSERT_THAT(journal_->append(put(Table::kRecords, key, "")), Succeeds());
  }

  std::vector<std::string> keys;
  ASSERT_THAT(journal_->snapshot()->scan(Table::kRecords, "b",
                                         [&](auto key, auto) -> Status {
                                           keys.emplace_back(key);
                                           return {};
                                         }),
              Succeeds());

  EXPECT_THAT(keys, ElementsAre("b", "b1", "b2"));
}

TEST_P(JournalContract, ScansAPrefixOfGreatestBytes) {
  const std::string prefix = "\xFF\xFF";
  ASSERT_THAT(journal_->append(put(Table::kRecords, "\xFF", "")), Succeeds());
  ASSERT_THAT(journal_->append(put(Table::kRecords, prefix + "x", "")), Succeeds());

  EXPECT_THAT(rows_of(*journal_, Table::kRecords, prefix), ElementsAre(Pair(prefix + "x", "")));
}

TEST_P(JournalContract, EndsAScanWithTheVisitorsError) {
  ASSERT_THAT(journal_->append(put(Table::kRecords, "a", "")), Succeeds());
  ASSERT_THAT(journal_->append(put(Table::kRecords, "b", "")), Succeeds());
  int visits = 0;

  const auto status = journal_->snapshot()->scan(Table::kRecords, "", [&](auto, auto) -> Status {
    ++visits;
    return Error{ErrorCode::kConflict, "enough"};
  });

  EXPECT_THAT(status, FailsWith(ErrorCode::kConflict, "enough"));
  EXPECT_EQ(visits, 1);
}

TEST_P(JournalContract, AppliesABatchInItsOrder) {
  JournalBatch batch;
  batch.put(Table::kRecords, "a", "first");
  batch.put(Table::kRecords, "a", "second");
  batch.put(Table::kRecords, "b", "gone");
  batch.erase(Table::kRecords, "b");
  batch.erase(Table::kRecords, "never there");

  ASSERT_THAT(journal_->append(batch), Succeeds());

  EXPECT_THAT(rows_of(*journal_, Table::kRecords), ElementsAre(Pair("a", "second")));
}

TEST_P(JournalContract, AcceptsAnEmptyBatch) {
  EXPECT_THAT(journal_->append({}), Succeeds());
  EXPECT_THAT(journal_->make_durable(), Succeeds());
}

TEST_P(JournalContract, ShowsAReaderNothingAppendedLater) {
  ASSERT_THAT(journal_->append(put(Table::kRecords, "a", "before")), Succeeds());
  const auto reader = journal_->snapshot();
  ASSERT_THAT(journal_->append(put(Table::kRecords, "a", "after")), Succeeds());
  ASSERT_THAT(journal_->append(put(Table::kRecords, "b", "after")), Succeeds());

  EXPECT_THAT(rows_of(*reader, Table::kRecords), ElementsAre(Pair("a", "before")));
  EXPECT_THAT(reader->get(Table::kRecords, "b").value(), Eq(std::nullopt));
  EXPECT_THAT(rows_of(*journal_, Table::kRecords),
              ElementsAre(Pair("a", "after"), Pair("b", "after")));
}

TEST_P(JournalContract, EqualsAMapAfterRandomBatches) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  std::array<Rows, kTableCount> expected;
  std::vector<std::pair<std::unique_ptr<JournalReader>, std::array<Rows, kTableCount>>> readers;
  for (int round = 0; round < 200; ++round) {
    JournalBatch batch;
    for (auto count = random() % 8; count > 0; --count) {
      const auto table = random() % kTableCount;
      const auto key = std::to_string(random() % 50);
      if (random() % 3 == 0) {
        batch.erase(static_cast<Table>(table), key);
        expected[table].erase(key);
      } else {
        std::string value(random() % 3000, static_cast<char>(random()));
        expected[table][key] = value;
        batch.put(static_cast<Table>(table), key, std::move(value));
      }
    }
    ASSERT_THAT(journal_->append(batch), Succeeds());
    if (round % 40 == 0) readers.emplace_back(journal_->snapshot(), expected);
    if (round % 70 == 69) {
      readers.clear();
      ASSERT_THAT(journal_->purge(), Succeeds());
    }
  }
  readers.emplace_back(journal_->snapshot(), expected);
  for (const auto& [reader, rows] : readers) {
    for (std::uint8_t i = 0; i < kTableCount; ++i) EXPECT_EQ(rows_of(*reader, Table{i}), rows[i]);
  }
}

TEST_P(JournalContract, LetsThreadsAppendAndReadAtOnce) {
  constexpr int per_thread = 200;
  std::atomic<bool> is_done{false};
  std::thread reader([&] {
    while (!is_done) {
      // Each batch writes a key to two tables: a reader sees both or neither.
      const auto rows = journal_->snapshot();
      EXPECT_EQ(rows_of(*rows, Table::kRecords).size(), rows_of(*rows, Table::kVectors).size());
    }
  });
  std::vector<std::thread> writers;
  for (int thread = 0; thread < 3; ++thread) {
    writers.emplace_back([&, thread] {
      for (int i = 0; i < per_thread; ++i) {
        JournalBatch batch;
        const auto key = std::to_string(thread) + "/" + std::to_string(i);
        batch.put(Table::kRecords, key, "record");
        batch.put(Table::kVectors, key, "vector");
        EXPECT_THAT(journal_->append(batch), Succeeds());
        if (i % 50 == 0) {
          EXPECT_THAT(journal_->make_durable(), Succeeds());
        }
      }
    });
  }
  for (auto& writer : writers) writer.join();
  is_done = true;
  reader.join();

  EXPECT_EQ(rows_of(*journal_, Table::kRecords).size(), 3U * per_thread);
}

TEST_P(JournalContract, VerifiesWithoutAProblem) {
  ASSERT_THAT(journal_->append(put(Table::kVectors, "a", std::string(5000, 'x'))), Succeeds());
  ASSERT_THAT(journal_->purge(), Succeeds());
  ASSERT_THAT(journal_->append(put(Table::kVectors, "b", std::string(5000, 'x'))), Succeeds());

  EXPECT_THAT(journal_->verify().value(), IsEmpty());
}

TEST_P(JournalContract, RefusesEverythingOnceClosed) {
  ASSERT_THAT(journal_->append(put(Table::kRecords, "a", "")), Succeeds());
  ASSERT_THAT(journal_->close(), Succeeds());

  EXPECT_THAT(journal_->append(put(Table::kRecords, "b", "")),
              FailsWith(ErrorCode::kInvalidArgument, "closed"));
  EXPECT_THAT(journal_->make_durable(), FailsWith(ErrorCode::kInvalidArgument, "closed"));
  EXPECT_THAT(journal_->get(Table::kRecords, "a"), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(journal_->snapshot()->get(Table::kRecords, "a"),
              FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(journal_->purge(), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(journal_->verify(), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(journal_->close(), FailsWith(ErrorCode::kInvalidArgument));
}

TEST_P(JournalContract, LetsAReaderOutliveTheJournal) {
  ASSERT_THAT(journal_->append(put(Table::kRecords, "a", "value")), Succeeds());
  const auto reader = journal_->snapshot();
  ASSERT_THAT(journal_->close(), Succeeds());
  journal_.reset();

  EXPECT_THAT(rows_of(*reader, Table::kRecords), ElementsAre(Pair("a", "value")));
}

INSTANTIATE_TEST_SUITE_P(Journals, JournalContract, testing::Values(Kind::kMemory, Kind::kRocksdb),
                         [](const auto& kind) {
                           return kind.param == Kind::kMemory ? "Memory" : "Rocksdb";
                         });

}  // namespace
}  // namespace tulving::storage
