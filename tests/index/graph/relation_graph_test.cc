// What is promised: the graph holds exactly the edges set and not erased since, and a walk finds
// every row within so many hops once, by the strongest of the shortest paths, in one order. The
// oracle is a std::map of edges: its walk tries every path of the given length instead of going
// breadth first.

#include "index/graph/relation_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace tulving::index {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::FloatEq;
using testing::IsEmpty;

using Triple = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
using Edges = std::map<Triple, float>;

std::vector<std::uint32_t> rows_of(const std::vector<Reached>& reached) {
  std::vector<std::uint32_t> rows;
  for (const Reached& one : reached) rows.push_back(one.row);
  return rows;
}

Edges edges_of(const RelationGraph& graph, std::uint32_t row) {
  Edges edges;
  for (const Edge& edge : graph.edges_of(row)) {
    const bool once =
        edges.emplace(Triple(edge.source, edge.target, edge.type), edge.strength).second;
    EXPECT_TRUE(once) << "an edge is listed twice";
  }
  return edges;
}

TEST(RelationGraph, FollowsLinksInTheDirectionsAskedFor) {
  RelationGraph graph;
  graph.set({.source = 1, .target = 2});
  graph.set({.source = 3, .target = 1});

  EXPECT_THAT(rows_of(graph.walk(1, {})), ElementsAre(2, 3));
  EXPECT_THAT(rows_of(graph.walk(1, {.incoming = false})), ElementsAre(2));
  EXPECT_THAT(rows_of(graph.walk(1, {.outgoing = false})), ElementsAre(3));
  EXPECT_THAT(graph.walk(1, {.outgoing = false, .incoming = false}), IsEmpty());
}

TEST(RelationGraph, StopsAfterTheHopsAllowed) {
  RelationGraph graph;
  for (std::uint32_t row = 0; row < 5; ++row) graph.set({.source = row, .target = row + 1});

  EXPECT_THAT(graph.walk(0, {.hops_max = 0}), IsEmpty());
  EXPECT_THAT(rows_of(graph.walk(0, {.hops_max = 3})), ElementsAre(1, 2, 3));
}

TEST(RelationGraph, FollowsOnlyTheTypesAskedFor) {
  RelationGraph graph;
  graph.set({.source = 0, .target = 1, .type = 7});
  graph.set({.source = 0, .target = 2, .type = 8});
  graph.set({.source = 1, .target = 3, .type = 8});
  const std::vector<std::uint32_t> types = {8};

  EXPECT_THAT(rows_of(graph.walk(0, {.hops_max = 8, .types = types})), ElementsAre(2));
}

TEST(RelationGraph, NeverPassesThroughWhatIsNotVisible) {
  RelationGraph graph;
  graph.set({.source = 0, .target = 1});
  graph.set({.source = 1, .target = 2});
  graph.set({.source = 0, .target = 3});
  WalkOptions options{.hops_max = 8};
  options.visible = [](std::uint32_t row) { return row != 1; };

  EXPECT_THAT(rows_of(graph.walk(0, options)), ElementsAre(3));
}

// 0 -> 1 -> 3 is stronger than 0 -> 2 -> 3, and both are shorter than the strongest of all by 4
// and 5.
TEST(RelationGraph, TakesTheStrongestOfTheShortestPaths) {
  RelationGraph graph;
  graph.set({.source = 0, .target = 1, .type = 1, .strength = 0.5F});
  graph.set({.source = 0, .target = 2, .type = 2, .strength = 0.9F});
  graph.set({.source = 1, .target = 3, .type = 3, .strength = 0.8F});
  graph.set({.source = 2, .target = 3, .type = 4, .strength = 0.4F});
  graph.set({.source = 0, .target = 4});
  graph.set({.source = 4, .target = 5});
  graph.set({.source = 5, .target = 3});

  const std::vector<Reached> reached = graph.walk(0, {.hops_max = 2, .incoming = false});

  ASSERT_THAT(rows_of(reached), ElementsAre(4, 2, 1, 5, 3));
  const Reached& last = reached.back();
  EXPECT_EQ(last.hops, 2U);
  EXPECT_EQ(last.via, 1U);
  EXPECT_EQ(last.type, 3U);
  EXPECT_FLOAT_EQ(last.strength, 0.4F);
}

