#pragma once

#include <string>
#include <vector>

#include "bench/ann_compare/adds.h"
#include "bench/ann_compare/curve.h"
#include "bench/ann_compare/dataset.h"
#include "bench/ann_compare/filters.h"

namespace tulving::bench {

/// How one engine was built with some number of threads.
struct BuildResult {
  std::string engine;
  unsigned threads = 1;
  double rows_per_second = 0;
  double rss_per_vector = 0;    ///< Bytes by which the process grew, a vector.
  double bytes_per_vector = 0;  ///< By the engine's own account; 0: it gives none.
};

/// All that a run has found.
struct Report {
  std::string machine;  ///< Processor and kernels' set.
  std::string data;
  std::string clock;  ///< What times are.
  std::size_t rows = 0, queries = 0, queries_dropped = 0, rounds = 0;
  std::uint32_t dim = 0, k = 10;
  std::vector<Curve> curves;
  std::vector<BuildResult> builds;
  std::vector<FilterResult> filters;
  std::vector<AddsResult> adds;
};

/// Recalls at which engines are compared.
inline constexpr double kRecalls[] = {0.90, 0.95, 0.99, 0.999};

/// As tables in Markdown.
std::string report_table(const Report& report);
std::string report_json(const Report& report);
/// Recall against p50 of the engines' curves, as an SVG that is readable on light and dark pages.
std::string report_svg(const Report& report);

/// "Intel Xeon ..., 2 processors".
std::string machine_name();

}  // namespace tulving::bench
