// What is promised: a clustering that is told what an earlier one found gives what one from scratch
// gives, and compares and links only what changed. The test can tell because it does cluster from
// scratch, after each of many random changes, and because what is done is counted.

#include <map>

#include "index/cluster/recluster.h"
#include "tests/index/cluster/cluster_testing.h"

namespace tulving::index::testing {
namespace {

using Kind = RandomSets::Kind;

// Rows by name, which is what they are ordered by; and what was known of them last.
class Rows {
 public:
  explicit Rows(std::uint32_t dim) : dim_(dim) {}

  void set(std::uint32_t name, std::vector<float> vector) {
    vectors_[name] = std::move(vector);
    was_.erase(name);
  }
  void erase(std::uint32_t name) {
    vectors_.erase(name);
    was_.erase(name);
  }

  [[nodiscard]] VectorSet set() const {
    VectorSet set{dim_, {}};
    for (const auto& [name, vector] : vectors_) set.add(vector);
    return set;
  }
  Reclustering recluster(const ClusterOptions& options) {
    std::vector<std::uint32_t> was;
    for (const auto& [name, vector] : vectors_) {
      const auto before = was_.find(name);
      was.push_back(before == was_.end() ? kNewRow : before->second);
    }
    auto result = value_of(recluster_vectors(set().vectors, dim_, options, was, known_));
    if (result.clustering.stopped) return result;
    std::uint32_t number = 0;
    for (const auto& [name, vector] : vectors_) was_[name] = number++;
    return result;
  }
  [[nodiscard]] std::uint64_t bytes() const { return known_.bytes(); }

 private:
  std::uint32_t dim_;
  std::map<std::uint32_t, std::vector<float>> vectors_;
  std::map<std::uint32_t, std::uint32_t> was_;
  KnownClusters known_;
};

void expect_equal(const Clustering& found, const Clustering& expected) {
  ASSERT_EQ(found.clusters.size(), expected.clusters.size());
  for (std::size_t i = 0; i < found.clusters.size(); ++i) {
    ASSERT_EQ(found.clusters[i].rows, expected.clusters[i].rows);
    ASSERT_EQ(found.clusters[i].cohesion, expected.clusters[i].cohesion);
  }
  ASSERT_EQ(found.pairs, expected.pairs);
  ASSERT_EQ(found.components, expected.components);
  ASSERT_EQ(found.largest_component, expected.largest_component);
  ASSERT_EQ(found.split, expected.split);
  ASSERT_EQ(found.left_over, expected.left_over);
  ASSERT_EQ(found.approximate, expected.approximate);
  ASSERT_EQ(found.end_checked, expected.end_checked);
}

TEST(Recluster, GivesWhatARunFromScratchGivesAfterAnyChanges) {
  constexpr std::uint64_t kSeed = 77;
  RandomSets sets(kSeed);
  std::uint64_t spared = 0;
  for (int round = 0; round < 60; ++round) {
    const Kind kind = round % 3 == 0   ? Kind::kPlanted
                      : round % 3 == 1 ? Kind::kLattice
                                       : Kind::kChain;
    const VectorSet pool = sets.next(kind, 300);
    ClusterOptions options;
    options.threshold = round % 2 == 0 ? 0.5 : 0.8;
    options.size_max = 2 + sets.below(12);
    options.threads = 1 + sets.below(3);
    Rows rows(pool.dim);
    for (int step = 0; step < 30; ++step) {
      const std::uint32_t most = sets.below(2) == 0 ? 4 : 25;
      for (std::uint32_t changes = step == 0 ? 250 : sets.below(most); changes > 0; --changes) {
        const std::uint32_t name = sets.below(300);
        if (sets.below(3) == 0) {
          rows.erase(name);
        } else {
          rows.set(name, pool.row(sets.below(pool.size())));
        }
      }
      // Too many pairs for an exact answer, now and then.
      options.pairs_max = sets.below(8) == 0 ? 100 : 32'000'000;
      SCOPED_TRACE(::testing::Message()
                   << "seed " << kSeed << ", round " << round << ", step " << step);
      const Reclustering found = rows.recluster(options);
      ASSERT_NO_FATAL_FAILURE(expect_equal(found.clustering, cluster(rows.set(), options)));
      spared += rows.set().size() - found.linked;
    }
  }
  EXPECT_GT(spared, 10'000U) << "the test would not see a wrong shortcut";
}

TEST(Recluster, ComparesAndLinksOnlyWhatChanged) {
  ClusterOptions options;
  options.threshold = 0.9;
  Rows rows(3);
  for (std::uint32_t i = 0; i < 60; ++i) {  // Three components of 20 rows.
    std::vector<float> vector(3, 0.01F * static_cast<float>(i / 3));
    vector[i % 3] = 1.0F;
    rows.set(2 * i, vector);
  }
  const auto expect = [&](std::uint64_t compared, std::uint64_t linked) {
    const Reclustering found = rows.recluster(options);
    EXPECT_EQ(found.compared, compared);
    EXPECT_EQ(found.linked, linked);
  };
  expect(60, 60);
  expect(0, 0);
  rows.set(1, {1.0F, 0.0F, 0.0F});
  expect(1, 21);
  rows.erase(2);
  expect(0, 19);
  rows.set(3, {1.0F, 1.0F, 1.0F});
  expect(1, 0);
  options.threshold = 0.8;
  expect(61, 60);
  for (std::uint32_t i = 0; i < 2; ++i) rows.set(200 + i, {1.0F, 0.0F, 0.0F});
  expect(63, 23);  // One in 32: all are compared, and still not all linked.
  EXPECT_GT(rows.bytes(), 0U);
}

TEST(Recluster, KnowsAsMuchAsBeforeWhenItWasStopped) {
  RandomSets sets(5);
  VectorSet pool = sets.next(Kind::kPlanted, 300);
  while (pool.size() < 100) pool = sets.next(Kind::kPlanted, 300);
  std::atomic<bool> stop{false};
  ClusterOptions options;
  options.stop = &stop;
  Rows rows(pool.dim);
  for (std::uint32_t i = 0; i < pool.size(); ++i) rows.set(i, pool.row(i));
  rows.recluster(options);
  rows.set(0, pool.row(1));
  stop = true;
  EXPECT_TRUE(rows.recluster(options).clustering.stopped);

  stop = false;
  const Reclustering found = rows.recluster(options);
  EXPECT_EQ(found.compared, 1U);
  expect_equal(found.clustering, cluster(rows.set(), options));
}

TEST(Recluster, RefusesWhatClusteringRefuses) {
  KnownClusters known;
  const std::vector<std::uint32_t> was = {kNewRow};
  const std::vector<float> zero = {0.0F, 0.0F};
  EXPECT_FALSE(recluster_vectors(zero, 2, {}, was, known).has_value());
  EXPECT_FALSE(recluster_vectors(zero, 0, {}, was, known).has_value());
  const std::vector<float> one = {1.0F, 0.0F};
  ClusterOptions options;
  options.threshold = 2.0;
  EXPECT_FALSE(recluster_vectors(one, 2, options, was, known).has_value());
  options = {};
  options.exact_rows_max = 0;  // And no candidates.
  EXPECT_FALSE(recluster_vectors(one, 2, options, was, known).has_value());
  EXPECT_EQ(known.bytes(), 0U);
}

}  // namespace
}  // namespace tulving::index::testing
