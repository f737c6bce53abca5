// What stands in the way of an undo is named, and then nothing is written; and how proposals live.

#include "tests/engine/plans/plans_fixture.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(Plans, AreNotUndoneOverALaterChange) {
  const ConsolidationTask task = value_of(tenant_->queue().add(task_for({ids_[2]})));
  Plan plan = merge();
  plan.changes.insert(plan.changes.begin(), {task, [&] {
                                               ConsolidationTask after = task;
                                               after.title = "Changed";
                                               return after;
                                             }()});
  const Uuid id = value_of(tenant_->apply_plan(plan)).id;
  change(ids_[0]);
  value_of(tenant_->queue().claim(claim_by("w")));
  Relation relation = std::get<Relation>(*plan.changes[2].after);
  relation.strength = 0.5;
  value_of(tenant_->put(relation));

  // Not the source itself: it has left the merge, and stays what it is now.
  expect_refused_to_undo(id, {"memory " + made_by(plan).id.to_string() + " was changed since",
                              "consolidated_from-> " + ids_[0].to_string() + " was changed since",
                              "task " + task.task_id + " was changed since"});
}

TEST_F(Plans, AreNotUndoneOverAnErasedRecord) {
  const Plan plan = merge();
  const Uuid id = value_of(tenant_->apply_plan(plan)).id;
  ASSERT_THAT(tenant_->erase(ids_[0]), Succeeds());
  reopen();

  expect_refused_to_undo(id, {"memory " + ids_[0].to_string() + " was erased since"});
}

TEST_F(Plans, AreNotUndoneOverARelationMadeAnew) {
  const Relation relation = relate(ids_[0], ids_[1]);
  Plan plan;
  plan.origin = "test";
  plan.changes = {{relation, {}}};
  const Uuid id = value_of(tenant_->apply_plan(plan)).id;
  EXPECT_THAT(value_of(list_all<Relation>(*tenant_, {.filter = {ids_[0]}})), IsEmpty());
  relate(ids_[0], ids_[1]);

  expect_refused_to_undo(id, {"was made anew since"});
}

TEST_F(Plans, GiveNoRelationOrTaskBackToAMemoryThatIsGone) {
  const Relation relation = relate(ids_[0], ids_[1]);
  const ConsolidationTask task = value_of(tenant_->queue().add(task_for({ids_[1]})));
  Plan tasks;
  tasks.origin = "test";
  tasks.changes = {{task, {}}};
  Plan relations = tasks;
  relations.changes = {{relation, {}}};
  const Uuid first = value_of(tenant_->apply_plan(tasks)).id;
  const Uuid second = value_of(tenant_->apply_plan(relations)).id;
  ASSERT_THAT(tenant_->erase(ids_[1]), Succeeds());

  expect_refused_to_undo(first, {"no memory " + ids_[1].to_string()});
  expect_refused_to_undo(second, {ids_[1].to_string() + " was erased since"});
}

TEST_F(Plans, AreNotUndoneFromUnderWhatOthersHungOnThem) {
  const Plan plan = merge();
  const Uuid made = made_by(plan).id;
  const Uuid id = value_of(tenant_->apply_plan(plan)).id;

  const Relation relation = relate(ids_[2], made);
  expect_refused_to_undo(id, {"relation " + ids_[2].to_string() + " -related-> "});
  ASSERT_THAT(tenant_->erase<Relation>(relation.id), Succeeds());

  const ConsolidationTask task = value_of(tenant_->queue().add(task_for({made})));
  expect_refused_to_undo(id,
                         {"task " + task.task_id + " was opened for memory " + made.to_string()});
  value_of(tenant_->queue().claim(claim_by("w")));
  value_of(tenant_->queue().close(task.task_id, "w"));

  Memory pattern = memory("A pattern of the merge.");
  pattern.abstraction_level = 2;
  pattern.source_memory_ids = {made};
  const Uuid pattern_id = value_of(tenant_->add(pattern)).id;
  expect_refused_to_undo(
      id, {"memory " + pattern_id.to_string() + " was made from memory " + made.to_string()});
  ASSERT_THAT(tenant_->erase(pattern_id), Succeeds());

  Memory other = memory("Merged into it by hand.");
  other.status = MemoryStatus::kArchived;
  other.consolidated_into_id = made;
  const Uuid other_id = value_of(tenant_->add(other)).id;
  expect_refused_to_undo(id, {"memory " + other_id.to_string() + " was merged into"});
  ASSERT_THAT(tenant_->erase(other_id), Succeeds());

  EXPECT_THAT(tenant_->undo_plan(id), Succeeds());
}

