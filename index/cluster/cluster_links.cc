#include <algorithm>
#include <string>

#include "index/cluster/close_pairs.h"
#include "index/cluster/cluster.h"
#include "index/cluster/cluster_checks.h"
#include "index/cluster/unit_rows.h"
#include "index/cluster/workers.h"

namespace tulving::index {
namespace {

Status check_groups(std::span<const std::vector<std::uint32_t>> groups, std::uint32_t rows) {
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const bool names_rows = std::all_of(groups[g].begin(), groups[g].end(),
                                        [&](std::uint32_t row) { return row < rows; });
    if (groups[g].empty() || !names_rows) {
      return Error{ErrorCode::kInvalidArgument,
                   "clustering: group " + std::to_string(g) + " is empty or names no row of " +
                       std::to_string(rows),
                   "groups"};
    }
  }
  return {};
}

}  // namespace

Result<ClusterLinks> link_clusters(std::span<const float> vectors, std::uint32_t dim,
                                   std::span<const std::vector<std::uint32_t>> groups,
                                   const ClusterOptions& options) {
  const Result<FixedCosine> threshold = checked_threshold(options);
  if (!threshold) return threshold.error();
  if (auto status = check_shape(vectors, dim); !status) return status.error();
  const auto row_count = static_cast<std::uint32_t>(vectors.size() / dim);
  if (auto status = check_groups(groups, row_count); !status) return status.error();

  const Workers workers(options.threads);
  ClusterControl control(options);
  const Result<UnitRows> rows = UnitRows::make(vectors, dim, workers);
  if (!rows) return rows.error();
  const UnitRows means = rows->means_of(groups, workers);
  // No pairs may be kept beyond the best of each: that is what pairs_max = 0 says.
  const ClosePairs close = find_close_pairs({.rows = means,
                                             .workers = workers,
                                             .control = control,
                                             .threshold = *threshold,
                                             .method = options.method,
                                             .pairs_max = 0,
                                             .neighbors_max = options.neighbors_max});
  ClusterLinks result;
  result.stopped = control.stopped();
  if (result.stopped) return result;
  result.links.reserve(close.pairs.size());
  for (const RowPair& pair : close.pairs) {
    result.links.push_back({pair.a, pair.b, pair.cosine / kFixedOne});
  }
  return result;
}

}  // namespace tulving::index
