#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "index/cluster/cluster.h"
#include "index/cluster/cluster_components.h"
#include "index/cluster/unit_rows.h"

namespace tulving::index {

/// Clusters of rows that come and go. It keeps the close pairs and the components they make, and
/// links anew only in components that a change has touched; the clusters are those that
/// cluster_vectors() gives for the same rows, to the bit.
///
/// set() costs one pass over all vectors, or one call of options.candidates where that is set (then
/// whatever it does not name is missed); update() the components that were touched. Memory: 4 bytes
/// a component, and 16 a pair.
///
/// Not safe for concurrent use. One tenant's rows of one embedding model.
class ClusterSet : private CosineSource {
 public:
  /// kInvalidArgument: dim or an option is out of its range. Of the options, it takes threshold,
  /// size_max, candidates, progress and stop.
  static Result<std::unique_ptr<ClusterSet>> make(std::uint32_t dim, ClusterOptions options);

  /// Adds a row, or gives it another vector. kInvalidArgument: the vector is zero, not finite or of
  /// another dimension; then nothing has changed.
  Status set(std::uint32_t row, std::span<const float> vector);
  void erase(std::uint32_t row);  ///< Of a row that is not there: nothing.

  struct Update {
    std::uint64_t rows_relinked = 0;
    bool stopped = false;  ///< The next update() goes on from here.
  };
  /// Brings clusters() up to date. kResourceExhausted as in cluster_vectors().
  Result<Update> update();

  /// By first row, as of the last update().
  [[nodiscard]] std::vector<Cluster> clusters() const;
  /// Rows that are there, and pairs of them that reach the threshold.
  [[nodiscard]] std::uint64_t rows() const { return rows_.size(); }
  [[nodiscard]] std::uint64_t pairs() const { return pairs_; }

 private:
  struct Row {
    AlignedArray<float> unit;
    double inverse_length = 1.0;
    std::map<std::uint32_t, FixedCosine> neighbors;
    std::uint32_t component = 0;  // The first row of its component as of the last update().
  };
  struct Part {
    std::vector<std::uint32_t> rows;
    std::vector<Cluster> clusters;
  };

  ClusterSet(std::uint32_t dim, FixedCosine threshold, ClusterOptions options);
  [[nodiscard]] FixedCosine cosine(std::uint32_t a, std::uint32_t b) const override;
  void connect(std::uint32_t row);
  // Forgets the component's clusters; its rows wait for update().
  void dissolve(std::uint32_t component);
  [[nodiscard]] Component component_around(std::uint32_t row) const;

  std::uint32_t dim_;
  std::size_t stride_;
  FixedCosine threshold_;
  ClusterOptions options_;
  std::map<std::uint32_t, Row> rows_;
  std::map<std::uint32_t, Part> parts_;  // By component.
  std::set<std::uint32_t> dirty_;        // Rows in no part.
  std::uint64_t pairs_ = 0;
};

}  // namespace tulving::index
