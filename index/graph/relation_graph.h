#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/base/flat_hash.h"
#include "index/tie_order.h"

namespace tulving::index {

/// One directed, typed, weighted link between rows.
struct Edge {
  std::uint32_t source = 0;
  std::uint32_t target = 0;
  std::uint32_t type = 0;  ///< The caller's number for the type's name.
  float strength = 1.0F;   ///< 0..1.
};

struct WalkOptions {
  std::uint32_t hops_max = 1;
  std::span<const std::uint32_t> types = {};  ///< Types followed; empty: all.
  bool outgoing = true;
  bool incoming = true;
  /// Rows that may be passed and returned; empty function: all.
  std::function<bool(std::uint32_t)> visible = {};
  TieOrder ties = {};  ///< Which of equally strong rows, and of ways through them, comes first.
  /// Whether one type comes before another, of two equally strong links of two rows; empty
  /// function: by number.
  std::function<bool(std::uint32_t, std::uint32_t)> type_before = {};
};

struct Reached {
  std::uint32_t row = 0;
  std::uint32_t hops = 0;
  std::uint32_t via = 0;   ///< The row before it on the strongest shortest path.
  std::uint32_t type = 0;  ///< Type of the last link of that path.
  float strength = 1.0F;   ///< Product of strengths along it.
};

/// The relations of one tenant as adjacency lists, both ways.
///
/// Thread safety: const members beside each other; the others alone.
class RelationGraph {
 public:
  /// Adds the edge, or sets its strength when (source, target, type) is there.
  void set(const Edge& edge);
  void erase(std::uint32_t source, std::uint32_t target, std::uint32_t type);
  /// Removes every edge of a row.
  void erase_row(std::uint32_t row);

  /// Outgoing edges first, each part by (other row, type). O(edges of the row).
  [[nodiscard]] std::vector<Edge> edges_of(std::uint32_t row) const;
  /// Breadth first from `start`, which is not among the results: fewest hops first, then strongest,
  /// then as `ties` says. The same edges give the same results, in whatever order they were set,
  /// and whatever numbers their rows and types have, where `ties` and `type_before` know better.
  /// O(edges of the rows passed).
  [[nodiscard]] std::vector<Reached> walk(std::uint32_t start, const WalkOptions& options) const;

  [[nodiscard]] std::uint64_t edges() const { return edges_; }
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  struct Link {
    std::uint32_t row;
    std::uint32_t type;
    float strength;
  };
  struct Node {
    std::vector<Link> outgoing, incoming;  ///< Sorted by (row, type).
  };

  /// Inserts the link or sets its strength; true when it is new.
  static bool put(std::vector<Link>& links, const Link& link);
  /// Takes the link of `row` to `other` out of one of its lists; false when there is none.
  bool take(std::uint32_t row, std::vector<Link> Node::*list, std::uint32_t other,
            std::uint32_t type);

  FlatMap<std::uint32_t, Node> nodes_;
  std::uint64_t edges_ = 0;
};

}  // namespace tulving::index
