// Every rule of tasks.h, plans.h and jobs.h refuses what breaks it, naming the field, the value and
// the rule. Each case breaks one rule of a record that is sound without it, and the bounds
// themselves pass.

#include <gmock/gmock.h>

#include <functional>
#include <limits>

#include "core/model/rules/rules.h"

namespace tulving::model {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string bytes(std::size_t count) { return std::string(count, 'x'); }

Uuid id(int i) { return Uuid::derive("rules", std::to_string(i)); }

Uuid version_1() {
  Uuid bad = id(0);
  bad.bytes[6] = 0x10;
  return bad;
}

std::string why(const Status& status) { return status ? "" : status.error().message; }

template <class Record>
struct Case {
  std::string field;
  std::string message;  // A part of it.
  std::function<void(Record&)> change;
};

template <class Record>
void expect_refusals(const Record& sound, const std::vector<Case<Record>>& cases) {
  const auto check = [](const Record& record) {
    if constexpr (std::is_same_v<Record, Plan>) {
      return check_plan(record);
    } else {
      return check_record(record);
    }
  };
  ASSERT_THAT(why(check(sound)), IsEmpty());
  for (const auto& broken : cases) {
    SCOPED_TRACE(broken.field + ": " + broken.message);
    Record record = sound;
    broken.change(record);
    const Status status = check(record);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(status.error().field, broken.field);
    EXPECT_THAT(status.error().message, HasSubstr(broken.message));
  }
}

ConsolidationTask sound_task() {
  ConsolidationTask task;
  task.title = "Merge two memories";
  task.action = "merge";
  task.memory_ids = {id(1), id(2)};
  std::ranges::sort(task.memory_ids);
  return task;
}

TEST(TaskRules, RefuseEachBrokenRule) {
  using Task = ConsolidationTask;
  expect_refusals<Task>(
      sound_task(),
      {
          {"task_id", "has 65 characters; at most 64", [](Task& t) { t.task_id = bytes(65); }},
          {"title", "is empty; 1..500", [](Task& t) { t.title = ""; }},
          {"title", "has 501 characters", [](Task& t) { t.title = bytes(501); }},
          {"title", "UTF-8 without NUL", [](Task& t) { t.title = "\xFF"; }},
          {"agent", "agent is 5", [](Task& t) { t.agent = static_cast<UpkeepAgent>(5); }},
          {"urgency", "urgency is 3", [](Task& t) { t.urgency = static_cast<Urgency>(3); }},
          {"labels", "labels[0] is empty", [](Task& t) { t.labels = {""}; }},
          {"labels", "labels[0] has 65 characters", [](Task& t) { t.labels = {bytes(65)}; }},
          {"labels", "has \"a\" twice",
           [](Task& t) {
             t.labels = {"a", "a"};
           }},
          {"priority", "is 0; must be 1..3", [](Task& t) { t.priority = 0; }},
          {"priority", "is 4; must be 1..3", [](Task& t) { t.priority = 4; }},
          {"status", "status is 4",
           [](Task& t) { t.status = static_cast<ConsolidationTaskStatus>(4); }},
          {"approval", "approval is 4", [](Task& t) { t.approval = static_cast<Approval>(4); }},
          {"action", "is empty; 1..32", [](Task& t) { t.action = ""; }},
          {"action", "has 33 characters", [](Task& t) { t.action = bytes(33); }},
          {"memory_ids", "has 0 entries; must have 1..1000", [](Task& t) { t.memory_ids.clear(); }},
          {"memory_ids", "has 1001 entries", [](Task& t) { t.memory_ids.resize(1001, id(1)); }},
          {"memory_ids", "version 4", [](Task& t) { t.memory_ids = {version_1()}; }},
          {"memory_ids", "not ascending", [](Task& t) { std::ranges::reverse(t.memory_ids); }},
          {"memory_ids", "hold one twice",
           [](Task& t) {
             t.memory_ids = {id(1), id(1)};
           }},
          {"score", "is nan", [](Task& t) { t.score = kNan; }},
          {"score", "is -0.25; must be 0..1", [](Task& t) { t.score = -0.25; }},
          {"score", "is 1.5; must be 0..1", [](Task& t) { t.score = 1.5; }},
          {"cohesion", "is 1.5; must be -1..1", [](Task& t) { t.cohesion = 1.5; }},
          {"confidence", "is -0.5; must be 0..1", [](Task& t) { t.confidence = -0.5; }},
          {"notes", "must be a JSON object", [](Task& t) { t.notes = "[]"; }},
          {"retry_count", "is -1; must be 0..3", [](Task& t) { t.retry_count = -1; }},
          {"retry_count", "is 4; must be 0..3", [](Task& t) { t.retry_count = 4; }},
          {"error", "UTF-8", [](Task& t) { t.error = "\xFF"; }},
          {"error", "a blocked task says",
           [](Task& t) { t.status = ConsolidationTaskStatus::kBlocked; }},
          {"retry_at", "years", [](Task& t) { t.retry_at = Timestamp::max(); }},
          {"claimed_by", "has 256 characters", [](Task& t) { t.claimed_by = bytes(256); }},
          {"claimed_by", "\"w\" and status is open", [](Task& t) { t.claimed_by = "w"; }},
          {"claimed_by", "\"\" and status is in_progress",
           [](Task& t) { t.status = ConsolidationTaskStatus::kInProgress; }},
          {"claimed_until", "years", [](Task& t) { t.claimed_until = Timestamp::max(); }},
          {"created_at", "years", [](Task& t) { t.created_at = Timestamp::max(); }},
          {"updated_at", "years", [](Task& t) { t.updated_at = Timestamp::max(); }},
          {"closed_at", "years",
           [](Task& t) {
             t.status = ConsolidationTaskStatus::kClosed;
             t.closed_at = Timestamp::max();
           }},
          {"closed_at", "is missing and status is closed",
           [](Task& t) { t.status = ConsolidationTaskStatus::kClosed; }},
          {"closed_at", "is set and status is open", [](Task& t) { t.closed_at = Timestamp(); }},
          {"tracker_fields", "not valid JSON", [](Task& t) { t.tracker_fields = "{"; }},
      });
}

TEST(TaskRules, TakeTheBoundsThemselves) {
  ConsolidationTask task = sound_task();
  task.task_id = bytes(64);
  task.title = bytes(500);
  task.labels = {bytes(64)};
  task.action = bytes(32);
  task.cohesion = -1;
  task.confidence = 1;
  task.priority = 3;
  task.retry_count = kConsolidationTaskRetriesMax;
  task.status = ConsolidationTaskStatus::kInProgress;
  task.claimed_by = bytes(255);

  EXPECT_THAT(why(check_record(task)), IsEmpty());
}

Memory memory() {
  Memory memory;
  memory.id = id(1);
  memory.text = "a";
  return memory;
}

Plan sound_plan() {
  Plan plan;
  plan.id = id(9);
  plan.origin = "consolidate";
  PlanItem item;
  item.action = "merge";
  plan.items = {item};
  plan.changes = {{memory(), memory()}, {{}, Relation{}}, {ConsolidationTask{}, {}}};
  return plan;
}

TEST(PlanRules, RefuseEachBrokenRule) {
  expect_refusals<Plan>(
      sound_plan(),
      {
          {"id", "version 4", [](Plan& p) { p.id = version_1(); }},
          {"origin", "is empty; 1..64", [](Plan& p) { p.origin = ""; }},
          {"origin", "has 65 characters", [](Plan& p) { p.origin = bytes(65); }},
          {"agents", "is 5", [](Plan& p) { p.agents = {static_cast<UpkeepAgent>(5)}; }},
          {"items", "is 5", [](Plan& p) { p.items[0].agent = static_cast<UpkeepAgent>(5); }},
          {"items", "is 3", [](Plan& p) { p.items[0].decision = static_cast<Decision>(3); }},
          {"items", "is 5", [](Plan& p) { p.items[0].outcome = static_cast<ItemOutcome>(5); }},
          {"items.action", "is empty", [](Plan& p) { p.items[0].action = ""; }},
          {"items.action", "has 33 characters", [](Plan& p) { p.items[0].action = bytes(33); }},
          {"items.confidence", "is 2; must be 0..1", [](Plan& p) { p.items[0].confidence = 2; }},
          {"items.confidence", "is nan", [](Plan& p) { p.items[0].confidence = kNan; }},
          {"items.task_id", "has 65 characters", [](Plan& p) { p.items[0].task_id = bytes(65); }},
          {"items.reason", "UTF-8", [](Plan& p) { p.items[0].reason = "\xFF"; }},
          {"items.result", "must be a JSON object", [](Plan& p) { p.items[0].result = "7"; }},
          {"items.error", "UTF-8", [](Plan& p) { p.items[0].error = "\xFF"; }},
          {"changes", "neither before nor after", [](Plan& p) { p.changes = {{}}; }},
          {"changes", "one kind of record into another",
           [](Plan& p) {
             p.changes = {{memory(), Relation{}}};
           }},
          {"changes", "takes memory " + id(1).to_string() + " away",
           [](Plan& p) {
             p.changes = {{memory(), {}}};
           }},
          {"changes", "gives memory " + id(1).to_string() + " embeddings",
           [](Plan& p) {
             Memory after = memory();
             after.embeddings = {{"default", {1.0F}}};
             p.changes = {{memory(), after}};
           }},
          {"changes", "has 100001 entries; must have at most 100000",
           [](Plan& p) { p.changes.resize(100'001, p.changes[0]); }},
          {"changes", "bytes; at most 536870912",
           [](Plan& p) {
             Memory after = memory();
             after.text = bytes(6'000'000);
             p.changes.assign(90, {{}, after});
           }},
      });
}

TEST(PlanRules, TakeAMemoryThatIsMadeWithEmbeddings) {
  Plan plan = sound_plan();
  Memory made = memory();
  made.embeddings = {{"default", {1.0F}}};
  plan.changes = {{{}, made}};

  EXPECT_THAT(why(check_plan(plan)), IsEmpty());
}

TEST(JobRules, RefuseEachBrokenRule) {
  using Job = ConsolidationJob;
  Job sound;
  sound.project_id = "garden";
  expect_refusals<Job>(
      sound,
      {
          {"id", "version 4", [](Job& j) { j.id = version_1(); }},
          {"project_id", "is empty; 1..64", [](Job& j) { j.project_id = ""; }},
          {"project_id", "has 65 characters", [](Job& j) { j.project_id = bytes(65); }},
          {"status", "status is 5", [](Job& j) { j.status = static_cast<JobStatus>(5); }},
          {"trigger", "trigger is 4", [](Job& j) { j.trigger = static_cast<JobTrigger>(4); }},
          {"triggered_by", "has 256 characters", [](Job& j) { j.triggered_by = bytes(256); }},
          {"scope.created_from", "years", [](Job& j) { j.scope.created_from = Timestamp::max(); }},
          {"scope.created_until", "years",
           [](Job& j) { j.scope.created_until = Timestamp::max(); }},
          {"scope.created_until", "must be after created_from",
           [](Job& j) { j.scope.created_from = j.scope.created_until = Timestamp(); }},
          {"scope.memory_types", "[0] is empty", [](Job& j) { j.scope.memory_types = {""}; }},
          {"scope.memory_types", "has 33 characters",
           [](Job& j) { j.scope.memory_types = {bytes(33)}; }},
          {"phases_completed", "is 3",
           [](Job& j) { j.phases_completed = {static_cast<JobPhase>(3)}; }},
          {"progress", "is 1.5; must be 0..1", [](Job& j) { j.progress = 1.5; }},
          {"progress", "is nan", [](Job& j) { j.progress = kNan; }},
          {"plan_ids", "version 4", [](Job& j) { j.plan_ids = {version_1()}; }},
          {"errors", "errors[0]", [](Job& j) { j.errors = {"\xFF"}; }},
          {"retries_max", "is 11; must be 0..10", [](Job& j) { j.retries_max = 11; }},
          {"retry_count", "is 4; must be 0..3", [](Job& j) { j.retry_count = 4; }},
          {"created_at", "years", [](Job& j) { j.created_at = Timestamp::max(); }},
          {"started_at", "years", [](Job& j) { j.started_at = Timestamp::max(); }},
          {"completed_at", "years", [](Job& j) { j.completed_at = Timestamp::max(); }},
      });
}

}  // namespace
}  // namespace tulving::model
