// What an incremental snapshot promises: all changes since a revision and nothing else, so that who
// has the store as of then and takes them has the store as of now. Random writes of every kind to
// two tenants; after some of them the changes are taken, by the feed and by a pass over all rows,
// and a replica that only ever sees changes is compared with a full snapshot, row by row.
// tests/engine/follow/follow_snapshot_test.cc does the same with memories that are merged.

#include <iostream>

#include "tests/engine/store/replica.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;

class Incremental : public ::testing::Test {
 protected:
  Incremental() {
    std::cout << "seed " << seed_ << "\n";
    open();
  }
  void open() { store_.emplace(value_of(Store::open(directory_ / "db"))); }
  void reopen() {
    ASSERT_THAT(store_->close(), Succeeds());
    store_.reset();
    open();
  }

  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::string number(std::size_t limit) { return std::to_string(below(limit)); }
  Tenant tenant() { return value_of(store_->tenant(tenant_)); }
  std::vector<Uuid>& ids() { return ids_[tenant_]; }
  Uuid any() { return ids()[below(ids().size())]; }

  Memory random_memory() {
    Memory one = memory("note " + number(1'000'000));
    if (below(3) > 0) one.embeddings.push_back({"default", random_vector(random_, 4)});
    if (below(4) == 0) one.embeddings.push_back({"other", random_vector(random_, 2)});
    if (below(3) == 0) one.session_id = "s" + number(4);
    if (below(3) == 0) one.external_id = "name" + number(50);
    one.tags = {"t" + number(5)};
    return one;
  }

  // Errors are part of life here: a name taken, a task in nobody's hands.
  template <class T>
  static void may_fail(const Result<T>& result) {
    static_cast<void>(result.has_value());
  }

  void write_records() {
    for (int i = 0; i < 4; ++i) {
      Session session;
      session.session_id = "s" + std::to_string(i);
      session.summary = number(100);
      if (below(3) == 0) may_fail(tenant().put(session));
    }
    std::vector<Record> records;
    for (auto left = below(4); left > 0; --left) records.emplace_back(random_memory());
    if (auto written = tenant().write(records)) {
      for (const auto& one : *written) ids().push_back(one.id);
    }
    AddOptions options;
    options.idempotency_key = "key" + number(20);
    may_fail(tenant().add(random_memory(), options));
  }

  void change_records() {
    MemoryPatch patch;
    switch (below(8)) {
      case 0:
        patch.text = "note " + number(1'000'000);  // Drops the vectors.
        return may_fail(tenant().update(any(), patch));
      case 1:
        patch.priority = static_cast<std::int32_t>(1 + below(9));
        return may_fail(tenant().update(any(), patch));
      case 2:
        patch.text = "note " + number(1'000'000);
        patch.embedding = Embedding{"default", random_vector(random_, 4)};
        return may_fail(tenant().update(any(), patch));
      case 3:
        return may_fail(tenant().touch(std::vector{any(), any()}));
      case 4:
        return may_fail(tenant().forget(any()));
      case 5:
        return may_fail(tenant().archive(any()));
      case 6:
        return may_fail(tenant().recover(any()));
      default:
        return may_fail(tenant().gc());
    }
  }

  void relate() {
    Relation relation;
    relation.source_id = any();
    relation.target_id = any();
    relation.relation_type = below(2) == 0 ? "related" : "causes";
    relation.strength = 0.5F;
    may_fail(tenant().put(relation));
    const auto relations = list_all<Relation>(tenant(), {.filter = {any()}});
    if (below(2) == 0 && relations && !relations->empty()) {
      may_fail(tenant().erase<Relation>(relations->front().id));
    }
  }

  void erase_records() {
    if (below(6) == 0) return may_fail(tenant().erase<Session>("s" + number(4)));
    const Uuid id = any();
    const auto gone = tenant().get(id, true);
    may_fail(tenant().erase(id));
    if (!gone || below(2) == 0) return;
    Memory again = *gone;  // An erased id or text may not come back, unless it is told anew.
    again.embeddings = {{"default", random_vector(random_, 4)}};
    AddOptions options;
    options.allow_erased = true;
    may_fail(tenant().add(again, options));
  }

