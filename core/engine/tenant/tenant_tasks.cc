#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <shared_mutex>

#include "core/engine/store/store_impl.h"
#include "core/engine/write/memory_writes.h"
#include "core/model/names/task_id.h"
#include "core/model/names/task_labels.h"
#include "core/model/rules/rules.h"

// Tenant's task queue. Every change is one write of the store, which is what makes claims atomic.

namespace tulving {
namespace {

using std::chrono::days;
using std::chrono::minutes;

constexpr std::array<minutes, kTaskRetriesMax> kBackOff = {minutes{1}, minutes{5}, minutes{25}};
constexpr days kEscalation{7};

Error no_task(const std::string& tenant, std::string_view task_id) {
  return {ErrorCode::kNotFound, fmt::format("tenant \"{}\" has no task \"{}\"", tenant, task_id),
          "task_id"};
}

Status check_memories(const engine::Transaction& transaction, const ConsolidationTask& task) {
  for (const Uuid& id : task.memory_ids) {
    if (transaction.memory(id)) continue;
    auto error = engine::no_such_memory(transaction, id);
    error.field = "memory_ids";
    return error;
  }
  return {};
}

void complete(ConsolidationTask& task, const std::string& tenant_id, Timestamp now) {
  if (task.task_id.empty()) {
    task.task_id = model::task_id(tenant_id, task.agent, task.action, task.memory_ids);
  }
  if (!task.created_at) task.created_at = now;
  if (!task.updated_at) task.updated_at = now;
}

// The priority after the days it has waited; 1 is the highest.
std::int32_t escalated(const ConsolidationTask& task, Timestamp now) {
  const auto since = task.updated_at.value_or(now);
  const auto weeks = std::max<std::int64_t>(0, (now - since) / kEscalation);
  return static_cast<std::int32_t>(std::max<std::int64_t>(1, task.priority - weeks));
}

bool has_label(const ConsolidationTask& task, std::string_view label) {
  const auto labels = model::labels_of(task);
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

bool matches(const ConsolidationTask& task, const TaskFilter& filter) {
  const auto& ids = task.memory_ids;
  return (!filter.agent || task.agent == *filter.agent) &&
         (!filter.status || task.status == *filter.status) &&
         (!filter.approval || task.approval == *filter.approval) &&
         (!filter.memory_id || std::binary_search(ids.begin(), ids.end(), *filter.memory_id)) &&
         (filter.label.empty() || has_label(task, filter.label));
}

bool claimable(const ConsolidationTask& task, const TaskClaim& claim, Timestamp now) {
  if (claim.agent && task.agent != *claim.agent) return false;
  if (task.approval == Approval::kWaiting || task.approval == Approval::kRejected) return false;
  switch (task.status) {
    case TaskStatus::kOpen:
      return true;
    case TaskStatus::kBlocked:
      return task.retry_at && *task.retry_at <= now;
    case TaskStatus::kInProgress:
      return task.claimed_until && *task.claimed_until <= now;
    default:
      return false;
  }
}

bool comes_first(const ConsolidationTask& a, const ConsolidationTask& b) {
  if (a.priority != b.priority) return a.priority < b.priority;
  return a.created_at != b.created_at ? a.created_at < b.created_at : a.task_id < b.task_id;
}

Status must_hold(const ConsolidationTask& task, std::string_view worker) {
  if (task.status == TaskStatus::kInProgress && task.claimed_by == worker) return {};
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
    if (!task) return no_task(transaction.tenant_id(), task_id);
    if (auto status = edit(*task, transaction.now()); !status) return status;
    task->updated_at = transaction.now();
    task->revision = transaction.revision();
    if (auto status = model::check_task(*task); !status) return status;
    changed = *task;
    transaction.put_task(*std::move(task));
    return {};
  };
  if (auto status = tenant.store->write(tenant.state, false, stage); !status) {
    return std::move(status).error();
  }
  return changed;
}

}  // namespace

Result<ConsolidationTask> Tenant::add_task(const ConsolidationTask& task) {
  ConsolidationTask stored = task;
  if (auto status = model::check_task(stored); !status) return std::move(status).error();
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    complete(stored, transaction.tenant_id(), transaction.now());
    if (auto present = transaction.task(stored.task_id)) {
      stored = *std::move(present);
      return {};
    }
    if (auto status = check_memories(transaction, stored); !status) return status;
    stored.revision = transaction.revision();
    transaction.put_task(stored);
    return {};
  };
  if (auto status = impl_->store->write(impl_->state, false, stage); !status) {
    return std::move(status).error();
  }
  return stored;
}

Result<AddResult> Tenant::put_task(const ConsolidationTask& task,
                                   std::optional<std::uint64_t> expected_revision) {
  if (auto status = model::check_task(task); !status) return std::move(status).error();
  AddResult result;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    ConsolidationTask stored = task;
    complete(stored, transaction.tenant_id(), transaction.now());
    if (auto status = check_memories(transaction, stored); !status) return status;
    const auto present = transaction.task(stored.task_id);
    stored.revision = present ? present->revision : 0;
    if (expected_revision && *expected_revision != stored.revision) {
      return Error{ErrorCode::kConflict,
                   fmt::format("revision is {}; task \"{}\" is at revision {}", *expected_revision,
                               stored.task_id, stored.revision),
                   "revision"};
    }
    result = {engine::task_row_id(transaction.tenant_id(), stored.task_id), WriteEffect::kUnchanged,
              stored.revision};
    if (present && *present == stored) return {};
    result.effect = present ? WriteEffect::kUpdated : WriteEffect::kAdded;
    result.revision = transaction.revision();
    transaction.put_task(std::move(stored));
    return {};
  };
  if (auto status = impl_->store->write(impl_->state, false, stage); !status) {
    return std::move(status).error();
  }
  return result;
}

