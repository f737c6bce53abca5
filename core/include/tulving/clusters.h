#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
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

/// Which memories to group, and how tightly.
struct ClusterRequest {
  /// The embedding model whose vectors are compared; empty: the store's default. Vectors of two
  /// models never are.
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

}  // namespace tulving
