#include <fmt/format.h>

#include <algorithm>

#include "core/engine/store/store_impl.h"
#include "core/engine/tenant/task_writes.h"
#include "core/model/names/task_labels.h"
#include "core/model/rules/rules.h"

namespace tulving {
namespace {

bool has_label(const ConsolidationTask& task, std::string_view label) {
  const auto labels = model::labels_of(task);
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

bool matches(const ConsolidationTask& task, const ConsolidationTaskFilter& filter) {
  const auto& ids = task.memory_ids;
  return (!filter.agent || task.agent == *filter.agent) &&
         (!filter.status || task.status == *filter.status) &&
         (!filter.approval || task.approval == *filter.approval) &&
         (!filter.memory_id || std::binary_search(ids.begin(), ids.end(), *filter.memory_id)) &&
         (filter.label.empty() || has_label(task, filter.label));
}

}  // namespace

Result<AddResult> Tenant::put_task(const ConsolidationTask& task,
                                   std::optional<std::uint64_t> expected_revision) {
  if (auto status = model::check_task(task); !status) return status.error();
  AddResult result;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    ConsolidationTask stored = task;
    engine::complete_task(stored, transaction.tenant_id(), transaction.now());
    if (auto status = engine::check_task_memories(transaction, stored); !status) return status;
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
  if (auto status = impl_->write(stage); !status) return status.error();
  return result;
}

Result<ConsolidationTask> Tenant::get_task(std::string_view task_id) const {
  auto reading = impl_->read();
  if (!reading) return reading.error();
  const engine::TenantState& tenant = **reading;
  const auto found = tenant.tasks.find(task_id);
  if (found == tenant.tasks.end()) return engine::no_such_task(id(), task_id);
  return found->second;
}

Result<std::vector<ConsolidationTask>> Tenant::tasks(const ConsolidationTaskFilter& filter) const {
  constexpr std::uint32_t limit_max = 1'000'000;
  if (filter.limit < 1 || filter.limit > limit_max) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("limit is {}; must be 1..{}", filter.limit, limit_max), "limit"};
  }
  std::vector<ConsolidationTask> found;
  {
    auto reading = impl_->read();
    if (!reading) return reading.error();
    for (const auto& [task_id, task] : (*reading)->tasks) {
      if (matches(task, filter)) found.push_back(task);
    }
  }
  std::sort(found.begin(), found.end(), engine::comes_first);
  if (found.size() > filter.limit) found.resize(filter.limit);
  return found;
}

}  // namespace tulving
