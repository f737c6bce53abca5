#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <roaring/roaring.hh>
#include <span>
#include <vector>

#include "index/scored_row.h"
#include "index/tie_order.h"
#include "index/vectors/vector_index.h"

namespace tulving::index {

/// What is looked for among vectors.
struct VectorQuery {
  std::span<const float> vector;     ///< dim finite floats, not all zero; any length.
  std::uint32_t ef = 64;             ///< Width of the graph walk.
  const Roaring* allowed = nullptr;  ///< Rows that may be found; null: all.
  TieOrder ties = {};                ///< Which of equally near rows are found.
  bool exact = false;                ///< Scan, whatever the size.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
};

enum class VectorPlan : std::uint8_t {
  kNone,
  kScan,
  kFilteredScan,
  kGraph,
  kFilteredGraph,
  kFilteredSketches
};

struct VectorMatches {
  /// The k best by cosine, of several vectors by the nearest; equal ones as the query's `ties` say.
  /// Each row once; fewer where fewer exist.
  std::vector<ScoredRow> rows;
  VectorPlan plan = VectorPlan::kNone;
  bool approximate = false;  ///< A nearer row may have been missed.
  bool partial = false;      ///< The deadline struck.
  std::uint64_t scored = 0;  ///< int8 distances computed.
};

/// One query of one VectorIndex. The vector is normalised and coded once, for the nearest rows and
/// for the cosines of given ones.
///
/// Thread safety: an arm is used by one thread at a time; arms beside each other, and beside what
///   const members of VectorIndex may run beside. The index, and `allowed` and `ties`, must
///   outlive the arm and not change under it; the vector is needed by the constructor alone.
class VectorArm {
 public:
  VectorArm(const VectorIndex& index, const VectorQuery& query);
  ~VectorArm();
  VectorArm(const VectorArm&) = delete;
  VectorArm& operator=(const VectorArm&) = delete;

  /// The k nearest rows that are allowed. The scan is exact as their final forms rank them; the
  /// graph's answer is re-ranked by them, and where it would end among equally near rows the scan
  /// is taken, as the graph does not know all of those. `scores` is how many allowed rows score()
  /// will be asked for afterwards, about: if those are most of the rows, a scan leaves out the
  /// codes and keeps every cosine. It changes no answer.
  [[nodiscard]] VectorMatches best(std::uint32_t k, RowOrder order = RowOrder::kBestFirst,
                                   std::size_t scores = 0);
  /// Cosines with given rows, allowed or not, by the final forms, of several vectors the nearest's:
  /// the same bits that best() gives a row. NaN for a row without a vector. What best() has
  /// computed is read, not computed again.
  void score(std::span<const std::uint32_t> rows, std::span<float> cosines) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving::index
