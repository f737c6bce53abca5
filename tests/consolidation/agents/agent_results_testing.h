#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/engine/testing.h"
#include "tulving/consolidation_queue.h"
#include "tulving/json.h"

// The fields that Cortex's readers look for in an agent's result, written out, and the agents on
// the invented memories of tools/demo.

namespace tulving {

using namespace tulving::testing;
using Json = nlohmann::json;
namespace fs = std::filesystem;

using Check = bool (*)(const Json&);

inline bool uuid(const Json& value) {
  return value.is_string() && Uuid::parse(value.get<std::string>());
}
inline bool share(const Json& value) { return value.is_number() && value >= 0 && value <= 1; }
inline bool text(const Json& value) { return value.is_string(); }
inline bool boolean(const Json& value) { return value.is_boolean(); }
inline bool count(const Json& value) { return value.is_number_unsigned(); }
inline bool text_or_null(const Json& value) { return value.is_string() || value.is_null(); }
template <Check kOne, std::size_t kLeast>
bool list(const Json& value) {
  return value.is_array() && value.size() >= kLeast &&
         std::all_of(value.begin(), value.end(), [](const Json& one) { return kOne(one); });
}
inline bool one_of(const Json& value, const std::set<std::string>& words) {
  return value.is_string() && words.contains(value.get<std::string>());
}
inline bool urgency(const Json& value) { return one_of(value, {"high", "medium", "low"}); }
inline bool decay_action(const Json& value) {
  return one_of(value, {"reinforce", "consolidate", "promote", "gc"});
}
inline bool cluster_action(const Json& value) { return one_of(value, {"merge", "link", "ignore"}); }
inline bool criteria(const Json& value) {
  return list<text, 1>(value) && std::all_of(value.begin(), value.end(), [](const Json& one) {
           return one_of(one, {"score_threshold", "use_count_threshold", "review_count_threshold"});
         });
}

inline const std::map<UpkeepAgent, std::map<std::string, Check>> kFieldLists = {
    {UpkeepAgent::kDecay,
     {{"memory_id", uuid},
      {"score", share},
      {"urgency", urgency},
      {"action", decay_action},
      {"beads_issue_id", text_or_null}}},
    {UpkeepAgent::kCluster,
     {{"cluster_id", uuid},
      {"memory_ids", list<uuid, 2>},
      {"cohesion", share},
      {"action", cluster_action},
      {"confidence", share},
      {"beads_issue_id", text_or_null}}},
    {UpkeepAgent::kMerge,
     {{"new_memory_id", uuid},
      {"source_ids", list<uuid, 2>},
      {"relation_ids", list<uuid, 0>},
      {"content_diff", text},
      {"entities_preserved", count},
      {"success", boolean},
      {"beads_issue_id", text_or_null}}},
    {UpkeepAgent::kPromote,
     {{"memory_id", uuid},
      {"vault_path", text_or_null},
      {"criteria_met", criteria},
      {"success", boolean},
      {"beads_issue_id", text_or_null}}},
    {UpkeepAgent::kRelations,
     {{"from_memory_id", uuid},
      {"to_memory_id", uuid},
      {"relation_id", uuid},
      {"strength", share},
      {"reasoning", text},
      {"shared_entities", list<text, 0>},
      {"confidence", share},
      {"beads_issue_id", text_or_null}}}};

inline void expect_fields(const AgentResult& result) {
  SCOPED_TRACE(result.result);
  const Json read = Json::parse(result.result);
  for (const auto& [name, is_right] : kFieldLists.at(result.agent)) {
    ASSERT_TRUE(read.contains(name)) << name;
    EXPECT_TRUE(is_right(read[name])) << name << ": " << read[name];
  }
  EXPECT_TRUE(uuid(result.result_id));
  ASSERT_TRUE(result.decision.has_value());
  ASSERT_TRUE(result.created_at.has_value());
  const Json issue = read["beads_issue_id"];
  if (!result.task_id.empty()) {
    EXPECT_EQ(issue, result.task_id);
  }
  // It is a record like any other: a line of it is read back.
  const std::string line = to_json_line("t", result);
  const auto again = parse_record(line);
  ASSERT_TRUE(again.has_value()) << again.error().message;
}

class AgentResults : public ::testing::Test {
 protected:
  AgentResults() {
    options_.vault = directory_ / "vault";
    options_.rate_limit = 0;
    clock_.advance(std::chrono::hours(24 * 240));  // Long after the demo's memories.
    StoreOptions options;
    options.clock = clock_.clock();
    store_.emplace(value_of(Store::open_in_memory(options)));
    import_demo();
    tenant_.emplace(value_of(store_->tenant("maya")));
  }

  void import_demo() {
    const fs::path folder = fs::path(TULVING_SOURCE_DIR) / "tools/demo";
    std::ifstream lines(folder / "records.jsonl"), vectors(folder / "records.fvecs");
    for (std::string line; std::getline(lines, line);) {
      TenantRecord record = value_of(parse_record(line));
      if (auto* memory = std::get_if<Memory>(&record.record)) {
        std::int32_t dim = 0;
        ASSERT_TRUE(vectors.read(reinterpret_cast<char*>(&dim), sizeof dim));
        Embedding embedding{"default", std::vector<float>(static_cast<std::size_t>(dim))};
        vectors.read(reinterpret_cast<char*>(embedding.vector.data()),
                     static_cast<std::streamsize>(embedding.vector.size() * sizeof(float)));
        memory->embeddings = {std::move(embedding)};
      }
      Tenant tenant = value_of(store_->tenant(record.tenant_id));
      value_of(tenant.write(std::span(&record.record, 1)));
    }
  }

  ConsolidationReport run(std::vector<UpkeepAgent> agents = {}) {
    auto consolidator = value_of(Consolidator::create(*store_, tenant_->id(), options_));
    ConsolidationRun request;
    request.agents = std::move(agents);
    return value_of(consolidator.run(request));
  }
  // Runs until there is nothing left to change; the last run's report.
  ConsolidationReport run_to_rest(std::vector<UpkeepAgent> agents = {}) {
    for (int runs = 0; runs < 20; ++runs) {
      auto report = run(agents);
      if (report.changes == 0) return report;
    }
    ADD_FAILURE() << "the runs do not come to rest";
    return {};
  }

  void approve_all() {
    ConsolidationTaskFilter waiting;
    waiting.approval = Approval::kWaiting;
    for (const auto& task : value_of(list_all<ConsolidationTask>(*tenant_, {.filter = waiting}))) {
      value_of(tenant_->queue().decide(task.task_id, true));
    }
  }

  std::vector<AgentResult> kept() const { return value_of(list_all<AgentResult>(*tenant_)); }
  // As a reader of cortex.agent_results finds them.
  std::vector<AgentResult> all() const {
    std::vector<AgentResult> results = kept();
    for (const PlanSummary& plan : value_of(tenant_->plans())) {
      for (AgentResult& one :
           agent_results_of(tenant_->id(), value_of(tenant_->get_plan(plan.id)))) {
        results.push_back(std::move(one));
      }
    }
    return results;
  }

  TemporaryDirectory directory_;
  ManualClock clock_;
  ConsolidationOptions options_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

}  // namespace tulving
