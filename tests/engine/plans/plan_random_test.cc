// A plan is applied whole and undone whole. Random plans that change, make and take away random
// records are applied to a random tenant; what is there then must equal what a plain map says after
// the same changes, and after the undo what was there before the plan, every field and vector of
// every record. The store is closed and opened between the steps now and then, and verify() must
// find nothing after each.

#include <iostream>

#include "tests/engine/plans/plan_testing.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::size_t kDim = 8;

class RandomPlans : public ::testing::Test {
 protected:
  RandomPlans() {
    std::cout << "seed " << seed_ << "\n";
    open();
    for (int i = 0; i < 40; ++i) {
      Memory one = memory(words(), below(4) == 0 ? std::vector<float>() : vector());
      one.tags = {"t" + std::to_string(below(5))};
      one.use_count = static_cast<std::int32_t>(below(9));
      value_of(tenant().add(one));
    }
    for (int i = 0; i < 30; ++i) {
      Relation relation = random_relation(ids());
      if (relation.source_id != relation.target_id) value_of(tenant().put(relation));
    }
    for (int i = 0; i < 15; ++i) value_of(tenant().queue().add(random_task(ids())));
  }

  Tenant tenant() { return value_of(store_->tenant("acme")); }
  void open() { store_.emplace(value_of(Store::open(directory_ / "db"))); }
  void maybe_reopen() {
    if (below(3) != 0) return;
    ASSERT_THAT(store_->close(), Succeeds());
    store_.reset();
    open();
  }
  void expect_sound() { EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty()); }

  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::vector<float> vector() { return random_vector(random_, kDim); }
  std::string words() {
    std::string text = "note";
    for (int i = 0; i < 4; ++i) text += " w" + std::to_string(below(1000));
    return text;
  }
  std::vector<Uuid> ids() {
    std::vector<Uuid> ids;
    for (const auto& [key, record] : state_of(tenant())) {
      if (const auto* one = std::get_if<Memory>(&record)) ids.push_back(one->id);
    }
    return ids;
  }
  Relation random_relation(const std::vector<Uuid>& ids) {
    Relation relation;
    relation.source_id = ids[below(ids.size())];
    relation.target_id = ids[below(ids.size())];
    relation.relation_type = below(2) == 0 ? "related" : "causes";
    relation.strength = static_cast<float>(below(100)) / 100.0F;
    relation.created_at = now_;
    return relation;
  }
  ConsolidationTask random_task(const std::vector<Uuid>& ids) {
    ConsolidationTask task = task_for({ids[below(ids.size())]}, "a" + std::to_string(below(100)));
    task.task_id = "task-" + std::to_string(below(1'000'000));
    task.created_at = task.updated_at = now_;
    return task;
  }

  void change(Memory& one, const std::vector<Uuid>& made) {
    if (below(2) == 0) one.text = words();
    if (below(2) == 0) one.tags = {"new"};
    if (below(2) == 0) one.strength = 0.5;
    if (below(3) == 0) one.status = MemoryStatus::kArchived;
    if (below(3) == 0) one.archived_at = now_;
    if (below(3) == 0) one.expires_at = now_;
    if (below(3) == 0 && !made.empty()) {
      one.consolidated_into_id = made[below(made.size())];
      one.expires_at.reset();  // As what it was made into: that is a border.
    }
    one.use_count += 1;
  }

  // A plan over the tenant as it is, and in `state` what is there once it is applied.
  Plan random_plan(State& state) {
    Plan plan;
    plan.origin = "test";
    std::vector<Uuid> all = ids(), made;
    for (auto left = below(4); left > 0; --left) {
      Memory one = memory(words(), vector());
      if (below(3) == 0) one.embeddings.push_back({"other", random_vector(random_, 3)});
      one.id = Uuid::random();
      one.summary = "made";
      one.abstraction_level = 1;
      one.source_memory_ids = {all[below(all.size())]};
      one.created_at = one.updated_at = one.last_used = now_;
      made.push_back(one.id);
      plan.changes.push_back({{}, one});
    }
    const State now = state;
    for (const auto& [key, record] : now) {
      if (below(4) != 0) continue;
      PlannedRecord before = stored(record), after = before;
      if (auto* one = std::get_if<Memory>(&after)) {
        change(*one, made);
        plan.changes.push_back({before, after});
      } else if (below(2) == 0) {
        plan.changes.push_back({before, {}});
      } else {
        if (auto* relation = std::get_if<Relation>(&after)) relation->strength = 0.25;
        if (auto* task = std::get_if<ConsolidationTask>(&after)) task->title += "!";
        plan.changes.push_back({before, after});
      }
    }
    all.insert(all.end(), made.begin(), made.end());
    for (auto left = below(5); left > 0; --left) {
      const Relation relation = random_relation(all);
      if (relation.source_id != relation.target_id) make(plan, now, relation);
      make(plan, now, random_task(all));
    }
    std::ranges::shuffle(plan.changes, random_);
    for (const PlanChange& one : plan.changes) follow(state, one);
    return plan;
  }

  // The record with its revision, as an agent reads it.
  PlannedRecord stored(const PlannedRecord& record) {
    if (const auto* one = std::get_if<Memory>(&record)) return value_of(tenant().get(one->id));
    if (const auto* task = std::get_if<ConsolidationTask>(&record)) {
      return value_of(tenant().get<ConsolidationTask>(task->task_id));
    }
    for (const Relation& one : value_of(
             list_all<Relation>(tenant(), {.filter = {std::get<Relation>(record).source_id}}))) {
      if (key_of(one) == key_of(record)) return one;
    }
    ADD_FAILURE() << key_of(record) << " is not there";
    return record;
  }

  static void make(Plan& plan, const State& state, PlannedRecord record) {
    const std::string key = key_of(record);
    for (const PlanChange& one : plan.changes) {
      if (one.after && key_of(*one.after) == key) return;
    }
    if (!state.contains(key)) plan.changes.push_back({{}, std::move(record)});
  }

  static void follow(State& state, const PlanChange& change) {
    if (!change.after) {
      state.erase(key_of(*change.before));
      return;
    }
    PlannedRecord after = *change.after;
    if (auto* one = std::get_if<Memory>(&after); one != nullptr && change.before) {
      one->embeddings = std::get<Memory>(state.at(key_of(after))).embeddings;
    }
    put(state, std::move(after));
  }

  // Without what the store derives: the map of the test does not know it.
  static State without_derived(State state) {
    for (auto& [key, record] : state) {
      if (auto* one = std::get_if<Memory>(&record)) one->content_hash.clear();
      if (auto* relation = std::get_if<Relation>(&record)) relation->id = {};
    }
    return state;
  }

  // Every vector is found by itself, and every text.
  void expect_searchable(const State& state) {
    for (const auto& [key, record] : state) {
      const auto* one = std::get_if<Memory>(&record);
      if (one == nullptr) continue;
      for (const Embedding& embedding : one->embeddings) {
        SearchRequest request = vector_search(embedding.vector, 1);
        request.model = embedding.model;
        expect_found(request, *one);
      }
      expect_found(text_search(one->text, 1), *one);
    }
  }
  void expect_found(SearchRequest request, const Memory& one) {
    request.exact = request.vector.has_value();
    request.include_archived = request.include_expired = request.include_deleted = true;
    const auto response = value_of(tenant().search(request));
    ASSERT_THAT(response.hits, SizeIs(1));
    // Words repeat among the texts, so another memory may hold the same ones.
    if (!request.vector) return;
    EXPECT_EQ(response.hits[0].memory.id(), one.id);
  }

  const std::uint32_t seed_ = std::random_device{}();
  ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
  const Timestamp now_{std::chrono::microseconds(1'770'000'000'000'000)};
  TemporaryDirectory directory_;
  std::optional<Store> store_;
};

TEST_F(RandomPlans, AppliedGiveEveryAfterAndUndoneEveryBefore) {
  for (int round = 0; round < 15; ++round) {
    const State before = state_of(tenant());
    State after = before;
    const Plan plan = random_plan(after);
    SCOPED_TRACE("round " + std::to_string(round));

    const PlanSummary applied = value_of(tenant().apply_plan(plan));
    maybe_reopen();
    EXPECT_THAT(differences(without_derived(state_of(tenant())), without_derived(after)),
                IsEmpty());
    expect_searchable(after);
    expect_sound();

    const PlanSummary undone = value_of(tenant().undo_plan(applied.id));
    EXPECT_EQ(undone.status, PlanStatus::kUndone);
    maybe_reopen();
    EXPECT_THAT(differences(state_of(tenant()), before), IsEmpty());
    expect_searchable(before);
    expect_sound();
  }
}

TEST_F(RandomPlans, AreUndoneOneAfterTheOtherFromTheLast) {
  std::vector<std::pair<Uuid, State>> applied;
  for (int i = 0; i < 6; ++i) {
    State state = state_of(tenant());
    State after = state;
    const Plan plan = random_plan(after);
    applied.emplace_back(value_of(tenant().apply_plan(plan)).id, std::move(state));
    maybe_reopen();
  }
  expect_sound();
  for (; !applied.empty(); applied.pop_back()) {
    ASSERT_THAT(tenant().undo_plan(applied.back().first), Succeeds());
    maybe_reopen();
    EXPECT_THAT(differences(state_of(tenant()), applied.back().second), IsEmpty());
  }
  expect_sound();
}

TEST_F(RandomPlans, ReachARestoredSnapshotWithTheirTasksAndCanBeUndoneThere) {
  const State before = state_of(tenant());
  State after = before;
  const Plan plan = random_plan(after);
  const Uuid id = value_of(tenant().apply_plan(plan)).id;
  value_of(store_->snapshot(directory_ / "full"));
  value_of(Store::restore(directory_ / "full", directory_ / "again"));
  Store again = value_of(Store::open(directory_ / "again"));
  Tenant there = value_of(again.tenant("acme"));

  EXPECT_EQ(value_of(there.get_plan(id)), value_of(tenant().get_plan(id)));
  EXPECT_THAT(differences(state_of(there), state_of(tenant())), IsEmpty());
  ASSERT_THAT(there.undo_plan(id), Succeeds());
  EXPECT_THAT(differences(state_of(there), before), IsEmpty());
  EXPECT_THAT(value_of(again.verify()).problems, IsEmpty());
}

TEST_F(RandomPlans, AnUndoReachesTheNextIncrementalSnapshot) {
  State after = state_of(tenant());
  Plan plan = random_plan(after);
  plan.changes.push_back({{}, memory("one that is made", vector())});
  const Uuid id = value_of(tenant().apply_plan(plan)).id;
  const std::uint64_t since = store_->revision();
  std::map<std::string, std::uint64_t> expected = {{"plan", 1}};
  for (const PlanChange& change : value_of(tenant().get_plan(id)).changes) {
    const PlannedRecord& record = change.before ? *change.before : *change.after;
    constexpr const char* kKinds[] = {"memory", "relation", "consolidation_task"};
    ++expected[change.before ? kKinds[record.index()] : "tombstone"];
  }
  ASSERT_THAT(tenant().undo_plan(id), Succeeds());

  auto counts = value_of(store_->snapshot(directory_ / "inc", since)).counts;

  for (const char* other : {"history", "tenant"}) counts.erase(other);
  std::erase_if(counts, [](const auto& count) { return count.second == 0; });
  EXPECT_EQ(counts, expected);
}

}  // namespace
}  // namespace tulving
