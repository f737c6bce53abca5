#include "tulving/consolidation_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/engine/store/store_impl.h"
#include "core/engine/tenant/task_writes.h"
#include "core/model/rules/rules.h"

// Every act is one write of the store, which is what makes claims atomic.

namespace tulving {
namespace {

using std::chrono::days;
using std::chrono::minutes;

constexpr std::array<minutes, kConsolidationTaskRetriesMax> kBackOff = {minutes{1}, minutes{5},
                                                                        minutes{25}};
constexpr days kEscalation{7};

// The priority after the days it has waited; 1 is the highest.
std::int32_t escalated(const ConsolidationTask& task, Timestamp now) {
  const auto since = task.updated_at.value_or(now);
  const auto weeks = std::max<std::int64_t>(0, (now - since) / kEscalation);
  return static_cast<std::int32_t>(std::max<std::int64_t>(1, task.priority - weeks));
}

bool claimable(const ConsolidationTask& task, const ConsolidationTaskClaim& claim, Timestamp now) {
  if (claim.agent && task.agent != *claim.agent) return false;
  if (task.approval == Approval::kWaiting || task.approval == Approval::kRejected) return false;
  switch (task.status) {
    case ConsolidationTaskStatus::kOpen:
      return true;
    case ConsolidationTaskStatus::kBlocked:
      return task.retry_at && *task.retry_at <= now;
    case ConsolidationTaskStatus::kInProgress:
      return task.claimed_until && *task.claimed_until <= now;
    default:
      return false;
  }
}

Status must_hold(const ConsolidationTask& task, std::string_view worker) {
  if (task.status == ConsolidationTaskStatus::kInProgress && task.claimed_by == worker) return {};
  return Error{
      ErrorCode::kConflict,
      fmt::format("task \"{}\" is {}{}, not in the hands of \"{}\"", task.task_id,
                  to_string(task.status),
                  task.claimed_by.empty() ? "" : " by \"" + task.claimed_by + "\"", worker),
      "worker"};
}

void release(ConsolidationTask& task) {
  task.claimed_by.clear();
  task.claimed_until.reset();
}

// Changes one task in one write.
Result<ConsolidationTask> change(
    const auto& tenant, std::string_view task_id,
    const std::function<Status(ConsolidationTask&, Timestamp now)>& edit) {
  ConsolidationTask changed;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    auto task = transaction.task(task_id);
    if (!task) return engine::no_such_task(transaction.tenant_id(), task_id);
    if (auto status = edit(*task, transaction.now()); !status) return status;
    task->updated_at = transaction.now();
    task->revision = transaction.revision();
    if (auto status = model::check_task(*task); !status) return status;
    changed = *task;
    transaction.put_task(*std::move(task));
    return {};
  };
  if (auto status = tenant.write(stage); !status) return status.error();
  return changed;
}

}  // namespace

ConsolidationQueue Tenant::queue() const { return ConsolidationQueue(*this); }

Result<ConsolidationTask> ConsolidationQueue::add(const ConsolidationTask& task) {
  ConsolidationTask stored = task;
  if (auto status = model::check_task(stored); !status) return status.error();
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    engine::complete_task(stored, transaction.tenant_id(), transaction.now());
    if (auto present = transaction.task(stored.task_id)) {
      stored = *std::move(present);
      return {};
    }
    if (auto status = engine::check_task_memories(transaction, stored); !status) return status;
    stored.revision = transaction.revision();
    transaction.put_task(stored);
    return {};
  };
  const auto& tenant = Tenant::Impl::of(tenant_);
  if (auto status = tenant.write(stage); !status) return status.error();
  return stored;
}

