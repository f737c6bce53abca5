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
  /// The texts of those memories that have no embedding of any model, and no other way to be
  /// found. A text is the set of its phrases of three words in a row; the cosine of two is
  /// shared / sqrt(a * b). So a word changed in one of 20 leaves about 0.83, other words for the
  /// same thing nearly 0. O(words, and pairs that share a phrase).
  kTexts,
};

class ClusterCache;

/// Which memories to group, and how tightly. Only memories of one user_id, agent_id and project_id
/// that expire at the same moment, or never, are compared with each other: a cluster crosses none
/// of these borders, as if each side was a store of its own. ("None" is a value like any other.)
struct ClusterRequest {
  ClusterBy by = ClusterBy::kVectors;
  /// The embedding model whose vectors are compared, as SearchRequest::model names it. Vectors of
  /// two models never are. Unused by kTexts.
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
  /// Makes the next request like this one cheaper. By vectors only; may be null.
  ClusterCache* cache = nullptr;
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
  std::uint64_t compared = 0;           ///< With a cache: memories whose pairs it did not know,
  std::uint64_t linked = 0;             ///< and memories of components that it did not know.
  /// Not every pair was looked at: more than 100,000 memories (of texts: with one phrase in more
  /// than 1,000), or 32 million pairs.
  bool approximate = false;
  double miss_rate = 0;             ///< Share of a sample's pairs that were not looked at.
  std::uint64_t sampled_pairs = 0;  ///< 0: nothing was sampled.
  bool stopped = false;
};

/// What a clustering leaves for the next one of the same tenant, model, threshold and size_max: the
/// pairs that reach the threshold, and the clusters they made, but no vectors. The next one
/// compares only memories that are new, or have another vector, with all others; and links only
/// components that something came into, went from or changed in. Its clusters are the same as
/// without.
///
/// It starts anew when one in 32 memories or more of those within one border changed, since
/// comparing all in tiles is then as fast, and for another kind of request. RAM: 90 bytes a memory
/// and 12 a pair, and while a
/// clustering runs twice that; what exceeds `bytes_max` is not kept, nor what is approximate.
///
/// Thread safety: one clustering at a time may use it.
class ClusterCache {
 public:
  explicit ClusterCache(std::uint64_t bytes_max = std::uint64_t{64} << 20U);
  ClusterCache(ClusterCache&&) noexcept;
  ClusterCache& operator=(ClusterCache&&) noexcept;
  ~ClusterCache();

  [[nodiscard]] std::uint64_t bytes() const;  ///< RAM of what is kept.

 private:
  friend class Tenant;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving
