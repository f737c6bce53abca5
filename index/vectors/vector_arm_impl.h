#pragma once

// One query of a vector index. For this folder's .cc files only.

#include <limits>
#include <vector>

#include "index/top_rows.h"
#include "index/vectors/rows/deadline.h"
#include "index/vectors/vector_arm.h"
#include "index/vectors/vector_index_impl.h"

namespace tulving::index {

inline constexpr float kUnknownCosine = std::numeric_limits<float>::quiet_NaN();
inline constexpr std::size_t kFormsAhead = 2;  // Rows that are asked for before they are needed.
// Wider pools than this cost more to keep sorted than they find.
inline constexpr std::uint32_t kEfMax = 20'000;

/// A list of slots, one a thread; empty.
inline std::vector<Slot>& slot_scratch() {
  thread_local std::vector<Slot> slots;
  slots.clear();
  return slots;
}

class VectorArm::Impl {
 public:
  Impl(const VectorIndex::Impl& index, const VectorQuery& query)
      : index_(index),
        query_(query),
        view_(index.view()),
        waiting_from_(first_waiting(view_)),
        prepared_(index.coder(), query.vector) {}

  VectorMatches best(std::uint32_t k, RowOrder order, std::size_t scores);
  void score(std::span<const std::uint32_t> rows, std::span<float> cosines) const;

 private:
  /// One call of best().
  struct Run {
    std::uint32_t k = 0;         ///< As asked for.
    std::uint64_t rows = 0;      ///< That are allowed.
    std::uint64_t matching = 0;  ///< Their vectors, about where some have several.
    std::uint64_t count = 0;     ///< Rows that the answer has: min(k, rows).
    TopRows top;
    Deadline deadline;
    VectorMatches matches;
  };

  /// How a walk turned out.
  struct Walked {
    bool is_answer = false;
    double wider_by = 1;  ///< More than 1: the pool was full of few rows' vectors.
  };

  /// How many rows there are among a walk's hits, and among those that its pool had.
  struct FoundRows {
    std::size_t all = 0, in_pool = 0, vectors = 0;
  };

  static Slot first_waiting(const VectorView& view);
  std::uint64_t allowed_rows() const;
  std::uint64_t vectors_of(std::uint64_t rows) const;
  std::vector<Slot>& allowed_slots() const;
  void scan_everything(Run& run);
  void scan(Run& run) const;
  void search(Run& run);
  void scan_sketches(Run& run) const;
  bool walk(Run& run, const SearchCosts& costs, double ef, double by_scan) const;
  Walked walk_once(Run& run, double ef, double budget, double met_least) const;
  FoundRows offer_hits(Run& run, const WalkAnswer& answer, std::size_t rows_max,
                       std::size_t pool) const;
  double wider_by(const Run& run, const FoundRows& found) const;
  float best_of_row(Slot first) const;
  void scan_waiting(Run& run) const;

  const VectorIndex::Impl& index_;
  const VectorQuery query_;  // whose vector is not looked at again
  const VectorView view_;
  /// Slots from here on are scanned: those that wait, and before them the ones in the graph of the
  /// row of which others wait.
  const Slot waiting_from_;
  const PreparedQuery prepared_;
  QuerySketch sketch_;          // Set by search(): a scan of everything needs none.
  std::vector<float> cosines_;  // By slot, NaN where unknown; empty: none is known.
};

}  // namespace tulving::index
