#pragma once

#include <cstddef>
#include <span>

#include "index/top_rows.h"
#include "index/vectors/row_seeds.h"
#include "index/vectors/rows/deadline.h"
#include "index/vectors/vector_view.h"

namespace tulving::index {

/// Finds those of many live slots that may be among the k best by their sketches, an eighth of the
/// bytes that codes take. It assumes nothing of where the rows lie, so what a filter leaves is
/// found however far from the query it is. Slots not in the graph yet have no sketch, and may all
/// be.
///
/// A row that belongs to the k best is left out if its estimate is off by more than three standard
/// deviations, and then by an error that is drawn anew for each vector: about one in a thousand.
class SketchScan {
 public:
  SketchScan(const VectorView& view, const PreparedQuery& query, const QuerySketch& sketch,
             Deadline& deadline);

  /// The slots whose estimate, at its best, reaches the k-th best cosine of some dozens with the
  /// best estimates. Those are offered to `top` by their final form, and not returned; of a row
  /// with several vectors, which follow each other, all are. Valid until the thread's next scan.
  [[nodiscard]] std::span<const Slot> promising(std::span<const Slot> slots, std::size_t k,
                                                TopRows& top);

 private:
  struct Scratch;
  static Scratch& scratch();
  void estimate(std::span<const Slot> slots, RowSeeds& seeds);

  const VectorView& view_;
  const PreparedQuery& query_;
  const QuerySketch& sketch_;
  Deadline& deadline_;
  Scratch& scratch_;
};

}  // namespace tulving::index
