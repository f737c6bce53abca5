// The JSON of tasks, plans, jobs and lineage has the members of their structs. Another parser reads
// it back; names and values are compared one by one, since programs depend on them.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tulving/json.h"

namespace tulving {
namespace {

using nlohmann::json;

Uuid id(const char* digit) {
  std::string text = "00000000-0000-4000-8000-000000000000";
  text.back() = *digit;
  return *Uuid::parse(text);
}

Timestamp at(const char* time) { return *parse_time(time); }

ConsolidationTask full_task() {
  ConsolidationTask task;
  task.task_id = "merge-1";
  task.title = "Merge \"two\"";
  task.agent = UpkeepAgent::kRelations;
  task.urgency = Urgency::kHigh;
  task.labels = {"weekly"};
  task.priority = 1;
  task.status = ConsolidationTaskStatus::kInProgress;
  task.approval = Approval::kApproved;
  task.action = "merge";
  task.memory_ids = {id("1"), id("2")};
  task.score = 0.5;
  task.cohesion = 0.75;
  task.confidence = 0.25;
  task.notes = "{\"size\":\n2}";
  task.retry_count = 3;
  task.error = "timed out";
  task.retry_at = at("2026-03-01T01:00:00Z");
  task.claimed_by = "w";
  task.claimed_until = at("2026-03-01T02:00:00Z");
  task.created_at = at("2026-03-01T03:00:00Z");
  task.updated_at = at("2026-03-01T04:00:00Z");
  task.closed_at = at("2026-03-01T05:00:00Z");
  task.tracker_fields = R"({"assignee":"ada"})";
  task.revision = 7;
  return task;
}

TEST(ConsolidationJson, WritesATask) {
  const std::string text = to_json(full_task());

  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(json::parse(text), json::parse(R"({
      "task_id": "merge-1", "title": "Merge \"two\"", "agent": "relations", "urgency": "high",
      "labels": ["consolidation:relations", "urgency:high", "weekly"], "priority": 1,
      "status": "in_progress", "approval": "approved", "action": "merge",
      "memory_ids": ["00000000-0000-4000-8000-000000000001",
                     "00000000-0000-4000-8000-000000000002"],
      "score": 0.5, "cohesion": 0.75, "confidence": 0.25, "notes": {"size": 2}, "retry_count": 3,
      "error": "timed out", "retry_at": "2026-03-01T01:00:00Z", "claimed_by": "w",
      "claimed_until": "2026-03-01T02:00:00Z", "created_at": "2026-03-01T03:00:00Z",
      "updated_at": "2026-03-01T04:00:00Z", "closed_at": "2026-03-01T05:00:00Z",
      "tracker_fields": {"assignee": "ada"}, "revision": 7})"));
}

TEST(ConsolidationJson, LeavesOutWhatATaskDoesNotHave) {
  EXPECT_EQ(json::parse(to_json(ConsolidationTask{})), json::parse(R"({
      "task_id": "", "title": "", "agent": "merge", "urgency": "medium",
      "labels": ["consolidation:merge", "urgency:medium"], "priority": 2, "status": "open",
      "approval": "not_needed", "action": "", "memory_ids": [], "retry_count": 0,
      "revision": 0})"));
}

TEST(ConsolidationJson, WritesAPlanWithItemsAndChanges) {
  Plan plan;
  plan.id = id("9");
  plan.origin = "job";
  plan.status = PlanStatus::kUndone;
  plan.agents = {UpkeepAgent::kDecay, UpkeepAgent::kMerge};
  plan.created_at = at("2026-03-01T01:00:00Z");
  plan.applied_at = at("2026-03-01T02:00:00Z");
  plan.undone_at = at("2026-03-01T03:00:00Z");
  PlanItem item;
  item.agent = UpkeepAgent::kMerge;
  item.action = "merge";
  item.inputs = {{id("1"), 5}};
  item.confidence = 0.5;
  item.decision = Decision::kWait;
  item.outcome = ItemOutcome::kFailed;
  item.task_id = "t";
  item.reason = "r";
  item.result = R"({"cohesion":0.9})";
  item.error = "e";
  plan.items = {item};
  Memory memory;
  memory.id = id("1");
  memory.text = "tea";
  Relation relation;
  relation.id = id("4");
  relation.source_id = id("1");
  relation.target_id = id("2");
  plan.changes = {{{}, memory}, {relation, {}}, {full_task(), full_task()}};
  plan.erased = {id("3")};
  plan.revision = 8;

  json expected = json::parse(R"({
      "id": "00000000-0000-4000-8000-000000000009", "origin": "job", "status": "undone",
      "agents": ["decay", "merge"], "created_at": "2026-03-01T01:00:00Z",
      "applied_at": "2026-03-01T02:00:00Z", "undone_at": "2026-03-01T03:00:00Z",
      "items": [{"agent": "merge", "action": "merge",
                 "inputs": [{"id": "00000000-0000-4000-8000-000000000001", "revision": 5}],
                 "confidence": 0.5, "decision": "wait", "outcome": "failed", "task_id": "t",
                 "reason": "r", "result": {"cohesion": 0.9}, "error": "e"}],
      "changes": [
        {"kind": "memory", "id": "00000000-0000-4000-8000-000000000001", "before": null,
         "after": {"kind": "memory", "id": "00000000-0000-4000-8000-000000000001", "text": "tea"}},
        {"kind": "relation", "id": "00000000-0000-4000-8000-000000000004", "after": null,
         "before": {"kind": "relation", "id": "00000000-0000-4000-8000-000000000004",
                    "source_id": "00000000-0000-4000-8000-000000000001",
                    "target_id": "00000000-0000-4000-8000-000000000002"}},
        {"kind": "consolidation_task", "id": "merge-1"}],
      "erased": ["00000000-0000-4000-8000-000000000003"], "revision": 8})");
  const json task = json::parse(to_json(full_task()));
  expected["changes"][2]["before"] = expected["changes"][2]["after"] = task;
  EXPECT_EQ(json::parse(to_json(plan)), expected);
}

TEST(ConsolidationJson, WritesASummaryOfAPlan) {
  PlanSummary plan;
  plan.id = id("9");
  plan.origin = "task";
  plan.status = PlanStatus::kApplied;
  plan.applied_at = at("2026-03-01T02:00:00Z");
  plan.items = 3;
  plan.changes = 4;
  plan.revision = 5;

  EXPECT_EQ(json::parse(to_json(plan)), json::parse(R"({
      "id": "00000000-0000-4000-8000-000000000009", "origin": "task", "status": "applied",
      "applied_at": "2026-03-01T02:00:00Z", "items": 3, "changes": 4, "revision": 5})"));
}

TEST(ConsolidationJson, WritesAJob) {
  ConsolidationJob job;
  job.id = id("6");
  job.project_id = "garden";
  job.status = JobStatus::kRunning;
  job.trigger = JobTrigger::kThreshold;
  job.triggered_by = "ada";
  job.scope = {at("2026-03-01T01:00:00Z"), at("2026-03-01T02:00:00Z"), {"decision"}, false};
  job.phases_completed = {JobPhase::kPatternExtraction};
  job.progress = 0.5;
  job.metrics = {1, 2, 3, 4, 5};
  job.plan_ids = {id("9")};
  job.errors = {"memory_merging: full"};
  job.retry_count = 1;
  job.created_at = at("2026-03-01T03:00:00Z");
  job.started_at = at("2026-03-01T04:00:00Z");
  job.completed_at = at("2026-03-01T05:00:00Z");
  job.revision = 6;

  EXPECT_EQ(json::parse(to_json(job)), json::parse(R"({
      "id": "00000000-0000-4000-8000-000000000006", "project_id": "garden", "status": "running",
      "trigger": "threshold", "triggered_by": "ada",
      "scope": {"created_from": "2026-03-01T01:00:00Z", "created_until": "2026-03-01T02:00:00Z",
                "memory_types": ["decision"], "unconsolidated_only": false},
      "phases_completed": ["pattern_extraction"], "progress": 0.5,
      "metrics": {"memories_processed": 1, "patterns_extracted": 2, "memories_merged": 3,
                  "merges_made": 4, "principles_created": 5},
      "plan_ids": ["00000000-0000-4000-8000-000000000009"], "errors": ["memory_merging: full"],
      "retry_count": 1, "retries_max": 3, "created_at": "2026-03-01T03:00:00Z",
      "started_at": "2026-03-01T04:00:00Z", "completed_at": "2026-03-01T05:00:00Z",
      "revision": 6})"));
}

TEST(ConsolidationJson, WritesALineage) {
  Lineage lineage;
  lineage.id = id("1");
  lineage.sources = {{id("2"), id("1"), "consolidated", 1, 0.5}};
  lineage.derived = {{id("1"), id("3"), "parent", 2, {}}};

  EXPECT_EQ(json::parse(to_json(lineage)), json::parse(R"({
      "id": "00000000-0000-4000-8000-000000000001",
      "sources": [{"source_id": "00000000-0000-4000-8000-000000000002",
                   "derived_id": "00000000-0000-4000-8000-000000000001", "kind": "consolidated",
                   "depth": 1, "similarity": 0.5}],
      "derived": [{"source_id": "00000000-0000-4000-8000-000000000001",
                   "derived_id": "00000000-0000-4000-8000-000000000003", "kind": "parent",
                   "depth": 2}]})"));
}

}  // namespace
}  // namespace tulving
