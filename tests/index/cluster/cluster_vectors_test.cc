// What is promised beside the right clusters (cluster_oracle_test.cc): an oversized cluster is
// split and nothing dropped in silence, a run can be watched and stopped, limits make an answer
// approximate and say so, and bad input is refused by name.

#include <mutex>
#include <set>
#include <thread>

#include "tests/index/cluster/cluster_testing.h"

namespace tulving::index::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = RandomSets::Kind;

ClusterOptions at(double threshold) {
  ClusterOptions options;
  options.threshold = threshold;
  return options;
}

// Rows in one direction, but for a little noise.
VectorSet bundle(std::uint32_t rows, std::uint32_t dim, float noise) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  VectorSet set{dim, {}};
  for (std::uint32_t i = 0; i < rows; ++i) {
    std::vector<float> vector(dim, 1.0F);
    for (float& x : vector) x += noise * normal(random);
    set.add(vector);
  }
  return set;
}

TEST(ClusterVectors, SplitsWhatIsTooLargeAndCountsWhatIsLeftOver) {
  const Clustering whole = cluster(bundle(100, 40, 0.1F), at(0.9));
  std::set<std::uint32_t> rows;
  for (const Cluster& one : whole.clusters) {
    EXPECT_LE(one.rows.size(), 12U);
    EXPECT_GE(one.cohesion, 0.9);
    for (const auto row : one.rows) EXPECT_TRUE(rows.insert(row).second) << "twice: " << row;
  }
  EXPECT_EQ(whole.split, 1U);
  EXPECT_EQ(whole.components, 1U);
  EXPECT_EQ(whole.largest_component, 100U);
  EXPECT_EQ(rows.size() + whole.left_over, 100U);
  EXPECT_LE(whole.left_over, 1U);  // Two could have joined.
}

TEST(ClusterVectors, SplitsDuplicatesIntoFullClusters) {
  VectorSet same{3, {}};
  for (int i = 0; i < 50; ++i) same.add({0.3F, 0.2F, -0.1F});

  const Clustering found = cluster(same, at(1.0));

  ASSERT_EQ(found.clusters.size(), 5U);  // 4 x 12 + 2
  for (const Cluster& one : found.clusters) EXPECT_EQ(one.cohesion, 1.0);
  EXPECT_EQ(found.left_over, 0U);
}

TEST(ClusterVectors, ReportsProgressOnTheCallersThreadUpToTheTotal) {
  const VectorSet set = bundle(900, 40, 0.8F);
  ClusterOptions options = at(0.75);
  options.threads = 3;
  std::vector<ClusterProgress> seen;
  const auto caller = std::this_thread::get_id();
  options.progress = [&](const ClusterProgress& progress) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    seen.push_back(progress);
    return true;
  };

  EXPECT_FALSE(cluster(set, options).stopped);

  ASSERT_GE(seen.size(), 2U);
  EXPECT_EQ(seen.front().phase, ClusterPhase::kPairs);
  EXPECT_EQ(seen.back().phase, ClusterPhase::kLinkage);
  for (const ClusterProgress& one : seen) EXPECT_LE(one.done, one.total);
}

TEST(ClusterVectors, StopsWhenProgressOrTheFlagSaysSo) {
  const VectorSet set = bundle(900, 40, 0.8F);
  for (const ClusterPhase phase : {ClusterPhase::kPairs, ClusterPhase::kLinkage}) {
    ClusterOptions options = at(0.75);
    options.progress = [&](const ClusterProgress& progress) { return progress.phase != phase; };
    const Clustering found = cluster(set, options);
    EXPECT_TRUE(found.stopped);
    EXPECT_THAT(found.clusters, IsEmpty());
  }
  const std::atomic<bool> stop{true};
  ClusterOptions options = at(0.75);
  options.stop = &stop;
  EXPECT_TRUE(cluster(set, options).stopped);
}

TEST(ClusterVectors, CandidatesThatNameEveryRowGiveTheExactClusters) {
  RandomSets sets(3);
  const VectorSet set = sets.next(Kind::kPlanted, 300);
  ClusterOptions options = at(0.7);
  const Clustering exact = cluster(set, options);
  options.exact_rows_max = 1;
  options.threads = 3;
  options.candidates = [&](std::uint32_t, std::vector<std::uint32_t>& neighbors) {
    for (std::uint32_t other = 0; other < set.size(); ++other) neighbors.push_back(other);
  };

  const Clustering found = cluster(set, options);

  EXPECT_EQ(rows_of(found), rows_of(exact));
  EXPECT_EQ(found.pairs, exact.pairs);
  EXPECT_TRUE(found.approximate);
  EXPECT_EQ(found.miss_rate, 0.0);
  EXPECT_GT(found.sampled_pairs, 0U);
}

