// The pairs that reach the threshold, by tiles of the upper triangle. A tile's method (f32 or int8)
// only says which pairs may reach it, by a bound on its own error that holds for any data; whether
// they do says UnitRows::cosine() alone. So both methods find the same pairs, bit for bit.

#include "index/cluster/pairs/close_pairs.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <optional>

#include "index/cluster/pairs/pair_collector.h"
#include "index/cluster/tiles/coded_rows.h"
#include "index/cluster/tiles/f32_tile.h"
#include "index/cluster/tiles/unit_rows.h"
#include "index/cluster/workers.h"
#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

// Whole panels of both kinds (384 = 64 x 6 = 6 x 64). 384 x 1,536 codes are 590 KB: a tile's left
// rows stay in a 1 MB cache while right panels pass.
constexpr std::uint32_t kTileRows = 384;
static_assert(PairCollector::kPadding == kTileRows);

PairRules rules_of(const PairSearch& search, float slack) {
  return {search.rows.size(), search.workers.size(), search.threshold,
          search.pairs_max,   search.neighbors_max,  slack};
}

// Tile t of the upper triangle of blocks x blocks tiles, row by row.
struct Tile {
  std::uint32_t left = 0;
  std::uint32_t right = 0;
};

class TileCounter {
 public:
  explicit TileCounter(std::uint32_t rows)
      : blocks_((rows + kTileRows - 1) / kTileRows),
        total_(std::uint64_t{blocks_} * (blocks_ + 1) / 2) {}

  [[nodiscard]] std::uint64_t total() const { return total_; }

  std::optional<Tile> next() {
    std::uint64_t t = next_.fetch_add(1, std::memory_order_relaxed);
    if (t >= total_) return std::nullopt;
    Tile tile;
    while (t >= blocks_ - tile.left) t -= blocks_ - tile.left++;
    tile.right = tile.left + static_cast<std::uint32_t>(t);
    return tile;
  }

 private:
  std::uint64_t blocks_;
  std::uint64_t total_;
  std::atomic<std::uint64_t> next_{0};
};

// Calls look(worker, tile) for all tiles.
template <class Look>
void for_each_tile(const PairSearch& search, PairCollector& found, Look look) {
  TileCounter tiles(search.rows.size());
  search.control.begin(ClusterPhase::kPairs, tiles.total());
  search.workers.run([&](unsigned worker) {
    while (const std::optional<Tile> tile = tiles.next()) {
      look(worker, *tile);
      found.settle(worker);
      if (!search.control.advance(worker, 1)) return;
    }
  });
}

// Few parts hold a pair, so the others are passed over whole. The loop has no branch and a constant
// length, so that compilers make vectors of it.
constexpr std::size_t kPart = 32;

bool any_reaches(const float* products, float limit) {
  std::uint32_t reached = 0;
  for (std::size_t i = 0; i < kPart; ++i) reached |= products[i] >= limit ? 1U : 0U;
  return reached != 0;
}

void find_by_f32(const PairSearch& search, PairCollector& found) {
  const UnitRows& rows = search.rows;
  const F32Tile multiply = f32_tile();
  std::vector<AlignedArray<float>> products;
  for (unsigned worker = 0; worker < search.workers.size(); ++worker) {
    products.push_back(make_aligned<float>(std::size_t{kTileRows} * kTileRows));
  }
  const auto block = [&](std::uint32_t i) {
    const std::uint32_t first = i * kTileRows;
    return TileRows{rows.row(first), std::min(kTileRows, rows.size() - first)};
  };
  for_each_tile(search, found, [&](unsigned worker, Tile tile) {
    const TileRows left = block(tile.left);
    const TileRows right = block(tile.right);
    multiply(left, right, rows.stride(), products[worker].get());
    const float* limits = found.limits(worker);
    const float* right_limits = limits + tile.right * kTileRows;
    const float least = *std::min_element(right_limits, right_limits + right.count);
    for (std::uint32_t i = 0; i < left.count; ++i) {
      const std::uint32_t a = tile.left * kTileRows + i;
      const float* of_row = products[worker].get() + i * right.count;
      const float lowest = std::min(limits[a], least);
      for (std::size_t first = 0; first < right.count; first += kPart) {
        const std::size_t end = std::min(right.count, first + kPart);
        if (end - first == kPart && !any_reaches(of_row + first, lowest)) continue;
        for (std::size_t j = first; j < end; ++j) {
          const auto b = tile.right * kTileRows + static_cast<std::uint32_t>(j);
          if (a < b && of_row[j] >= std::min(limits[a], limits[b])) found.check(worker, a, b);
        }
      }
    }
  });
}

