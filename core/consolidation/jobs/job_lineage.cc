#include "core/consolidation/jobs/job_lineage.h"

#include <algorithm>

namespace tulving::consolidation {

Result<JobLineage> JobLineage::read(const Workspace& workspace) {
  JobLineage lineage;
  std::map<int, std::vector<std::vector<Uuid>>> made;
  ListRequest request;
  request.filter = NumberRange{NumberField::kAbstractionLevel, 1.0, std::nullopt};
  request.limit = 10'000;
  request.include_archived = request.include_deleted = request.include_expired = true;
  do {
    auto page = workspace.tenant().list(request);
    if (!page) return page.error();
    for (const MemoryView& view : page->memories) {
      Memory memory = view.to_memory();
      if (memory.abstraction_level == 1) {
        lineage.merges_[memory.id] = std::move(memory.source_memory_ids);
      } else {
        made[memory.abstraction_level].push_back(std::move(memory.source_memory_ids));
      }
    }
    request.cursor = page->next_cursor;
  } while (!request.cursor.empty());
  // Only now are all merges known.
  for (auto& [level, all] : made) {
    for (const std::vector<Uuid>& sources : all) {
      lineage.by_level_[level].push_back(lineage.raw_of(sources));
    }
  }
  return lineage;
}

std::vector<Uuid> JobLineage::raw_of(const std::vector<Uuid>& ids) const {
  std::set<Uuid> raw, seen;
  std::vector<Uuid> open = ids;
  while (!open.empty()) {
    const Uuid id = open.back();
    open.pop_back();
    if (!seen.insert(id).second) continue;  // Imported lineage may go in circles.
    const auto merge = merges_.find(id);
    if (merge == merges_.end() || merge->second.empty()) {
      raw.insert(id);
    } else {
      open.insert(open.end(), merge->second.begin(), merge->second.end());
    }
  }
  return {raw.begin(), raw.end()};
}

std::vector<Uuid> JobLineage::held_by(int level) const {
  std::set<Uuid> held;
  if (const auto found = by_level_.find(level); found != by_level_.end()) {
    for (const std::vector<Uuid>& sources : found->second) {
      held.insert(sources.begin(), sources.end());
    }
  }
  return {held.begin(), held.end()};
}

bool JobLineage::one_holds(int level, const std::vector<Uuid>& ids) const {
  const auto found = by_level_.find(level);
  return found != by_level_.end() &&
         std::ranges::any_of(found->second, [&](const std::vector<Uuid>& sources) {
           return std::ranges::includes(sources, ids);
         });
}

}  // namespace tulving::consolidation
