// What is promised: a run changes as many records as it may and puts the rest off, the first found
// first, so that a tenant with more work than one plan holds is done in several runs. What no plan
// holds fails by itself and stops nobody.

#include <map>
#include <random>
#include <set>

#include "tests/engine/one_tenant.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ChangesMax : public OneTenantInRam {
 protected:
  ConsolidationReport run(std::uint32_t changes_max, std::vector<UpkeepAgent> agents) {
    ConsolidationOptions options;
    options.rate_limit = 0;
    options.threads = 1;
    options.vault = vaults_ / vault_;
    options.changes_max = changes_max;
    auto consolidator = value_of(Consolidator::create(*store_, "acme", options));
    ConsolidationRun request;
    request.agents = std::move(agents);
    return value_of(consolidator.run(request));
  }

  static std::map<ItemOutcome, int> outcomes(const ConsolidationReport& report) {
    std::map<ItemOutcome, int> outcomes;
    const auto count = [&](const auto& results) {
      for (const auto& one : results) ++outcomes[one.outcome];
    };
    count(report.decay);
    count(report.cluster);
    count(report.merge);
    count(report.promote);
    count(report.relations);
    return outcomes;
  }

  // Old ones, each older than the next and so more urgent.
  void add_fading(int count) {
    for (int i = 0; i < count; ++i) {
      value_of(tenant_->add(memory("An old note " + std::to_string(i) + ".")));
      clock_.advance(std::chrono::hours(1));
    }
    clock_.advance(std::chrono::hours(24 * 60));
  }

  // Alike by a vector of their own, so that they merge.
  void add_alike(std::size_t group, int count) {
    for (int i = 0; i < count; ++i) {
      std::vector<float> vector(16, 0.001F * static_cast<float>(i));
      vector[group] = 1;
      value_of(tenant_->add(memory(
          "Group " + std::to_string(group) + " says so, line " + std::to_string(i) + ".", vector)));
    }
  }

  std::size_t tasks() { return value_of(list_all<ConsolidationTask>(*tenant_)).size(); }

  TemporaryDirectory vaults_;
  std::string vault_ = "notes";
};

TEST_F(ChangesMax, TheMostUrgentComeFirstAndTheRestNextTime) {
  add_fading(25);
  std::set<Uuid> done;
  for (const auto& [now, later] : {std::pair{10, 15}, {10, 5}, {5, 0}}) {
    const auto report = run(10, {UpkeepAgent::kDecay});

    EXPECT_EQ(report.changes, static_cast<std::uint64_t>(now));
    auto counted = outcomes(report);
    EXPECT_EQ(counted[ItemOutcome::kWaiting], now);
    EXPECT_EQ(counted[ItemOutcome::kDeferred], later);
    double last = 0;
    bool is_over = false;
    for (const DecayResult& one : report.decay) {
      EXPECT_GE(one.score, last);
      last = one.score;
      if (one.outcome == ItemOutcome::kWaiting) {
        EXPECT_FALSE(is_over);
        EXPECT_TRUE(done.insert(one.memory_id).second);
      } else if (one.outcome == ItemOutcome::kDeferred) {
        is_over = true;
        EXPECT_THAT(one.reason, HasSubstr("the next one takes it"));
      }
    }
  }
  EXPECT_EQ(tasks(), 25U);
  EXPECT_EQ(run(10, {UpkeepAgent::kDecay}).changes, 0U);
}

// Random tenants, random limits: no plan is larger, none is refused, and in the end nothing is
// left to do, which one run without a limit would have done.
TEST_F(ChangesMax, HoldsForAllAgentsAndEnds) {
  std::mt19937 random(5);
  for (int round = 0; round < 12; ++round) {
    StoreOptions in_ram;
    in_ram.clock = clock_.clock();
    store_.emplace(value_of(Store::open_in_memory(in_ram)));
    tenant_.emplace(value_of(store_->tenant("acme")));
    vault_ = "notes" + std::to_string(round);  // Another store's notes are not its own.
    const std::size_t groups = 1 + random() % 5;
    add_fading(static_cast<int>(random() % 20));
    for (std::size_t group = 0; group < groups; ++group)
      add_alike(group, 2 + static_cast<int>(random() % 3));
    for (int i = static_cast<int>(random() % 10); i > 0; --i) {
      Memory reviewed = memory("Reviewed often " + std::to_string(i) + ".");
      reviewed.review_count = 3;
      value_of(tenant_->add(reviewed));
    }
    const auto changes_max = static_cast<std::uint32_t>(12 + random() % 20);
    // What a merge takes cannot be promoted beside it, which is told as a failure; so apart.
    std::vector<UpkeepAgent> agents = {UpkeepAgent::kDecay, UpkeepAgent::kCluster,
                                       UpkeepAgent::kMerge};
    for (int runs = 0; !agents.empty(); ++runs) {
      ASSERT_LT(runs, 40);
      const auto report = run(changes_max, agents);
      ASSERT_LE(report.changes, changes_max);
      auto counted = outcomes(report);
      ASSERT_EQ(counted[ItemOutcome::kFailed], 0) << to_json(report);
      const bool is_left = counted[ItemOutcome::kDeferred] > 0;
      ASSERT_TRUE(!is_left || report.changes > 0);
      if (is_left) continue;
      ASSERT_EQ(run(100'000, agents).changes, 0U);
      const bool was_last = agents.size() == 1;
      agents = was_last ? std::vector<UpkeepAgent>() : std::vector{UpkeepAgent::kPromote};
    }
    ListRequest merges;
    merges.filter = NumberRange{NumberField::kAbstractionLevel, 1.0, 1.0};
    EXPECT_EQ(value_of(tenant_->list(merges)).matching, groups);
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
  }
}

TEST_F(ChangesMax, WhatNoPlanHoldsFailsAndTheOthersAreDone) {
  add_alike(0, 8);
  add_alike(1, 2);
  const auto report = run(9, {UpkeepAgent::kCluster, UpkeepAgent::kMerge});
  // Those that wait behind it are found again, and then it comes first and fails.
  int runs = 1;
  bool has_failed = false;
  for (auto next = report; runs < 6; ++runs) {
    for (const MergeResult& merge : next.merge) {
      if (merge.outcome != ItemOutcome::kFailed) continue;
      has_failed = true;
      EXPECT_THAT(merge.error, HasSubstr("more than one plan holds"));
      EXPECT_EQ(merge.source_ids.size(), 8U);
    }
    next = run(9, {UpkeepAgent::kCluster, UpkeepAgent::kMerge});
  }
  EXPECT_TRUE(has_failed);
  ListRequest merges;
  merges.filter = NumberRange{NumberField::kAbstractionLevel, 1.0, 1.0};
  EXPECT_EQ(value_of(tenant_->list(merges)).matching, 1U);
}

TEST_F(ChangesMax, IsAtMostWhatAPlanHolds) {
  for (const std::uint32_t changes_max : {0U, 100'001U}) {
    ConsolidationOptions options;
    options.changes_max = changes_max;
    const auto consolidator = Consolidator::create(*store_, "acme", options);
    ASSERT_THAT(consolidator, FailsWith(ErrorCode::kInvalidArgument));
    EXPECT_EQ(consolidator.error().field, "changes_max");
    EXPECT_THAT(consolidator.error().message, HasSubstr("must be 1..100000"));
  }
}

}  // namespace
}  // namespace tulving
