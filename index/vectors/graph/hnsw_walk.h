#pragma once

// The search loop, shared by searches and insertions. For this folder's .cc files only.

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "index/vectors/graph/hnswlib_graph.h"

namespace tulving::index {

/// The ef best nodes seen, best first. An array, not heaps: an insertion moves a few dozen bytes
/// that are in the cache, and the next node to expand is where the cursor points.
class WalkPool {
 public:
  struct Entry {
    float score = 0.0F;
    std::uint32_t id = 0;
    bool expanded = false;
  };

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
                                     [](float s, const Entry& e) { return s > e.score; });
    cursor_ = std::min(cursor_, static_cast<std::size_t>(at - entries_.begin()));
    entries_.insert(at, {score, id, false});
  }

  /// Marks the best node not expanded yet. False: all are.
  bool take(std::uint32_t& id) {
    const Entry* entry = next();
    if (entry == nullptr) return false;
    id = entry->id;
    entries_[cursor_++].expanded = true;
    return true;
  }

  /// The node that take() would give now; null: none.
  const Entry* next() {
    while (cursor_ < entries_.size() && entries_[cursor_].expanded) ++cursor_;
    return cursor_ == entries_.size() ? nullptr : &entries_[cursor_];
  }

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] bool full() const { return entries_.size() == ef_; }

 private:
  std::size_t ef_ = 0;
  std::size_t cursor_ = 0;
  std::vector<Entry> entries_;
};

/// Nodes seen by the current walk, one table a thread for all graphs: a mark is the number of the
/// walk, so nothing is cleared but once in 65,535 walks.
class VisitedNodes {
 public:
  void start(std::size_t nodes) {
    if (marks_.size() < nodes) marks_.resize(nodes, 0);
    if (++epoch_ == 0) {
      std::fill(marks_.begin(), marks_.end(), std::uint16_t{0});
      epoch_ = 1;
    }
  }
  /// False: seen before.
  bool mark(std::uint32_t id) {
    if (marks_[id] == epoch_) return false;
    marks_[id] = epoch_;
    return true;
  }

 private:
  std::vector<std::uint16_t> marks_;
  std::uint16_t epoch_ = 0;
};

/// One walk over the nodes below `end`, towards a query in codes. For a search those are the
/// published ones, for an insertion those added before its own.
class Walk {
 public:
  Walk(HnswGraph::Impl& graph, const CodedQuery& query, float query_scale, std::uint32_t end,
       const QuerySketch& sketch)
      : graph_(graph),
        query_(query),
        query_scale_(query_scale),
        end_(end),
        sketch_(sketch),
        sketches_(graph.sketch_rows()) {
    visited().start(end);
  }

  /// Walks from `node` towards the query on each level from `level` to above `floor`, and from each
  /// to the next with all that it found. Returns the nodes to go on from.
  const std::vector<std::uint32_t>& descend(std::uint32_t node, int level, int floor);

  /// Forgets what was seen and starts a pool of `ef`.
  void reset(std::size_t ef) {
    visited().start(end_);
    pool().reset(ef);
  }
  /// Puts a node into the pool; `seen` is called with its score, id and slot, as for all.
  template <class Seen>
  void start_at(std::uint32_t id, Seen seen) {
    if (id >= end_ || !visited().mark(id)) return;
    ids_[0] = id;
    count_ = 1;
    score_gathered();
    take_gathered(seen);
  }
  /// Expands the pool's best node. False: all are expanded.
  template <class Seen>
  bool step(int level, Seen seen) {
    std::uint32_t node = 0;
    if (!pool().take(node)) return false;
    gather(node, level, true);
    drop_hopeless();
    score_gathered();
    take_gathered(seen);
    prefetch_next();
    return true;
  }

  static WalkPool& pool() {
    thread_local WalkPool pool;
    return pool;
  }
  [[nodiscard]] std::uint64_t scored() const { return scored_; }
  [[nodiscard]] std::uint64_t met() const { return scored_ + dropped_; }

 private:
  static constexpr std::size_t kLinksMax = HnswGraph::Impl::kLinksMax;

  static std::vector<std::uint32_t>& starts() {
    thread_local std::vector<std::uint32_t> starts;
    return starts;
  }
  static VisitedNodes& visited() {
    thread_local VisitedNodes visited;
    return visited;
  }

  template <class Seen>
  void take_gathered(Seen seen) {
    for (std::size_t i = 0; i < count_; ++i) {
      pool().insert(scores_[i], ids_[i]);
      seen(scores_[i], ids_[i], slots_[i]);
    }
  }
  void gather(std::uint32_t node, int level, bool mark);
  void drop_hopeless();
  void score_gathered();
  void prefetch_row(std::uint32_t id) const;
  void prefetch_next() const;

  HnswGraph::Impl& graph_;
  const CodedQuery& query_;
  const float query_scale_;
  const std::uint32_t end_;
  const QuerySketch& sketch_;
  const SketchRows sketches_;
  std::uint64_t scored_ = 0;
  std::uint64_t dropped_ = 0;

  // The neighbours at hand.
  std::size_t count_ = 0;
  std::array<std::uint32_t, kLinksMax> links_;
  std::array<std::uint32_t, kLinksMax> ids_;
  std::array<const std::uint8_t*, kLinksMax> pointers_;
  std::array<std::int32_t, kLinksMax> dots_;
  std::array<float, kLinksMax> scores_;
  std::array<const std::uint64_t*, kLinksMax> sketch_rows_;
  std::array<Slot, kLinksMax> slots_;
};

}  // namespace tulving::index
