#pragma once

#include <vector>

#include "index/cluster/pairs/close_pairs.h"

namespace tulving::index {

/// Clusters from pairs of which some may be missing. What can be made good is: small components are
/// completed, and where the means of two groups show that they should have joined, their pairs are
/// added and all is linked again. The rest is measured: see Clustering::miss_rate.
Result<Clustering> cluster_incomplete(const PairSearch& search, std::vector<RowPair> pairs,
                                      const ClusterOptions& options);

}  // namespace tulving::index