TEST(RelationGraph, SettingAnEdgeAgainChangesItsStrengthBothWays) {
  RelationGraph graph;
  graph.set({.source = 1, .target = 2, .strength = 0.5F});
  graph.set({.source = 1, .target = 2, .strength = 0.75F});

  EXPECT_EQ(graph.edges(), 1U);
  EXPECT_THAT(graph.walk(1, {}), ElementsAre(Field(&Reached::strength, FloatEq(0.75F))));
  EXPECT_THAT(graph.walk(2, {}), ElementsAre(Field(&Reached::strength, FloatEq(0.75F))));
}

TEST(RelationGraph, EndsAWalkRoundACircle) {
  RelationGraph graph;
  for (std::uint32_t row = 0; row < 4; ++row) graph.set({.source = row, .target = (row + 1) % 4});
  graph.set({.source = 0, .target = 0});

  EXPECT_THAT(rows_of(graph.walk(0, {.hops_max = 100, .incoming = false})), ElementsAre(1, 2, 3));
  EXPECT_EQ(edges_of(graph, 0).size(), 3U);
  graph.erase_row(0);
  EXPECT_EQ(graph.edges(), 2U);
}

TEST(RelationGraph, GivesTheSameWalkWhateverTheOrderOfWrites) {
  std::mt19937 random(1);
  std::vector<Edge> edges;
  for (std::uint32_t source = 0; source < 20; ++source) {
    for (std::uint32_t type = 0; type < 3; ++type) {
      // Few strengths, so that many paths are equally strong.
      edges.push_back({source, static_cast<std::uint32_t>(random() % 20), type,
                       random() % 2 == 0 ? 0.5F : 1.0F});
    }
  }
  const auto walk = [&] {
    RelationGraph graph;
    for (const Edge& edge : edges) graph.set(edge);
    std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, float>> all;
    for (const Reached& r : graph.walk(0, {.hops_max = 4})) {
      all.emplace_back(r.row, r.hops, r.via, r.type, r.strength);
    }
    return all;
  };
  // A triple twice would have the strength that was written last.
  std::map<Triple, Edge> unique;
  for (const Edge& edge : edges) unique[{edge.source, edge.target, edge.type}] = edge;
  edges.clear();
  for (const auto& [triple, edge] : unique) edges.push_back(edge);

  const auto first = walk();
  ASSERT_GT(first.size(), 10U);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(edges.begin(), edges.end(), random);
    EXPECT_EQ(walk(), first);
  }
}

// Rows and types get their numbers in the order of writes. A walk that is told which come first
// gives the same under any numbers.
TEST(RelationGraph, WalksAlikeWhateverTheNumbers) {
  std::mt19937 random(2);
  constexpr std::uint32_t kRows = 25;
  constexpr std::uint16_t kTypes = 3;
  std::vector<Edge> edges;
  for (int i = 0; i < 70; ++i) {
    edges.push_back({static_cast<std::uint32_t>(random() % kRows),
                     static_cast<std::uint32_t>(random() % kRows),
                     static_cast<std::uint16_t>(random() % kTypes), 0.5F});
  }
  std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint16_t, float>> first;
  std::vector<std::uint32_t> row_of(kRows);
  std::vector<std::uint16_t> type_of(kTypes);
  std::iota(row_of.begin(), row_of.end(), 0U);
  std::iota(type_of.begin(), type_of.end(), std::uint16_t{0});
  for (int round = 0; round < 50; ++round) {
    RelationGraph graph;
    for (const Edge& edge : edges) {
      graph.set({row_of[edge.source], row_of[edge.target], type_of[edge.type], edge.strength});
    }
    std::vector<RowKey> keys(kRows);
    std::vector<std::uint32_t> name_of(kRows);
    std::vector<std::uint16_t> type_name_of(kTypes);
    for (std::uint32_t name = 0; name < kRows; ++name) {
      keys[row_of[name]] = {0, name};
      name_of[row_of[name]] = name;
    }
    for (std::uint16_t name = 0; name < kTypes; ++name) type_name_of[type_of[name]] = name;
    WalkOptions options;
    options.hops_max = 4;
    options.ties = TieOrder(keys);
    options.type_before = [&](auto a, auto b) { return type_name_of[a] < type_name_of[b]; };
    decltype(first) walked;
    for (const Reached& r : graph.walk(row_of[0], options)) {
      walked.emplace_back(name_of[r.row], r.hops, name_of[r.via], type_name_of[r.type], r.strength);
    }
    if (round == 0) first = walked;
    ASSERT_GT(walked.size(), 10U);
    ASSERT_EQ(walked, first);
    std::shuffle(row_of.begin(), row_of.end(), random);
    std::shuffle(type_of.begin(), type_of.end(), random);
  }
}