Result<std::optional<ConsolidationTask>> ConsolidationQueue::claim(
    const ConsolidationTaskClaim& claim) {
  if (claim.worker.empty() || claim.worker.size() > 255) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("worker has {} bytes; must have 1..255", claim.worker.size()),
                 "worker"};
  }
  if (claim.lease < std::chrono::seconds{1} || claim.lease > days{1}) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("lease is {} s; must be 1..86400", claim.lease.count()), "lease"};
  }
  std::optional<ConsolidationTask> claimed;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    const Timestamp now = transaction.now();
    for (ConsolidationTask& task : transaction.tasks()) {
      if (!claimable(task, claim, now)) continue;
      task.priority = escalated(task, now);
      if (!claimed || engine::comes_first(task, *claimed)) claimed = std::move(task);
    }
    if (!claimed) return {};
    claimed->status = ConsolidationTaskStatus::kInProgress;
    claimed->claimed_by = claim.worker;
    claimed->claimed_until = now + claim.lease;
    claimed->retry_at.reset();
    claimed->updated_at = now;
    claimed->revision = transaction.revision();
    if (auto status = model::check_task(*claimed); !status) return status;
    transaction.put_task(*claimed);
    return {};
  };
  const auto& tenant = Tenant::Impl::of(tenant_);
  if (auto status = tenant.write(stage); !status) return status.error();
  return claimed;
}

Result<ConsolidationTask> ConsolidationQueue::close(std::string_view task_id,
                                                    std::string_view worker) {
  return change(Tenant::Impl::of(tenant_), task_id,
                [&](ConsolidationTask& task, Timestamp now) -> Status {
                  if (auto status = must_hold(task, worker); !status) return status;
                  release(task);
                  task.status = ConsolidationTaskStatus::kClosed;
                  task.closed_at = now;
                  task.error.clear();
                  return {};
                });
}

Result<ConsolidationTask> ConsolidationQueue::fail(std::string_view task_id,
                                                   std::string_view worker,
                                                   std::string_view error) {
  return change(Tenant::Impl::of(tenant_), task_id,
                [&](ConsolidationTask& task, Timestamp now) -> Status {
                  if (auto status = must_hold(task, worker); !status) return status;
                  release(task);
                  task.status = ConsolidationTaskStatus::kBlocked;
                  task.error = error.empty() ? "failed, and did not say why" : error;
                  if (task.retry_count < kConsolidationTaskRetriesMax) {
                    task.retry_at = now + kBackOff[static_cast<std::size_t>(task.retry_count)];
                    ++task.retry_count;
                  }
                  return {};
                });
}

Result<ConsolidationTask> ConsolidationQueue::decide(std::string_view task_id, bool approve) {
  return change(
      Tenant::Impl::of(tenant_), task_id, [&](ConsolidationTask& task, Timestamp now) -> Status {
        if (task.approval != Approval::kWaiting ||
            task.status == ConsolidationTaskStatus::kClosed) {
          return Error{
              ErrorCode::kConflict,
              fmt::format("task \"{}\" does not wait for a decision: it is {}, approval {}",
                          task.task_id, to_string(task.status), to_string(task.approval)),
              "task_id"};
        }
        task.approval = approve ? Approval::kApproved : Approval::kRejected;
        if (!approve) {
          release(task);
          task.status = ConsolidationTaskStatus::kClosed;
          task.closed_at = now;
        }
        return {};
      });
}

Result<ConsolidationTask> ConsolidationQueue::reopen(std::string_view task_id) {
  return change(
      Tenant::Impl::of(tenant_), task_id, [&](ConsolidationTask& task, Timestamp) -> Status {
        if (task.status != ConsolidationTaskStatus::kBlocked &&
            task.status != ConsolidationTaskStatus::kClosed) {
          return Error{ErrorCode::kConflict,
                       fmt::format("task \"{}\" is {}; only blocked and closed ones are reopened",
                                   task.task_id, to_string(task.status)),
                       "task_id"};
        }
        task.status = ConsolidationTaskStatus::kOpen;
        task.closed_at.reset();
        task.retry_at.reset();
        task.retry_count = 0;
        if (task.approval == Approval::kRejected) task.approval = Approval::kWaiting;
        return {};
      });
}

Result<std::uint64_t> ConsolidationQueue::escalate() {
  std::uint64_t raised = 0;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    for (ConsolidationTask& task : transaction.tasks()) {
      const std::int32_t priority = escalated(task, transaction.now());
      if (task.status == ConsolidationTaskStatus::kClosed || priority == task.priority) continue;
      task.priority = priority;
      task.updated_at = transaction.now();
      transaction.put_task(std::move(task));
      ++raised;
    }
    return {};
  };
  const auto& tenant = Tenant::Impl::of(tenant_);
  if (auto status = tenant.write(stage); !status) return status.error();
  return raised;
}

}  // namespace tulving
