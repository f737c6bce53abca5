#include "index/cluster/cluster.h"

#include <string>

#include "index/cluster/cluster_checks.h"
#include "index/cluster/cluster_incomplete.h"
#include "index/cluster/linkage/cluster_components.h"
#include "index/cluster/pairs/close_pairs.h"
#include "index/cluster/tiles/unit_rows.h"
#include "index/cluster/workers.h"

namespace tulving::index {
namespace {

Status check_candidates(std::size_t rows, const ClusterOptions& options) {
  if (rows <= options.exact_rows_max || options.candidates) return {};
  return Error{ErrorCode::kInvalidArgument,
               "clustering: " + std::to_string(rows) + " rows are more than exact_rows_max (" +
                   std::to_string(options.exact_rows_max) + "), and candidates is not set",
               "candidates"};
}

}  // namespace

Result<Clustering> cluster_vectors(std::span<const float> vectors, std::uint32_t dim,
                                   const ClusterOptions& options) {
  const Result<FixedCosine> threshold = checked_threshold(options);
  if (!threshold) return threshold.error();
  if (auto status = check_shape(vectors, dim); !status) return status.error();
  if (auto status = check_candidates(vectors.size() / dim, options); !status) return status.error();

  const Workers workers(options.threads);
  ClusterControl control(options);
  const Result<UnitRows> rows = UnitRows::make(vectors, dim, workers);
  if (!rows) return rows.error();

  const PairSearch search{*rows,
                          workers,
                          control,
                          *threshold,
                          options.method,
                          options.pairs_max,
                          options.neighbors_max};
  const bool exact = rows->size() <= options.exact_rows_max;
  const ClosePairs close = exact ? find_close_pairs(search) : find_candidate_pairs(search, options);
  if (control.stopped()) return stopped_clustering();

  // Complete are the pairs only if every one was looked at and none had to be forgotten.
  const bool complete = exact && !close.limited;
  Result<Clustering> result = complete ? cluster_pairs(rows->size(), close.pairs, *rows, *threshold,
                                                       options, workers, control)
                                       : cluster_incomplete(search, close.pairs, options);
  if (result) result->method = close.method;
  return result;
}

}  // namespace tulving::index
