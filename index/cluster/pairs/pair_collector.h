#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "index/cluster/fixed_cosine.h"
#include "index/cluster/pairs/close_pairs.h"

namespace tulving::index {

struct PairRules {
  std::uint32_t rows = 0;
  unsigned workers = 1;
  FixedCosine threshold = 0;
  std::uint64_t pairs_max = 0;
  std::uint32_t neighbors_max = 0;
  /// What a cosine estimated by the search may lack; limits() leave it.
  float slack = 0.0F;
};

/// What workers find, each in a list of its own. When there are more than pairs_max, only the
/// neighbors_max best of each row are kept. Whether that is so depends on the number of all pairs,
/// and what is kept on all pairs, not on which worker found them when.
class PairCollector {
 public:
  PairCollector(const CosineSource& cosines, const PairRules& rules);

  /// Takes the pair if it reaches the threshold; a < b.
  void check(unsigned worker, std::uint32_t a, std::uint32_t b);

  /// By row: what an estimate must reach at one of its two rows to be worth a check(). Rises while
  /// better pairs are known; up to the next multiple of `kPadding` rows it is infinite.
  [[nodiscard]] const float* limits(unsigned worker) const { return lists_[worker].limits.data(); }
  static constexpr std::uint32_t kPadding = 384;

  /// To be called now and then: counts what came, and forgets what is not among the best once there
  /// is too much.
  void settle(unsigned worker);

  /// All of it, by (a, b), once the workers are done.
  ClosePairs collect();

 private:
  static constexpr std::size_t kListMin = 200'000;  // Below, forgetting is not worth a pass.

  struct alignas(64) List {  // Cache lines of its own: the workers share none.
    std::vector<RowPair> pairs;
    std::vector<float> limits;
    std::size_t counted = 0;
    std::size_t kept = 0;
  };

  void forget(List& list);

  const CosineSource& cosines_;
  PairRules rules_;
  std::vector<List> lists_;
  std::atomic<std::uint64_t> found_{0};
};

/// Keeps a pair that is among the `count` best of either of its rows: by cosine, then by the other
/// row. Keeping the best of parts first does not change what is kept of the whole. Returns each
/// row's count-th best, or the least cosine there is where it has fewer.
std::vector<FixedCosine> keep_best_pairs(std::vector<RowPair>& pairs, std::uint32_t rows,
                                         std::uint32_t count);

}  // namespace tulving::index
