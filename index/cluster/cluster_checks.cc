#include "index/cluster/cluster_checks.h"

#include <algorithm>
#include <limits>
#include <string>

#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

Error invalid(const std::string& what, const char* field) {
  return {ErrorCode::kInvalidArgument, "clustering: " + what, field};
}

}  // namespace

Result<FixedCosine> checked_threshold(const ClusterOptions& options) {
  if (!(options.threshold > 0.0 && options.threshold <= 1.0)) {  // NaN is neither.
    return invalid(
        "threshold is " + std::to_string(options.threshold) + ", must be above 0 and at most 1",
        "threshold");
  }
  if (options.size_max < 2) {
    return invalid("size_max is " + std::to_string(options.size_max) + ", must be at least 2",
                   "size_max");
  }
  if (options.neighbors_max == 0) {
    return invalid("neighbors_max is 0, must be at least 1", "neighbors_max");
  }
  // Below the unit, rows at right angles would join.
  return std::max(FixedCosine{1}, to_fixed(options.threshold));
}

Clustering stopped_clustering() {
  Clustering stopped;
  stopped.stopped = true;
  return stopped;
}

Error too_large_error() {
  return {ErrorCode::kResourceExhausted,
          "clustering: more than 131,072 rows would join into one group before it is split; raise "
          "the threshold",
          "threshold"};
}

Status check_shape(std::span<const float> vectors, std::uint32_t dim) {
  if (dim == 0 || dim > kKernelDimMax) {
    return invalid(
        "dim is " + std::to_string(dim) + ", must be 1 to " + std::to_string(kKernelDimMax), "dim");
  }
  if (vectors.size() % dim != 0) {
    return invalid(
        std::to_string(vectors.size()) + " floats are no whole rows of " + std::to_string(dim),
        "vectors");
  }
  if (vectors.size() / dim >= std::numeric_limits<std::uint32_t>::max()) {
    return invalid("rows are counted in 32 bits", "vectors");
  }
  return {};
}

}  // namespace tulving::index
