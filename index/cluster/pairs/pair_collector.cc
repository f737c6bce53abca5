#include "index/cluster/pairs/pair_collector.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace tulving::index {
namespace {

// The places in `pairs` of each row's pairs, row after row.
struct PlacesByRow {
  std::vector<std::uint64_t> starts;
  std::vector<std::uint64_t> places;

  PlacesByRow(std::span<const RowPair> pairs, std::uint32_t rows)
      : starts(std::size_t{rows} + 1, 0), places(2 * pairs.size()) {
    for (const RowPair& pair : pairs) {
      ++starts[pair.a + std::size_t{1}];
      ++starts[pair.b + std::size_t{1}];
    }
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    std::vector<std::uint64_t> next(starts.begin(), starts.end() - 1);
    for (std::uint64_t place = 0; place < pairs.size(); ++place) {
      places[next[pairs[place].a]++] = place;
      places[next[pairs[place].b]++] = place;
    }
  }
};

}  // namespace

std::vector<FixedCosine> keep_best_pairs(std::vector<RowPair>& pairs, std::uint32_t rows,
                                         std::uint32_t count) {
  PlacesByRow by_row(pairs, rows);
  std::vector<FixedCosine> floors(rows, std::numeric_limits<FixedCosine>::min());
  std::vector<bool> kept(pairs.size(), false);
  for (std::uint32_t row = 0; row < rows; ++row) {
    const auto first = by_row.places.begin() + static_cast<std::ptrdiff_t>(by_row.starts[row]);
    const auto last = by_row.places.begin() + static_cast<std::ptrdiff_t>(by_row.starts[row + 1]);
    auto end = last;
    if (last - first >= static_cast<std::ptrdiff_t>(count)) {
      end = first + count;
      std::nth_element(first, end - 1, last, [&](std::uint64_t x, std::uint64_t y) {
        const RowPair& p = pairs[x];
        const RowPair& q = pairs[y];
        if (p.cosine != q.cosine) return p.cosine > q.cosine;
        return (p.a == row ? p.b : p.a) < (q.a == row ? q.b : q.a);
      });
      floors[row] = pairs[*(end - 1)].cosine;
    }
    for (auto place = first; place != end; ++place) kept[*place] = true;
  }
  std::size_t to = 0;
  for (std::size_t from = 0; from < pairs.size(); ++from) {
    if (kept[from]) pairs[to++] = pairs[from];
  }
  pairs.resize(to);
  return floors;
}

PairCollector::PairCollector(const CosineSource& cosines, const PairRules& rules)
    : cosines_(cosines), rules_(rules), lists_(rules.workers) {
  const auto limit = static_cast<float>(rules.threshold / kFixedOne) - rules.slack;
  const std::size_t padded = (std::size_t{rules.rows} + kPadding - 1) / kPadding * kPadding;
  for (List& list : lists_) {
    list.limits.assign(padded, std::numeric_limits<float>::infinity());
    std::fill_n(list.limits.begin(), rules.rows, limit);
  }
}

void PairCollector::check(unsigned worker, std::uint32_t a, std::uint32_t b) {
  const FixedCosine cosine = cosines_.cosine(a, b);
  if (cosine >= rules_.threshold) lists_[worker].pairs.push_back({a, b, cosine});
}

void PairCollector::settle(unsigned worker) {
  List& list = lists_[worker];
  const std::uint64_t found = found_ += list.pairs.size() - list.counted;
  if (found > rules_.pairs_max && list.pairs.size() > 2 * list.kept + kListMin) forget(list);
  list.counted = list.pairs.size();
}

void PairCollector::forget(List& list) {
  const std::vector<FixedCosine> floors =
      keep_best_pairs(list.pairs, rules_.rows, rules_.neighbors_max);
  list.kept = list.pairs.size();
  for (std::uint32_t row = 0; row < rules_.rows; ++row) {
    const float limit = static_cast<float>(floors[row] / kFixedOne) - rules_.slack;
    list.limits[row] = std::max(list.limits[row], limit);
  }
}

ClosePairs PairCollector::collect() {
  ClosePairs all;
  for (unsigned worker = 0; worker < lists_.size(); ++worker) {
    settle(worker);
    List& list = lists_[worker];
    all.pairs.insert(all.pairs.end(), list.pairs.begin(), list.pairs.end());
    list.pairs = {};
  }
  sort_by_rows(all.pairs);
  // Candidates may name a pair from both of its rows.
  all.pairs.erase(std::unique(all.pairs.begin(), all.pairs.end()), all.pairs.end());
  all.limited = found_ > rules_.pairs_max;
  if (all.limited) keep_best_pairs(all.pairs, rules_.rows, rules_.neighbors_max);
  return all;
}

}  // namespace tulving::index
