#include "index/cluster/pairs/miss_rate.h"

#include <algorithm>
#include <atomic>
#include <tuple>

#include "index/cluster/tiles/unit_rows.h"
#include "index/cluster/workers.h"
#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

bool holds(const std::vector<RowPair>& pairs, std::uint32_t a, std::uint32_t b) {
  const auto pair = std::lower_bound(
      pairs.begin(), pairs.end(), std::tuple(a, b),
      [](const RowPair& p, const auto& wanted) { return std::tie(p.a, p.b) < wanted; });
  return pair != pairs.end() && pair->a == a && pair->b == b;
}

}  // namespace

MissRate miss_rate(const PairSearch& search, const std::vector<RowPair>& found,
                   std::uint32_t sample_rows) {
  const UnitRows& rows = search.rows;
  const std::uint32_t sample = std::min(sample_rows, rows.size());
  const auto dot = kernels().dot_f32;
  const float limit =
      static_cast<float>(search.threshold / kFixedOne) - f32_rounding(rows.stride());
  std::atomic<std::uint32_t> next{0};
  std::atomic<std::uint64_t> pairs{0};
  std::atomic<std::uint64_t> missed{0};
  search.workers.run([&](unsigned) {
    for (std::uint32_t i; (i = next.fetch_add(1)) < sample && !search.control.stopped();) {
      const auto row = static_cast<std::uint32_t>(std::uint64_t{i} * rows.size() / sample);
      for (std::uint32_t other = 0; other < rows.size(); ++other) {
        if (other == row || dot(rows.row(row), rows.row(other), rows.stride()) < limit) continue;
        if (rows.cosine(row, other) < search.threshold) continue;
        ++pairs;
        if (!holds(found, std::min(row, other), std::max(row, other))) ++missed;
      }
    }
  });
  return {pairs, missed};
}

}  // namespace tulving::index