  void work_at_tasks() {
    ConsolidationTask task;
    task.task_id = "task" + number(10);
    task.title = "Look at it";
    task.action = "merge";
    task.memory_ids = {any()};
    may_fail(tenant().queue().add(task));
    ConsolidationTaskClaim claim;
    claim.worker = "w";
    may_fail(tenant().queue().claim(claim));
    may_fail(tenant().queue().close("task" + number(10), "w"));
    ConsolidationJob job;
    job.project_id = "p";
    if (below(3) == 0) may_fail(tenant().put(job));
    if (below(3) == 0) may_fail(tenant().remember_vault("/vault" + number(3)));
  }

  void plan_and_undo() {
    const auto before = tenant().get(any(), true);
    if (!before) return;
    Plan plan;
    plan.origin = "test";
    Memory after = *before;
    after.priority = static_cast<std::int32_t>(1 + below(9));
    plan.changes.push_back({*before, after});
    Memory made = random_memory();
    made.id = Uuid::random();
    plan.changes.push_back({{}, made});
    may_fail(below(3) == 0 ? tenant().propose_plan(plan) : tenant().apply_plan(plan));
    const auto plans = value_of(tenant().plans());
    if (!plans.empty() && below(2) == 0) {
      may_fail(tenant().undo_plan(plans[below(plans.size())].id));
    }
  }

  void change_something() {
    tenant_ = below(3) == 0 ? "right" : "left";
    if (below(60) == 0 && store_->drop_tenant("right")) ids_["right"].clear();
    if (ids().size() < 5) return write_records();
    switch (below(8)) {
      case 0:
      case 1:
        return write_records();
      case 2:
      case 3:
        return change_records();
      case 4:
        return relate();
      case 5:
        return erase_records();
      case 6:
        return work_at_tasks();
      default:
        return plan_and_undo();
    }
  }

  const std::uint32_t seed_ = std::random_device{}();
  ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
  TemporaryDirectory directory_;
  std::optional<Store> store_;
  std::string tenant_;
  std::map<std::string, std::vector<Uuid>> ids_;
};

TEST_F(Incremental, ChangesTakeAReplicaToThePresent) {
  constexpr int kSteps = 600;
  IncrementalSnapshots snapshots(directory_ / "db", directory_ / "snapshots");
  for (int step = 0; step < kSteps; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    change_something();
    if (below(10) == 0) {
      ASSERT_NO_FATAL_FAILURE(snapshots.check(*store_));
    }
    if (below(100) == 0) reopen();
    if (HasFailure()) return;
  }
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
  const auto info = value_of(store_->snapshot(directory_ / "all"));
  for (const char* kind : {"session", "memory", "relation", "consolidation_task", "plan",
                           "consolidation_job", "embedding", "tombstone", "history"}) {
    EXPECT_GT(info.counts.at(kind), 0U) << "the test wrote no " << kind;
  }
}

// Pages of any size give the same changes, each record once, as it stands.
TEST_F(Incremental, PagesOfChangesAreWholeWritesAndLoseNothing) {
  for (int step = 0; step < 150; ++step) change_something();
  const auto all = value_of(store_->changes(0, 1'000'000));
  EXPECT_TRUE(all.is_last);
  EXPECT_EQ(all.revision, store_->revision());
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  for (const Change& one : all.changes) {
    EXPECT_TRUE(seen.insert({one.tenant_id, one.kind, one.id}).second) << one.kind << one.id;
  }
  for (const std::size_t limit : {1U, 2U, 7U, 50U}) {
    std::vector<Change> paged;
    std::uint64_t since = 0;
    for (bool is_last = false; !is_last;) {
      auto page = value_of(store_->changes(since, limit));
      is_last = page.is_last;
      ASSERT_TRUE(is_last || page.revision > since);
      for (const Change& one : page.changes) {
        EXPECT_GT(one.revision, since);
        EXPECT_LE(one.revision, page.revision);
      }
      since = page.revision;
      paged.insert(paged.end(), page.changes.begin(), page.changes.end());
    }
    EXPECT_EQ(paged, all.changes) << limit;
  }
  // Without a feed, the same.
  const auto before = all.changes;
  ASSERT_THAT(store_->close(), Succeeds());
  store_.reset();
  make_format_1(directory_ / "db");
  open();
  EXPECT_EQ(value_of(store_->changes(0, 1'000'000)).changes, before);
  std::vector<Change> paged;
  std::uint64_t since = 0;
  for (bool is_last = false; !is_last;) {
    auto page = value_of(store_->changes(since, 7));
    is_last = page.is_last;
    since = page.revision;
    paged.insert(paged.end(), page.changes.begin(), page.changes.end());
  }
  EXPECT_EQ(paged, before);
}

}  // namespace
}  // namespace tulving
