#include "index/vectors/graph/graph_probe.h"

#include <algorithm>
#include <mutex>

#include "index/vectors/graph/hnsw_walk.h"
#include "index/vectors/graph/neighbour_choice.h"

namespace tulving::index {

GraphProbe::GraphProbe(HnswGraph::Impl& graph) : graph_(graph), links_(graph.maxM0_) {
  const std::uint64_t packed = graph.entry.load(std::memory_order_acquire);
  if (packed == HnswGraph::Impl::kNoEntry) return;
  from_.resize(graph.published.load(std::memory_order_acquire), kNothing);
  const auto entry = static_cast<std::uint32_t>(packed);
  reach(entry, entry);
}

bool GraphProbe::step(std::uint32_t nodes_max) {
  for (std::uint32_t i = 0; i < nodes_max; ++i) {
    if (!frontier_.empty()) {
      const std::uint32_t id = frontier_.back();
      frontier_.pop_back();
      follow(id);
      continue;
    }
    while (looked_for_ < from_.size() && from_[looked_for_] != kNothing) ++looked_for_;
    if (looked_for_ == from_.size()) return false;
    link(looked_for_++);
  }
  return true;
}

void GraphProbe::reach(std::uint32_t id, std::uint32_t from) {
  from_[id] = from;
  frontier_.push_back(id);
}

void GraphProbe::follow(std::uint32_t id) {
  const std::uint32_t count = graph_.copy_links(id, 0, links_.data());
  for (std::uint32_t i = 0; i < count; ++i) {
    if (links_[i] < from_.size() && from_[links_[i]] == kNothing) reach(links_[i], id);
  }
}

// The near nodes by an insertion's walk; the nearest that has a place for it takes it.
void GraphProbe::link(std::uint32_t id) {
  const std::uint64_t packed = graph_.entry.load(std::memory_order_acquire);
  NodeQuery query;
  query.set(graph_, id);
  QuerySketch sketch;
  sketch.set(query.coded(), query.scale(), graph_.layout.code_bytes);
  Walk walk(graph_, query.coded(), query.scale(), static_cast<std::uint32_t>(from_.size()), sketch);
  const auto ignore = [](float, std::uint32_t, Slot) {};
  const auto& starts =
      walk.descend(static_cast<std::uint32_t>(packed), static_cast<int>(packed >> 32), 0);
  walk.reset(graph_.ef_construction_);
  for (const std::uint32_t start : starts) walk.start_at(start, ignore);
  while (walk.step(0, ignore)) {
  }
  const std::vector<WalkPool::Entry> near = Walk::pool().entries();
  for (const WalkPool::Entry& entry : near) {
    if (from_[entry.id] == kNothing || !link_from(entry.id, id)) continue;
    ++linked_;
    return reach(id, entry.id);
  }
}

bool GraphProbe::link_from(std::uint32_t from, std::uint32_t id) {
  {
    const std::lock_guard lock(graph_.lock_of(from));
    auto* list = graph_.get_linklist_at_level(from, 0);
    const std::size_t count = graph_.getListCount(list);
    if (count < graph_.maxM0_) {
      list[1 + count] = id;
      graph_.verdicts.set(from, count, Verdict::kUnknown);
      graph_.setListCount(list, static_cast<unsigned short>(count + 1));
      return true;
    }
    std::copy_n(list + 1, count, links_.begin());
  }
  std::vector<Candidate> listed;
  NeighbourChoice(graph_).measure(from, links_, listed);
  std::ranges::sort(listed, std::greater<>(), &Candidate::distance);
  return replace_spare(from, id, listed);
}

// The farthest link that the look did not come by. It may have gone since it was measured: then the
// next one.
bool GraphProbe::replace_spare(std::uint32_t from, std::uint32_t id,
                               std::vector<Candidate>& listed) {
  for (const Candidate& candidate : listed) {
    if (candidate.id >= from_.size() || from_[candidate.id] == from) continue;
    const std::lock_guard lock(graph_.lock_of(from));
    auto* list = graph_.get_linklist_at_level(from, 0);
    auto* const end = list + 1 + graph_.getListCount(list);
    auto* const place = std::find(list + 1, end, candidate.id);
    if (place == end) continue;
    *place = id;
    graph_.verdicts.forget(from);
    return true;
  }
  return false;
}

}  // namespace tulving::index
