#include "index/cluster/pairs/missed_joins.h"

#include <algorithm>
#include <mutex>

#include "index/cluster/tiles/unit_rows.h"
#include "index/cluster/workers.h"

namespace tulving::index {
namespace {

// Means are kept in floats, so their cosine is off by up to 2e-7: what lies this near below the
// threshold is summed exactly too.
constexpr FixedCosine kMeanSlack = 256;

}  // namespace

MissedJoins find_missed_joins(const PairSearch& search,
                              std::span<const std::vector<std::uint32_t>> groups) {
  const UnitRows means = search.rows.means_of(groups, search.workers);
  const ClosePairs near =
      find_close_pairs({.rows = means,
                        .workers = search.workers,
                        .control = search.control,
                        .threshold = std::max(FixedCosine{1}, search.threshold - kMeanSlack),
                        .method = search.method,
                        .pairs_max = search.pairs_max,
                        .neighbors_max = search.neighbors_max});
  MissedJoins missed;
  std::mutex mutex;
  search.workers.share(static_cast<std::uint32_t>(near.pairs.size()), [&](std::uint32_t i) {
    if (search.control.stopped()) return;
    const auto& x = groups[near.pairs[i].a];
    const auto& y = groups[near.pairs[i].b];
    MeanCosine mean{0, static_cast<std::int64_t>(x.size() * y.size())};
    if (mean.pairs > kPairsOfGroupsMax) return;  // Such a group could not be joined either.
    std::vector<RowPair> close;
    for (const std::uint32_t a : x) {
      for (const std::uint32_t b : y) {
        const FixedCosine cosine = search.rows.cosine(a, b);
        mean.sum += cosine;
        if (cosine >= search.threshold) close.push_back({std::min(a, b), std::max(a, b), cosine});
      }
    }
    if (!reaches(mean, search.threshold)) return;
    const std::lock_guard lock(mutex);
    ++missed.joins;
    missed.pairs.insert(missed.pairs.end(), close.begin(), close.end());
  });
  sort_by_rows(missed.pairs);
  return missed;
}

}  // namespace tulving::index
