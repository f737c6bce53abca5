// What changes() tells of each kind of record, and of stores that have no feed, or one that begins
// late: from an older release, or restored from a snapshot. Where it comes from is told apart by
// what a pass over the records cannot do: it sees a record that the feed does not name.

#include "tests/engine/store/replica.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class Changes : public ::testing::Test {
 protected:
  Changes() { open(); }
  void open(const std::string& name = "db", bool read_only = false) {
    StoreOptions options;
    options.read_only = read_only;
    store_.emplace(value_of(Store::open(directory_ / name, options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  void close() {
    ASSERT_THAT(store_->close(), Succeeds());
    store_.reset();
  }
  std::vector<std::string> since(std::uint64_t revision) {
    std::vector<std::string> lines;
    for (const Change& one : value_of(store_->changes(revision)).changes) {
      lines.push_back(std::to_string(one.revision) + " " + one.tenant_id + " " + one.kind + " " +
                      one.id + (one.erased ? " erased" : ""));
    }
    return lines;
  }
  std::string add(const std::string& text) {
    return value_of(tenant_->add(memory(text, {1.0F, 0.5F}))).id.to_string();
  }
  /// Takes all names out of the feed's row of a revision.
  void unname(std::uint64_t revision) {
    close();
    edit_log(directory_ / "db", [&](const storage::JournalReader& reader,
                                    storage::JournalBatch& batch) {
      auto row = value_of(storage::change_row(reader, revision));
      ASSERT_TRUE(row);
      row->changed.clear();
      batch.put(storage::Table::kMeta, storage::change_key(revision), storage::encode_change(*row));
    });
    open();
  }

  TemporaryDirectory directory_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

TEST_F(Changes, NameEveryKindByWhatItsOwnersCallIt) {
  const std::string a = add("one");
  const std::string b = add("two");
  Session session;
  session.session_id = "monday";
  value_of(tenant_->put(session));
  Relation relation;
  relation.source_id = *Uuid::parse(a);
  relation.target_id = *Uuid::parse(b);
  relation.relation_type = "related";
  const std::string related = value_of(tenant_->put(relation)).record.id.to_string();
  ConsolidationTask task;
  task.task_id = "look";
  task.title = "Look";
  task.action = "merge";
  task.memory_ids = {*Uuid::parse(a)};
  value_of(tenant_->queue().add(task));
  ConsolidationJob job;
  job.project_id = "p";
  const std::string jobs = value_of(tenant_->put(job)).record.id.to_string();
  Plan plan;
  plan.origin = "test";
  const std::string planned = value_of(tenant_->propose_plan(plan)).id.to_string();
  MemoryPatch patch;
  patch.text = "one, changed";
  value_of(tenant_->update(*Uuid::parse(a), patch));
  ASSERT_THAT(tenant_->erase<Session>("monday"), Succeeds());
  ASSERT_THAT(tenant_->erase(*Uuid::parse(b)), Succeeds());

  EXPECT_THAT(since(0),
              ElementsAre("5 acme consolidation_task look", "6 acme consolidation_job " + jobs,
                          "7 acme plan " + planned, "8 acme memory " + a,
                          "8 acme embedding " + a + "/default erased",
                          "9 acme session monday erased", ::testing::_, ::testing::_));
  EXPECT_THAT(since(9), ::testing::UnorderedElementsAre("10 acme relation " + related + " erased",
                                                        "10 acme memory " + b + " erased"));
  EXPECT_THAT(since(10), IsEmpty());
  EXPECT_THAT(store_->changes(11), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(store_->changes(0, 0), FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(Changes, AWriteWithAKeyAndAVaultChangeNoMoreThanTheirRecords) {
  AddOptions options;
  options.idempotency_key = "once";
  value_of(tenant_->add(memory("one"), options));
  ASSERT_THAT(tenant_->remember_vault("/vault"), Succeeds());
  EXPECT_THAT(since(0), ::testing::SizeIs(1));
  EXPECT_EQ(value_of(store_->changes(0)).revision, 2U);
}

TEST_F(Changes, ComeFromTheFeedAndSoDoSnapshots) {
  add("one");
  const std::string two = add("two");
  ASSERT_THAT(since(1), ElementsAre("2 acme memory " + two));
  unname(2);
  EXPECT_THAT(since(1), IsEmpty());
  EXPECT_EQ(value_of(store_->snapshot(directory_ / "changes", 1)).counts.at("memory"), 0U);
}

TEST_F(Changes, OfAStoreFromBeforeTheFeedAreFoundByAPass) {
  const std::string one = add("one");
  const std::string two = add("two");
  value_of(store_->snapshot(directory_ / "by_feed", 1));
  close();
  make_format_1(directory_ / "db");

  open("db", /*read_only=*/true);
  EXPECT_THAT(since(0), ElementsAre("1 acme memory " + one, "2 acme memory " + two));
  EXPECT_THAT(since(2), IsEmpty());
  value_of(store_->snapshot(directory_ / "by_pass", 1));
  close();
  EXPECT_EQ(format_of(directory_ / "db"), 1U) << "reading changed the store";
  auto by_feed = files_in(directory_ / "by_feed");
  auto by_pass = files_in(directory_ / "by_pass");
  EXPECT_EQ(by_feed.at("records.rows"), by_pass.at("records.rows"));
  EXPECT_EQ(by_feed.at("vectors.rows"), by_pass.at("vectors.rows"));
}

TEST_F(Changes, OfAStoreFromBeforeTheFeedComeFromOneThatBeginsWithTheNextWrite) {
  const std::string one = add("one");
  close();
  make_format_1(directory_ / "db");
  open();
  const std::string two = add("two");
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
  EXPECT_THAT(since(0), ElementsAre("1 acme memory " + one, "2 acme memory " + two));
  EXPECT_THAT(since(1), ElementsAre("2 acme memory " + two));
  unname(2);
  EXPECT_EQ(format_of(directory_ / "db"), 6U);
  EXPECT_THAT(since(1), IsEmpty()) << "not from the feed";
  EXPECT_THAT(since(0), ElementsAre("1 acme memory " + one, "2 acme memory " + two));
}

TEST_F(Changes, OfARestoredStoreAreThoseOfTheSnapshotAndThenItsOwn) {
  const std::string one = add("one");
  const std::string two = add("two");
  value_of(store_->snapshot(directory_ / "all"));
  close();
  value_of(Store::restore(directory_ / "all", directory_ / "restored"));
  open("restored");
  EXPECT_THAT(since(1), ElementsAre("2 acme memory " + two));
  const std::string three = add("three");
  EXPECT_THAT(since(2), ElementsAre("3 acme memory " + three));
  EXPECT_THAT(since(0), ElementsAre("1 acme memory " + one, "2 acme memory " + two,
                                    "3 acme memory " + three));
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
  IncrementalSnapshots snapshots(directory_ / "restored", directory_ / "snapshots");
  snapshots.check(*store_);
  add("four");
  ASSERT_THAT(tenant_->erase(*Uuid::parse(one)), Succeeds());
  snapshots.check(*store_);
}

TEST_F(Changes, AStoreHasAnIdThatItsSnapshotsBearAndARestoreKeeps) {
  const Uuid id = store_->id();
  EXPECT_FALSE(id.is_nil());
  EXPECT_EQ(value_of(store_->snapshot(directory_ / "all")).store_id, id.to_string());
  close();
  open();
  EXPECT_EQ(store_->id(), id);
  value_of(Store::restore(directory_ / "all", directory_ / "restored"));
  open("restored");
  EXPECT_EQ(store_->id(), id);
  EXPECT_NE(value_of(Store::open_in_memory()).id(), value_of(Store::open_in_memory()).id());
}

}  // namespace
}  // namespace tulving
