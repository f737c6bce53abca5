#include "core/merging/origins.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace tulving::merging {

void sort_by_age(std::vector<Memory>& memories) {
  std::ranges::sort(memories, [](const Memory& a, const Memory& b) {
    return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
  });
}

std::vector<Memory> origins_behind(std::span<const Memory> sources, const MemoryLookup& memory_of) {
  std::vector<Uuid> left;
  const auto look_into = [&](const Memory& memory) {
    left.insert(left.end(), memory.source_memory_ids.begin(), memory.source_memory_ids.end());
  };
  for (const Memory& source : sources) look_into(source);
  std::vector<Memory> origins;
  std::set<Uuid> seen;  // Imported lineage may go in circles.
  while (!left.empty()) {
    const Uuid id = left.back();
    left.pop_back();
    if (!seen.insert(id).second) continue;
    auto memory = memory_of(id);
    if (!memory) continue;
    look_into(*memory);
    if (memory->source_memory_ids.empty()) origins.push_back(*std::move(memory));
  }
  sort_by_age(origins);
  return origins;
}

}  // namespace tulving::merging