TEST_F(Plans, ProposedChangeNothingUntilTheyAreApplied) {
  const State before = state_of(*tenant_);
  const Plan plan = merge();
  const PlanSummary proposed = value_of(tenant_->propose_plan(plan));
  EXPECT_EQ(proposed.status, PlanStatus::kProposed);
  EXPECT_EQ(proposed.changes, plan.changes.size());
  EXPECT_THAT(differences(state_of(*tenant_), before), IsEmpty());
  expect_refused_to_undo(proposed.id, {"it is proposed"});
  reopen();

  const PlanSummary applied = value_of(tenant_->apply_plan(proposed.id));

  EXPECT_EQ(applied.status, PlanStatus::kApplied);
  EXPECT_EQ(applied.created_at, proposed.created_at);
  const Memory made = value_of(tenant_->get(made_by(plan).id, true));
  EXPECT_THAT(made.embeddings, ElementsAre(Embedding{"default", {1.0F, 1.0F}}));
  EXPECT_EQ(made.text, made_by(plan).text);
  ASSERT_THAT(tenant_->undo_plan(proposed.id), Succeeds());
  EXPECT_THAT(differences(state_of(*tenant_), before), IsEmpty());
}

TEST_F(Plans, ProposedAreComparedWhenTheyAreApplied) {
  const Uuid id = value_of(tenant_->propose_plan(merge())).id;
  change(ids_[1]);

  expect_conflict([&] { return tenant_->apply_plan(id); },
                  {"memory " + ids_[1].to_string() + " is at revision"});
  EXPECT_EQ(value_of(tenant_->get_plan(id)).status, PlanStatus::kProposed);
}

TEST_F(Plans, DroppedAreNeverApplied) {
  const Uuid id = value_of(tenant_->propose_plan(merge())).id;
  EXPECT_EQ(value_of(tenant_->drop_plan(id)).status, PlanStatus::kDropped);
  expect_conflict([&] { return tenant_->apply_plan(id); }, {"it is dropped"});
  expect_conflict([&] { return tenant_->drop_plan(id); }, {"it is dropped"});
  EXPECT_THAT(value_of(tenant_->get_plan(id)).changes, IsEmpty());
}

TEST_F(Plans, AreListedByTheirTime) {
  const Uuid first = value_of(tenant_->propose_plan(merge())).id;
  const Uuid second = value_of(tenant_->apply_plan(merge())).id;
  reopen();

  const auto plans = value_of(tenant_->plans());

  ASSERT_THAT(plans, SizeIs(2));
  EXPECT_EQ(plans[0].id, first);
  EXPECT_EQ(plans[1].id, second);
  EXPECT_EQ(plans[1].revision, store_->revision());
  EXPECT_EQ(plans[1].items, 1U);
}

TEST_F(Plans, KeepWhatTheyDidInTheHistory) {
  const Uuid id = value_of(tenant_->apply_plan(merge())).id;
  ASSERT_THAT(tenant_->undo_plan(id), Succeeds());

  std::vector<std::string> operations;
  for (const auto& entry : value_of(tenant_->history(ids_[0])))
    operations.push_back(entry.operation);

  EXPECT_THAT(operations, ElementsAre("add", "consolidate", "undo"));
}

}  // namespace
}  // namespace tulving
