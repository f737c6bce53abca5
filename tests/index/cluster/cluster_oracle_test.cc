// What is promised: clusters are those of average linkage at the threshold, computed over all pairs
// of rows, with ties going to the smaller rows; and neither the method, nor threads, nor the order
// in which rows came, changes them. The test can tell because it has textbook linkage beside it
// (cluster_testing.h), on sets with planted clusters, chains, duplicates and ties.

#include <numeric>

#include "tests/index/cluster/cluster_testing.h"

namespace tulving::index::testing {
namespace {

using Kind = RandomSets::Kind;

constexpr std::uint64_t kSeed = 20'240'611;
constexpr Kind kKinds[] = {Kind::kPlanted, Kind::kChain, Kind::kDuplicates, Kind::kLattice,
                           Kind::kNoise};

double some_threshold(RandomSets& sets) {
  static constexpr double kThresholds[] = {0.25, 0.4, 0.5, 0.65, 0.75, 0.85, 0.95, 1.0};
  return kThresholds[sets.below(std::size(kThresholds))];
}

// Every way to compute it.
std::vector<ClusterOptions> all_ways(double threshold, std::uint32_t size_max) {
  std::vector<ClusterOptions> ways;
  for (const PairMethod method : {PairMethod::kF32, PairMethod::kInt8}) {
    for (const unsigned threads : {1U, 3U}) {
      ClusterOptions options;
      options.threshold = threshold;
      options.size_max = size_max;
      options.threads = threads;
      options.method = method;
      ways.push_back(options);
    }
  }
  return ways;
}

void expect_clusters_by_the_book(const VectorSet& set, double threshold, std::uint32_t size_max) {
  const CosineTable cosines = cosines_of(set);
  const Groups expected = clusters_by_the_book(cosines, threshold, size_max);
  for (const ClusterOptions& options : all_ways(threshold, size_max)) {
    const Clustering found = cluster(set, options);
    ASSERT_EQ(rows_of(found), expected)
        << "threads " << options.threads << ", method " << static_cast<int>(options.method);
    ASSERT_FALSE(found.approximate);
    for (const Cluster& one : found.clusters) {
      ASSERT_NEAR(one.cohesion, cohesion_of(one.rows, cosines), 1e-12);
      ASSERT_GE(one.cohesion, threshold - 5e-10);
    }
  }
}

TEST(ClusterOracle, GivesTheClustersOfTextbookLinkageOnAThousandRandomSets) {
  RandomSets sets(kSeed);
  for (int i = 0; i < 1000; ++i) {
    const Kind kind = kKinds[i % std::size(kKinds)];
    const VectorSet set = sets.next(kind, i % 5 == i % 4 ? 300 : 120);
    const double threshold = some_threshold(sets);
    const std::uint32_t size_max = 2 + sets.below(15);
    SCOPED_TRACE(::testing::Message() << "seed " << kSeed << ", set " << i << ", threshold "
                                      << threshold << ", size_max " << size_max);
    ASSERT_NO_FATAL_FAILURE(expect_clusters_by_the_book(set, threshold, size_max));
  }
}

// Rows that cross the borders of tiles and panels, in clusters that cross them too.
TEST(ClusterOracle, FindsEveryPairAcrossTheBordersOfTiles) {
  RandomSets sets(kSeed + 2);
  for (const std::uint32_t rows : {63U, 64U, 65U, 191U, 383U, 384U, 385U, 800U}) {
    VectorSet set;
    set.dim = 70;
    set.vectors.resize(std::size_t{rows} * set.dim);
    std::normal_distribution<float> normal;
    for (float& x : set.vectors) x = normal(sets.random()) + 0.4F;
    const CosineTable cosines = cosines_of(set);
    std::uint64_t pairs = 0;
    for (std::uint32_t a = 0; a < rows; ++a) {
      for (std::uint32_t b = 0; b < a; ++b) pairs += cosines[a][b] >= std::llround(0.3 * (1 << 30));
    }
    ASSERT_GT(pairs, 0U);
    for (const ClusterOptions& options : all_ways(0.3, 12)) {
      EXPECT_EQ(cluster(set, options).pairs, pairs) << rows << " rows";
    }
  }
}

// Ties go by row, so rows are put back into the order of their names, as a caller does.
TEST(ClusterOracle, TheOrderInWhichRowsCameIsNotToBeSeen) {
  RandomSets sets(kSeed + 3);
  for (int i = 0; i < 100; ++i) {
    const VectorSet set = sets.next(Kind::kPlanted, 80);  // No equal means but by chance.
    std::vector<std::uint32_t> order(set.size());
    std::iota(order.begin(), order.end(), 0U);
    std::shuffle(order.begin(), order.end(), sets.random());
    VectorSet shuffled{set.dim, {}};
    for (const auto row : order) shuffled.add(set.row(row));
    ClusterOptions options;
    options.threshold = some_threshold(sets);
    options.size_max = 1000;

    Groups found = rows_of(cluster(shuffled, options));
    for (auto& rows : found) {
      for (auto& row : rows) row = order[row];
      std::sort(rows.begin(), rows.end());
    }
    std::sort(found.begin(), found.end());

    ASSERT_EQ(found, rows_of(cluster(set, options))) << "seed " << kSeed + 3 << ", set " << i;
  }
}

}  // namespace
}  // namespace tulving::index::testing
