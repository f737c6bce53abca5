#include "index/cluster/cluster.h"

#include <string>

#include "index/cluster/close_pairs.h"
#include "index/cluster/cluster_checks.h"
#include "index/cluster/cluster_components.h"
#include "index/cluster/miss_rate.h"
#include "index/cluster/unit_rows.h"
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
  Clustering stopped;
  stopped.stopped = true;
  if (control.stopped()) return stopped;

  Result<Clustering> result =
      cluster_pairs(rows->size(), close.pairs, *rows, *threshold, options, workers, control);
  if (!result || result->stopped) return result;
  result->pairs = close.pairs.size();
  result->method = close.method;
  result->approximate = !exact || close.limited;
  if (!exact) {
    const MissRate missed = miss_rate(search, close.pairs, options.sample_rows);
    if (control.stopped()) return stopped;
    result->miss_rate = missed.share();
    result->sampled_pairs = missed.pairs;
  }
  return result;
}

}  // namespace tulving::index
