#include <algorithm>
#include <atomic>

#include "index/cluster/pairs/close_pairs.h"
#include "index/cluster/pairs/pair_collector.h"
#include "index/cluster/tiles/unit_rows.h"
#include "index/cluster/workers.h"
#include "index/kernels/kernels.h"

namespace tulving::index {

ClosePairs find_pairs_of(const PairSearch& search, std::span<const std::uint32_t> wanted) {
  // Some 100 kB of 384 floats each, which stay in the cache while all wanted rows pass.
  constexpr std::uint32_t kBlock = 64;
  const UnitRows& rows = search.rows;
  std::vector<bool> is_wanted(rows.size());
  for (const std::uint32_t row : wanted) is_wanted[row] = true;
  PairCollector found(rows, {.rows = rows.size(),
                             .workers = search.workers.size(),
                             .threshold = search.threshold,
                             .pairs_max = search.pairs_max,
                             .neighbors_max = search.neighbors_max,
                             .slack = f32_rounding(rows.stride())});
  const auto dot = kernels().dot_f32;
  std::atomic<std::uint64_t> next{0};
  search.control.begin(ClusterPhase::kPairs, rows.size());
  search.workers.run([&](unsigned worker) {
    const float* limits = found.limits(worker);
    for (std::uint64_t begin; (begin = next.fetch_add(kBlock)) < rows.size();) {
      const auto first = static_cast<std::uint32_t>(begin);
      const std::uint32_t end = std::min(rows.size(), first + kBlock);
      for (const std::uint32_t row : wanted) {
        for (std::uint32_t other = first; other < end; ++other) {
          // A pair of wanted rows comes up twice, once from each.
          if (is_wanted[other] && other <= row) continue;
          const float product = dot(rows.row(row), rows.row(other), rows.stride());
          if (product < std::min(limits[row], limits[other])) continue;
          found.check(worker, std::min(row, other), std::max(row, other));
        }
      }
      found.settle(worker);
      if (!search.control.advance(worker, end - first)) return;
    }
  });
  return found.collect();
}

}  // namespace tulving::index
