#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace tulving::tools {

/// The p-quantile (0..1) of `sorted` by nearest rank: a latency that did occur. 0 of nothing.
inline double quantile(const std::vector<double>& sorted, double p) {
  if (sorted.empty()) return 0;
  const double rank = std::ceil(p * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

/// The percentiles that a report of latencies has.
struct Percentiles {
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
};

inline Percentiles percentiles(std::vector<double> values) {
  std::ranges::sort(values);
  return {quantile(values, 0.50), quantile(values, 0.95), quantile(values, 0.99)};
}

}  // namespace tulving::tools
