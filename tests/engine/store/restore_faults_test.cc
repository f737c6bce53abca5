// A restore that is cut short at any operation, by the power, a kill or a disk that fails: what it
// leaves is no store, or all of it; and the next restore into the same directory succeeds.

#include <fstream>

#include "core/engine/store/store_files.h"
#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "storage/memory/memory_journal.h"
#include "storage/rocksdb/rocksdb_journal_internal.h"
#include "tests/base/files/faults.h"
#include "tests/engine/testing.h"
#include "tests/storage/rocksdb/files_of_rocksdb.h"

namespace tulving {
namespace {

using namespace tulving::testing;
namespace fs = std::filesystem;

constexpr std::size_t kMemories = 12;

class RestoreFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    Store store = value_of(files_.open(directory_ / "db", {}));
    Tenant tenant = value_of(store.tenant("acme"));
    std::mt19937 random(1);
    for (std::size_t i = 0; i < kMemories; ++i) {
      value_of(tenant.add(memory("memory " + std::to_string(i), random_vector(random, 8))));
    }
    value_of(store.snapshot(directory_ / "snapshot"));
    ASSERT_THAT(store.close(), Succeeds());
    disk_.settle();
  }

  Status restore() {
    const auto info = files_.restore(directory_ / "snapshot", copy_);
    return info ? Status() : Status(info.error());
  }
  /// Whether there is a store; it is whole then.
  bool is_there() {
    StoreOptions existing;
    existing.create_if_missing = false;
    auto store = files_.open(copy_, existing);
    if (!store) {
      EXPECT_THAT(store.error().code,
                  ::testing::AnyOf(ErrorCode::kNotFound, ErrorCode::kCorruption))
          << store.error().message;
      return false;
    }
    EXPECT_EQ(memories_of(value_of(store->tenant("acme"))).size(), kMemories);
    EXPECT_THAT(value_of(store->verify()).problems, ::testing::IsEmpty());
    EXPECT_THAT(store->close(), Succeeds());
    return true;
  }
  void check(const Status& told) {
    if (is_there()) return;
    EXPECT_FALSE(told);
    if (fs::exists(copy_ / "log/TULVING")) {
      EXPECT_THAT(files_.open(copy_, {}), FailsWith(ErrorCode::kCorruption))
          << "and is not made into an empty store";
    }
    ASSERT_THAT(restore(), Succeeds());
    EXPECT_TRUE(is_there());
  }

  TemporaryDirectory directory_;
  SimulatedDisk disk_;
  const StoreFiles files_{disk_, [this](const fs::path& log, const auto& options) {
                            return storage::open_rocksdb_journal(log, options, disk_,
                                                                 storage::files_of_rocksdb(disk_));
                          }};
  const fs::path copy_ = directory_ / "copy";
  const FaultTrial trial_{.prepare = [this] { fs::remove_all(copy_); },
                          .act = [this] { return restore(); },
                          .check = [this](const Status& told) { check(told); },
                          .says_why = false};
};

TEST_F(RestoreFaults, APowerCutLeavesNoStoreOrAllOfIt) {
  EXPECT_GT(cut_power_at_each_operation(disk_, trial_), 40);
}

TEST_F(RestoreFaults, AKillLeavesNoStoreOrAllOfIt) {
  bool was_killed = true;
  int nth = 1;
  for (; was_killed && nth < kOperationsMax; ++nth) {
    SCOPED_TRACE(::testing::Message() << "killed before operation " << nth);
    trial_.prepare();
    disk_.cut_power_at(nth);  // Nothing it does from then on happens, and what it did stays.
    const Status told = restore();
    was_killed = disk_.is_dead();
    disk_.revive();
    disk_.heal();
    check(told);
    disk_.settle();
    if (HasFailure()) return;
  }
  EXPECT_GT(nth, 40);
}

TEST_F(RestoreFaults, AFailureLeavesNothingInTheWay) {
  FaultTrial failing = trial_;
  failing.check = [this](const Status& told) {
    if (!told && !is_there()) {
      EXPECT_FALSE(fs::exists(copy_));
    }
    check(told);
  };
  EXPECT_GT(fail_each_operation(disk_, EIO, failing), 40);
}

TEST_F(RestoreFaults, AFullDiskLeavesNothingInTheWay) {
  int nth = 1;
  for (bool was_full = true; was_full && nth < kOperationsMax; nth += 3) {
    SCOPED_TRACE(::testing::Message() << "full from write " << nth << " on");
    trial_.prepare();
    disk_.fill_up(nth);
    const Status told = restore();
    disk_.heal();
    was_full = !told;
    if (!told) {
      EXPECT_FALSE(fs::exists(copy_)) << told.error().message;
    }
    check(told);
    disk_.settle();
    if (HasFailure()) return;
  }
  EXPECT_GT(nth, 10);
}

// A snapshot that is none, is damaged, holds changes alone, or rows that are no store: each is
// refused, leaves nothing, and is in no way of a sound one.
TEST_F(RestoreFaults, ARefusedOneLeavesNothingInTheWay) {
  const auto unsound = [&](const fs::path& to) {
    const auto journal = storage::open_memory_journal();
    storage::JournalBatch batch;
    const Uuid id = Uuid::random();
    batch.put(storage::Table::kMeta, storage::store_key(), storage::encode_store({3, id, 0}));
    batch.put(storage::Table::kVectors, storage::vector_key(0, id, 0),
              storage::encode_embedding(1, std::vector<float>{1, 0}));
    EXPECT_THAT(journal->append(batch), Succeeds());
    value_of(storage::write_snapshot(*journal->snapshot(), {id, 1, {}}, to, disk_));
  };
  unsound(directory_ / "unsound");
  fs::create_directory(directory_ / "empty");
  fs::copy(directory_ / "snapshot", directory_ / "damaged");
  fs::resize_file(directory_ / "damaged/records.rows", 100);
  {
    Store store = value_of(files_.open(directory_ / "db", {}));
    value_of(store.snapshot(directory_ / "changes", 3));
    ASSERT_THAT(store.close(), Succeeds());
  }
  for (const bool is_there : {false, true}) {
    for (const char* name : {"none", "empty", "damaged", "changes", "unsound"}) {
      SCOPED_TRACE(name);
      fs::remove_all(copy_);
      if (is_there) fs::create_directory(copy_);
      const auto told = files_.restore(directory_ / name, copy_);
      ASSERT_FALSE(told);
      EXPECT_EQ(fs::exists(copy_), is_there) << told.error().message;
      EXPECT_TRUE(!is_there || fs::is_empty(copy_));
      check(told.error());
    }
  }
}

TEST_F(RestoreFaults, WhatIsThereIsNeverTaken) {
  fs::create_directories(copy_ / "log");
  fs::create_directories(copy_ / "other");
  EXPECT_THAT(restore(), FailsWith(ErrorCode::kConflict));
  fs::remove(copy_ / "other");
  std::ofstream(copy_ / "log/letter.txt") << "dear Ada";
  EXPECT_THAT(restore(), FailsWith(ErrorCode::kConflict));
  EXPECT_TRUE(fs::exists(copy_ / "log/letter.txt"));
  fs::remove_all(copy_);
  std::ofstream(copy_) << "a file";
  EXPECT_THAT(restore(), FailsWith(ErrorCode::kConflict));
  fs::remove_all(copy_);
  ASSERT_THAT(restore(), Succeeds());
  EXPECT_THAT(restore(), FailsWith(ErrorCode::kConflict));
  EXPECT_TRUE(is_there());
}

}  // namespace
}  // namespace tulving
