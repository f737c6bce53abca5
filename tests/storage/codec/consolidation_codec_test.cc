// Rows of tasks, plans and jobs that break a rule which readers rely on are refused, by name.

#include <limits>
#include <random>

#include "storage/codec/codec.h"
#include "tests/storage/codec/random_records.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

class ConsolidationCodec : public testing::Test {
 protected:
  const std::uint32_t seed_ = std::random_device{}();
  testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  RandomRecords random_{seed_};
};

TEST_F(ConsolidationCodec, RefusesATaskThatBreaksARule) {
  const auto refused = [&](const char* part, auto change) {
    ConsolidationTask task = random_.task();
    change(task);
    EXPECT_THAT(decode<ConsolidationTask>(encode(task)), FailsWith(ErrorCode::kCorruption, part));
  };
  const auto wrong = [](auto last) {
    return static_cast<decltype(last)>(static_cast<int>(last) + 1);
  };
  refused("enumerator", [&](auto& task) { task.agent = wrong(UpkeepAgent::kRelations); });
  refused("enumerator", [&](auto& task) { task.urgency = wrong(Urgency::kHigh); });
  refused("enumerator", [&](auto& task) { task.status = wrong(ConsolidationTaskStatus::kClosed); });
  refused("enumerator", [&](auto& task) { task.approval = wrong(Approval::kRejected); });
  refused("range", [](auto& task) { task.priority = 0; });
  refused("range", [](auto& task) { task.priority = 4; });
  refused("range", [](auto& task) { task.retry_count = -1; });
  refused("range", [](auto& task) { task.retry_count = kConsolidationTaskRetriesMax + 1; });
  refused("range", [](auto& task) { task.confidence = 1.5; });
  refused("range", [](auto& task) { task.score = std::nan(""); });
  refused("range", [](auto& task) { task.cohesion = std::nan(""); });
  refused("time", [](auto& task) { task.retry_at = Timestamp::max(); });
  refused("time", [](auto& task) { task.claimed_until = Timestamp::min(); });
  refused("UTF-8", [](auto& task) { task.title = "\xFF"; });
  refused("UTF-8", [](auto& task) { task.labels = {"\xFF"}; });
  refused("UTF-8", [](auto& task) { task.tracker_fields = "\xFF"; });
  refused("empty", [](auto& task) { task.task_id.clear(); });
}

TEST_F(ConsolidationCodec, RefusesAPlanThatBreaksARule) {
  const auto refused = [&](const char* part, auto change) {
    Plan plan = random_.plan();
    plan.items.resize(1);
    change(plan);
    EXPECT_THAT(decode_plan(encode_plan(plan)), FailsWith(ErrorCode::kCorruption, part));
  };
  const auto wrong = [](auto last) {
    return static_cast<decltype(last)>(static_cast<int>(last) + 1);
  };
  refused("enumerator", [&](auto& plan) { plan.status = wrong(PlanStatus::kDropped); });
  refused("enumerator", [&](auto& plan) { plan.agents = {wrong(UpkeepAgent::kRelations)}; });
  refused("enumerator", [&](auto& plan) { plan.items[0].agent = wrong(UpkeepAgent::kRelations); });
  refused("enumerator", [&](auto& plan) { plan.items[0].decision = wrong(Decision::kWait); });
  refused("enumerator", [&](auto& plan) { plan.items[0].outcome = wrong(ItemOutcome::kFailed); });
  refused("range", [](auto& plan) { plan.items[0].confidence = -0.5; });
  refused("time", [](auto& plan) { plan.applied_at = Timestamp::max(); });
  refused("UTF-8", [](auto& plan) { plan.origin = "\xFF"; });
  refused("UTF-8", [](auto& plan) { plan.items[0].reason = "\xFF"; });
  // The records in it are held to their own rules.
  refused("memory", [&](auto& plan) {
    Memory memory = random_.memory();
    memory.priority = 11;
    plan.changes = {{memory, {}}};
  });
  refused("relation", [&](auto& plan) {
    Relation relation = random_.relation();
    relation.relation_type = "\xFF";
    plan.changes = {{{}, relation}};
  });
  refused("task", [&](auto& plan) {
    ConsolidationTask task = random_.task();
    task.retry_count = -1;
    plan.changes = {{task, {}}};
  });
  refused("UTF-8", [&](auto& plan) {
    Memory memory = random_.memory();
    memory.embeddings = {{"\xFF", {1.0F}}};
    plan.changes = {{{}, memory}};
  });
}

TEST_F(ConsolidationCodec, RefusesAJobThatBreaksARule) {
  const auto refused = [&](const char* part, auto change) {
    ConsolidationJob job = random_.job();
    change(job);
    EXPECT_THAT(decode<ConsolidationJob>(encode(job)), FailsWith(ErrorCode::kCorruption, part));
  };
  const auto wrong = [](auto last) {
    return static_cast<decltype(last)>(static_cast<int>(last) + 1);
  };
  refused("enumerator", [&](auto& job) { job.status = wrong(JobStatus::kCancelled); });
  refused("enumerator", [&](auto& job) { job.trigger = wrong(JobTrigger::kUrgent); });
  refused("enumerator",
          [&](auto& job) { job.phases_completed = {wrong(JobPhase::kHierarchyCreation)}; });
  refused("progress", [](auto& job) { job.progress = 1.5; });
  refused("progress", [](auto& job) { job.progress = std::nan(""); });
  refused("time", [](auto& job) { job.scope.created_from = Timestamp::max(); });
  refused("UTF-8", [](auto& job) { job.project_id = "\xFF"; });
  refused("UTF-8", [](auto& job) { job.errors = {"\xFF"}; });
  refused("UTF-8", [](auto& job) { job.scope.memory_types = {"\xFF"}; });
}

}  // namespace
}  // namespace tulving::storage
