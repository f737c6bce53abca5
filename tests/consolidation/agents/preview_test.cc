// A dry run shows what the run then does: the same texts, relations and notes, and writes nothing,
// not even the vault's folder. A plan that is kept shows the same.

#include <algorithm>
#include <random>

#include "tests/engine/one_tenant.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Preview : public OneTenantInRam {
 protected:
  Preview() {
    options_.vault = directory_ / "vault";
    options_.rate_limit = 0;
  }

  Uuid add(const std::string& text, std::vector<float> vector,
           const std::function<void(Memory&)>& edit = {}) {
    Memory one = memory(text, std::move(vector));
    one.memory_type = "learning";
    if (edit) edit(one);
    clock_.advance(std::chrono::hours(24));
    return value_of(tenant_->add(one)).id;
  }
  ConsolidationReport run(bool dry_run, std::vector<UpkeepAgent> agents = {}) {
    auto consolidator = value_of(Consolidator::create(*store_, "acme", options_));
    ConsolidationRun request;
    request.dry_run = dry_run;
    request.agents = std::move(agents);
    return value_of(consolidator.run(request));
  }
  static std::vector<std::string> texts(const FindingPreview& preview) {
    std::vector<std::string> texts;
    for (const auto& input : preview.inputs) texts.push_back(input.text);
    return texts;
  }

  TemporaryDirectory directory_;
  ConsolidationOptions options_;
};