TEST(ClusterVectors, TheMissRateIsTheShareOfPairsThatCandidatesDoNotLeadTo) {
  const VectorSet set = bundle(60, 40, 0.1F);  // All 1,770 pairs are close.
  ClusterOptions options = at(0.9);
  options.exact_rows_max = 1;
  options.sample_rows = 1000;  // All rows.
  options.candidates = [&](std::uint32_t row, std::vector<std::uint32_t>& neighbors) {
    if (row < 30) neighbors = {0, 1, 2, 1, 4'000'000};
  };
  const double found_pairs = 30 * 29 / 2;  // The component that the named ones make, completed.

  options.check_groups_max = 0;

  const Clustering found = cluster(set, options);

  EXPECT_FALSE(found.end_checked);
  EXPECT_EQ(found.sampled_pairs, 60U * 59U);  // From both of its rows.
  EXPECT_NEAR(found.miss_rate, 1.0 - found_pairs / 1770.0, 1e-12);
}

// Candidates that name few of the pairs: what they miss is made good by comparing the groups.
TEST(ClusterVectors, NoTwoGroupsAreLeftThatCouldJoinWhenCandidatesMissPairs) {
  RandomSets sets(14);
  std::uint64_t late_joins = 0;
  for (int i = 0; i < 30; ++i) {
    const VectorSet set = sets.next(Kind::kPlanted, 200);
    const CosineTable cosines = cosines_of(set);
    ClusterOptions options = at(0.6);
    options.size_max = 1000;
    options.exact_rows_max = 1;
    options.candidates = [&](std::uint32_t row, std::vector<std::uint32_t>& neighbors) {
      for (std::uint32_t other = row % 7; other < set.size(); other += 7) {
        neighbors.push_back(other);
      }
    };

    const Clustering found = cluster(set, options);

    EXPECT_TRUE(found.end_checked);
    late_joins += found.late_joins;
    Groups groups = rows_of(found);
    std::set<std::uint32_t> left;
    for (std::uint32_t row = 0; row < set.size(); ++row) left.insert(row);
    for (const auto& group : groups) {
      for (const auto row : group) left.erase(row);
    }
    for (const auto row : left) groups.push_back({row});
    std::sort(groups.begin(), groups.end());
    ASSERT_EQ(link_by_the_book(groups, cosines, std::llround(0.6 * (1 << 30)), 1000), groups)
        << "two groups could join in set " << i;
  }
  EXPECT_GT(late_joins, 0U);
}

TEST(ClusterVectors, TooManyPairsMakeTheAnswerApproximateTheSameWayForAnyThreads) {
  const VectorSet set = bundle(800, 30, 0.5F);
  ClusterOptions options = at(0.75);
  const Clustering exact = cluster(set, options);
  ASSERT_FALSE(exact.approximate);
  options.pairs_max = exact.pairs / 2;
  options.neighbors_max = 20;
  options.threads = 1;
  const Clustering one = cluster(set, options);
  EXPECT_TRUE(one.approximate);
  EXPECT_LE(one.pairs, 800U * 20U);
  for (const PairMethod method : {PairMethod::kF32, PairMethod::kInt8}) {
    options.threads = 3;
    options.method = method;
    const Clustering three = cluster(set, options);
    EXPECT_EQ(rows_of(three), rows_of(one));
    EXPECT_EQ(three.pairs, one.pairs);
  }
}

void expect_refused(const VectorSet& set, const ClusterOptions& options, const char* field,
                    const char* words) {
  const auto result = cluster_vectors(set.vectors, set.dim, options);
  ASSERT_FALSE(result) << "expected a complaint about " << field;
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(result.error().field, field);
  EXPECT_THAT(result.error().message, HasSubstr(words));
}

