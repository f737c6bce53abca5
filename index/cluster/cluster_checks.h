#pragma once

#include <cstdint>
#include <span>

#include "index/cluster/cluster.h"
#include "index/cluster/fixed_cosine.h"

namespace tulving::index {

/// The threshold in units of FixedCosine, or what is wrong with the options.
Result<FixedCosine> checked_threshold(const ClusterOptions& options);

/// That `vectors` are whole rows of a dimension that the kernels take, as many as 32 bits count.
Status check_shape(std::span<const float> vectors, std::uint32_t dim);

/// The answer of a run that was stopped.
[[nodiscard]] Clustering stopped_clustering();

/// What ComponentClusters::too_large means to a caller.
[[nodiscard]] Error too_large_error();

}  // namespace tulving::index
