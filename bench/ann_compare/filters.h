#pragma once

#include <string>
#include <vector>

#include "bench/ann_compare/measure.h"

namespace tulving::bench {

/// One engine under one kind of filter.
struct FilterResult {
  std::string filter;  ///< "random", "correlated", "anti-correlated".
  double percent = 0;  ///< Of the rows, that the filter lets through.
  std::string engine;
  std::uint32_t effort = 0;
  double recall = 0;
  tools::Percentiles latency;
};

/// Searches of rows that a filter lets through, all engines that have filters, block by block.
/// "random": any rows. "correlated": four in five of the rows nearest to the query.
/// "anti-correlated": four in five of those farthest, so that a walk towards the query leads away
/// from what may be found.
std::vector<FilterResult> measure_filters(const std::vector<Built>& engines, const Dataset& data,
                                          const MeasureOptions& options,
                                          const std::vector<double>& percents,
                                          const std::vector<std::uint32_t>& efforts);

}  // namespace tulving::bench