TEST(ClusterVectors, RefusesBadInputByName) {
  const VectorSet good = bundle(5, 4, 0.1F);
  for (const double bad : {0.0, -0.5, 1.0001, std::nan(""), HUGE_VAL}) {
    expect_refused(good, at(bad), "threshold", "above 0 and at most 1");
  }
  ClusterOptions options = at(0.5);
  options.size_max = 1;
  expect_refused(good, options, "size_max", "at least 2");
  options = at(0.5);
  options.neighbors_max = 0;
  expect_refused(good, options, "neighbors_max", "at least 1");
  options = at(0.5);
  options.exact_rows_max = 4;
  expect_refused(good, options, "candidates", "exact_rows_max");

  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    VectorSet set = good;
    set.vectors[4 * 3 + 1] = bad;
    expect_refused(set, at(0.5), "vectors", "row 3");
  }
  VectorSet zero = good;
  std::fill_n(zero.vectors.begin() + 8, 8, 0.0F);
  expect_refused(zero, at(0.5), "vectors", "row 2");
  VectorSet short_of_one = good;
  short_of_one.vectors.pop_back();
  expect_refused(short_of_one, at(0.5), "vectors", "no whole rows");
  expect_refused({0, {1.0F}}, at(0.5), "dim", "dim is 0");
  expect_refused({70'000, {}}, at(0.5), "dim", "70000");
}

TEST(ClusterVectors, TakesNoRowsOneRowAndRowsOfAnyLength) {
  EXPECT_THAT(cluster({4, {}}, at(0.5)).clusters, IsEmpty());
  EXPECT_THAT(cluster({1, {3.0F}}, at(0.5)).clusters, IsEmpty());
  // Float's extremes, in one direction.
  const Clustering found = cluster({2, {1e-44F, 0, 3e38F, 0, 1, 0, -1, 0}}, at(1.0));
  ASSERT_EQ(found.clusters.size(), 1U);
  EXPECT_EQ(found.clusters[0].rows, (std::vector<std::uint32_t>{0, 1, 2}));
}

// Pairs laid as close to the threshold as floats allow, on both sides, with one component that
// makes codes coarse: the int8 bound must let through what only the exact cosine can judge.
TEST(ClusterVectors, Int8AndF32FindTheSamePairsAtTheThresholdItself) {
  constexpr std::uint32_t kDim = 96;
  constexpr double kThreshold = 0.75;
  std::mt19937 random(9);
  std::normal_distribution<double> normal;
  VectorSet set{kDim, {}};
  for (int i = 0; i < 400; ++i) {
    // x, and y = t x + sqrt(1 - t^2) z with z at a right angle to x and t within 1e-7 of 0.75.
    std::vector<double> x(kDim);
    std::vector<double> z(kDim);
    for (double& value : x) value = normal(random);
    for (double& value : z) value = normal(random);
    if (i % 2 == 0) x[7] += 30.0;
    double xx = 0;
    double xz = 0;
    for (std::uint32_t k = 0; k < kDim; ++k) {
      xx += x[k] * x[k];
      xz += x[k] * z[k];
    }
    double zz = 0;
    for (std::uint32_t k = 0; k < kDim; ++k) {
      z[k] -= xz / xx * x[k];
      zz += z[k] * z[k];
    }
    const double t = kThreshold + 1e-8 * (i % 21 - 10);
    std::vector<float> first;
    std::vector<float> second;
    for (std::uint32_t k = 0; k < kDim; ++k) {
      first.push_back(static_cast<float>(x[k] / std::sqrt(xx)));
      second.push_back(static_cast<float>(t * x[k] / std::sqrt(xx) +
                                          std::sqrt(1 - t * t) * z[k] / std::sqrt(zz)));
    }
    set.add(first);
    set.add(second);
  }
  const CosineTable cosines = cosines_of(set);
  std::uint64_t pairs = 0;
  std::uint64_t near = 0;
  for (std::uint32_t a = 0; a < set.size(); ++a) {
    for (std::uint32_t b = 0; b < a; ++b) {
      const auto threshold = std::llround(kThreshold * (1 << 30));
      pairs += cosines[a][b] >= threshold;
      near += std::abs(cosines[a][b] - threshold) < 150;  // Within 1.4e-7.
    }
  }
  ASSERT_GT(near, 350U);
  for (const PairMethod method : {PairMethod::kF32, PairMethod::kInt8}) {
    ClusterOptions options = at(kThreshold);
    options.method = method;
    const Clustering found = cluster(set, options);
    EXPECT_EQ(found.method, method);
    EXPECT_EQ(found.pairs, pairs);
    EXPECT_EQ(rows_of(found), clusters_by_the_book(cosines, kThreshold, 12));
  }
}

}  // namespace
}  // namespace tulving::index::testing
