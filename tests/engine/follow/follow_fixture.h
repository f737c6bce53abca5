#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/engine/one_tenant.h"
#include "tests/engine/plans/plan_testing.h"

namespace tulving::testing {

/// A tenant whose memories are merged by the agents, as a user's are.
class Following : public OneTenant {
 protected:
  Uuid add(const std::string& text, std::vector<float> vector = {1.0F, 0.0F},
           const std::function<void(Memory&)>& edit = {}) {
    clock_.advance(std::chrono::hours(24));
    Memory one = memory(text, std::move(vector));
    one.memory_type = "user_preference";
    if (edit) edit(one);
    return value_of(tenant_->add(one)).id;
  }
  Memory get(const Uuid& id) { return value_of(tenant_->get(id, true)); }
  MemoryStatus status(const Uuid& id) { return get(id).status; }
  std::string text(const Uuid& id) { return get(id).text; }
  bool is_there(const Uuid& id) { return tenant_->get(id).has_value(); }

  ConsolidationReport consolidate(ConsolidationOptions options = {}) {
    options.rate_limit = 0;
    auto consolidator = value_of(Consolidator::create(*store_, "acme", options));
    ConsolidationRun request;
    request.agents = {UpkeepAgent::kCluster, UpkeepAgent::kMerge};
    return value_of(consolidator.run(request));
  }
  /// Merges everything near, and returns the one merge.
  MergeResult merge(const ConsolidationOptions& options = {}) {
    auto report = consolidate(options);
    EXPECT_THAT(report.merge, ::testing::SizeIs(1));
    EXPECT_EQ(report.merge.at(0).error, "");
    plan_ = report.plan_id;
    return report.merge.at(0);
  }

  AddResult update(const Uuid& id, const std::string& text) {
    MemoryPatch patch;
    patch.text = text;
    return value_of(tenant_->update(id, patch));
  }
  AddResult update(const Uuid& id, const std::function<void(MemoryPatch&)>& edit) {
    MemoryPatch patch;
    edit(patch);
    return value_of(tenant_->update(id, patch));
  }

  /// The texts of all that shows.
  std::vector<std::string> shown() {
    std::vector<std::string> texts;
    for (const MemoryView& one : value_of(tenant_->list()).memories) {
      texts.emplace_back(one.text());
    }
    std::ranges::sort(texts);
    return texts;
  }
  /// All that shows, as one text.
  std::string all_shown() {
    std::string all;
    for (const std::string& one : shown()) all += one + "\n";
    return all;
  }
  /// The open tasks that ask for a new text.
  std::vector<ConsolidationTask> rewrites() {
    ConsolidationTaskFilter open;
    open.status = ConsolidationTaskStatus::kOpen;
    auto tasks = value_of(list_all<ConsolidationTask>(*tenant_, {.filter = open}));
    std::erase_if(tasks, [](const ConsolidationTask& task) { return task.action != "rewrite"; });
    return tasks;
  }
  std::vector<Uuid> sources(const Uuid& id) { return get(id).source_memory_ids; }
  void expect_sound() { EXPECT_THAT(value_of(store_->verify()).problems, ::testing::IsEmpty()); }

  Uuid plan_;  ///< Of the last merge().
};

}  // namespace tulving::testing