// Row -> (hops, strength) by trying every path of at most `hops_left` links.
void try_paths(const Edges& edges, std::uint32_t row, std::uint32_t hops, float strength,
               std::uint32_t hops_max,
               std::map<std::uint32_t, std::pair<std::uint32_t, float>>& best) {
  if (hops > 0) {
    const auto [place, added] = best.try_emplace(row, hops, strength);
    if (!added &&
        std::pair(hops, -strength) < std::pair(place->second.first, -place->second.second)) {
      place->second = {hops, strength};
    }
  }
  if (hops == hops_max) return;
  for (const auto& [triple, link_strength] : edges) {
    const auto [source, target, type] = triple;
    if (source == row) try_paths(edges, target, hops + 1, strength * link_strength, hops_max, best);
    if (target == row) try_paths(edges, source, hops + 1, strength * link_strength, hops_max, best);
  }
}

void expect_equal(const RelationGraph& graph, const Edges& edges, std::uint32_t row) {
  Edges of_row;
  for (const auto& [triple, strength] : edges) {
    if (std::get<0>(triple) == row || std::get<1>(triple) == row) of_row.emplace(triple, strength);
  }
  EXPECT_EQ(edges_of(graph, row), of_row);
  EXPECT_EQ(graph.edges(), edges.size());

  std::map<std::uint32_t, std::pair<std::uint32_t, float>> best;
  try_paths(edges, row, 0, 1.0F, 3, best);
  best.erase(row);
  const std::vector<Reached> reached = graph.walk(row, {.hops_max = 3});
  ASSERT_EQ(reached.size(), best.size());
  for (const Reached& one : reached) {
    ASSERT_TRUE(best.contains(one.row));
    EXPECT_EQ(one.hops, best[one.row].first);
    EXPECT_FLOAT_EQ(one.strength, best[one.row].second);
  }
  EXPECT_TRUE(
      std::is_sorted(reached.begin(), reached.end(), [](const Reached& a, const Reached& b) {
        return std::tuple(a.hops, -a.strength, a.row) < std::tuple(b.hops, -b.strength, b.row);
      }));
}

TEST(RelationGraph, AgreesWithAMapOfEdgesOverRandomCalls) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    RelationGraph graph;
    Edges edges;
    const std::uint32_t rows = 12;
    for (int step = 0; step < 3000; ++step) {
      const auto source = static_cast<std::uint32_t>(random() % rows);
      const auto target = static_cast<std::uint32_t>(random() % rows);
      const auto type = static_cast<std::uint32_t>(random() % 2);
      const auto action = random() % 100;
      if (action < 30) {
        const float strength = static_cast<float>(random() % 11) / 10.0F;
        graph.set({source, target, type, strength});
        edges[{source, target, type}] = strength;
      } else if (action < 95) {
        graph.erase(source, target, type);
        edges.erase({source, target, type});
      } else {
        graph.erase_row(source);
        std::erase_if(edges, [source](const auto& edge) {
          return std::get<0>(edge.first) == source || std::get<1>(edge.first) == source;
        });
      }
      if (step % 100 == 0) expect_equal(graph, edges, source);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(RelationGraph, HoldsNothingOfRowsWithoutEdges) {
  RelationGraph graph;
  graph.set({.source = 0, .target = 1});
  const std::uint64_t small = graph.bytes();
  for (std::uint32_t row = 2; row < 10'000; ++row) graph.set({.source = row, .target = row + 1});
  for (std::uint32_t row = 2; row < 10'001; ++row) graph.erase_row(row);

  EXPECT_EQ(graph.edges(), 1U);
  EXPECT_GT(small, 0U);
  EXPECT_THAT(graph.edges_of(5000), IsEmpty());
}

}  // namespace
}  // namespace tulving::index
