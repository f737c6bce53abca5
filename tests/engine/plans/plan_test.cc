// What stands in a plan's way is named, and then nothing is written: the revision shows it. Plans
// of random content are in plan_random_test.cc, what stands in an undo's way in plan_undo_test.cc.

#include <set>

#include "tests/engine/plans/plans_fixture.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(Plans, AreRefusedWhenAnInputChangedSince) {
  Plan plan = merge();
  plan.changes.clear();
  change(ids_[0]);

  expect_refused_to_apply(plan, {"memory " + ids_[0].to_string() + " is at revision"});
}

TEST_F(Plans, AreRefusedWhenAnInputIsGone) {
  Plan plan = merge();
  plan.changes.clear();
  ASSERT_THAT(tenant_->erase(ids_[1]), Succeeds());

  expect_refused_to_apply(plan, {"memory " + ids_[1].to_string() + " is gone"});
}

TEST_F(Plans, DoNotMindInputsOfFindingsThatChangeNothing) {
  Plan plan = merge();
  plan.changes.clear();
  plan.items[0].outcome = ItemOutcome::kReported;
  change(ids_[0]);

  EXPECT_THAT(tenant_->apply_plan(plan), Succeeds());
}

TEST_F(Plans, AreRefusedWhenARecordChangedOrWentSince) {
  const Relation relation = relate(ids_[0], ids_[2]);
  const ConsolidationTask task = value_of(tenant_->queue().add(task_for({ids_[2]})));
  Plan plan = merge();
  plan.items.clear();
  plan.changes.push_back({relation, {}});
  plan.changes.push_back({task, {}});
  change(ids_[0]);
  ASSERT_THAT(tenant_->erase<Relation>(relation.id), Succeeds());
  value_of(tenant_->queue().claim(claim_by("w")));

  expect_refused_to_apply(plan, {"memory " + ids_[0].to_string() + " is at revision",
                                 "related-> " + ids_[2].to_string() + " is gone",
                                 "task " + task.task_id + " is at revision"});
}

TEST_F(Plans, AreRefusedWhenWhatTheyMakeIsThere) {
  Plan plan = merge();
  Memory same = memory("there");
  same.id = made_by(plan).id;
  value_of(tenant_->add(same));

  expect_refused_to_apply(plan, {"memory " + same.id.to_string() + " is there already"});
}

TEST_F(Plans, NameAFewProblemsOfMany) {
  Plan plan;
  plan.origin = "test";
  AddOptions keep;
  keep.on_duplicate = OnDuplicate::kKeep;
  for (int i = 0; i < 20; ++i) {
    Memory one = memory("m");
    one.id = value_of(tenant_->add(one, keep)).id;
    plan.changes.push_back({{}, one});
  }

  expect_refused_to_apply(plan, {"and 15 more"});
}

TEST_F(Plans, WithARecordThatBreaksARuleAreRefusedAtOnce) {
  const auto refused = [&](const PlanChange& change, const std::string& part) {
    Plan plan;
    plan.origin = "test";
    plan.changes = {change};
    const std::uint64_t revision = store_->revision();
    for (const auto& result : {tenant_->propose_plan(plan), tenant_->apply_plan(plan)}) {
      ASSERT_THAT(result, FailsWith(ErrorCode::kInvalidArgument));
      EXPECT_THAT(result.error().message, HasSubstr(part));
    }
    EXPECT_EQ(store_->revision(), revision);
  };
  Memory bad = value_of(tenant_->get(ids_[0]));
  bad.priority = 11;
  refused({{}, bad}, "priority is 11");
  refused({bad, bad}, "priority is 11");
  Relation relation;
  relation.source_id = ids_[0];
  relation.target_id = ids_[0];
  refused({{}, relation}, "cannot be related to itself");
  ConsolidationTask task = task_for({ids_[0]});
  refused({{}, task}, "task_id is empty");
  task.task_id = "t";
  task.priority = 0;
  refused({{}, task}, "priority is 0");
  refused({value_of(tenant_->get(ids_[0])), value_of(tenant_->get(ids_[1]))},
          ids_[1].to_string() + " of memory " + ids_[0].to_string());
}

TEST_F(Plans, MergeAcrossNoBorder) {
  const auto refused = [&](const std::string& field, const auto& change) {
    Plan plan = merge();
    for (PlanChange& planned : plan.changes) {
      auto* made = std::get_if<Memory>(&*planned.after);
      if (made != nullptr && !planned.before) change(*made);
    }
    const auto result = tenant_->apply_plan(plan);
    ASSERT_THAT(result, FailsWith(ErrorCode::kInvalidArgument)) << field;
    EXPECT_THAT(result.error().message, HasSubstr("differs in " + field));
    EXPECT_EQ(result.error().field, field);
  };
  refused("user_id", [](Memory& made) { made.user_id = "bo"; });
  refused("agent_id", [](Memory& made) { made.agent_id = "bo"; });
  refused("project_id", [](Memory& made) { made.project_id = "bo"; });
  const Timestamp soon = *value_of(tenant_->get(ids_[0])).created_at + std::chrono::hours(1);
  refused("expires_at", [&](Memory& made) { made.expires_at = soon; });
  EXPECT_THAT(value_of(tenant_->plans()), IsEmpty());
}

