// What a power loss, a failed fsync and a full disk may not take.
//
// The journal runs on a SimulatedDisk, which keeps unsynced bytes apart: crash() drops them before
// the old journal's destructor runs. The oracle is the list of batches and of what make_durable()
// promised. A run with make_durable() left out must lose rows, or the disk would prove nothing.

#include <random>
#include <thread>

#include "storage/rocksdb/rocksdb_journal_internal.h"
#include "tests/base/files/faults.h"
#include "tests/storage/rocksdb/files_of_rocksdb.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

using testing::IsEmpty;

class PowerLoss : public testing::Test {
 protected:
  Result<std::unique_ptr<Journal>> open_journal() {
    return open_rocksdb_journal(path_, {}, disk_, files_of_rocksdb(disk_));
  }
  void open() {
    auto opened = open_journal();
    ASSERT_THAT(opened, Succeeds());
    journal_ = *std::move(opened);
  }
  void crash_and_reopen(std::size_t kept_bytes = 0) {
    disk_.crash(kept_bytes);
    journal_.reset();
    disk_.revive();
    disk_.heal();
    open();
  }
  /// One batch over two tables, whole or not at all.
  static JournalBatch batch_of(int i) {
    JournalBatch batch;
    batch.put(Table::kRecords, std::to_string(i), "record " + std::to_string(i));
    batch.put(Table::kVectors, std::to_string(i),
              std::string(2000, static_cast<char>('a' + i % 26)));
    return batch;
  }
  /// The number of batches there: 0 .. n - 1, none missing between, each whole.
  int batches_found() {
    const auto records = rows_of(*journal_, Table::kRecords);
    const auto vectors = rows_of(*journal_, Table::kVectors);
    EXPECT_EQ(records.size(), vectors.size());
    for (int i = 0; i < static_cast<int>(records.size()); ++i) {
      EXPECT_TRUE(records.contains(std::to_string(i))) << i;
      EXPECT_TRUE(vectors.contains(std::to_string(i))) << i;
    }
    return static_cast<int>(records.size());
  }

  TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "a" / "store";
  SimulatedDisk disk_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(PowerLoss, TakesNothingThatWasMadeDurable) {
  open();
  for (int i = 0; i < 20; ++i) ASSERT_THAT(journal_->append(batch_of(i)), Succeeds());
  ASSERT_THAT(journal_->make_durable(), Succeeds());

  crash_and_reopen();

  EXPECT_EQ(batches_found(), 20);
}

TEST_F(PowerLoss, TakesWhatWasNot) {  // The control: the disk does forget.
  open();
  for (int i = 0; i < 20; ++i) ASSERT_THAT(journal_->append(batch_of(i)), Succeeds());

  crash_and_reopen();

  EXPECT_EQ(batches_found(), 0);
}

TEST_F(PowerLoss, TakesNothingThatWasClosedInOrder) {
  open();
  for (int i = 0; i < 20; ++i) ASSERT_THAT(journal_->append(batch_of(i)), Succeeds());
  ASSERT_THAT(journal_->close(), Succeeds());

  crash_and_reopen();

  EXPECT_EQ(batches_found(), 20);
}

TEST_F(PowerLoss, TakesNothingOfAKilledProcessThatTheNextOneFound) {
  open();
  for (int i = 0; i < 10; ++i) ASSERT_THAT(journal_->append(batch_of(i)), Succeeds());
  journal_.reset();  // Killed: its unsynced bytes are the system's now.
  open();
  ASSERT_EQ(batches_found(), 10);
  ASSERT_THAT(journal_->append(batch_of(10)), Succeeds());
  ASSERT_THAT(journal_->make_durable(), Succeeds());

  crash_and_reopen();

  EXPECT_EQ(batches_found(), 11);
}

TEST_F(PowerLoss, LeavesAPrefixOfWholeBatches) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  open();
  int appended = 0;
  for (int round = 0; round < 30; ++round) {
    int durable = appended;
    for (auto count = random() % 40; count > 0; --count) {
      ASSERT_THAT(journal_->append(batch_of(appended++)), Succeeds());
      if (random() % 8 == 0) {
        ASSERT_THAT(journal_->make_durable(), Succeeds());
        durable = appended;
      }
      if (random() % 100 == 0) {
        ASSERT_THAT(journal_->purge(), Succeeds());
        durable = appended;
      }
    }
    if (random() % 4 == 0) {
      ASSERT_THAT(journal_->close(), Succeeds());
      durable = appended;
    }
    crash_and_reopen(random() % 2 == 0 ? 0 : random() % 40'000);
    const int found = batches_found();
    ASSERT_GE(found, durable);
    ASSERT_LE(found, appended);
    EXPECT_THAT(journal_->verify().value(), IsEmpty());
    appended = found;
  }
}

TEST_F(PowerLoss, DuringCreationLeavesADirectoryThatCanBeOpened) {
  // Every sync of a creation fails in its turn, then the power goes.
  bool is_created = false;
  for (int nth = 1; !is_created; ++nth) {
    ASSERT_LT(nth, 100);
    SCOPED_TRACE(nth);
    disk_.fail_sync(nth);
    auto opened = open_journal();
    is_created = opened.has_value();
    disk_.crash();
    if (opened) opened->reset();
    disk_.revive();
    disk_.heal();
    auto again = open_journal();
    ASSERT_THAT(again, Succeeds());
    ASSERT_THAT((*again)->append(put(Table::kMeta, "a", "")), Succeeds());
    again->reset();
    disk_.settle();
    std::filesystem::remove_all(path_);
  }
}

TEST_F(PowerLoss, BeforeAnyOperationOfACreationLeavesADirectoryThatCanBeOpened) {
  const FaultTrial creation{
      .prepare = [&] { std::filesystem::remove_all(directory_.path() / "a"); },
      .act = [&]() -> Status {
        const auto opened = open_journal();
        return opened ? Status() : Status(opened.error());
      },
      .check =
          [&](const Status&) {
            auto again = open_journal();
            ASSERT_THAT(again, Succeeds());
            ASSERT_THAT((*again)->append(put(Table::kMeta, "a", "")), Succeeds());
          }};
  EXPECT_GT(cut_power_at_each_operation(disk_, creation), 20);
  FaultTrial failing = creation;
  failing.says_why = false;  // RocksDB takes it for what it is not, now and then.
  failing.check = [&](const Status& told) {
    if (!told) {
      EXPECT_THAT(told.error().message, testing::HasSubstr(directory_.path().string()));
    }
    creation.check(told);
  };
  EXPECT_GT(fail_each_operation(disk_, EIO, failing), 20);
}

TEST_F(PowerLoss, BeforeAnyOperationOfACloseInOrderTakesNothing) {
  const FaultTrial closing{.prepare =
                               [&] {
                                 std::filesystem::remove_all(directory_.path() / "a");
                                 open();
                                 for (int i = 0; i < 3; ++i) {
                                   ASSERT_THAT(journal_->append(batch_of(i)), Succeeds());
                                 }
                                 ASSERT_THAT(journal_->make_durable(), Succeeds());
                                 ASSERT_THAT(journal_->append(batch_of(3)), Succeeds());
                               },
                           .act = [&] { return journal_->close(); },
                           .check =
                               [&](const Status& told) {
                                 open();
                                 const int found = batches_found();
                                 EXPECT_GE(found, told ? 4 : 3);
                                 EXPECT_THAT(journal_->verify().value(), IsEmpty());
                                 journal_.reset();
                               }};
  EXPECT_GT(cut_power_at_each_operation(disk_, closing), 5);
}

TEST_F(PowerLoss, DuringRecoveryTakesNothing) {
  open();
  for (int i = 0; i < 20; ++i) ASSERT_THAT(journal_->append(batch_of(i)), Succeeds());
  ASSERT_THAT(journal_->make_durable(), Succeeds());
  // A torn record after them, which makes the next opening write tables.
  ASSERT_THAT(journal_->append(batch_of(20)), Succeeds());
  disk_.crash(1000);
  journal_.reset();
  disk_.revive();
  bool is_open = false;
  for (int nth = 1; !is_open; ++nth) {
    ASSERT_LT(nth, 100);
    disk_.fail_sync(nth);
    auto opened = open_journal();
    is_open = opened.has_value();
    disk_.crash();
    if (opened) opened->reset();
    disk_.revive();
    disk_.heal();
  }
  open();

  EXPECT_EQ(batches_found(), 20);
}

TEST_F(PowerLoss, FailedSyncStopsEveryLaterWriteAndNoRead) {
  open();
  ASSERT_THAT(journal_->append(batch_of(0)), Succeeds());
  ASSERT_THAT(journal_->make_durable(), Succeeds());
  ASSERT_THAT(journal_->append(batch_of(1)), Succeeds());
  disk_.fail_sync(1);

  EXPECT_THAT(journal_->make_durable(), FailsWith(ErrorCode::kIo, path_.string()));

  disk_.heal();  // A second fsync would succeed, having forgotten what the first one dropped.
  EXPECT_THAT(journal_->make_durable(), FailsWith(ErrorCode::kIo));
  EXPECT_THAT(journal_->append(batch_of(2)), FailsWith(ErrorCode::kIo));
  EXPECT_THAT(journal_->get(Table::kRecords, "0"), Succeeds());
  EXPECT_EQ(rows_of(*journal_, Table::kRecords).size(), 2U);
  crash_and_reopen();
  EXPECT_EQ(batches_found(), 1);
  EXPECT_THAT(journal_->append(batch_of(1)), Succeeds());
}

TEST_F(PowerLoss, FullDiskFailsWritesAndLosesNothing) {
  open();
  for (int i = 0; i < 10; ++i) ASSERT_THAT(journal_->append(batch_of(i)), Succeeds());
  ASSERT_THAT(journal_->make_durable(), Succeeds());
  disk_.fill_up(1);

  EXPECT_THAT(journal_->append(batch_of(10)),
              FailsWith(ErrorCode::kResourceExhausted, path_.string()));

  EXPECT_THAT(journal_->append(batch_of(11)), FailsWith(ErrorCode::kResourceExhausted));
  EXPECT_EQ(batches_found(), 10);
  disk_.heal();  // Someone made room: the store must be opened again, and then goes on.
  EXPECT_THAT(journal_->append(batch_of(10)), FailsWith(ErrorCode::kResourceExhausted));
  journal_.reset();
  open();
  EXPECT_EQ(batches_found(), 10);
  EXPECT_THAT(journal_->append(batch_of(10)), Succeeds());
}

TEST_F(PowerLoss, FullDiskInAPurgeLosesNothing) {
  open();
  for (int i = 0; i < 10; ++i) ASSERT_THAT(journal_->append(batch_of(i)), Succeeds());
  for (int nth = 1; nth < 12; nth += 2) {
    disk_.fill_up(nth);
    (void)journal_->purge();
    EXPECT_EQ(batches_found(), 10);
    disk_.heal();
    journal_.reset();
    open();
    EXPECT_EQ(batches_found(), 10);
    EXPECT_THAT(journal_->verify().value(), IsEmpty());
  }
}

TEST_F(PowerLoss, OneSyncServesThreadsThatWaitTogether) {
  open();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 25; ++i) {
        EXPECT_THAT(journal_->append(put(Table::kRecords, std::to_string(thread * 100 + i), "")),
                    Succeeds());
        EXPECT_THAT(journal_->make_durable(), Succeeds());
      }
    });
  }
  for (auto& thread : threads) thread.join();

  crash_and_reopen();

  EXPECT_EQ(rows_of(*journal_, Table::kRecords).size(), 100U);
}

}  // namespace
}  // namespace tulving::storage
