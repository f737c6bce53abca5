// Insertion: hnswlib's own choice of neighbours (its heuristic and its pruning), found by our
// search loop. hnswlib's addPoint does the same around a slower search, and holds the new node's
// lock for the whole insertion while it takes others, an order of locks that a race detector must
// call a possible deadlock. With one inserter, and readers that touch no unpublished node, nothing
// needs it.

#include <cmath>
#include <cstdlib>

#include "core/base/check.h"
#include "index/vectors/graph/hnsw_walk.h"

namespace tulving::index {
namespace {

using Candidates =
    std::priority_queue<std::pair<float, unsigned>, std::vector<std::pair<float, unsigned>>,
                        HnswGraph::Impl::Base::CompareByFirst>;

// A walk at one level, and what it found as hnswlib wants it: distances, the worst on top.
Candidates nearest(Walk& walk, std::uint32_t entry_point, int level, std::size_t ef) {
  const auto ignore = [](float, std::uint32_t, Slot) {};
  walk.reset(ef);
  walk.start_at(entry_point, ignore);
  while (walk.step(level, ignore)) {
  }
  Candidates candidates;
  for (const WalkPool::Entry& entry : Walk::pool().entries()) {
    candidates.emplace(1.0F - entry.score, entry.id);
  }
  return candidates;
}

}  // namespace

// Writes the node's row and makes room for its links. No reader looks before publish().
void HnswGraph::Impl::write_node(std::uint32_t id, int level, const NodeHeader& header,
                                 const std::uint8_t* codes) {
  std::uint8_t* const to = row(id);
  std::memset(to, 0, layout.row_bytes);
  std::memcpy(to + layout.data_at, &header, sizeof(header));
  std::memcpy(to + layout.codes_at, codes, layout.code_bytes);
  setExternalLabel(id, header.slot);
  if (level > 0) {
    const std::size_t bytes = size_links_per_element_ * static_cast<std::size_t>(level);
    linkLists_[id] = static_cast<char*>(std::calloc(1, bytes));
    if (linkLists_[id] == nullptr) throw std::bad_alloc();
    upper_bytes += bytes;
  }
  element_levels_[id] = level;
  cur_element_count = id + 1;  // From here on the destructor frees the links.
}

std::uint32_t HnswGraph::Impl::insert(Slot slot, const CodeHeader& header,
                                      const std::uint8_t* codes) {
  const auto id = static_cast<std::uint32_t>(cur_element_count);
  TULVING_CHECK(id < max_elements_);
  const int level = std::min(getRandomLevel(mult_), kLevelMax);
  write_node(id, level, {header, slot}, codes);

  if (id == 0) {
    enterpoint_node_ = 0;
    maxlevel_ = level;
  } else {
    // The stored codes take the query's place: XOR 0x80 makes them signed.
    point.resize(layout.code_bytes);
    for (std::size_t i = 0; i < point.size(); ++i) {
      point[i] = static_cast<std::int8_t>(int{codes[i]} - 128);
    }
    const CodedQuery query{point.data(), point.data(), header.sum, header.sum, true};
    Walk walk(*this, query, header.scale, id);
    std::uint32_t entry_point = walk.descend(enterpoint_node_, maxlevel_, level);
    for (int at = std::min(level, maxlevel_); at >= 0; --at) {
      Candidates candidates = nearest(walk, entry_point, at, ef_construction_);
      entry_point = mutuallyConnectNewElement(codes, id, candidates, at, false);
    }
    if (level > maxlevel_) {
      enterpoint_node_ = id;
      maxlevel_ = level;
    }
  }
  publish();
  return id;
}

}  // namespace tulving::index
