#pragma once

// Finds nodes that nothing leads to, and links them. For this folder's .cc files only.

#include <cstdint>
#include <vector>

#include "index/vectors/graph/hnswlib_graph.h"

namespace tulving::index {

/// One look through the graph, in steps, beside searches and insertions: it follows the links of
/// level 0 from the entry point and remembers for each node over which other it came. A node that
/// it does not reach, because every list that named it had nearer ones to keep, is put into the
/// list of a near node: into free room, or in the place of the farthest link by which the look came
/// to nobody. So what was reached stays reached.
///
/// Insertions that run meanwhile may cut what it has seen; the next look finds that.
class GraphProbe {
 public:
  /// Looks at the nodes that are published now.
  explicit GraphProbe(HnswGraph::Impl& graph);

  /// Follows the links of up to `nodes_max` nodes. False: all is seen.
  bool step(std::uint32_t nodes_max);
  [[nodiscard]] std::uint32_t linked() const {
    return linked_;
  }  ///< Nodes that were put into a list.

 private:
  void reach(std::uint32_t id, std::uint32_t from);
  void follow(std::uint32_t id);
  void link(std::uint32_t id);
  bool link_from(std::uint32_t from, std::uint32_t id);
  bool replace_spare(std::uint32_t from, std::uint32_t id, std::vector<Candidate>& listed);

  HnswGraph::Impl& graph_;
  std::vector<std::uint32_t> from_;      // By node; kNothing: not reached.
  std::vector<std::uint32_t> frontier_;  // Reached, links not followed yet.
  std::vector<std::uint32_t> links_;
  std::uint32_t looked_for_ = 0;  // Nodes below are reached, or could not be.
  std::uint32_t linked_ = 0;
};

}  // namespace tulving::index
