#include "core/consolidation/findings/kept_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/consolidation/findings/result_json.h"
#include "core/json/agent_results.h"

namespace tulving::consolidation {
namespace {

constexpr std::size_t kWrittenAtOnce = 1'000;

struct About {
  std::string action;
  std::vector<Uuid> memory_ids;
};
About about(const DecayResult& result) { return {result.action, {result.memory_id}}; }
About about(const ClusterResult& result) { return {result.action, result.memory_ids}; }
About about(const MergeResult& result) { return {"merge", result.source_ids}; }
About about(const PromoteResult& result) { return {"promote", {result.memory_id}}; }
About about(const RelationsResult& result) {
  return {"relate", {result.source_id, result.target_id}};
}

class ResultKeeper {
 public:
  ResultKeeper(Tenant& tenant, std::uint64_t most) : tenant_(tenant), most_(most) {}

  template <class Found>
  Status keep_all(UpkeepAgent agent, const std::vector<Found>& results) {
    for (const Found& result : results) {
      if (kept_ + batch_.size() >= most_) break;
      if (result.outcome == ItemOutcome::kDeferred || has_task(result.task_id)) continue;
      add(agent, result);
      if (batch_.size() < kWrittenAtOnce) continue;
      if (auto status = flush(); !status) return status;
    }
    return {};
  }

  Status flush() {
    if (batch_.empty()) return {};
    auto written = tenant_.write(std::span<const Record>(batch_));
    if (!written) {
      Error error = written.error();
      // What it is about was there when it was found.
      if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kConflict;
      return error;
    }
    kept_ += batch_.size();
    batch_.clear();
    return {};
  }

  [[nodiscard]] std::uint64_t kept() const { return kept_; }

 private:
  // The plan that opened it, or the one that did it, has the finding among its items.
  [[nodiscard]] bool has_task(const std::string& task_id) const {
    return !task_id.empty() && tenant_.get<ConsolidationTask>(task_id).has_value();
  }

  template <class Found>
  void add(UpkeepAgent agent, const Found& result) {
    auto [action, memory_ids] = about(result);
    std::ranges::sort(memory_ids);
    std::string name =
        fmt::format("agent_result/{}/{}/{}", to_string(agent), action, to_string(result.outcome));
    for (const Uuid& id : memory_ids) name += "/" + id.to_string();
    AgentResult kept;
    kept.result_id = Uuid::derive(tenant_.id(), name).to_string();
    if (tenant_.get<AgentResult>(kept.result_id)) return;
    PlanItem item;
    item.agent = agent;
    item.action = std::move(action);
    for (const Uuid& id : memory_ids) item.inputs.push_back({id, 0});
    item.outcome = result.outcome;
    item.confidence = result.confidence;
    item.reason = result.reason;
    item.result = result_json(result);
    kept.agent = agent;
    kept.confidence = result.confidence;
    kept.decision = result.decision;
    kept.result = json::agent_result_json(tenant_.id(), item);
    kept.memory_ids = std::move(memory_ids);
    batch_.emplace_back(std::move(kept));
  }

  Tenant& tenant_;
  const std::uint64_t most_;
  std::uint64_t kept_ = 0;
  std::vector<Record> batch_;
};

}  // namespace

Status keep_results(Tenant& tenant, ConsolidationReport& report, std::uint64_t most) {
  ResultKeeper keeper(tenant, most);
  Status status = keeper.keep_all(UpkeepAgent::kDecay, report.decay);
  if (status) status = keeper.keep_all(UpkeepAgent::kCluster, report.cluster);
  if (status) status = keeper.keep_all(UpkeepAgent::kMerge, report.merge);
  if (status) status = keeper.keep_all(UpkeepAgent::kPromote, report.promote);
  if (status) status = keeper.keep_all(UpkeepAgent::kRelations, report.relations);
  if (status) status = keeper.flush();
  report.results_kept = keeper.kept();
  return status;
}

}  // namespace tulving::consolidation
