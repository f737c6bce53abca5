#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/cli/commands/store/quantiles.h"

namespace tulving::bench {

/// What one engine does at one width of the walk.
struct Point {
  std::uint32_t effort = 0;
  double recall = 0;                ///< Recall@k over all queries, 0..1.
  tools::Percentiles latency = {};  ///< Microseconds, each the median of the rounds'.
};

/// One engine's points by growing effort, and what building it took.
struct Curve {
  std::string engine;
  std::string build_note;
  std::vector<Point> points;
};

/// A latency at a wanted recall.
struct AtRecall {
  double microseconds = 0;
  bool at_least = false;  ///< The curve begins above that recall: this is its fastest point.
};

/// The latency `part` (p50, say) of a curve at `recall`, between two measured points: the logarithm
/// of the latency over the logarithm of what is missed. Empty: the curve does not get that far.
std::optional<AtRecall> latency_at(const Curve& curve, double recall,
                                   double tools::Percentiles::*part);

/// The middle one of `values`, or the mean of the two in the middle; 0 of nothing.
double median(std::vector<double> values);

/// Percentiles, each the median of those of the rounds: one round in which a neighbour was noisy
/// does not count.
tools::Percentiles median_of_rounds(const std::vector<tools::Percentiles>& rounds);

/// Axis of recall: 0.9, 0.99 and 0.999 are one apart. A perfect one counts as 0.99995.
double nines(double recall);

}  // namespace tulving::bench
