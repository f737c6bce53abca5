#pragma once

#include <string>
#include <vector>

#include "bench/ann_compare/measure.h"

namespace tulving::bench {

/// Searches while another thread adds as fast as it can, beside the same searches without.
struct AddsResult {
  std::string engine;
  std::uint32_t effort = 0;
  tools::Percentiles idle, busy;  ///< Microseconds; medians of the rounds'.
  std::size_t searches = 0;       ///< Timed beside the adder, all rounds.
  double adds_per_second = 0;
};

/// Rows that each engine needs room for, beside the base.
std::size_t spare_rows(const Dataset& data);

/// Idle and busy by turns. The adder, and what an engine does in the background, keep off the
/// search thread's processor: what is measured is locks and memory, not the scheduler. Between the
/// rounds the engine may finish what it has put off. Adds to the engines: call it last.
std::vector<AddsResult> measure_adds(const std::vector<EngineKind>& kinds, const Dataset& data,
                                     const MeasureOptions& options, std::uint32_t effort);

}  // namespace tulving::bench
