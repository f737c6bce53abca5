#include "index/cluster/cluster.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "index/cluster/close_pairs.h"
#include "index/cluster/cluster_checks.h"
#include "index/cluster/cluster_components.h"
#include "index/cluster/miss_rate.h"
#include "index/cluster/missed_joins.h"
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

// Every row's group, those of no component included.
std::vector<std::vector<std::uint32_t>> all_groups(std::uint32_t rows, ComponentClusters& linked) {
  std::vector<std::vector<std::uint32_t>> groups = std::move(linked.groups);
  std::vector<bool> in_one(rows, false);
  for (const auto& group : groups) {
    for (const std::uint32_t row : group) in_one[row] = true;
  }
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (!in_one[row]) groups.push_back({row});
  }
  return groups;
}

// Linkage over pairs of which some may be missing: where two groups turn out to belong together,
// their pairs are added and all is linked again.
Result<Clustering> cluster_incomplete(const PairSearch& search, std::vector<RowPair> pairs,
                                      const ClusterOptions& options) {
  // Two rounds suffice where the third finds nothing, as in all that was measured.
  constexpr int kRoundsMax = 5;
  std::uint64_t late_joins = 0;
  for (int round = 1;; ++round) {
    const std::vector<Component> components = components_of(search.rows.size(), pairs);
    ComponentClusters linked = cluster_components(components, search.rows, search.threshold,
                                                  options.size_max, search.workers, search.control);
    if (linked.stopped) return stopped_clustering();
    if (linked.too_large) return too_large_error();
    const auto groups = all_groups(search.rows.size(), linked);
    MissedJoins missed;
    const bool check = groups.size() <= options.check_groups_max;
    if (check) missed = find_missed_joins(search, groups);
    if (search.control.stopped()) return stopped_clustering();
    late_joins += missed.joins;
    if (missed.joins == 0 || round == kRoundsMax) {
      Clustering result = to_clustering(components, std::move(linked));
      result.approximate = true;
      result.end_checked = check && missed.joins == 0;
      result.late_joins = late_joins;
      return result;
    }
    pairs.insert(pairs.end(), missed.pairs.begin(), missed.pairs.end());
    std::sort(pairs.begin(), pairs.end(), [](const RowPair& x, const RowPair& y) {
      return std::tie(x.a, x.b) < std::tie(y.a, y.b);
    });
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  }
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

  const bool complete = exact && !close.limited;
  Result<Clustering> result = complete ? cluster_pairs(rows->size(), close.pairs, *rows, *threshold,
                                                       options, workers, control)
                                       : cluster_incomplete(search, close.pairs, options);
  if (!result || result->stopped) return result;
  result->method = close.method;
  if (complete) result->end_checked = true;
  if (!exact) {
    const MissRate missed = miss_rate(search, close.pairs, options.sample_rows);
    if (control.stopped()) return stopped_clustering();
    result->miss_rate = missed.share();
    result->sampled_pairs = missed.pairs;
  }
  return result;
}

}  // namespace tulving::index
