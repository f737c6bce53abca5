#include <algorithm>
#include <numeric>
#include <span>

#include "index/cluster/close_pairs.h"

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

void keep_best_pairs(std::vector<RowPair>& pairs, std::uint32_t rows, std::uint32_t count) {
  PlacesByRow by_row(pairs, rows);
  std::vector<bool> kept(pairs.size(), false);
  for (std::uint32_t row = 0; row < rows; ++row) {
    const auto first = by_row.places.begin() + static_cast<std::ptrdiff_t>(by_row.starts[row]);
    const auto last = by_row.places.begin() + static_cast<std::ptrdiff_t>(by_row.starts[row + 1]);
    auto end = last;
    if (last - first > static_cast<std::ptrdiff_t>(count)) {
      end = first + count;
      std::nth_element(first, end, last, [&](std::uint64_t x, std::uint64_t y) {
        const RowPair& p = pairs[x];
        const RowPair& q = pairs[y];
        if (p.cosine != q.cosine) return p.cosine > q.cosine;
        return (p.a == row ? p.b : p.a) < (q.a == row ? q.b : q.a);
      });
    }
    for (auto place = first; place != end; ++place) kept[*place] = true;
  }
  std::size_t to = 0;
  for (std::size_t from = 0; from < pairs.size(); ++from) {
    if (kept[from]) pairs[to++] = pairs[from];
  }
  pairs.resize(to);
}

}  // namespace tulving::index
