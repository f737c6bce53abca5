#pragma once

// Which neighbours a node keeps. For this folder's .cc files only.

#include <cstdint>
#include <vector>

#include "index/vectors/graph/hnswlib_graph.h"

namespace tulving::index {

/// A node in a query's place.
class NodeQuery {
 public:
  void set(const HnswGraph::Impl& graph, std::uint32_t id);
  [[nodiscard]] const CodedQuery& coded() const { return coded_; }
  [[nodiscard]] float scale() const { return scale_; }

 private:
  std::vector<std::int8_t> codes_;
  CodedQuery coded_;
  float scale_ = 0.0F;
};

/// Algorithm 4 of the paper: from the nearest candidate on, each is kept that is nearer to the node
/// than to any kept before it; then the nearest of those passed over, while there is room
/// (keepPrunedConnections, which hnswlib leaves out). Without these a full list shrinks, and of a
/// cluster's nodes some lose every link that came from near. Four kept ones share the loads of the
/// candidate's codes. An object is one thread's, and keeps its memory between calls.
class NeighbourChoice {
 public:
  explicit NeighbourChoice(const HnswGraph::Impl& graph) : graph_(graph) {}

  /// Leaves the `most` that are kept, or all where there are no more, the farthest first. Verdicts
  /// that candidates bring, of an earlier choice whose kept ones are all among them, are believed
  /// and spare most of the work; the others are found out, and all have theirs afterwards, unless
  /// there was no choice to make.
  void choose(std::vector<Candidate>& candidates, std::size_t most);
  /// Appends the nodes of `ids` with their distances from node `from`.
  void measure(std::uint32_t from, std::span<const std::uint32_t> ids,
               std::vector<Candidate>& candidates);

 private:
  /// Whether a choice that believes no verdict is the same; asked of one in eight.
  [[nodiscard]] bool are_right(std::span<const Candidate> candidates, std::size_t most);
  void keep_apart(std::span<const Candidate> candidates, std::size_t most);
  [[nodiscard]] bool is_apart(const Candidate& candidate, std::span<const Candidate> from,
                              std::span<const std::uint8_t* const> rows);

  static constexpr std::size_t kGroup = 4;  // Rows that dot_rows() multiplies at once.

  struct Scratch {
    NodeQuery query;
    std::vector<Candidate> kept, passed_over;
    std::vector<Candidate> newly_kept;
    std::vector<const std::uint8_t*> rows, newly_kept_rows;
    std::vector<std::int32_t> dots;
  };
  static Scratch& scratch() {
    thread_local Scratch scratch;
    return scratch;
  }

  const HnswGraph::Impl& graph_;
  Scratch& scratch_ = scratch();
};

}  // namespace tulving::index