Result<ConsolidationTask> Tenant::get_task(std::string_view task_id) const {
  if (auto status = impl_->store->check_open(); !status) return std::move(status).error();
  const std::shared_lock lock(impl_->state->mutex);
  const auto found = impl_->state->tasks.find(task_id);
  if (found == impl_->state->tasks.end()) return no_task(id(), task_id);
  return found->second;
}

Result<std::vector<ConsolidationTask>> Tenant::tasks(const TaskFilter& filter) const {
  if (auto status = impl_->store->check_open(); !status) return std::move(status).error();
  constexpr std::uint32_t limit_max = 1'000'000;
  if (filter.limit < 1 || filter.limit > limit_max) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("limit is {}; must be 1..{}", filter.limit, limit_max), "limit"};
  }
  std::vector<ConsolidationTask> found;
  {
    const std::shared_lock lock(impl_->state->mutex);
    for (const auto& [task_id, task] : impl_->state->tasks) {
      if (matches(task, filter)) found.push_back(task);
    }
  }
  std::sort(found.begin(), found.end(), comes_first);
  if (found.size() > filter.limit) found.resize(filter.limit);
  return found;
}

Result<std::optional<ConsolidationTask>> Tenant::claim_task(const TaskClaim& claim) {
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
      if (!claimed || comes_first(task, *claimed)) claimed = std::move(task);
    }
    if (!claimed) return {};
    claimed->status = TaskStatus::kInProgress;
    claimed->claimed_by = claim.worker;
    claimed->claimed_until = now + claim.lease;
    claimed->retry_at.reset();
    claimed->updated_at = now;
    claimed->revision = transaction.revision();
    if (auto status = model::check_task(*claimed); !status) return status;
    transaction.put_task(*claimed);
    return {};
  };
  if (auto status = impl_->store->write(impl_->state, false, stage); !status) {
    return std::move(status).error();
  }
  return claimed;
}

Result<ConsolidationTask> Tenant::close_task(std::string_view task_id, std::string_view worker) {
  return change(*impl_, task_id, [&](ConsolidationTask& task, Timestamp now) -> Status {
    if (auto status = must_hold(task, worker); !status) return status;
    release(task);
    task.status = TaskStatus::kClosed;
    task.closed_at = now;
    task.error.clear();
    return {};
  });
}

Result<ConsolidationTask> Tenant::fail_task(std::string_view task_id, std::string_view worker,
                                            std::string_view error) {
  return change(*impl_, task_id, [&](ConsolidationTask& task, Timestamp now) -> Status {
    if (auto status = must_hold(task, worker); !status) return status;
    release(task);
    task.status = TaskStatus::kBlocked;
    task.error = error.empty() ? "failed, and did not say why" : error;
    if (task.retry_count < kTaskRetriesMax) {
      task.retry_at = now + kBackOff[static_cast<std::size_t>(task.retry_count)];
      ++task.retry_count;
    }
    return {};
  });
}

Result<ConsolidationTask> Tenant::decide_task(std::string_view task_id, bool approve) {
  return change(*impl_, task_id, [&](ConsolidationTask& task, Timestamp now) -> Status {
    if (task.approval != Approval::kWaiting || task.status == TaskStatus::kClosed) {
      return Error{ErrorCode::kConflict,
                   fmt::format("task \"{}\" does not wait for a decision: it is {}, approval {}",
                               task.task_id, to_string(task.status), to_string(task.approval)),
                   "task_id"};
    }
    task.approval = approve ? Approval::kApproved : Approval::kRejected;
    if (!approve) {
      release(task);
      task.status = TaskStatus::kClosed;
      task.closed_at = now;
    }
    return {};
  });
}

Result<ConsolidationTask> Tenant::reopen_task(std::string_view task_id) {
  return change(*impl_, task_id, [&](ConsolidationTask& task, Timestamp) -> Status {
    if (task.status != TaskStatus::kBlocked && task.status != TaskStatus::kClosed) {
      return Error{ErrorCode::kConflict,
                   fmt::format("task \"{}\" is {}; only blocked and closed ones are reopened",
                               task.task_id, to_string(task.status)),
                   "task_id"};
    }
    task.status = TaskStatus::kOpen;
    task.closed_at.reset();
    task.retry_at.reset();
    task.retry_count = 0;
    if (task.approval == Approval::kRejected) task.approval = Approval::kWaiting;
    return {};
  });
}

Result<std::uint64_t> Tenant::escalate_tasks() {
  std::uint64_t raised = 0;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    for (ConsolidationTask& task : transaction.tasks()) {
      const std::int32_t priority = escalated(task, transaction.now());
      if (task.status == TaskStatus::kClosed || priority == task.priority) continue;
      task.priority = priority;
      task.updated_at = transaction.now();
      transaction.put_task(std::move(task));
      ++raised;
    }
    return {};
  };
  if (auto status = impl_->store->write(impl_->state, false, stage); !status) {
    return std::move(status).error();
  }
  return raised;
}

}  // namespace tulving
