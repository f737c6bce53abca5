#pragma once

#include <atomic>
#include <cstdint>

#include "index/vectors/vector_view.h"

namespace tulving::index {

/// What ways of searching take on this machine, of this index: nanoseconds.
struct SearchCosts {
  double code_row = 0;    ///< A row scanned by its codes.
  double sketch_row = 0;  ///< A row looked at by its sketch; 0: there are none.
  double walk = 0;        ///< Of a walk, whatever its width,
  double walk_entry = 0;  ///< and an entry of its pool.
  double walk_row = 0;    ///< A row that a walk scores.

  [[nodiscard]] double of_walk(double ef) const { return walk + walk_entry * ef; }

  /// What some machine takes: while measuring would bring in rows of a checkpoint that nobody
  /// needs, and where an answer must not depend on how fast the machine was at some moment.
  static SearchCosts assumed(std::size_t code_stride);
  /// None of them beyond four times the assumed ones: more is a disturbance.
  [[nodiscard]] SearchCosts near_assumed(std::size_t code_stride) const;
  /// Tries each way with a search at hand, over rows all over the index: some 2 ms, 3,000 rows.
  static SearchCosts measure(const VectorView& view, const PreparedQuery& query,
                             const QuerySketch& sketch);
};

/// The costs of an index, measured by the first search that asks, and anew when it has become four
/// times as large, of which more lies outside the caches.
///
/// Thread safety: any number of threads. Two that come first may both measure.
class MeasuredCosts {
 public:
  SearchCosts of(const VectorView& view, const PreparedQuery& query, const QuerySketch& sketch);

 private:
  std::atomic<Slot> measured_at_{0};
  std::atomic<float> code_row_{0}, sketch_row_{0}, walk_{0}, walk_entry_{0}, walk_row_{0};
};

}  // namespace tulving::index
