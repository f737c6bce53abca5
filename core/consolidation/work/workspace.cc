#include "core/consolidation/work/workspace.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/model/borders.h"
#include "core/model/names/task_id.h"
#include "core/model/task_queue.h"

namespace tulving::consolidation {
namespace {

constexpr std::uint32_t kPage = 10'000;

// Sorts as the records must be written, and never reaches the disk.
std::string key_of(const PlannedRecord& record) {
  if (const auto* memory = std::get_if<Memory>(&record)) return "1" + memory->id.to_string();
  if (const auto* relation = std::get_if<Relation>(&record)) {
    return fmt::format("2{} {} {}", relation->source_id.to_string(),
                       relation->target_id.to_string(), relation->relation_type);
  }
  return "3" + std::get<ConsolidationTask>(record).task_id;
}

std::size_t bytes_of(const PlanChange& change) {
  return (change.before ? model::planned_bytes(*change.before) : 0) +
         model::planned_bytes(*change.after);
}

}  // namespace

Result<Memory> Workspace::memory(const Uuid& id, bool with_embeddings) const {
  return tenant_.get(id, with_embeddings);
}

bool Workspace::is_staged(const Uuid& memory_id) const {
  return changes_.contains("1" + memory_id.to_string());
}

Status Workspace::each_active(const std::function<Status(const MemoryView&)>& visit) const {
  ListRequest request;
  request.filter = equals(Field::kStatus, "active");
  request.limit = kPage;
  do {
    auto page = tenant_.list(request);
    if (!page) return page.error();
    for (const MemoryView& memory : page->memories) {
      if (auto status = visit(memory); !status) return status;
    }
    request.cursor = page->next_cursor;
  } while (!request.cursor.empty());
  return {};
}

std::optional<PlannedRecord> Workspace::stored_task(const std::string& task_id) const {
  auto stored = tenant_.get<ConsolidationTask>(task_id);
  if (!stored) return std::nullopt;
  return PlannedRecord(*std::move(stored));
}

std::optional<ConsolidationTask> Workspace::task(const std::string& task_id) const {
  if (const auto staged = changes_.find("3" + task_id); staged != changes_.end()) {
    return std::get<ConsolidationTask>(*staged->second.after);
  }
  const auto stored = stored_task(task_id);
  if (!stored) return std::nullopt;
  return std::get<ConsolidationTask>(*stored);
}

Result<std::vector<ConsolidationTask>> Workspace::due_tasks(UpkeepAgent agent) const {
  ConsolidationTaskFilter filter;
  filter.agent = agent;
  auto tasks = list_all<ConsolidationTask>(tenant_, {.filter = filter});
  if (!tasks) return tasks.error();
  std::erase_if(*tasks, [&](const ConsolidationTask& task) {
    return changes_.contains("3" + task.task_id) || !model::is_due(task, now_);
  });
  for (auto staged = changes_.lower_bound("3"); staged != changes_.end(); ++staged) {
    const auto& task = std::get<ConsolidationTask>(*staged->second.after);
    if (task.agent == agent && model::is_due(task, now_)) tasks->push_back(task);
  }
  return tasks;
}

Result<std::string> Workspace::border_between(const std::vector<Uuid>& memory_ids) const {
  std::vector<Memory> seen;
  for (const Uuid& id : memory_ids) {
    auto one = memory(id);
    if (!one) return one.error();
    seen.push_back(*std::move(one));
    const std::string_view border = model::scope_border(seen.front(), seen.back());
    if (border.empty()) continue;
    return fmt::format("its memories differ in {}, which no agent crosses: the task is closed",
                       border);
  }
  return std::string();
}

bool Workspace::stage(Edit edit) {
  // At most: a record that is staged already is exchanged, and then takes less.
  std::size_t count = changes_.size(), bytes = bytes_;
  for (const PlanChange& change : edit.changes()) {
    count += changes_.contains(key_of(*change.after)) ? 0 : 1;
    bytes += bytes_of(change);
  }
  if (count > room_.changes || bytes > room_.bytes) return false;
  for (PlanChange& change : edit.changes()) {
    const auto [staged, is_new] = changes_.try_emplace(key_of(*change.after));
    PlanChange& kept = staged->second;
    bytes_ -= is_new ? 0 : bytes_of(kept);
    if (is_new) kept.before = std::move(change.before);
    kept.after = std::move(change.after);
    bytes_ += bytes_of(kept);
  }
  return true;
}

std::vector<PlanChange> Workspace::take_changes() {
  std::vector<PlanChange> changes;
  changes.reserve(changes_.size());
  for (auto& [key, change] : changes_) changes.push_back(std::move(change));
  changes_.clear();
  bytes_ = 0;
  return changes;
}

std::string Workspace::task_id(UpkeepAgent agent, std::string_view action,
                               const std::vector<Uuid>& memory_ids) const {
  return model::task_id(tenant_.id(), agent, action, memory_ids);
}

std::string Workspace::cluster_id(const std::vector<Uuid>& memory_ids) const {
  return model::group_id(tenant_.id(), "cluster", memory_ids).to_string();
}

}  // namespace tulving::consolidation
