#include "tulving/consolidation_queue.h"

#include <fmt/format.h>

#include <chrono>
#include <string>

#include "core/base/text/utf8.h"
#include "core/engine/store/store_impl.h"
#include "core/engine/write/record_writes.h"
#include "core/model/rules/rules.h"
#include "core/model/task_queue.h"

// Every act is one write of the store, which is what makes claims atomic.

namespace tulving {
namespace {

Status must_hold(const ConsolidationTask& task, std::string_view worker) {
  if (task.status == ConsolidationTaskStatus::kInProgress && task.claimed_by == worker) return {};
  return Error{
      ErrorCode::kConflict,
      fmt::format("task \"{}\" is {}{}, not in the hands of \"{}\"", task.task_id,
                  to_string(task.status),
                  task.claimed_by.empty() ? "" : " by \"" + task.claimed_by + "\"", worker),
      "worker"};
}

// Changes one task in one write.
Result<ConsolidationTask> change(
    const auto& tenant, std::string_view task_id,
    const std::function<Status(ConsolidationTask&, Timestamp now)>& edit) {
  ConsolidationTask changed;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    auto task = transaction.get<ConsolidationTask>(task_id);
    if (!task) return transaction.no_such<ConsolidationTask>(task_id);
    if (auto status = edit(*task, transaction.now()); !status) return status;
    task->updated_at = transaction.now();
    task->revision = transaction.revision();
    if (auto status = model::check_record(*task); !status) return status;
    changed = *task;
    transaction.put(*std::move(task));
    return {};
  };
  if (auto status = tenant.write(stage); !status) return status.error();
  return changed;
}

}  // namespace

ConsolidationQueue Tenant::queue() const { return ConsolidationQueue(*this); }

Result<ConsolidationTask> ConsolidationQueue::add(const ConsolidationTask& task) {
  ConsolidationTask stored = task;
  if (auto status = model::check_record(stored); !status) return status.error();
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    engine::give_id(transaction.tenant_id(), stored);
    if (auto present = transaction.get<ConsolidationTask>(stored.task_id)) {
      stored = *std::move(present);
      return {};
    }
    auto put = engine::stage_put(transaction, std::move(stored));
    if (!put) return put.error();
    stored = std::move(put->record);
    return {};
  };
  const auto& tenant = Tenant::Impl::of(tenant_);
  if (auto status = tenant.write(stage); !status) return status.error();
  return stored;
}

Result<std::optional<ConsolidationTask>> ConsolidationQueue::claim(
    const ConsolidationTaskClaim& claim) {
  const std::size_t letters = utf8_length(claim.worker);
  if (letters == 0 || letters > 255) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("worker has {} characters; must have 1..255", letters), "worker"};
  }
  if (claim.lease < std::chrono::seconds{1} || claim.lease > std::chrono::days{1}) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("lease is {} s; must be 1..86400", claim.lease.count()), "lease"};
  }
  std::optional<ConsolidationTask> claimed;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    const Timestamp now = transaction.now();
    for (ConsolidationTask& task : transaction.all<ConsolidationTask>()) {
      if (claim.agent.value_or(task.agent) != task.agent) continue;
      if (!model::is_claimable(task, now)) continue;
      task.priority = model::escalated(task, now);
      if (!claimed || model::comes_first(task, *claimed)) claimed = std::move(task);
    }
    if (!claimed) return {};
    claimed->status = ConsolidationTaskStatus::kInProgress;
    claimed->claimed_by = claim.worker;
    claimed->claimed_until = now + claim.lease;
    claimed->retry_at.reset();
    claimed->updated_at = now;
    claimed->revision = transaction.revision();
    if (auto status = model::check_record(*claimed); !status) return status;
    transaction.put(*claimed);
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
                  model::close_task(task, now);
                  return {};
                });
}

Result<ConsolidationTask> ConsolidationQueue::fail(std::string_view task_id,
                                                   std::string_view worker,
                                                   std::string_view error) {
  return change(
      Tenant::Impl::of(tenant_), task_id, [&](ConsolidationTask& task, Timestamp now) -> Status {
        if (auto status = must_hold(task, worker); !status) return status;
        model::block_task(task, now, error.empty() ? "failed, and did not say why" : error);
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
          model::close_task(task, now, std::string(task.error));
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
    for (ConsolidationTask& task : transaction.all<ConsolidationTask>()) {
      const std::int32_t priority = model::escalated(task, transaction.now());
      if (task.status == ConsolidationTaskStatus::kClosed || priority == task.priority) continue;
      task.priority = priority;
      task.updated_at = transaction.now();
      transaction.put(std::move(task));
      ++raised;
    }
    return {};
  };
  const auto& tenant = Tenant::Impl::of(tenant_);
  if (auto status = tenant.write(stage); !status) return status.error();
  return raised;
}

}  // namespace tulving
