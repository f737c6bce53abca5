// What must not outlive an erased memory does not outlive it in a plan either: the directory's
// bytes are searched for the words.

#include <fstream>

#include "tests/engine/plans/plans_fixture.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;

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
  const ConsolidationTask task = value_of(tenant_->queue().add(task_for({secret_, ids_[1]})));
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
  EXPECT_THAT(value_of(list_all<Relation>(*tenant_, {.filter = {ids_[0]}})), IsEmpty());
  const ConsolidationTask closed = value_of(tenant_->get<ConsolidationTask>(task.task_id));
  EXPECT_EQ(closed.status, ConsolidationTaskStatus::kClosed);
  EXPECT_THAT(closed.error, HasSubstr("erased"));
  std::vector<Uuid> erased = {secret_, made_by(plan).id};
  std::ranges::sort(erased);
  EXPECT_EQ(value_of(tenant_->get_plan(id)).erased, erased);
  reopen();
  expect_no_word_left();
}

// A relation that waits for a person is no relation yet: its words are in the item and the task.
TEST_F(ErasedFromPlans, AFindingKeepsNoWordOfAMemory) {
  const std::string words = R"({"strength":0.5,"shared_entities":["xylophone-4711"],)"
                            R"("shared_tags":["xylophone-4711"],"ltm_path":"xylophone-4711.md"})";
  ConsolidationTask open = task_for({secret_, ids_[1]}, "relate");
  open.notes = words;
  ConsolidationTask closed = task_for({secret_, ids_[0]}, "relate");
  closed.notes = words;
  closed.status = ConsolidationTaskStatus::kClosed;
  closed.closed_at = system_now();
  closed = value_of(tenant_->put(closed)).record;
  Plan plan;
  plan.origin = "test";
  open.task_id = "waits";
  plan.changes = {{{}, open}};
  PlanItem& item = plan.items.emplace_back();
  item.agent = UpkeepAgent::kRelations;
  item.action = "relate";
  item.outcome = ItemOutcome::kWaiting;
  item.inputs = {{ids_[1], value_of(tenant_->get(ids_[1])).revision},
                 {secret_, value_of(tenant_->get(secret_)).revision}};
  item.result = words;
  item.error = "no room for xylophone-4711.md";
  const Uuid id = value_of(tenant_->apply_plan(plan)).id;
  reopen();

  ASSERT_THAT(tenant_->erase(secret_), Succeeds());

  const PlanItem left = value_of(tenant_->get_plan(id)).items.at(0);
  EXPECT_EQ(left.result, R"({"strength":0.5,"shared_entities":[],"shared_tags":[],"ltm_path":""})");
  for (const std::string& task_id : {std::string("waits"), closed.task_id}) {
    EXPECT_EQ(value_of(tenant_->get<ConsolidationTask>(task_id)).notes, left.result);
  }
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

// The first merge has one source left, which takes its place in the second.
TEST_F(ErasedFromPlans, AMergeOfAMergeLivesOnWithoutTheWord) {
  const Plan first = merge_plan(*tenant_, {ids_[0], secret_});
  value_of(tenant_->apply_plan(first));
  const Plan second = merge_plan(*tenant_, {made_by(first).id, ids_[2]});
  value_of(tenant_->apply_plan(second));

  ASSERT_THAT(tenant_->erase(secret_), Succeeds());

  EXPECT_THAT(tenant_->get(made_by(first).id), FailsWith(ErrorCode::kNotFound));
  const Memory merge = value_of(tenant_->get(made_by(second).id));
  EXPECT_THAT(merge.source_memory_ids, ::testing::UnorderedElementsAre(ids_[0], ids_[2]));
  EXPECT_THAT(merge.text, HasSubstr("boiler"));
  EXPECT_EQ(value_of(tenant_->get(ids_[0])).consolidated_into_id, merge.id);
  EXPECT_EQ(value_of(tenant_->get(ids_[2])).consolidated_into_id, merge.id);
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
