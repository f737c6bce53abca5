#include "index/graph/relation_graph.h"

#include <algorithm>
#include <tuple>
#include <utility>

// Invariants between two calls:
//
// (1) Every edge lies in two lists, its source's outgoing and its target's incoming, with one
//     strength.
//
// (2) A list is sorted by (row, type) without repetition.
//
// (3) A row without edges has no entry.

namespace tulving::index {
namespace {

// Link is private to the graph, so the order is written for whatever has a row and a type.
constexpr auto before = [](const auto& a, const auto& b) {
  return std::tuple(a.row, a.type) < std::tuple(b.row, b.type);
};

bool follows(const WalkOptions& options, std::uint32_t type) {
  return options.types.empty() ||
         std::find(options.types.begin(), options.types.end(), type) != options.types.end();
}

// Whether of two equally strong ways to a row, by as many hops, the first is told.
bool is_told_before(const Reached& a, const Reached& b, const WalkOptions& options) {
  if (a.via != b.via) return options.ties.before(a.via, b.via);
  return options.type_before ? options.type_before(a.type, b.type) : a.type < b.type;
}

}  // namespace

void RelationGraph::set(const Edge& edge) {
  const bool added = put(nodes_[edge.source].outgoing, {edge.target, edge.type, edge.strength});
  put(nodes_[edge.target].incoming, {edge.source, edge.type, edge.strength});
  if (added) ++edges_;
}

void RelationGraph::erase(std::uint32_t source, std::uint32_t target, std::uint32_t type) {
  if (!take(source, &Node::outgoing, target, type)) return;
  take(target, &Node::incoming, source, type);
  --edges_;
}

void RelationGraph::erase_row(std::uint32_t row) {
  const auto found = nodes_.find(row);
  if (found == nodes_.end()) return;
  const Node node = std::move(found->second);
  nodes_.erase(found);
  for (const Link& link : node.outgoing) take(link.row, &Node::incoming, row, link.type);
  for (const Link& link : node.incoming) take(link.row, &Node::outgoing, row, link.type);
  const auto loops = std::count_if(node.outgoing.begin(), node.outgoing.end(),
                                   [row](const Link& link) { return link.row == row; });
  edges_ -= node.outgoing.size() + node.incoming.size() - static_cast<std::uint64_t>(loops);
}

bool RelationGraph::put(std::vector<Link>& links, const Link& link) {
  const auto place = std::lower_bound(links.begin(), links.end(), link, before);
  if (place != links.end() && place->row == link.row && place->type == link.type) {
    place->strength = link.strength;
    return false;
  }
  links.insert(place, link);
  return true;
}

bool RelationGraph::take(std::uint32_t row, std::vector<Link> Node::*list, std::uint32_t other,
                         std::uint32_t type) {
  const auto found = nodes_.find(row);
  if (found == nodes_.end()) return false;
  std::vector<Link>& links = found->second.*list;
  const auto place = std::lower_bound(links.begin(), links.end(), Link{other, type, 0}, before);
  if (place == links.end() || place->row != other || place->type != type) return false;
  links.erase(place);
  if (found->second.outgoing.empty() && found->second.incoming.empty()) nodes_.erase(found);
  return true;
}

std::vector<Edge> RelationGraph::edges_of(std::uint32_t row) const {
  std::vector<Edge> edges;
  const auto found = nodes_.find(row);
  if (found == nodes_.end()) return edges;
  const Node& node = found->second;
  edges.reserve(node.outgoing.size() + node.incoming.size());
  for (const Link& link : node.outgoing) edges.push_back({row, link.row, link.type, link.strength});
  for (const Link& link : node.incoming) {
    // A link to itself has been listed as an outgoing one.
    if (link.row != row) edges.push_back({link.row, row, link.type, link.strength});
  }
  return edges;
}

std::vector<Reached> RelationGraph::walk(std::uint32_t start, const WalkOptions& options) const {
  // The rows reached, level by level; `start` is level 0 and is taken out in the end.
  std::vector<Reached> reached = {{.row = start}};
  FlatMap<std::uint32_t, std::size_t> places;  // In `reached`.
  places.emplace(start, 0);
  std::size_t level_end = 0;

  const auto follow = [&](const Reached& from, const std::vector<Link>& links) {
    for (const Link& link : links) {
      if (!follows(options, link.type)) continue;
      const Reached way = {link.row, from.hops + 1, from.row, link.type,
                           from.strength * link.strength};
      if (const auto place = places.find(link.row); place != places.end()) {
        // Rows before level_end were reached by fewer hops.
        Reached& best = reached[place->second];
        if (place->second < level_end || way.strength < best.strength) continue;
        if (way.strength > best.strength || is_told_before(way, best, options)) best = way;
      } else if (!options.visible || options.visible(link.row)) {
        places.emplace(link.row, reached.size());
        reached.push_back(way);
      }
    }
  };

  for (std::uint32_t hops = 1; hops <= options.hops_max && level_end < reached.size(); ++hops) {
    const std::size_t level_begin = std::exchange(level_end, reached.size());
    for (std::size_t i = level_begin; i < level_end; ++i) {
      const Reached from = reached[i];  // A copy: follow() may move the vector.
      const auto node = nodes_.find(from.row);
      if (node == nodes_.end()) continue;
      if (options.outgoing) follow(from, node->second.outgoing);
      if (options.incoming) follow(from, node->second.incoming);
    }
  }
  reached.erase(reached.begin());
  std::sort(reached.begin(), reached.end(), [&](const Reached& a, const Reached& b) {
    if (a.hops != b.hops) return a.hops < b.hops;
    if (a.strength != b.strength) return a.strength > b.strength;
    return options.ties.before(a.row, b.row);
  });
  return reached;
}

std::uint64_t RelationGraph::bytes() const {
  std::uint64_t total = nodes_.capacity() * (sizeof(std::pair<std::uint32_t, Node>) + 1);
  for (const auto& [row, node] : nodes_) {
    total += (node.outgoing.capacity() + node.incoming.capacity()) * sizeof(Link);
  }
  return total;
}

}  // namespace tulving::index