void find_by_int8(const PairSearch& search, const CodedRows& codes, PairCollector& found) {
  const auto reaching = pair_kernels().reaching;
  const std::uint32_t rows = search.rows.size();
  const auto look_at_panels = [&](unsigned worker, std::uint32_t left, std::uint32_t right) {
    std::uint64_t masks[kLeftRows];
    const float* limits = found.limits(worker);
    reaching(codes.left(left, limits), codes.right(right, limits), codes.steps(), masks);
    for (std::uint32_t r = 0; r < kLeftRows; ++r) {
      const std::uint32_t a = left * kLeftRows + r;
      for (std::uint64_t mask = masks[r]; mask != 0; mask &= mask - 1) {
        const auto c = static_cast<std::uint32_t>(std::countr_zero(mask));
        const std::uint32_t b = right * kRightRows + c;
        if (a < b && b < rows) found.check(worker, a, b);
      }
    }
  };
  for_each_tile(search, found, [&](unsigned worker, Tile tile) {
    const std::uint32_t right_first = tile.right * (kTileRows / kRightRows);
    const std::uint32_t left_first = tile.left * (kTileRows / kLeftRows);
    for (std::uint32_t right = right_first; right < right_first + kTileRows / kRightRows; ++right) {
      if (right * kRightRows >= rows) break;
      for (std::uint32_t left = left_first; left < left_first + kTileRows / kLeftRows; ++left) {
        if (left * kLeftRows >= std::min(rows, (right + 1) * kRightRows)) break;
        look_at_panels(worker, left, right);
      }
    }
  });
}

// Whether the codes rule out enough pairs. An exact cosine costs some ten times what the codes save
// against f32, so 5 % of pairs in vain would be as much as half of what there is to save. Vectors
// with one large component (ada-002's is 0.6) have codes so coarse that they fail this.
bool codes_are_fine_enough(const PairSearch& search, const CodedRows& codes) {
  constexpr std::uint32_t kSample = 128;
  const std::uint32_t rows = search.rows.size();
  const std::uint32_t step = std::max(1U, rows / kSample);
  std::uint64_t looked_at = 0;
  std::uint64_t in_vain = 0;
  for (std::uint32_t a = 0; a < rows; a += step) {
    for (std::uint32_t b = a + step; b < rows; b += step) {
      const FixedCosine cosine = search.rows.cosine(a, b);
      const auto band = static_cast<double>(codes.error(a) + codes.error(b));
      ++looked_at;
      if (cosine < search.threshold && cosine / kFixedOne + band >= search.threshold / kFixedOne) {
        ++in_vain;
      }
    }
  }
  return in_vain * 20 <= looked_at;
}

}  // namespace

ClosePairs find_close_pairs(const PairSearch& search) {
  std::optional<CodedRows> codes;
  const bool vnni = kernels().name == "avx512vnni";
  if (search.method == PairMethod::kInt8 || (search.method == PairMethod::kAuto && vnni)) {
    codes.emplace(search.rows, search.workers);
    if (search.method == PairMethod::kAuto && !codes_are_fine_enough(search, *codes)) codes.reset();
  }
  const float slack = codes ? kReachSlack : f32_rounding(search.rows.stride());
  PairCollector found(search.rows, rules_of(search, slack));
  if (codes) {
    find_by_int8(search, *codes, found);
  } else {
    find_by_f32(search, found);
  }
  ClosePairs close = found.collect();
  close.method = codes ? PairMethod::kInt8 : PairMethod::kF32;
  return close;
}

ClosePairs find_candidate_pairs(const PairSearch& search, const ClusterOptions& options) {
  constexpr std::uint32_t kRowsAStep = 256;
  const std::uint32_t rows = search.rows.size();
  PairCollector found(search.rows, rules_of(search, 0.0F));
  std::atomic<std::uint32_t> next{0};
  search.control.begin(ClusterPhase::kPairs, rows);
  search.workers.run([&](unsigned worker) {
    std::vector<std::uint32_t> neighbors;
    for (std::uint32_t first; (first = next.fetch_add(kRowsAStep)) < rows;) {
      const std::uint32_t end = std::min(rows, first + kRowsAStep);
      for (std::uint32_t row = first; row < end; ++row) {
        neighbors.clear();
        options.candidates(row, neighbors);
        std::sort(neighbors.begin(), neighbors.end());
        neighbors.erase(std::unique(neighbors.begin(), neighbors.end()), neighbors.end());
        for (const std::uint32_t other : neighbors) {
          if (other < rows && other != row) {
            found.check(worker, std::min(row, other), std::max(row, other));
          }
        }
      }
      found.settle(worker);
      if (!search.control.advance(worker, end - first)) return;
    }
  });
  return found.collect();
}

}  // namespace tulving::index
