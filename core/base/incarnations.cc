#include "core/base/incarnations.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/check.h"

namespace tulving {

std::string Position::to_string() const {
  if (incarnation.is_nil()) return fmt::format("revision {}", revision);
  return fmt::format("revision {} of incarnation {}", revision, incarnation.to_string());
}

std::string Incarnations::find_fault(std::span<const Incarnation> oldest_first,
                                     std::uint64_t revision) {
  if (oldest_first.size() > kMost) {
    return fmt::format("it has {} incarnations; at most {}", oldest_first.size(), kMost);
  }
  std::set<Uuid> ids;
  std::uint64_t began = 0;
  for (const Incarnation& one : oldest_first) {
    const std::string id = one.id.to_string();
    if (!Uuid::parse(id)) return fmt::format("its incarnation {} is no random UUID", id);
    if (!ids.insert(one.id).second) return fmt::format("it has the incarnation {} twice", id);
    if (one.began < began) return fmt::format("its incarnation {} began before the last", id);
    if (one.began > revision) return fmt::format("its incarnation {} began after it", id);
    began = one.began;
  }
  return {};
}

void Incarnations::begin(const Uuid& id, std::uint64_t revision) {
  TULVING_DCHECK(!id.is_nil());
  TULVING_DCHECK(all_.empty() || all_.back().began <= revision);  // Oldest first.
  if (all_.size() == kMost) all_.erase(all_.begin());
  all_.push_back({id, revision});
}

bool Incarnations::contains(const Position& position, std::uint64_t revision) const {
  if (position.incarnation.is_nil()) return all_.empty() && position.revision <= revision;
  const auto found = std::ranges::find(all_, position.incarnation, &Incarnation::id);
  if (found == all_.end()) return false;
  const auto next = std::next(found);
  return position.revision <= (next == all_.end() ? revision : next->began);
}

}  // namespace tulving
