#pragma once

#include "tulving/plans.h"
#include "tulving/records.h"

namespace tulving::storage {

// What the rows in tests/golden/ say, every field set.

inline Timestamp time(std::int64_t micros) { return Timestamp(std::chrono::microseconds(micros)); }

inline Uuid id(const char* text) { return *Uuid::parse(text); }

inline Memory golden_memory() {
  Memory memory;
  memory.id = id("0c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60");
  memory.external_id = "note-17";
  memory.agent_id = "tim";
  memory.user_id = "ada";
  memory.project_id = "garden";
  memory.session_id = "spring";
  memory.task_id = "sow";
  memory.stage_id = "plan";
  memory.memory_type = "decision";
  memory.layer = Layer::kSemantic;
  memory.text = "Sow the beans after the last frost. 五月";
  memory.content = R"({"place":"north bed"})";
  memory.summary = "Beans after frost.";
  memory.tags = {"garden", "beans"};
  memory.entities = {"north bed"};
  memory.facts = {"frost ends in May"};
  memory.keywords = {"beans", "frost"};
  memory.metadata = R"({"mood":"sure"})";
  memory.source_type = SourceType::kDocument;
  memory.source_agent = "reader";
  memory.source_id = "almanac";
  memory.goal = "A harvest";
  memory.result = "Done";
  memory.feedback = "Good";
  memory.tool_usage = R"({"spade":1})";
  memory.actions = {"dig", "sow"};
  memory.outcome = "Sprouted";
  memory.success = true;
  memory.error_patterns = R"({"slugs":2})";
  memory.is_critical = true;
  memory.criticality_reason = "Once a year";
  memory.priority = 9;
  memory.strength = 1.5;
  memory.use_count = 3;
  memory.review_count = 4;
  memory.cross_domain_count = 5;
  memory.relevance_score = 0.25;
  memory.status = MemoryStatus::kArchived;
  memory.created_at = time(1'700'000'000'000'001);
  memory.updated_at = time(1'700'000'000'000'002);
  memory.last_used = time(-3);
  memory.expires_at = time(1'700'000'000'000'004);
  memory.promoted_at = time(1'700'000'000'000'005);
  memory.archived_at = time(1'700'000'000'000'006);
  memory.deleted_at = time(0);
  memory.ltm_path = "vault/beans.md";
  memory.parent_memory_id = id("11111111-1111-4111-8111-111111111111");
  memory.consolidated_into_id = id("22222222-2222-4222-8222-222222222222");
  memory.abstraction_level = 2;
  memory.pattern_type = PatternType::kWorkflow;
  memory.confidence_score = 0.5;
  memory.source_memory_ids = {id("33333333-3333-4333-8333-333333333333")};
  memory.consolidation_method = ConsolidationMethod::kHybrid;
  memory.consolidated_at = time(1'700'000'000'000'007);
  memory.reuse_count = 6;
  memory.content_hash = "0123456789abcdef0123456789abcdef";
  memory.revision = 77;
  return memory;
}

inline Session golden_session() {
  Session session;
  session.session_id = "spring";
  session.user_id = "ada";
  session.session_type = "planning";
  session.summary = "What to sow";
  session.metadata = R"({"room":2})";
  session.is_archived = true;
  session.created_at = time(10);
  session.updated_at = time(0);
  session.ended_at = time(12);
  session.revision = 78;
  return session;
}

inline Relation golden_relation() {
  Relation relation;
  relation.id = id("44444444-4444-4444-8444-444444444444");
  relation.source_id = id("55555555-5555-4555-8555-555555555555");
  relation.target_id = id("66666666-6666-4666-8666-666666666666");
  relation.relation_type = "causes";
  relation.strength = 0.75;
  relation.confidence = 0.125;
  relation.metadata = R"({"why":"frost"})";
  relation.created_at = time(13);
  relation.revision = 79;
  return relation;
}

inline ConsolidationTask golden_task() {
  ConsolidationTask task;
  task.task_id = "merge-0123456789abcdef";
  task.title = "Merge 2 memories";
  task.agent = UpkeepAgent::kRelations;
  task.urgency = Urgency::kHigh;
  task.labels = {"weekly", "garden"};
  task.priority = 1;
  task.status = ConsolidationTaskStatus::kBlocked;
  task.approval = Approval::kApproved;
  task.action = "merge";
  task.memory_ids = {id("11111111-1111-4111-8111-111111111111"),
                     id("22222222-2222-4222-8222-222222222222")};
  task.score = 0.125;
  task.cohesion = -0.25;
  task.confidence = 0.75;
  task.notes = R"({"size":2})";
  task.retry_count = 2;
  task.error = "timed out 五";
  task.retry_at = time(20);
  task.claimed_by = "worker-1";
  task.claimed_until = time(0);
  task.created_at = time(22);
  task.updated_at = time(23);
  task.closed_at = time(24);
  task.tracker_fields = R"({"assignee":"ada"})";
  task.revision = 90;
  return task;
}

inline Plan golden_plan() {
  Plan plan;
  plan.id = id("99999999-9999-4999-8999-999999999999");
  plan.origin = "consolidate";
  plan.status = PlanStatus::kUndone;
  plan.agents = {UpkeepAgent::kDecay, UpkeepAgent::kMerge, UpkeepAgent::kRelations};
  plan.created_at = time(30);
  plan.applied_at = time(31);
  plan.undone_at = time(0);
  PlanItem item;
  item.agent = UpkeepAgent::kMerge;
  item.action = "merge";
  item.inputs = {{id("11111111-1111-4111-8111-111111111111"), 7},
                 {id("22222222-2222-4222-8222-222222222222"), 1ULL << 40U}};
  item.confidence = 0.875;
  item.decision = Decision::kWait;
  item.outcome = ItemOutcome::kFailed;
  item.task_id = golden_task().task_id;
  item.reason = "cohesion 0.91 >= 0.75";
  item.result = R"({"cohesion":0.91})";
  item.error = "no words";
  plan.items = {item, PlanItem{}};
  Memory made = golden_memory();
  made.embeddings = {{"default", {0.5F, -1.0F}}, {"ada", {2.0F}}};
  Memory changed = golden_memory();
  changed.status = MemoryStatus::kActive;
  plan.changes = {{changed, golden_memory()},     {{}, made},
                  {golden_relation(), {}},        {{}, golden_relation()},
                  {golden_task(), golden_task()}, {}};
  plan.erased = {id("33333333-3333-4333-8333-333333333333")};
  plan.revision = 91;
  return plan;
}

inline ConsolidationJob golden_job() {
  ConsolidationJob job;
  job.id = id("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa");
  job.project_id = "garden";
  job.status = JobStatus::kFailed;
  job.trigger = JobTrigger::kUrgent;
  job.triggered_by = "ada";
  job.scope = {time(40), time(41), {"decision", "context"}, false};
  job.phases_completed = {JobPhase::kPatternExtraction, JobPhase::kHierarchyCreation};
  job.progress = 0.5;
  job.metrics = {1, 2, 3, 4, 5};
  job.plan_ids = {golden_plan().id};
  job.errors = {"memory_merging: no words"};
  job.retry_count = 1;
  job.retries_max = 5;
  job.created_at = time(42);
  job.started_at = time(0);
  job.completed_at = time(44);
  job.revision = 92;
  return job;
}

}  // namespace tulving::storage
