#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "index/scored_row.h"

namespace tulving::index {

/// The k best of the rows offered, in the order of results (ranks_before).
class TopRows {
 public:
  explicit TopRows(std::size_t k) : k_(k) { heap_.reserve(std::min<std::size_t>(k, 1024)); }

  void offer(ScoredRow row) {
    if (heap_.size() < k_) {
      heap_.push_back(row);
      std::push_heap(heap_.begin(), heap_.end(), ranks_before);
    } else if (k_ != 0 && ranks_before(row, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), ranks_before);
      heap_.back() = row;
      std::push_heap(heap_.begin(), heap_.end(), ranks_before);
    }
  }

  [[nodiscard]] bool full() const { return heap_.size() == k_; }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }
  /// What a row must reach to matter: the k-th best score, minus infinity while fewer are held.
  [[nodiscard]] float threshold() const {
    return full() && k_ != 0 ? heap_.front().score : -std::numeric_limits<float>::infinity();
  }

  /// Best first. Leaves this empty.
  [[nodiscard]] std::vector<ScoredRow> take() {
    std::sort_heap(heap_.begin(), heap_.end(), ranks_before);
    return std::move(heap_);
  }

 private:
  std::size_t k_;
  std::vector<ScoredRow> heap_;
};

}  // namespace tulving::index
