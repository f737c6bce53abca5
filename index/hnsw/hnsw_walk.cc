// The search loop: greedy through the upper levels, then a pool of the best at level 0.

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "index/hnsw/hnswlib_graph.h"

namespace tulving::index {
namespace {

// 2m links at level 0, m at most 64 (VectorIndexOptions).
constexpr std::size_t kLinksMax = 128;
// Hops between two looks at the clock: 16 hops score some 200 rows.
constexpr std::uint32_t kHopsPerLook = 16;

struct PoolEntry {
  float score = 0.0F;
  std::uint32_t id = 0;
  bool expanded = false;
};

// The ef best nodes seen, best first. An array, not heaps: an insertion moves a few dozen bytes that
// are in the cache, and the next node to expand is where `cursor` points.
class Pool {
 public:
  void reset(std::size_t ef) {
    ef_ = ef;
    cursor_ = 0;
    entries_.clear();
  }

  void insert(float score, std::uint32_t id) {
    if (entries_.size() == ef_) {
      if (score <= entries_.back().score) return;
      entries_.pop_back();
    }
    const auto at = std::upper_bound(entries_.begin(), entries_.end(), score,
                                     [](float s, const PoolEntry& e) { return s > e.score; });
    cursor_ = std::min(cursor_, static_cast<std::size_t>(at - entries_.begin()));
    entries_.insert(at, {score, id, false});
  }

  // Marks the best node not expanded yet. False: all are.
  bool take(std::uint32_t& id) {
    while (cursor_ < entries_.size() && entries_[cursor_].expanded) ++cursor_;
    if (cursor_ == entries_.size()) return false;
    entries_[cursor_].expanded = true;
    id = entries_[cursor_++].id;
    return true;
  }

  // The node that take() would give now, for prefetching.
  [[nodiscard]] const std::uint32_t* next() const {
    for (std::size_t i = cursor_; i < entries_.size(); ++i) {
      if (!entries_[i].expanded) return &entries_[i].id;
    }
    return nullptr;
  }

 private:
  std::size_t ef_ = 0;
  std::size_t cursor_ = 0;
  std::vector<PoolEntry> entries_;
};

// Nodes seen by the current search, one table a thread for all graphs: a mark is the number of the
// search, so nothing is cleared but once in 65,535 searches.
class Visited {
 public:
  void start(std::size_t nodes) {
    if (marks_.size() < nodes) marks_.resize(nodes, 0);
    if (++epoch_ == 0) {
      std::fill(marks_.begin(), marks_.end(), std::uint16_t{0});
      epoch_ = 1;
    }
  }
  bool mark(std::uint32_t id) {
    if (marks_[id] == epoch_) return false;
    marks_[id] = epoch_;
    return true;
  }
  void prefetch(std::uint32_t id) const { __builtin_prefetch(&marks_[id]); }

 private:
  std::vector<std::uint16_t> marks_;
  std::uint16_t epoch_ = 0;
};

bool better_hit(const WalkHit& a, const WalkHit& b) {
  return a.score != b.score ? a.score > b.score : a.slot < b.slot;
}

// The `wanted` best hits that the filter accepts.
class Hits {
 public:
  void reset(std::size_t wanted, const SlotFilter* filter) {
    wanted_ = wanted;
    filter_ = filter;
    heap_.clear();
  }
  void offer(WalkHit hit) {
    if (heap_.size() == wanted_ && !better_hit(hit, heap_.front())) return;
    if (filter_ != nullptr && !filter_->accepts(hit.slot)) return;
    heap_.push_back(hit);
    std::push_heap(heap_.begin(), heap_.end(), better_hit);
    if (heap_.size() > wanted_) {
      std::pop_heap(heap_.begin(), heap_.end(), better_hit);
      heap_.pop_back();
    }
  }
  std::vector<WalkHit> sorted() {
    std::sort_heap(heap_.begin(), heap_.end(), better_hit);
    return {heap_.begin(), heap_.end()};
  }

 private:
  std::size_t wanted_ = 0;
  const SlotFilter* filter_ = nullptr;
  std::vector<WalkHit> heap_;
};

struct Scratch {
  Pool pool;
  Visited visited;
  Hits hits;
};

Scratch& scratch() {
  thread_local Scratch scratch;
  return scratch;
}

class Walk {
 public:
  Walk(HnswGraph::Impl& graph, const WalkRequest& request, std::uint32_t published,
       Deadline& deadline)
      : graph_(graph),
        request_(request),
        published_(published),
        deadline_(deadline),
        scratch_(scratch()) {
    scratch_.pool.reset(request.ef);
    scratch_.visited.start(published);
    scratch_.hits.reset(request.wanted, request.filter);
  }

  std::uint32_t descend(std::uint32_t node, int level);
  void start_at(std::uint32_t id);
  WalkAnswer run();

