// What is promised: a run that changed nothing leaves its findings behind as records, each once,
// and an erased memory takes those about it along.

#include "tests/consolidation/agents/agent_results_testing.h"

namespace tulving {
namespace {

using ::testing::IsEmpty;

TEST_F(AgentResults, OfARunThatChangedNothingAreKeptOnce) {
  run();
  EXPECT_THAT(kept(), IsEmpty()) << "the plan tells what a run found that changed something";
  const auto rest = run_to_rest();
  const auto found = kept();
  ASSERT_FALSE(found.empty()) << "nothing in the demo fades without a task";
  EXPECT_EQ(rest.results_kept, found.size());
  for (const AgentResult& result : found) {
    expect_fields(result);
    EXPECT_THAT(result.task_id, IsEmpty()) << "its task's plan tells it";
    EXPECT_FALSE(result.memory_ids.empty());
  }
  const std::uint64_t revision = store_->revision();

  clock_.advance(std::chrono::minutes(1));
  const auto again = run();

  EXPECT_EQ(again.changes, 0U);
  EXPECT_EQ(again.results_kept, 0U);
  EXPECT_EQ(kept(), found);
  EXPECT_EQ(store_->revision(), revision) << "a run that finds nothing new writes nothing";
}

TEST_F(AgentResults, AreNotKeptOfADryRun) {
  run_to_rest();
  for (const AgentResult& result : kept()) {
    ASSERT_THAT(tenant_->erase<AgentResult>(result.result_id), Succeeds());
  }
  auto consolidator = value_of(Consolidator::create(*store_, "maya", options_));
  ConsolidationRun request;
  request.dry_run = true;

  const auto report = value_of(consolidator.run(request));

  EXPECT_EQ(report.results_kept, 0U);
  EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(AgentResults, AreKeptInPartsWhereARunMayNotWriteAll) {
  const std::size_t all = (run_to_rest(), kept().size());
  ASSERT_GT(all, 3U);
  for (const AgentResult& result : kept()) {
    ASSERT_THAT(tenant_->erase<AgentResult>(result.result_id), Succeeds());
  }
  options_.changes_max = 2;

  for (std::size_t left = all; left > 0;) {
    const auto report = run();
    ASSERT_EQ(report.results_kept, std::min<std::size_t>(left, 2));
    left -= report.results_kept;
  }

  EXPECT_EQ(kept().size(), all);
}

TEST_F(AgentResults, AreErasedWithAMemoryOfTheirs) {
  run_to_rest();
  const auto before = kept();
  ASSERT_FALSE(before.empty());
  ASSERT_FALSE(before.front().memory_ids.empty());
  const Uuid gone = before.front().memory_ids.front();

  ASSERT_THAT(tenant_->erase(gone), Succeeds());

  std::size_t left = 0;
  for (const AgentResult& result : before) {
    const bool is_about = std::ranges::binary_search(result.memory_ids, gone);
    left += is_about ? 0U : 1U;
    EXPECT_EQ(tenant_->get<AgentResult>(result.result_id).has_value(), !is_about);
  }
  EXPECT_EQ(kept().size(), left);
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

}  // namespace
}  // namespace tulving
