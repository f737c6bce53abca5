#pragma once

#include <cstdint>
#include <span>

#include "index/top_rows.h"
#include "index/vectors/row_seeds.h"
#include "index/vectors/rows/deadline.h"
#include "index/vectors/vector_view.h"

namespace tulving::index {

/// The k nearest among the rows of given slots, exactly as their final forms rank them. A row with
/// several vectors scores as the best of those that are scanned, which follow each other.
///
/// First every slot is scored by its int8 codes, with an upper bound that holds whatever the data
/// (PreparedQuery::bound). The k best of those are scored by the final form, which gives a k-th
/// best score that is truly reached; then so is every other slot whose bound reaches that. What is
/// left out cannot belong to the answer. Each row is offered once, by the best of its slots.
class ExactScan {
 public:
  /// `top` may hold rows already, of which no slot is scanned here: they count.
  ExactScan(const VectorView& view, const PreparedQuery& query, TopRows& top, std::size_t k,
            Deadline& deadline);

  /// Scores the live ones of [first, last).
  void add_range(Slot first, Slot last);
  /// Scores slots, which are live.
  void add_slots(std::span<const Slot> slots);
  /// Re-ranks into `top`.
  void finish();

  [[nodiscard]] std::uint64_t scored() const;

 private:
  struct Scratch;
  static Scratch& scratch();

  void score_batch(std::span<const Slot> slots);
  void rerank(std::size_t i);
  float best_of_run(const PlaceRun& run, float score);

  const VectorView& view_;
  const PreparedQuery& query_;
  TopRows& top_;
  Deadline& deadline_;
  Scratch& scratch_;
  RowSeeds seeds_;  ///< The k best estimates, by their place in the scratch.
};

}  // namespace tulving::index
