#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "tulving/result.h"

// Cohesion clustering: average linkage at a threshold, exact up to `exact_rows_max` rows.
// index/cluster/README.md tells the method and why its answer is exact.

namespace tulving::index {

/// How pairs of close rows are found. Clusters are the same whichever is used.
enum class PairMethod : std::uint8_t {
  kAuto,  ///< kInt8 where the processor has VNNI and a sample says that the codes are fine enough.
  kF32,   ///< Tiles of an f32 matrix product.
  kInt8,  ///< Tiles of int8 codes; what their error bound cannot rule out is computed exactly.
};

enum class ClusterPhase : std::uint8_t { kPairs, kLinkage };

struct ClusterProgress {
  ClusterPhase phase = ClusterPhase::kPairs;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

struct ClusterOptions {
  /// Two groups join while the mean cosine between them is at least this: above 0, at most 1.
  double threshold = 0.75;
  /// Most rows of a cluster, at least 2. A larger one is split by its own linkage: see README.md.
  std::uint32_t size_max = 12;
  unsigned threads = 0;  ///< 0: as many as the machine runs.
  PairMethod method = PairMethod::kAuto;

  /// Up to this many rows every pair is looked at.
  std::uint32_t exact_rows_max = 100'000;
  /// Beyond that: appends the rows that may be close to `row`. Called from `threads` threads at
  /// once. It need not be symmetric, nor free of repetitions.
  std::function<void(std::uint32_t row, std::vector<std::uint32_t>& neighbors)> candidates;
  /// Where pairs may be missing, the means of all groups are compared at the end, as rows are in an
  /// exact run, and joins that were missed are made: as long as there are at most this many groups.
  std::uint32_t check_groups_max = 400'000;
  /// Rows whose pairs are held against an exact search, for Clustering::miss_rate.
  std::uint32_t sample_rows = 256;

  /// Most pairs kept, 12 bytes each. When more reach the threshold, only the `neighbors_max` best
  /// of each row are used, and the answer is approximate.
  std::uint64_t pairs_max = 32'000'000;
  std::uint32_t neighbors_max = 64;

  /// Called now and then, on the calling thread only; false stops.
  std::function<bool(const ClusterProgress&)> progress;
  const std::atomic<bool>* stop = nullptr;  ///< True stops. May be null.
};

struct Cluster {
  std::vector<std::uint32_t> rows;  ///< Ascending, at least 2.
  double cohesion = 0.0;            ///< Mean cosine of all pairs of its rows, to 5e-10.
};

struct Clustering {
  std::vector<Cluster> clusters;         ///< By first row. Empty if stopped.
  std::uint64_t pairs = 0;               ///< That reach the threshold.
  std::uint64_t components = 0;          ///< Groups of rows that such pairs connect.
  std::uint64_t largest_component = 0;   ///< Rows.
  std::uint64_t split = 0;               ///< Clusters that were larger than size_max.
  std::uint64_t left_over = 0;           ///< Rows of those that no piece has room for.
  PairMethod method = PairMethod::kF32;  ///< The one used.
  /// Some pairs were not looked at: beyond exact_rows_max or pairs_max.
  bool approximate = false;
  /// If approximate: no two groups are left that could join. (Else always so.)
  bool end_checked = false;
  std::uint64_t late_joins = 0;  ///< Joins that only that check found.
  /// If approximate: share of the sample's pairs that were missed.
  double miss_rate = 0.0;
  std::uint64_t sampled_pairs = 0;  ///< 0: nothing was sampled.
  bool stopped = false;             ///< By the flag or by progress().
};

/// Groups rows by cosine. `vectors` holds rows of `dim` floats of any length but 0. Ties go to the
/// smaller row, so that the caller's order of rows is part of the input; nothing else is: neither
/// threads, nor method, nor instruction set.
///
/// O(n^2 dim) for up to exact_rows_max rows, O(n) calls of candidates() beyond. Memory: 4 to 6
/// bytes a component, and the pairs.
///
/// kInvalidArgument: a vector is zero or not finite, `vectors` holds no whole rows, an option is
/// out of its range, or there are more rows than exact_rows_max and no candidates().
/// kResourceExhausted: a group of more than 131,072 rows came to be.
Result<Clustering> cluster_vectors(std::span<const float> vectors, std::uint32_t dim,
                                   const ClusterOptions& options);

struct ClusterTextsOptions {
  ClusterOptions clusters;  ///< Without candidates and method.
  /// Where more texts than this share a phrase, each is compared with the next
  /// clusters.neighbors_max of them only, by row, and the answer is approximate.
  std::uint32_t common_texts = 1000;
};

/// Groups texts that have no vectors. A text is the set of its phrases of three words in a row
/// (folded as the text index folds them; of its words, if it has fewer than three), and the cosine
/// of two texts is |A and B| / sqrt(|A| |B|). Texts without words are in no cluster.
Result<Clustering> cluster_texts(std::span<const std::string_view> texts,
                                 const ClusterTextsOptions& options);

}  // namespace tulving::index
