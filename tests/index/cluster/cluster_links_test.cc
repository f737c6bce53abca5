// What is promised: the links between groups are the pairs of groups whose mean cosine, over all
// pairs of their rows, reaches the threshold, as far as they are among the best few of either
// group. The test can tell because it computes every mean from every pair of rows.

#include <map>
#include <tuple>

#include "tests/index/cluster/cluster_testing.h"

namespace tulving::index::testing {
namespace {

using Kind = RandomSets::Kind;
using Pair = std::pair<std::uint32_t, std::uint32_t>;

double mean_of(const std::vector<std::uint32_t>& x, const std::vector<std::uint32_t>& y,
               const CosineTable& cosines) {
  double sum = 0;
  for (const auto a : x) {
    for (const auto b : y) sum += static_cast<double>(cosines[a][b]);
  }
  return sum / (1 << 30) / static_cast<double>(x.size() * y.size());
}

// Clusters, and every other row as a group of its own.
Groups groups_of(const VectorSet& set, double threshold) {
  ClusterOptions options;
  options.threshold = threshold;
  Groups groups = rows_of(cluster(set, options));
  std::vector<bool> in_one(set.size(), false);
  for (const auto& group : groups) {
    for (const auto row : group) in_one[row] = true;
  }
  for (std::uint32_t row = 0; row < set.size(); ++row) {
    if (!in_one[row]) groups.push_back({row});
  }
  return groups;
}

TEST(ClusterLinks, AreTheBestPairsOfGroupsByTheMeanOfAllTheirRows) {
  RandomSets sets(21);
  for (int i = 0; i < 60; ++i) {
    const VectorSet set = sets.next(i % 2 == 0 ? Kind::kPlanted : Kind::kNoise, 150);
    const Groups groups = groups_of(set, 0.8);
    const CosineTable cosines = cosines_of(set);
    constexpr std::uint32_t kBest = 3;
    std::map<Pair, double> expected;
    for (std::uint32_t a = 0; a < groups.size(); ++a) {
      std::vector<std::tuple<double, std::uint32_t>> others;
      for (std::uint32_t b = 0; b < groups.size(); ++b) {
        const double mean = mean_of(groups[a], groups[b], cosines);
        if (b != a && mean >= 0.4) others.emplace_back(-mean, b);
      }
      std::sort(others.begin(), others.end());
      others.resize(std::min<std::size_t>(others.size(), kBest));
      for (const auto& [mean, b] : others) expected[std::minmax(a, b)] = -mean;
    }
    for (const PairMethod method : {PairMethod::kF32, PairMethod::kInt8}) {
      ClusterOptions options;
      options.threshold = 0.4;
      options.neighbors_max = kBest;
      options.method = method;
      options.threads = 1 + sets.below(3);
      std::map<Pair, double> found;
      for (const ClusterLink& link :
           value_of(link_clusters(set.vectors, set.dim, groups, options)).links) {
        EXPECT_TRUE(found.emplace(Pair{link.a, link.b}, link.cosine).second);
      }
      ASSERT_EQ(found.size(), expected.size()) << "set " << i;
      for (const auto& [pair, mean] : expected) {
        ASSERT_TRUE(found.contains(pair)) << pair.first << ", " << pair.second;
        ASSERT_NEAR(found[pair], mean, 2e-7);
      }
    }
  }
}

// Enough of them that limits rise on the way, which must not change what is found.
TEST(ClusterLinks, AreTheSameWhenMostPairsAreForgottenOnTheWay) {
  std::mt19937 random(4);
  std::normal_distribution<float> normal;
  VectorSet set{16, {}};
  Groups groups;
  for (std::uint32_t row = 0; row < 2000; ++row) {
    std::vector<float> vector(16, 1.0F);
    for (float& x : vector) x += 0.7F * normal(random);
    set.add(vector);
    groups.push_back({row});
  }
  ClusterOptions options;
  options.threshold = 0.4;
  options.neighbors_max = 5;
  std::vector<std::vector<Pair>> found;
  for (const PairMethod method : {PairMethod::kF32, PairMethod::kInt8}) {
    for (const unsigned threads : {1U, 3U}) {
      options.method = method;
      options.threads = threads;
      std::vector<Pair> pairs;
      for (const ClusterLink& link :
           value_of(link_clusters(set.vectors, set.dim, groups, options)).links) {
        pairs.emplace_back(link.a, link.b);
      }
      found.push_back(pairs);
    }
  }
  const CosineTable cosines = cosines_of(set);
  for (std::uint32_t a = 0; a < 2000; a += 97) {
    std::vector<std::pair<std::int64_t, std::uint32_t>> others;
    for (std::uint32_t b = 0; b < 2000; ++b) {
      if (b != a) others.emplace_back(-cosines[a][b], b);
    }
    std::partial_sort(others.begin(), others.begin() + 4, others.end());
    for (int i = 0; i < 4; ++i) {  // The fifth may be a tie of means rounded to floats.
      EXPECT_TRUE(
          std::binary_search(found[0].begin(), found[0].end(),
                             Pair(std::minmax(a, others[static_cast<std::size_t>(i)].second))));
    }
  }
  for (const auto& other : found) EXPECT_EQ(other, found[0]);
}

// Small integers give many equal cosines: which of them are kept may not depend on which worker
// saw what first.
TEST(ClusterLinks, BreakTiesByTheOtherGroupForAnyThreadsAndMethod) {
  RandomSets random(6);
  VectorSet set{4, {}};
  Groups groups;
  for (std::uint32_t row = 0; row < 1500; ++row) {
    std::vector<float> vector(4);
    for (float& x : vector) x = 1.0F + static_cast<float>(random.below(2));
    vector[0] = 1.0F;  // So that no two are multiples.
    set.add(vector);
    groups.push_back({row});
  }
  ClusterOptions options;
  options.threshold = 0.4;
  options.neighbors_max = 5;
  options.threads = 3;
  for (const PairMethod method : {PairMethod::kF32, PairMethod::kInt8}) {
    options.method = method;
    std::vector<std::vector<std::uint32_t>> linked(set.size());
    for (const ClusterLink& link :
         value_of(link_clusters(set.vectors, set.dim, groups, options)).links) {
      linked[link.a].push_back(link.b);
      linked[link.b].push_back(link.a);
    }
    for (std::uint32_t row = 0; row < set.size(); ++row) {
      std::uint32_t seen = 0;  // The first five others in the same direction are its best five.
      for (std::uint32_t other = 0; other < set.size() && seen < 5; ++other) {
        if (other == row || set.row(other) != set.row(row)) continue;
        ++seen;
        ASSERT_THAT(linked[row], ::testing::Contains(other)) << "row " << row;
      }
      ASSERT_EQ(seen, 5U);
    }
  }
}

TEST(ClusterLinks, RefusesAGroupThatIsEmptyOrNamesNoRow) {
  const std::vector<float> vectors{1, 0, 0, 1};
  for (const Groups& groups : {Groups{{0}, {}}, Groups{{0, 2}}}) {
    const auto result = link_clusters(vectors, 2, groups, {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(result.error().field, "groups");
  }
}

}  // namespace
}  // namespace tulving::index::testing