 private:
  void gather(std::uint32_t node, int level);
  void score_gathered();
  void prefetch_row(std::uint32_t id) const;

  HnswGraph::Impl& graph_;
  const WalkRequest& request_;
  const std::uint32_t published_;
  Deadline& deadline_;
  Scratch& scratch_;
  std::uint64_t scored_ = 0;

  // The neighbours at hand.
  std::size_t count_ = 0;
  std::array<std::uint32_t, kLinksMax> links_;
  std::array<std::uint32_t, kLinksMax> ids_;
  std::array<const std::uint8_t*, kLinksMax> pointers_;
  std::array<std::int32_t, kLinksMax> dots_;
  std::array<float, kLinksMax> scores_;
  std::array<Slot, kLinksMax> slots_;
};

// The header's line and the first three of the codes; the processor's own prefetcher sees the
// stream from there.
void Walk::prefetch_row(std::uint32_t id) const {
  const std::uint8_t* codes = graph_.codes(id);
  __builtin_prefetch(codes - kCacheLine);
  __builtin_prefetch(codes);
  __builtin_prefetch(codes + kCacheLine);
  __builtin_prefetch(codes + 2 * kCacheLine);
}

// Copies the ids under the node's lock, then drops the ones that are still being inserted.
void Walk::gather(std::uint32_t node, int level) {
  const std::uint32_t links = graph_.copy_links(node, level, links_.data());
  count_ = 0;
  for (std::uint32_t i = 0; i < links; ++i) {
    const std::uint32_t id = links_[i];
    if (id >= published_) continue;
    if (level == 0 && !scratch_.visited.mark(id)) continue;
    prefetch_row(id);
    ids_[count_++] = id;
  }
}

void Walk::score_gathered() {
  for (std::size_t i = 0; i < count_; ++i) pointers_[i] = graph_.codes(ids_[i]);
  kernels().dot_rows(pointers_.data(), count_, request_.query->coded(), graph_.layout.code_bytes,
                     dots_.data());
  const float query_scale = request_.query->high_scale();
  for (std::size_t i = 0; i < count_; ++i) {
    const NodeHeader header = graph_.header(ids_[i]);
    scores_[i] = static_cast<float>(dots_[i]) * (header.code.scale * query_scale);
    slots_[i] = header.slot;
  }
  scored_ += count_;
}

std::uint32_t Walk::descend(std::uint32_t node, int level) {
  ids_[0] = node;
  count_ = 1;
  score_gathered();
  float best = scores_[0];
  for (; level > 0; --level) {
    for (bool moved = true; moved;) {
      moved = false;
      gather(node, level);
      score_gathered();
      for (std::size_t i = 0; i < count_; ++i) {
        if (scores_[i] > best) {
          best = scores_[i];
          node = ids_[i];
          moved = true;
        }
      }
    }
  }
  return node;
}

void Walk::start_at(std::uint32_t id) {
  if (id >= published_ || !scratch_.visited.mark(id)) return;
  ids_[0] = id;
  count_ = 1;
  score_gathered();
  scratch_.pool.insert(scores_[0], id);
  scratch_.hits.offer({scores_[0], slots_[0]});
}

WalkAnswer Walk::run() {
  WalkAnswer answer;
  std::uint32_t node = 0;
  for (std::uint32_t hops = 1; scratch_.pool.take(node); ++hops) {
    if (scored_ >= request_.scored_max) {
      answer.over_budget = true;
      break;
    }
    if (hops % kHopsPerLook == 0 && deadline_.passed()) break;
    gather(node, 0);
    score_gathered();
    for (std::size_t i = 0; i < count_; ++i) {
      scratch_.pool.insert(scores_[i], ids_[i]);
      scratch_.hits.offer({scores_[i], slots_[i]});
    }
    if (const std::uint32_t* next = scratch_.pool.next(); next != nullptr) {
      __builtin_prefetch(&graph_.link_list_locks_[*next]);
      __builtin_prefetch(graph_.row(*next));
      __builtin_prefetch(graph_.row(*next) + kCacheLine);
      __builtin_prefetch(graph_.row(*next) + 2 * kCacheLine);
    }
  }
  answer.hits = scratch_.hits.sorted();
  answer.scored = scored_;
  return answer;
}

}  // namespace

WalkAnswer HnswGraph::Impl::search(const WalkRequest& request, Deadline& deadline) {
  // The entry point first: published is stored before it, so it covers it.
  const std::uint64_t packed = entry.load(std::memory_order_acquire);
  if (packed == kNoEntry) return {};
  Walk walk(*this, request, published.load(std::memory_order_acquire), deadline);
  walk.start_at(walk.descend(static_cast<std::uint32_t>(packed), static_cast<int>(packed >> 32)));
  for (const std::uint32_t seed : request.seeds) walk.start_at(seed);
  return walk.run();
}

}  // namespace tulving::index