TEST_F(Plans, NameARecordOnce) {
  Plan plan = merge();
  plan.changes.push_back(plan.changes.front());

  const auto result = tenant_->apply_plan(plan);

  ASSERT_THAT(result, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(result.error().message, HasSubstr("memory " + ids_[0].to_string() + " twice"));
}

TEST_F(Plans, PutNothingThatHasNoEnds) {
  Plan plan;
  plan.origin = "test";
  Relation relation;
  relation.source_id = ids_[0];
  relation.target_id = Uuid::random();
  plan.changes = {{{}, relation}};
  EXPECT_THAT(tenant_->apply_plan(plan), FailsWith(ErrorCode::kNotFound));
  Memory orphan = value_of(tenant_->get(ids_[0]));
  orphan.consolidated_into_id = relation.target_id;
  plan.changes = {{value_of(tenant_->get(ids_[0])), orphan}};
  EXPECT_THAT(tenant_->apply_plan(plan), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(value_of(tenant_->plans()), IsEmpty());
}

TEST_F(Plans, GiveBackWhatWasThereNotWhatTheyWereTold) {
  Plan plan = merge();
  std::get<Memory>(*plan.changes[0].before).text = "What the author misread.";
  const State before = state_of(*tenant_);

  const Uuid id = value_of(tenant_->apply_plan(plan)).id;
  ASSERT_THAT(tenant_->undo_plan(id), Succeeds());

  EXPECT_THAT(differences(state_of(*tenant_), before), IsEmpty());
}

TEST_F(Plans, AreAppliedOnceAndUndoneOnce) {
  Plan plan = merge();
  const Uuid id = value_of(tenant_->apply_plan(plan)).id;
  plan.id = id;
  expect_conflict([&] { return tenant_->apply_plan(plan); }, {"it is applied"});
  expect_conflict([&] { return tenant_->apply_plan(id); }, {"it is applied"});
  ASSERT_THAT(tenant_->undo_plan(id), Succeeds());
  expect_refused_to_undo(id, {"it is undone"});
  expect_conflict([&] { return tenant_->apply_plan(id); }, {"it is undone"});
  EXPECT_THAT(tenant_->undo_plan(Uuid::random()), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(tenant_->apply_plan(Uuid::random()), FailsWith(ErrorCode::kNotFound));
}

TEST_F(Plans, UndoneMayBeMadeAnewWithTheSameIds) {
  const Plan plan = merge();
  const State before = state_of(*tenant_);
  ASSERT_THAT(tenant_->undo_plan(value_of(tenant_->apply_plan(plan)).id), Succeeds());
  reopen();
  Plan again = merge();
  for (PlanChange& change : again.changes) {  // The same merge, as an agent derives it.
    if (auto* one = std::get_if<Memory>(&*change.after)) {
      if (!change.before) one->id = made_by(plan).id;
      if (change.before) one->consolidated_into_id = made_by(plan).id;
    } else {
      std::get<Relation>(*change.after).source_id = made_by(plan).id;
    }
  }

  const Uuid id = value_of(tenant_->apply_plan(again)).id;

  EXPECT_THAT(tenant_->get(made_by(plan).id), Succeeds());
  reopen();
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
  ASSERT_THAT(tenant_->undo_plan(id), Succeeds());
  EXPECT_THAT(differences(state_of(*tenant_), before), IsEmpty());
}

TEST_F(Plans, ThatWereUndoneBanNoId) {
  const Plan plan = merge();
  ASSERT_THAT(tenant_->undo_plan(value_of(tenant_->apply_plan(plan)).id), Succeeds());
  Memory same = memory("back");
  same.id = made_by(plan).id;

  EXPECT_THAT(tenant_->add(same), Succeeds());
}

TEST_F(Plans, DoNotBringBackWhatWasErased) {
  const Plan plan = merge();
  value_of(tenant_->apply_plan(plan));
  ASSERT_THAT(tenant_->erase(made_by(plan).id), Succeeds());
  Plan again;
  again.origin = "test";
  again.changes = {{{}, made_by(plan)}};

  expect_refused_to_apply(again, {made_by(plan).id.to_string() + " was erased"});
  reopen();
  expect_refused_to_apply(again, {made_by(plan).id.to_string() + " was erased"});
}

// It is merged anew into another one, so it is found as merged into what the undo takes away.
TEST_F(Plans, UndoneGiveAMemoryBackToTheMergeItWasIn) {
  const Plan first = merge();
  value_of(tenant_->apply_plan(first));
  const State before = state_of(*tenant_);
  const Uuid id = value_of(tenant_->apply_plan(merge())).id;

  ASSERT_THAT(tenant_->undo_plan(id), Succeeds());

  EXPECT_EQ(value_of(tenant_->get(ids_[0])).consolidated_into_id, made_by(first).id);
  EXPECT_THAT(differences(state_of(*tenant_), before), IsEmpty());
}

TEST_F(Plans, AreUndoneWhereTheirOwnMemoriesFollowed) {
  const Plan merging = merge();
  value_of(tenant_->apply_plan(merging));
  const Memory source = value_of(tenant_->get(ids_[0]));
  const State before = state_of(*tenant_);
  Plan plan;
  plan.origin = "test";
  Memory after = source;
  after.text = "The boiler man comes on Friday.";
  plan.changes = {{source, after}};

  // The text of the merge is the author's, so the source leaves it: more than the plan says of it.
  const Uuid id = value_of(tenant_->apply_plan(plan)).id;
  const Memory left = value_of(tenant_->get(ids_[0]));
  EXPECT_EQ(left.text, after.text);
  EXPECT_TRUE(left.consolidated_into_id.is_nil());
  std::set<std::string> names;
  for (const PlanChange& change : value_of(tenant_->get_plan(id)).changes) {
    EXPECT_TRUE(names.insert(key_of(change.before ? *change.before : *change.after)).second);
  }
  reopen();
  ASSERT_THAT(tenant_->undo_plan(id), Succeeds());
  EXPECT_THAT(differences(state_of(*tenant_), before), IsEmpty());
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

}  // namespace
}  // namespace tulving
