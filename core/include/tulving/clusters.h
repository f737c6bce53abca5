#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tulving/filter.h"
#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

/// How far a clustering has come.
struct ClusterProgress {
  double done = 0;          ///< 0..1 of the present phase.
  bool is_linking = false;  ///< Pairs are found; groups are being joined.
};

/// What is compared.
enum class ClusterBy : std::uint8_t {
  /// The memories' vectors of ClusterRequest::model.
  kVectors,
  /// The texts of the memories that have no embedding of any model, and so no other way to be
  /// found:
  /// the cosine of two texts is that of their sets of phrases of three words,
  /// shared / sqrt(a * b). The same words in another order share little; only near copies reach
  /// 0.75. O(words) and the pairs that share a phrase; reads the texts from RAM.
  kTexts,
};

class ClusterCache;

/// Which memories to group, and how tightly.
struct ClusterRequest {
  ClusterBy by = ClusterBy::kVectors;
  /// The embedding model whose vectors are compared; empty: the store's default. Vectors of two
  /// models never are. Unused by kTexts.
  std::string model;
  Filter filter;                     ///< Among the memories that a search shows.
  std::vector<Uuid> leave_out = {};  ///< Memories not looked at, ascending.
  /// Two groups join while the mean cosine between them is at least this: above 0, at most 1.
  double threshold = 0.75;
  std::uint32_t size_max = 12;   ///< Most memories of a cluster, 2 or more; larger ones are split.
  unsigned threads = 0;          ///< 0: as many as the machine runs.
  std::optional<Timestamp> now;  ///< What has expired by then is left out; empty: the clock's.
  std::function<bool(const ClusterProgress&)> progress;  ///< Called now and then; false stops.
  const std::atomic<bool>* stop = nullptr;               ///< True stops. May be null.
  ClusterCache* cache = nullptr;  ///< What it keeps for the next request like this. May be null.
};

struct MemoryCluster {
  std::vector<Uuid> ids;  ///< Ascending, at least 2.
  double cohesion = 0;    ///< Mean cosine of all pairs, exact.
};

struct ClusterReport {
  std::vector<MemoryCluster> clusters;  ///< By first id. Empty if stopped.
  std::uint64_t memories = 0;           ///< That were compared.
  std::uint64_t pairs = 0;              ///< That reach the threshold.
  std::uint64_t components = 0;         ///< Groups that such pairs connect.
  std::uint64_t split = 0;              ///< Clusters that were larger than size_max.
  std::uint64_t left_over = 0;          ///< Memories of those that no piece has room for.
  /// Not every pair was looked at: more than 100,000 memories, or 32 million pairs.
  bool approximate = false;
  double miss_rate = 0;             ///< Share of a sample's pairs that were not looked at.
  std::uint64_t sampled_pairs = 0;  ///< 0: nothing was sampled.
  bool stopped = false;
};

/// What clusterings by vectors keep for the next one, so that it compares only what changed since:
/// see ClusterRequest::cache.
class ClusterCache {
 public:
  explicit ClusterCache(std::uint64_t bytes_max = std::uint64_t{256} << 20U);
  ClusterCache(ClusterCache&&) noexcept;
  ClusterCache& operator=(ClusterCache&&) noexcept;
  ~ClusterCache();

 private:
  friend class Tenant;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving
