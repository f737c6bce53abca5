// What stands in a plan's way is named, and then nothing is written: the revision shows it. And
// what must not outlive an erased memory does not outlive it in a plan either: the directory's
// bytes are searched for the words. Plans of random content are in plan_random_test.cc.

#include <fstream>

#include "tests/engine/plan_testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;

class Plans : public ::testing::Test {
 protected:
  Plans() {
    open();
    for (const char* text : {"The boiler man comes on Tuesday.", "Ada keeps bees.",
                             "Beans are sown after the last frost."}) {
      ids_.push_back(value_of(tenant_->add(memory(text, {1.0F, 0.5F}))).id);
    }
  }

  void open() {
    store_.emplace(value_of(Store::open(directory_ / "db")));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  void reopen() {
    ASSERT_THAT(store_->close(), Succeeds());
    tenant_.reset();
    store_.reset();
    open();
  }
  Plan merge() { return merge_plan(*tenant_, {ids_[0], ids_[1]}); }
  void change(const Uuid& id, std::string text = "Something else.") {
    MemoryPatch patch;
    patch.text = std::move(text);
    value_of(tenant_->update(id, patch));
  }
  Relation relate(const Uuid& from, const Uuid& to) {
    Relation relation;
    relation.source_id = from;
    relation.target_id = to;
    return value_of(tenant_->relate(relation));
  }

  // The plan is refused, each part is in the message, and nothing was written.
  void expect_conflict(const std::function<Result<PlanSummary>()>& call,
                       const std::vector<std::string>& parts) {
    const std::uint64_t revision = store_->revision();
    const State before = state_of(*tenant_);
    const auto result = call();
    ASSERT_THAT(result, FailsWith(ErrorCode::kConflict));
    for (const auto& part : parts) EXPECT_THAT(result.error().message, HasSubstr(part));
    EXPECT_EQ(store_->revision(), revision);
    EXPECT_THAT(differences(state_of(*tenant_), before), IsEmpty());
  }
  void expect_refused_to_apply(const Plan& plan, const std::vector<std::string>& parts) {
    const std::size_t plans = value_of(tenant_->plans()).size();
    expect_conflict([&] { return tenant_->apply_plan(plan); }, parts);
    EXPECT_THAT(value_of(tenant_->plans()), SizeIs(plans));
  }
  void expect_refused_to_undo(const Uuid& id, const std::vector<std::string>& parts) {
    expect_conflict([&] { return tenant_->undo_plan(id); }, parts);
  }

  TemporaryDirectory directory_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
  std::vector<Uuid> ids_;
};

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
  const ConsolidationTask task = value_of(tenant_->add_task(task_for({ids_[2]})));
  Plan plan = merge();
  plan.items.clear();
  plan.changes.push_back({relation, {}});
  plan.changes.push_back({task, {}});
  change(ids_[0]);
  ASSERT_THAT(tenant_->unrelate(relation.id), Succeeds());
  value_of(tenant_->claim_task(claim_by("w")));

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

TEST_F(Plans, AreNotUndoneOverALaterChange) {
  const ConsolidationTask task = value_of(tenant_->add_task(task_for({ids_[2]})));
  Plan plan = merge();
  plan.changes.insert(plan.changes.begin(), {task, [&] {
                                               ConsolidationTask after = task;
                                               after.title = "Changed";
                                               return after;
                                             }()});
  const Uuid id = value_of(tenant_->apply_plan(plan)).id;
  change(ids_[0]);
  value_of(tenant_->claim_task(claim_by("w")));
  Relation relation = std::get<Relation>(*plan.changes[2].after);
  relation.strength = 0.5F;
  value_of(tenant_->relate(relation));

  expect_refused_to_undo(id, {"memory " + ids_[0].to_string() + " was changed since",
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
  EXPECT_THAT(value_of(tenant_->relations(ids_[0])), IsEmpty());
  relate(ids_[0], ids_[1]);

  expect_refused_to_undo(id, {"was made anew since"});
}

TEST_F(Plans, GiveNoRelationOrTaskBackToAMemoryThatIsGone) {
  const Relation relation = relate(ids_[0], ids_[1]);
  const ConsolidationTask task = value_of(tenant_->add_task(task_for({ids_[1]})));
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
  ASSERT_THAT(tenant_->unrelate(relation.id), Succeeds());

  const ConsolidationTask task = value_of(tenant_->add_task(task_for({made})));
  expect_refused_to_undo(id,
                         {"task " + task.task_id + " was opened for memory " + made.to_string()});
  value_of(tenant_->claim_task(claim_by("w")));
  value_of(tenant_->close_task(task.task_id, "w"));

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

std::string bytes_of(const fs::path& directory) {
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  return all;
}

class ErasedFromPlans : public Plans {
 protected:
  static constexpr const char* kSecret = "xylophone-4711";

  ErasedFromPlans() {
    secret_ = value_of(tenant_->add(memory("The word is xylophone-4711.", {0.5F, 1.0F}))).id;
    ids_.push_back(secret_);
  }

  // Nothing of the secret is left in a plan, a history, or any byte of the purged directory.
  void expect_no_word_left() {
    for (const PlanSummary& summary : value_of(tenant_->plans())) {
      for (const PlanChange& change : value_of(tenant_->get_plan(summary.id)).changes) {
        for (const auto* side : {&change.before, &change.after}) {
          const auto* one = *side ? std::get_if<Memory>(&**side) : nullptr;
          if (one != nullptr) {
            EXPECT_EQ(one->text.find(kSecret), std::string::npos);
          }
        }
      }
    }
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
    ASSERT_THAT(store_->purge(), Succeeds());
    ASSERT_THAT(store_->close(), Succeeds());
    EXPECT_EQ(bytes_of(directory_ / "db").find(kSecret), std::string::npos);
  }

  Uuid secret_;
};

TEST_F(ErasedFromPlans, ASourceTakesItsMergeAlongAndGivesTheOthersBack) {
  const ConsolidationTask task = value_of(tenant_->add_task(task_for({secret_, ids_[1]})));
  const Plan plan = merge_plan(*tenant_, {ids_[0], secret_});
  const Uuid id = value_of(tenant_->apply_plan(plan)).id;
  ASSERT_NE(bytes_of(directory_ / "db").find(kSecret), std::string::npos)
      << "the test sees nothing";
  ASSERT_EQ(value_of(tenant_->get(ids_[0])).status, MemoryStatus::kArchived);

  ASSERT_THAT(tenant_->erase(secret_), Succeeds());

  EXPECT_THAT(tenant_->get(made_by(plan).id), FailsWith(ErrorCode::kNotFound));
  const Memory other = value_of(tenant_->get(ids_[0], true));
  EXPECT_EQ(other.status, MemoryStatus::kActive);
  EXPECT_TRUE(other.consolidated_into_id.is_nil());
  EXPECT_FALSE(other.archived_at);
  EXPECT_THAT(other.embeddings, SizeIs(1));
  EXPECT_THAT(value_of(tenant_->search(text_search("boiler"))).hits, SizeIs(1));
  EXPECT_THAT(value_of(tenant_->relations(ids_[0])), IsEmpty());
  const ConsolidationTask closed = value_of(tenant_->get_task(task.task_id));
  EXPECT_EQ(closed.status, TaskStatus::kClosed);
  EXPECT_THAT(closed.error, HasSubstr("erased"));
  std::vector<Uuid> erased = {secret_, made_by(plan).id};
  std::ranges::sort(erased);
  EXPECT_EQ(value_of(tenant_->get_plan(id)).erased, erased);
  reopen();
  expect_no_word_left();
}

TEST_F(ErasedFromPlans, AMergeThatWasUndoneKeepsNoWordOfASource) {
  const Plan plan = merge_plan(*tenant_, {ids_[0], secret_});
  ASSERT_THAT(tenant_->undo_plan(value_of(tenant_->apply_plan(plan)).id), Succeeds());

  ASSERT_THAT(tenant_->erase(secret_), Succeeds());

  expect_no_word_left();
}

// A pattern leaves its sources as they are, so its plan does not change the memory whose words it
// has.
TEST_F(ErasedFromPlans, APatternThatWasUndoneKeepsNoWordOfASource) {
  Memory pattern = memory("Words are like xylophone-4711.");
  pattern.abstraction_level = 2;
  pattern.source_memory_ids = {secret_};
  Plan plan;
  plan.origin = "test";
  plan.changes = {{{}, pattern}};
  ASSERT_THAT(tenant_->undo_plan(value_of(tenant_->apply_plan(plan)).id), Succeeds());

  ASSERT_THAT(tenant_->erase(secret_), Succeeds());

  expect_no_word_left();
}

// The second merge is of the first, so it holds the word though it does not name its memory.
TEST_F(ErasedFromPlans, MergesOfMergesThatWereUndoneKeepNoWordOfASource) {
  const Plan first = merge_plan(*tenant_, {ids_[0], secret_});
  const Uuid first_id = value_of(tenant_->apply_plan(first)).id;
  const Plan second = merge_plan(*tenant_, {made_by(first).id, ids_[2]});
  const Uuid second_id = value_of(tenant_->apply_plan(second)).id;
  ASSERT_THAT(tenant_->undo_plan(second_id), Succeeds());
  ASSERT_THAT(tenant_->undo_plan(first_id), Succeeds());
  reopen();

  ASSERT_THAT(tenant_->erase(secret_), Succeeds());

  expect_no_word_left();
}

TEST_F(ErasedFromPlans, AMergeOfAMergeGoesTooAndTheOthersComeBack) {
  const Plan first = merge_plan(*tenant_, {ids_[0], secret_});
  value_of(tenant_->apply_plan(first));
  const Plan second = merge_plan(*tenant_, {made_by(first).id, ids_[2]});
  value_of(tenant_->apply_plan(second));

  ASSERT_THAT(tenant_->erase(secret_), Succeeds());

  EXPECT_THAT(tenant_->get(made_by(first).id), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(tenant_->get(made_by(second).id), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(value_of(tenant_->get(ids_[0])).status, MemoryStatus::kActive);
  EXPECT_EQ(value_of(tenant_->get(ids_[2])).status, MemoryStatus::kActive);
  expect_no_word_left();
}

TEST_F(ErasedFromPlans, AProposalLosesWhatItHeldAndCanNoLongerBeApplied) {
  Plan plan = merge_plan(*tenant_, {ids_[0], secret_});
  plan.items.clear();
  const Uuid id = value_of(tenant_->propose_plan(plan)).id;

  ASSERT_THAT(tenant_->erase(secret_), Succeeds());

  expect_conflict([&] { return tenant_->apply_plan(id); },
                  {"memory " + secret_.to_string() + " was erased"});
  expect_no_word_left();
}

TEST_F(ErasedFromPlans, ARelationTellsNothingOfAnErasedEnd) {
  Relation relation;
  relation.source_id = ids_[0];
  relation.target_id = secret_;
  relation.metadata = R"({"shared_entities": ["xylophone-4711"]})";
  Plan plan;
  plan.origin = "test";
  plan.changes = {{{}, relation}};
  value_of(tenant_->apply_plan(plan));

  ASSERT_THAT(tenant_->erase(secret_), Succeeds());

  EXPECT_THAT(value_of(tenant_->get_plan(value_of(tenant_->plans())[0].id)).changes, IsEmpty());
  expect_no_word_left();
}

}  // namespace
}  // namespace tulving
