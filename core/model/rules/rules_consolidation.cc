// The rules of tasks, plans and jobs that each can break by itself.

#include <fmt/format.h>

#include <algorithm>

#include "core/model/rules/checker.h"
#include "core/model/rules/rules.h"

namespace tulving::model {
namespace {

constexpr std::size_t kTaskMemoriesMax = 1'000;
// A plan is one FlatBuffer, which ends at 2 GiB, and one entry of the log: with the fixed parts of
// so many records, some hundred bytes each, it stays well below that.
constexpr std::size_t kPlanChangesMax = 100'000;
constexpr std::size_t kPlanBytesMax = std::size_t{512} << 20U;

bool optional_share(Checker& check, std::string_view field, const std::optional<double>& value) {
  return !value || check.in_range(field, *value, 0, 1);
}

bool sorted_ids(Checker& check, std::string_view field, const std::vector<Uuid>& ids) {
  if (!check.ids(field, ids)) return false;
  if (std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end()) return true;
  return check.fail(field, fmt::format("{} are not ascending, or hold one twice", field));
}

// What a status asks of the other members, as the tracker and Postgres' readers expect it.
bool status_fits(Checker& check, const ConsolidationTask& task) {
  const bool is_closed = task.status == ConsolidationTaskStatus::kClosed;
  if (is_closed != task.closed_at.has_value()) {
    return check.fail("closed_at",
                      fmt::format("closed_at is {} and status is {}; closed tasks have one, others "
                                  "have none",
                                  is_closed ? "missing" : "set", to_string(task.status)));
  }
  if (task.status == ConsolidationTaskStatus::kBlocked && task.error.empty()) {
    return check.fail("error", "error is missing; a blocked task says what blocks it");
  }
  if (task.claimed_by.empty() == (task.status == ConsolidationTaskStatus::kInProgress)) {
    return check.fail("claimed_by", fmt::format("claimed_by is \"{}\" and status is {}; a task in "
                                                "progress has a worker, others have none",
                                                task.claimed_by, to_string(task.status)));
  }
  return true;
}

// What undo could not give back is not for a plan to take.
bool change_fits(Checker& check, const PlanChange& change) {
  const auto& [before, after] = change;
  if (!before && !after) return check.fail("changes", "a change has neither before nor after");
  if (before && after && before->index() != after->index()) {
    return check.fail("changes", "a change makes one kind of record into another");
  }
  if (!before || !std::holds_alternative<Memory>(*before)) return true;
  const std::string id = std::get<Memory>(*before).id.to_string();
  if (!after) {
    return check.fail("changes", fmt::format("a change takes memory {} away; a plan archives or "
                                             "deletes by status, which can be undone",
                                             id));
  }
  if (!std::get<Memory>(*after).embeddings.empty()) {
    return check.fail("changes", fmt::format("a change gives memory {} embeddings; a plan gives "
                                             "them only to memories that it makes",
                                             id));
  }
  return true;
}

std::size_t bytes_of(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  return bytes;
}

// The parts of a record that can be long.
std::size_t bytes_of(const PlannedRecord& record) {
  if (const auto* relation = std::get_if<Relation>(&record)) return relation->metadata.size();
  if (const auto* task = std::get_if<ConsolidationTask>(&record)) {
    return task->notes.size() + task->error.size() + task->tracker_fields.size() +
           bytes_of(task->labels) + task->memory_ids.size() * sizeof(Uuid);
  }
  const auto& memory = std::get<Memory>(record);
  std::size_t bytes = memory.source_memory_ids.size() * sizeof(Uuid);
  for (const auto* text :
       {&memory.text, &memory.content, &memory.summary, &memory.metadata, &memory.goal,
        &memory.result, &memory.feedback, &memory.tool_usage, &memory.outcome,
        &memory.error_patterns, &memory.criticality_reason, &memory.ltm_path}) {
    bytes += text->size();
  }
  for (const auto* texts :
       {&memory.tags, &memory.entities, &memory.facts, &memory.keywords, &memory.actions}) {
    bytes += bytes_of(*texts);
  }
  for (const Embedding& embedding : memory.embeddings) {
    bytes += embedding.vector.size() * sizeof(float);
  }
  return bytes;
}

}  // namespace

Status check_task(const ConsolidationTask& task) {
  Checker check(kFieldBytesMax);
  if (task.memory_ids.empty() || task.memory_ids.size() > kTaskMemoriesMax) {
    check.fail("memory_ids", fmt::format("memory_ids has {} entries; must have 1..{}",
                                         task.memory_ids.size(), kTaskMemoriesMax));
  } else if (check.text("task_id", task.task_id, 64) && check.name("title", task.title, 500) &&
             check.enumerator("agent", task.agent, 5) &&
             check.enumerator("urgency", task.urgency, 3) &&
             check.unique_names("labels", task.labels, 64) &&
             check.in_range("priority", std::int64_t{task.priority}, 1, 3) &&
             check.enumerator("status", task.status, 4) &&
             check.enumerator("approval", task.approval, 4) &&
             check.name("action", task.action, 32) &&
             sorted_ids(check, "memory_ids", task.memory_ids) &&
             (!task.score || check.finite("score", *task.score)) &&
             (!task.cohesion || check.in_range("cohesion", *task.cohesion, -1, 1)) &&
             optional_share(check, "confidence", task.confidence) &&
             check.json_object("notes", task.notes) &&
             check.in_range("retry_count", std::int64_t{task.retry_count}, 0,
                            kConsolidationTaskRetriesMax) &&
             check.text("error", task.error) && check.time("retry_at", task.retry_at) &&
             check.text("claimed_by", task.claimed_by, 255) &&
             check.time("claimed_until", task.claimed_until) &&
             check.time("created_at", task.created_at) &&
             check.time("updated_at", task.updated_at) && check.time("closed_at", task.closed_at) &&
             check.json_object("tracker_fields", task.tracker_fields) && status_fits(check, task) &&
             check.total()) {
    return {};
  }
  return std::move(check).take_error();
}

Status check_plan(const Plan& plan) {
  Checker check(kFieldBytesMax);
  bool sound = check.name("origin", plan.origin, 64) && check.id("id", plan.id);
  if (sound && plan.changes.size() > kPlanChangesMax) {
    sound = check.fail("changes", fmt::format("changes has {} entries; must have at most {}",
                                              plan.changes.size(), kPlanChangesMax));
  }
  for (const UpkeepAgent agent : plan.agents) sound = sound && check.enumerator("agents", agent, 5);
  for (const PlanItem& item : plan.items) {
    sound =
        sound && check.enumerator("items", item.agent, 5) &&
        check.enumerator("items", item.decision, 3) && check.enumerator("items", item.outcome, 5) &&
        check.name("items.action", item.action, 32) &&
        optional_share(check, "items.confidence", item.confidence) &&
        check.text("items.task_id", item.task_id, 64) && check.text("items.reason", item.reason) &&
        check.json_object("items.result", item.result) && check.text("items.error", item.error);
  }
  std::size_t bytes = 0;
  for (const PlanChange& change : plan.changes) {
    if (!sound || !(sound = change_fits(check, change))) break;
    for (const auto* side : {&change.before, &change.after}) bytes += *side ? bytes_of(**side) : 0;
  }
  if (sound && bytes > kPlanBytesMax) {
    sound = check.fail(
        "changes", fmt::format("changes hold {} bytes; at most {} allowed", bytes, kPlanBytesMax));
  }
  if (sound) return {};
  return std::move(check).take_error();
}

Status check_job(const ConsolidationJob& job) {
  Checker check(kFieldBytesMax);
  bool sound =
      check.id("id", job.id) && check.name("project_id", job.project_id, 64) &&
      check.enumerator("status", job.status, 5) && check.enumerator("trigger", job.trigger, 4) &&
      check.text("triggered_by", job.triggered_by, 255) &&
      check.time("scope.created_from", job.scope.created_from) &&
      check.time("scope.created_until", job.scope.created_until) &&
      check.unique_names("scope.memory_types", job.scope.memory_types, 32) &&
      check.in_range("progress", job.progress, 0, 1) && check.ids("plan_ids", job.plan_ids) &&
      check.texts("errors", job.errors) &&
      check.in_range("retries_max", std::int64_t{job.retries_max}, 0, 10) &&
      check.in_range("retry_count", std::int64_t{job.retry_count}, 0, job.retries_max) &&
      check.time("created_at", job.created_at) && check.time("started_at", job.started_at) &&
      check.time("completed_at", job.completed_at);
  for (const JobPhase phase : job.phases_completed) {
    sound = sound && check.enumerator("phases_completed", phase, 3);
  }
  const JobScope& scope = job.scope;
  if (sound && scope.created_from && scope.created_until &&
      *scope.created_from >= *scope.created_until) {
    sound = check.fail(
        "scope.created_until",
        fmt::format("scope.created_until is {}; must be after created_from, {}",
                    format_time(*scope.created_until), format_time(*scope.created_from)));
  }
  if (sound) return {};
  return std::move(check).take_error();
}

}  // namespace tulving::model
