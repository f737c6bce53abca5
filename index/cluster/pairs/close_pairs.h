#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/cluster/cluster.h"
#include "index/cluster/fixed_cosine.h"

namespace tulving::index {

class ClusterControl;
class UnitRows;
class Workers;

struct PairSearch {
  const UnitRows& rows;
  const Workers& workers;
  ClusterControl& control;
  FixedCosine threshold = 0;
  PairMethod method = PairMethod::kAuto;
  std::uint64_t pairs_max = 0;
  std::uint32_t neighbors_max = 0;
};

struct ClosePairs {
  std::vector<RowPair> pairs;  ///< By (a, b), each once.
  bool limited = false;        ///< There were more than pairs_max: only the best of each row are.
  PairMethod method = PairMethod::kF32;
};

/// Every pair of rows with a cosine >= threshold. Nothing of use is returned once `control`
/// stopped.
[[nodiscard]] ClosePairs find_close_pairs(const PairSearch& search);

/// Those that have a row of `wanted`, ascending.
[[nodiscard]] ClosePairs find_pairs_of(const PairSearch& search,
                                       std::span<const std::uint32_t> wanted);

/// Those that `options.candidates` names. Each row is asked once.
[[nodiscard]] ClosePairs find_candidate_pairs(const PairSearch& search,
                                              const ClusterOptions& options);

}  // namespace tulving::index