TEST_F(Preview, OfAMergeShowsWhatGoesInWhatComesOutAndWhatConflicts) {
  add("The meeting with Ana is at 5 pm.", {1, 0, 0.01F});
  add("The meeting with Ana is at 6 pm.", {1, 0.01F, 0});
  add("The meeting with Ana is at 7 pm.", {1, 0.01F, 0.01F});
  const auto before = exported_lines(*tenant_);

  const auto report = run(true, {UpkeepAgent::kCluster, UpkeepAgent::kMerge});

  ASSERT_THAT(report.preview, SizeIs(1)) << "the task and the merge are one finding";
  const FindingPreview& merge = report.preview[0];
  EXPECT_EQ(merge.agent, UpkeepAgent::kMerge);
  EXPECT_THAT(texts(merge), ElementsAre(HasSubstr("5 pm"), HasSubstr("6 pm"), HasSubstr("7 pm")));
  ASSERT_TRUE(merge.merged);
  for (const char* hour : {"5 pm", "6 pm", "7 pm"}) {
    EXPECT_THAT(merge.merged->text, HasSubstr(hour));
  }
  EXPECT_THAT(merge.conflicts, SizeIs(3)) << merge.merged->text;
  EXPECT_EQ(exported_lines(*tenant_), before);
  EXPECT_THAT(value_of(tenant_->plans()), IsEmpty());
  EXPECT_THAT(to_json(report), HasSubstr(R"("preview":[{"agent":"merge")"));
  EXPECT_THAT(to_json(report), HasSubstr(R"("conflicts":["The meeting)"));
}

TEST_F(Preview, OfAMergeThatWaitsShowsWhatItWouldBe) {
  const Uuid a = add("Ben likes plum cake.", {1, 0, 0});
  const Uuid b = add("Ben bakes on Sundays.", {1, 0.7F, 0});

  const auto report = run(true, {UpkeepAgent::kCluster, UpkeepAgent::kMerge});

  ASSERT_THAT(report.preview, SizeIs(1));
  EXPECT_EQ(report.preview[0].outcome, ItemOutcome::kWaiting);
  ASSERT_TRUE(report.preview[0].merged);
  EXPECT_THAT(report.preview[0].merged->text, HasSubstr("plum cake"));
  EXPECT_THAT(report.preview[0].merged->text, HasSubstr("Sundays"));

  run(false, {UpkeepAgent::kCluster});
  const auto tasks = value_of(list_all<ConsolidationTask>(*tenant_));
  ASSERT_THAT(tasks, SizeIs(1));
  const auto of_task = value_of(preview_task(*tenant_, tasks[0]));
  EXPECT_EQ(of_task.merged->text, report.preview[0].merged->text);
  ASSERT_THAT(tenant_->erase(b), Succeeds());
  const auto gone = value_of(preview_task(*tenant_, tasks[0]));
  EXPECT_EQ(gone.inputs[0].id, a);
  EXPECT_TRUE(gone.inputs[1].is_missing);
  EXPECT_FALSE(gone.merged) << "it cannot be done";
}

// Its dates are those of what was said, not of the merge that says it.
TEST_F(Preview, OfAMergeOfAMergeThatWaitsIsWhatTheRunMakes) {
  add("Ana has three cats and a dog.", {1, 0, 0});
  add("The boat of Ana is painted red.", {1, 0.01F, 0});
  run(false, {UpkeepAgent::kCluster, UpkeepAgent::kMerge});
  add("The boat of Ana is painted blue.", {1, 0.7F, 0});
  run(false, {UpkeepAgent::kCluster});
  ConsolidationTaskFilter open;
  open.status = ConsolidationTaskStatus::kOpen;
  const auto tasks = value_of(list_all<ConsolidationTask>(*tenant_, {.filter = open}));
  ASSERT_THAT(tasks, SizeIs(1));

  const auto preview = value_of(preview_task(*tenant_, tasks[0]));

  ASSERT_TRUE(preview.merged);
  EXPECT_THAT(preview.conflicts, SizeIs(2)) << preview.merged->text;
  value_of(tenant_->queue().decide(tasks[0].task_id, true));
  const auto report = run(false, {UpkeepAgent::kMerge});
  ASSERT_THAT(report.merge, SizeIs(1));
  EXPECT_EQ(value_of(tenant_->get(report.merge[0].memory_id)).text, preview.merged->text);
}

TEST_F(Preview, OfAPromotionNamesTheNoteAndMakesNoFolder) {
  const Uuid id = add("The adrenaline pens are in the kitchen.", {0, 1, 0},
                      [](Memory& one) { one.review_count = 3; });

  const auto report = run(true, {UpkeepAgent::kPromote});

  ASSERT_THAT(report.preview, SizeIs(1));
  EXPECT_FALSE(std::filesystem::exists(options_.vault));
  run(false, {UpkeepAgent::kPromote});
  EXPECT_EQ(value_of(tenant_->get(id)).ltm_path, report.preview[0].note_path);
  EXPECT_TRUE(std::filesystem::exists(options_.vault / report.preview[0].note_path));
}

TEST_F(Preview, OfAPlanThatIsKeptIsThatOfTheDryRun) {
  add("Ada moved to Lyon in 2021.", {1, 0, 0});
  add("Ada moved to Lyon in 2021. She likes it.", {1, 0.02F, 0});
  add("Ada lives in Lyon now.", {1, 0, 0.02F});
  const auto dry = run(true, {UpkeepAgent::kCluster, UpkeepAgent::kMerge});
  auto consolidator = value_of(Consolidator::create(*store_, "acme", options_));
  ConsolidationRun request;
  request.propose = true;
  request.agents = {UpkeepAgent::kCluster, UpkeepAgent::kMerge};
  const auto proposed = value_of(consolidator.run(request));

  const auto shown =
      value_of(preview_plan(*tenant_, value_of(tenant_->get_plan(proposed.plan_id))));

  ASSERT_THAT(shown, SizeIs(dry.preview.size()));
  EXPECT_EQ(to_json(shown[0]), to_json(dry.preview[0]));
  value_of(tenant_->apply_plan(proposed.plan_id));
  const auto later =
      value_of(preview_plan(*tenant_, value_of(tenant_->get_plan(proposed.plan_id))));
  EXPECT_EQ(to_json(later[0]), to_json(dry.preview[0])) << "applied, it still says what went in";
}

TEST_F(Preview, AProposedPlanPromotesNothing) {
  const Uuid id = add("The adrenaline pens are in the kitchen.", {0, 1, 0},
                      [](Memory& one) { one.review_count = 3; });
  auto consolidator = value_of(Consolidator::create(*store_, "acme", options_));
  ConsolidationRun request;
  request.propose = true;
  request.agents = {UpkeepAgent::kPromote};

  const auto report = value_of(consolidator.run(request));

  ASSERT_THAT(report.promote, SizeIs(1));
  EXPECT_EQ(report.promote[0].outcome, ItemOutcome::kReported);
  EXPECT_TRUE(report.plan_id.is_nil()) << "there is nothing to apply, and no note to miss";
  EXPECT_EQ(value_of(tenant_->get(id)).status, MemoryStatus::kActive);
}

// Random stores: what the dry run shows is what the run leaves, merge for merge.
TEST_F(Preview, IsWhatTheRunDoes) {
  const std::vector<std::string> who = {"Ana", "Ben", "Chloe"};
  const std::vector<std::string> what = {"drinks tea", "drinks no tea", "moved to York in 2019",
                                         "moved to New York in 2020", "has 3 cats"};
  std::mt19937 random(3);
  int merges = 0;
  int relations = 0;
  constexpr int kCases = 200;
  for (int i = 0; i < kCases; ++i) {
    const std::string name = "t" + std::to_string(i);
    tenant_.emplace(value_of(store_->tenant(name)));
    const int memories = 2 + static_cast<int>(random() % 10);
    for (int n = 0; n < memories; ++n) {
      const std::size_t person = random() % who.size();
      std::vector<float> vector(3, 0.01F * static_cast<float>(random() % 30));
      vector[person] = 1;
      add(who[person] + " " + what[random() % what.size()] + ". Note " + std::to_string(n) + ".",
          vector, [&](Memory& one) {
            one.entities = {who[person], what[random() % what.size()]};
            if (random() % 6 == 0) one.review_count = 3;
          });
    }
    auto consolidator = value_of(Consolidator::create(*store_, name, options_));
    ConsolidationRun request;
    request.dry_run = true;
    const auto before = exported_lines(*tenant_);
    const auto dry = value_of(consolidator.run(request));
    ASSERT_EQ(exported_lines(*tenant_), before);
    request.dry_run = false;
    const auto done = value_of(consolidator.run(request));

    EXPECT_EQ(dry.changes, done.changes);
    std::size_t shown = 0;
    for (const FindingPreview& preview : dry.preview) {
      if (preview.agent == UpkeepAgent::kMerge && preview.merged) {
        const Memory merge = value_of(tenant_->get(preview.merged->id));
        EXPECT_EQ(preview.merged->text, merge.text);
        EXPECT_EQ(preview.inputs.size(), merge.source_memory_ids.size());
        for (const auto& input : preview.inputs) {
          EXPECT_EQ(value_of(tenant_->get(input.id)).text, input.text);
        }
        ++shown;
      }
      for (const Relation& relation : preview.relations) {
        const auto there = value_of(list_all<Relation>(*tenant_, {.filter = {relation.source_id}}));
        EXPECT_TRUE(std::ranges::any_of(there, [&](const Relation& one) {
          return one.target_id == relation.target_id && one.strength == relation.strength;
        }));
        ++relations;
      }
      if (!preview.note_path.empty()) {
        EXPECT_TRUE(std::filesystem::exists(options_.vault / preview.note_path));
      }
    }
    EXPECT_EQ(shown, done.merge.size());
    merges += static_cast<int>(shown);
  }
  EXPECT_GT(merges, 10) << "the cases show something";
  EXPECT_GT(relations, 10);
}

}  // namespace
}  // namespace tulving
