// Insertion, on several threads at once.
//
// add() gives a node its number, one caller at a time; connect() links it. A node looks for
// neighbours among those with smaller numbers only, and each pair of neighbours is the later one's
// affair: what many threads build at once is what one would build, but for the links that were not
// there yet when a walk came by. Nodes that are being connected lead nowhere yet, or may: each
// insertion starts its walks from those too, so that two vectors that come at the same time and
// near the same place find each other.
//
// Nodes are found by what links to them, so what is found must lead on: a node's own lists are
// written before any other links to it, and others link to it at level 0 before they do above.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "core/base/check.h"
#include "index/vectors/graph/hnsw_walk.h"
#include "index/vectors/graph/neighbour_choice.h"

namespace tulving::index {
namespace {

struct InsertScratch {
  NodeQuery query;
  QuerySketch sketch;
  std::vector<std::vector<Candidate>> chosen;  // By level.
  std::vector<Candidate> candidates;           // Of one list.
  std::vector<std::uint32_t> starts;           // Of the next level.
};

InsertScratch& scratch() {
  thread_local InsertScratch scratch;
  return scratch;
}

}  // namespace

// A row without links.
void HnswGraph::Impl::write_row(std::uint32_t id, const NodeHeader& header,
                                const std::uint8_t* codes) {
  std::uint8_t* const to = row(id);
  std::memset(to, 0, layout.row_bytes);
  std::memcpy(to + layout.data_at, &header, sizeof(header));
  std::memcpy(to + layout.codes_at, codes, layout.code_bytes);
  setExternalLabel(id, header.slot);
}

// Writes the node's row and makes room for its links.
void HnswGraph::Impl::write_node(std::uint32_t id, int level, const NodeHeader& header,
                                 const std::uint8_t* codes) {
  write_row(id, header, codes);
  if (level > 0) {
    const std::size_t bytes = size_links_per_element_ * static_cast<std::size_t>(level);
    linkLists_[id] = static_cast<char*>(std::calloc(1, bytes));
    if (linkLists_[id] == nullptr) throw std::bad_alloc();
    upper_bytes += bytes;
  }
  element_levels_[id] = level;
  cur_element_count = id + 1;  // From here on the destructor frees the links.
}

std::uint32_t HnswGraph::Impl::add(Slot slot, std::uint32_t row, const CodeHeader& header,
                                   const std::uint8_t* codes) {
  const auto id = static_cast<std::uint32_t>(cur_element_count);
  TULVING_CHECK(id < max_elements_);
  const std::lock_guard lock(order_mutex);
  in_flight.reserve(in_flight.size() + 1);  // What can fail does before anything has changed.
  write_node(id, std::min(getRandomLevel(mult_), kLevelMax), {header, slot}, codes);
  row_of[id] = row;
  draw(id);
  in_flight.push_back(id);
  return id;
}

void HnswGraph::Impl::connect(std::uint32_t id) {
  // The count first: what it leaves out is offered, wherever the entry point is by now.
  const std::uint32_t first_open = published.load(std::memory_order_acquire);
  const std::uint64_t packed = entry.load(std::memory_order_acquire);
  const int top = packed == kNoEntry ? -1 : static_cast<int>(packed >> 32);
  const int level = element_levels_[id];
  auto& [query, sketch, chosen, candidates, starts] = scratch();
  if (chosen.size() <= static_cast<std::size_t>(level)) {
    chosen.resize(static_cast<std::size_t>(level) + 1);
  }
  query.set(*this, id);
  sketch.set(query.coded(), query.scale(), layout.code_bytes);
  Walk walk(*this, query.coded(), query.scale(), id, sketch);
  NeighbourChoice choice(*this);
  const auto ignore = [](float, std::uint32_t, Slot) {};
  starts.clear();
  if (top >= 0) starts = walk.descend(static_cast<std::uint32_t>(packed), top, level);
  for (int at = level; at >= 0; --at) {
    walk.reset(ef_construction_);
    if (at <= top) {
      for (const std::uint32_t start : starts) walk.start_at(start, ignore);
    }
    for (std::uint32_t open = first_open; open < id; ++open) {
      if (element_levels_[open] >= at) walk.start_at(open, ignore);
    }
    while (walk.step(at, ignore)) {
    }
    const auto& entries = Walk::pool().entries();
    if (at <= top) starts.assign(1, entries.front().id);
    auto& neighbours = chosen[static_cast<std::size_t>(at)];
    neighbours.clear();
    for (const auto& entry_found : entries) {
      neighbours.push_back({1.0F - entry_found.score, entry_found.id});
    }
    choice.choose(neighbours, M_);
  }
  link_mutually(id, {chosen.data(), static_cast<std::size_t>(level) + 1});
  complete(id);
}

void HnswGraph::Impl::link_mutually(std::uint32_t id,
                                    std::span<const std::vector<Candidate>> chosen) {
  for (std::size_t at = 0; at < chosen.size(); ++at) link(id, static_cast<int>(at), chosen[at]);
  for (std::size_t at = 0; at < chosen.size(); ++at) {
    for (const Candidate& neighbour : chosen[at]) {
      const Candidate back{neighbour.distance, id};
      link(neighbour.id, static_cast<int>(at), {&back, 1});
    }
  }
}

// Adds links to a node's list, and where they are too many has all of them compete. That takes some
// hundred distances, so the lock is let go meanwhile, and the list looked at again afterwards.
void HnswGraph::Impl::link(std::uint32_t id, int level, std::span<const Candidate> links) {
  const std::size_t most = level == 0 ? maxM0_ : maxM_;
  std::array<std::uint32_t, kLinksMax> before;
  std::array<Verdict, kLinksMax> verdicts_before;
  auto& candidates = scratch().candidates;
  while (true) {
    std::size_t count = 0;
    {
      const std::lock_guard lock(lock_of(id));
      auto* list = get_linklist_at_level(id, level);
      count = getListCount(list);
      if (count + links.size() <= most) {
        for (std::size_t i = 0; i < links.size(); ++i) put_link(id, level, count + i, links[i]);
        setListCount(list, static_cast<unsigned short>(count + links.size()));
        return;
      }
      std::copy_n(list + 1, count, before.begin());
      for (std::size_t i = 0; i < count; ++i) {
        verdicts_before[i] = level == 0 ? verdicts.get(id, i) : Verdict::kUnknown;
      }
    }
    candidates.assign(links.begin(), links.end());
    for (Candidate& candidate : candidates) candidate.verdict = Verdict::kUnknown;
    NeighbourChoice choice(*this);
    choice.measure(id, {before.data(), count}, candidates);
    for (std::size_t i = 0; i < count; ++i) {
      candidates[links.size() + i].verdict = verdicts_before[i];
    }
    choice.choose(candidates, most);
    const std::lock_guard lock(lock_of(id));
    auto* list = get_linklist_at_level(id, level);
    if (getListCount(list) != count || !std::equal(list + 1, list + 1 + count, before.begin())) {
      continue;
    }
    for (std::size_t i = 0; i < candidates.size(); ++i) put_link(id, level, i, candidates[i]);
    setListCount(list, static_cast<unsigned short>(candidates.size()));
    return;
  }
}

// Under the node's lock.
void HnswGraph::Impl::put_link(std::uint32_t id, int level, std::size_t place,
                               const Candidate& link) {
  get_linklist_at_level(id, level)[1 + place] = link.id;
  if (level == 0) verdicts.set(id, place, link.verdict);
}

// Makes visible what is connected now, in the order of numbers.
void HnswGraph::Impl::complete(std::uint32_t id) {
  const std::lock_guard lock(order_mutex);
  in_flight.erase(std::find(in_flight.begin(), in_flight.end(), id));
  const auto end =
      in_flight.empty() ? static_cast<std::uint32_t>(cur_element_count) : in_flight.front();
  for (std::uint32_t node = published.load(std::memory_order_relaxed); node < end; ++node) {
    if (element_levels_[node] <= maxlevel_) continue;
    maxlevel_ = element_levels_[node];
    enterpoint_node_ = node;
  }
  publish(end);
}

}  // namespace tulving::index
