// What is promised of positions: a store contains() one if and only if what lay before it there
// lies before it here, whatever was done to the store: power cuts, restores of older snapshots,
// closings, openings that write nothing. What has left the store by a snapshot or a page of changes
// is not taken back by a power cut. What asks for the changes since another history is refused.

#include <map>
#include <optional>
#include <random>

#include "core/engine/store/store_files.h"
#include "storage/rocksdb/rocksdb_journal_internal.h"
#include "tests/base/files/simulated_disk.h"
#include "tests/engine/store/log_edit.h"
#include "tests/engine/testing.h"
#include "tests/storage/rocksdb/files_of_rocksdb.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class Incarnate : public ::testing::Test {
 protected:
  Incarnate() {
    options_.background_indexing = false;
    options_.durability = Durability::kProcess;
    options_.sync_interval_ms = 60'000;  // Nothing is synced but what a test asks for.
  }

  void open(const std::string& name = "db") {
    name_ = name;
    tenant_.reset();
    store_.reset();
    store_.emplace(value_of(files_.open(directory_ / name, options_)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  Uuid add() { return value_of(tenant_->add(memory("note " + std::to_string(++added_)))).id; }
  void crash() {
    disk_.crash(random_);
    tenant_.reset();
    store_.reset();
    disk_.revive();
  }
  // The store's writes, one memory each, in order.
  [[nodiscard]] std::vector<std::string> writes() const {
    std::vector<std::string> ids;
    for (const Change& change : value_of(store_->changes(0, 100'000)).changes) {
      ids.push_back(change.id);
    }
    return ids;
  }

  TemporaryDirectory directory_;
  SimulatedDisk disk_;
  const StoreFiles files_{disk_, [this](const fs::path& log, const auto& options) {
                            return storage::open_rocksdb_journal(log, options, disk_,
                                                                 storage::files_of_rocksdb(disk_));
                          }};
  StoreOptions options_;
  std::string name_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
  const std::uint32_t seed_ = std::random_device{}();
  ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
  int added_ = 0;
};

TEST_F(Incarnate, ContainsWhatLiesBeforeItAndNothingElse) {
  struct Kept {
    Position position;
    std::vector<std::string> before;
  };
  std::vector<Kept> kept;
  std::vector<std::string> model;  // Of the open store.
  int foreign = 0;
  open();
  for (int round = 0; round < 60; ++round) {
    for (auto left = random_() % 4; left > 0; --left) {
      model.push_back(add().to_string());
      if (random_() % 2 == 0) kept.push_back({store_->position(), model});
    }
    kept.push_back({store_->position(), model});
    switch (random_() % 4) {
      case 0:
        ASSERT_THAT(store_->close(), Succeeds());
        open(name_);
        break;
      case 1: {
        const fs::path snapshot = directory_ / ("snapshot" + std::to_string(round));
        const auto info = value_of(store_->snapshot(snapshot));
        EXPECT_EQ(info.incarnation, store_->position().incarnation.to_string());
        model.push_back(add().to_string());  // Which the restored store will not have.
        kept.push_back({store_->position(), model});
        ASSERT_THAT(store_->close(), Succeeds());
        const std::string copy = "copy" + std::to_string(round);
        value_of(files_.restore(snapshot, directory_ / copy));
        open(copy);
        break;
      }
      default:
        crash();
        open(name_);
    }
    const auto writes_now = writes();
    ASSERT_EQ(writes_now.size(), store_->revision());
    for (const Kept& one : kept) {
      const bool is_before = one.before.size() <= writes_now.size() &&
                             std::equal(one.before.begin(), one.before.end(), writes_now.begin());
      ASSERT_EQ(store_->contains(one.position), is_before) << one.position.to_string();
      foreign += is_before ? 0 : 1;
      // As its changes and snapshots say, and nothing half-way.
      const auto page = store_->changes(one.position);
      EXPECT_EQ(page.has_value(), is_before);
    }
    model = writes_now;
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
  }
  EXPECT_GT(foreign, 20);  // Or nothing was told apart.
}

TEST_F(Incarnate, LosesNothingThatHasLeftIt) {
  int lost = 0;
  for (int round = 0; round < 20; ++round) {
    open();
    for (auto left = 1 + random_() % 4; left > 0; --left) add();
    Position told;
    if (round % 2 == 0) {
      value_of(store_->snapshot(directory_ / ("out" + std::to_string(round))));
      told = store_->position();
    } else {
      told = value_of(store_->changes(0)).position();
    }
    EXPECT_GE(store_->durable_revision(), told.revision);
    const auto before = writes();
    add();  // The control: what has not left it may go.
    crash();
    open();
    EXPECT_TRUE(store_->contains(told));
    const auto after = writes();
    ASSERT_GE(after.size(), before.size());
    EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
    lost += after.size() == before.size() ? 1 : 0;
    crash();
  }
  EXPECT_GT(lost, 0);
}

TEST_F(Incarnate, BeginsAnewWithTheFirstWriteOfAnOpeningAndNotBefore) {
  open();
  const Position made = store_->position();
  EXPECT_FALSE(made.incarnation.is_nil());
  add();
  EXPECT_EQ(store_->position(), Position(1, made.incarnation)) << "made and written by one opening";
  ASSERT_THAT(store_->close(), Succeeds());

  for (int i = 0; i < 3; ++i) open();
  EXPECT_EQ(store_->position(), Position(1, made.incarnation));
  add();
  const Position second = store_->position();
  EXPECT_EQ(second.revision, 2U);
  EXPECT_NE(second.incarnation, made.incarnation);
  add();
  EXPECT_EQ(store_->position(), Position(3, second.incarnation));
  EXPECT_TRUE(store_->contains({1, made.incarnation}));
  EXPECT_FALSE(store_->contains({2, made.incarnation}));
  EXPECT_EQ(store_->stats().incarnation, second.incarnation);
  EXPECT_EQ(value_of(store_->verify()).position, store_->position());
}

TEST_F(Incarnate, RefusesWhatBuildsOnAnotherHistoryWithBothNamed) {
  open();
  add();
  const Position here = store_->position();
  const Position elsewhere(1, Uuid::random());
  const auto names_both =
      AllOf(HasSubstr(here.incarnation.to_string()), HasSubstr(elsewhere.incarnation.to_string()));
  const auto page = store_->changes(elsewhere);
  ASSERT_THAT(page, FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(page.error().message, names_both);
  const auto snapshot = store_->snapshot(directory_ / "out", elsewhere);
  ASSERT_THAT(snapshot, FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(snapshot.error().message, names_both);
  EXPECT_FALSE(fs::exists(directory_ / "out"));
  // A bare revision is of the store's own history, up to where that goes.
  EXPECT_THAT(store_->changes(1), Succeeds());
  EXPECT_THAT(store_->changes(2), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(store_->changes(here), Succeeds());
  EXPECT_THAT(store_->changes({2, here.incarnation}), FailsWith(ErrorCode::kConflict));
}

TEST(FormerStores, GetAnIncarnationWhenTheyAreOpenedForWriting) {
  TemporaryDirectory directory;
  const fs::path db = directory / "db";
  {
    Store store = value_of(Store::open(db));
    Tenant tenant = value_of(store.tenant("acme"));
    for (int i = 0; i < 3; ++i) value_of(tenant.add(memory("note " + std::to_string(i))));
  }
  make_format_2(db);
  edit_log(db, [](const storage::JournalReader& reader, storage::JournalBatch& batch) {
    auto row = value_of(
        storage::decode_store(*value_of(reader.get(storage::Table::kMeta, storage::store_key()))));
    row.incarnations = {};
    batch.put(storage::Table::kMeta, storage::store_key(), storage::encode_store(row));
  });
  StoreOptions looks;
  looks.read_only = true;
  {
    const Store store = value_of(Store::open(db, looks));
    EXPECT_EQ(store.position(), Position(3));
    EXPECT_EQ(value_of(store.snapshot(directory / "former")).incarnation, "");
  }
  Position first;
  {
    Store store = value_of(Store::open(db));
    first = store.position();
    EXPECT_FALSE(first.incarnation.is_nil());
    EXPECT_EQ(first.revision, 3U);
    EXPECT_FALSE(store.contains(3)) << "who knows no incarnation may be of any history";
    EXPECT_THAT(store.changes(2), Succeeds());
    value_of(value_of(store.tenant("acme")).add(memory("more")));
    EXPECT_EQ(store.position(), Position(4, first.incarnation));
  }
  Store restored = [&] {
    value_of(Store::restore(directory / "former", directory / "again"));
    return value_of(Store::open(directory / "again"));
  }();
  EXPECT_FALSE(restored.contains(first));
}

}  // namespace
}  // namespace tulving
