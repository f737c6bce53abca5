#include "core/model/task_queue.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace tulving::model {
namespace {

using std::chrono::minutes;

constexpr std::array<minutes, kConsolidationTaskRetriesMax> kBackOff = {minutes{1}, minutes{5},
                                                                        minutes{25}};
constexpr std::chrono::days kEscalation{7};

void release(ConsolidationTask& task) {
  task.claimed_by.clear();
  task.claimed_until.reset();
}

}  // namespace

bool is_due(const ConsolidationTask& task, Timestamp now) {
  if (task.approval == Approval::kWaiting || task.approval == Approval::kRejected) return false;
  return task.status == ConsolidationTaskStatus::kOpen ||
         (task.status == ConsolidationTaskStatus::kBlocked && task.retry_at &&
          *task.retry_at <= now);
}

bool is_claimable(const ConsolidationTask& task, Timestamp now) {
  if (task.status != ConsolidationTaskStatus::kInProgress) return is_due(task, now);
  if (task.approval == Approval::kWaiting || task.approval == Approval::kRejected) return false;
  return task.claimed_until && *task.claimed_until <= now;
}

void close_task(ConsolidationTask& task, Timestamp now, std::string_view why) {
  release(task);
  task.status = ConsolidationTaskStatus::kClosed;
  task.closed_at = now;
  task.updated_at = now;
  task.error = why;
}

void block_task(ConsolidationTask& task, Timestamp now, std::string_view error) {
  release(task);
  task.status = ConsolidationTaskStatus::kBlocked;
  task.error = error;
  task.updated_at = now;
  task.retry_at.reset();
  if (task.retry_count < kConsolidationTaskRetriesMax) {
    task.retry_at = now + kBackOff[static_cast<std::size_t>(task.retry_count)];
    ++task.retry_count;
  }
}

std::int32_t escalated(const ConsolidationTask& task, Timestamp now) {
  const auto since = task.updated_at.value_or(now);
  const auto weeks = std::max<std::int64_t>(0, (now - since) / kEscalation);
  return static_cast<std::int32_t>(std::max<std::int64_t>(1, task.priority - weeks));
}

bool comes_first(const ConsolidationTask& a, const ConsolidationTask& b) {
  if (a.priority != b.priority) return a.priority < b.priority;
  return a.created_at != b.created_at ? a.created_at < b.created_at : a.task_id < b.task_id;
}

}  // namespace tulving::model
