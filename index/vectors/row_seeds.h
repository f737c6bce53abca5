#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/top_rows.h"
#include "index/vectors/vector_view.h"

namespace tulving::index {

/// The best estimates among slots that are offered in their order, one for each row: so that the
/// k-th best is of k rows, where some have several vectors.
class RowSeeds {
 public:
  RowSeeds(const VectorView& view, std::size_t k) : view_(view), seeds_(k) {}

  /// Where no row has several: `place` is which of the slots that are looked at this one is.
  void offer(std::size_t place, float estimate) {
    seeds_.offer({static_cast<std::uint32_t>(place), estimate});
  }
  /// Where some have.
  void offer_of_run(std::size_t place, Slot slot, float estimate) {
    const ScoredRow seed{static_cast<std::uint32_t>(place), estimate};
    const std::uint32_t row = view_.slab->row(slot);
    if (best_.row != kNothing && row == row_) {
      if (seed.score > best_.score) best_ = seed;
      return;
    }
    if (best_.row != kNothing) seeds_.offer(best_);
    best_ = seed;
    row_ = row;
  }
  /// The places, in no order.
  [[nodiscard]] std::vector<ScoredRow> take() {
    if (best_.row != kNothing) seeds_.offer(best_);
    best_ = {kNothing, 0.0F};
    return seeds_.take(RowOrder::kAny);
  }

 private:
  const VectorView& view_;
  TopRows seeds_;
  ScoredRow best_ = {kNothing, 0.0F};  // Of row_, whose slots are at hand; its place, not its row.
  std::uint32_t row_ = kNothing;
};

/// The places of one row among slots that are looked at: from `first` to before `last`.
struct PlaceRun {
  std::size_t first = 0, last = 0;
};
[[nodiscard]] inline PlaceRun run_at(const VectorView& view, std::span<const Slot> slots,
                                     std::size_t place) {
  PlaceRun run{place, place + 1};
  if (!view.has_runs) return run;
  const std::uint32_t row = view.slab->row(slots[place]);
  while (run.first > 0 && view.slab->row(slots[run.first - 1]) == row) --run.first;
  while (run.last < slots.size() && view.slab->row(slots[run.last]) == row) ++run.last;
  return run;
}

}  // namespace tulving::index
