// What is promised: after any additions, changes and removals of rows a ClusterSet has the clusters
// that clustering the rows from scratch gives, and it links anew only what was touched. The test
// can tell because it does cluster them from scratch, after every few of many random changes.

#include "index/cluster/cluster_set.h"

#include <map>

#include "tests/index/cluster/cluster_testing.h"

namespace tulving::index::testing {
namespace {

using Kind = RandomSets::Kind;
using Model = std::map<std::uint32_t, std::vector<float>>;

std::unique_ptr<ClusterSet> make_set(std::uint32_t dim, const ClusterOptions& options) {
  return value_of(ClusterSet::make(dim, options));
}

// The model's rows in order, clustered from scratch, under their own numbers.
std::vector<Cluster> from_scratch(const Model& model, std::uint32_t dim,
                                  const ClusterOptions& options) {
  VectorSet set{dim, {}};
  std::vector<std::uint32_t> numbers;
  for (const auto& [row, vector] : model) {
    set.add(vector);
    numbers.push_back(row);
  }
  std::vector<Cluster> clusters = cluster(set, options).clusters;
  for (Cluster& one : clusters) {
    for (std::uint32_t& row : one.rows) row = numbers[row];
  }
  return clusters;
}

void expect_equal(const std::vector<Cluster>& found, const std::vector<Cluster>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].rows, expected[i].rows);
    ASSERT_EQ(found[i].cohesion, expected[i].cohesion);
  }
}

TEST(ClusterSet, HasTheClustersOfARunFromScratchAfterAnyChanges) {
  constexpr std::uint64_t kSeed = 77;
  RandomSets sets(kSeed);
  for (int round = 0; round < 40; ++round) {
    const Kind kind = round % 2 == 0 ? Kind::kPlanted : Kind::kLattice;
    const VectorSet pool = sets.next(kind, 200);
    ClusterOptions options;
    options.threshold = round % 3 == 0 ? 0.5 : 0.8;
    options.size_max = 2 + sets.below(12);
    const auto set = make_set(pool.dim, options);
    Model model;
    for (int step = 0; step < 150; ++step) {
      const std::uint32_t row = sets.below(100);
      if (sets.below(3) == 0) {
        set->erase(row);
        model.erase(row);
      } else {
        model[row] = pool.row(sets.below(pool.size()));
        value_of(set->set(row, model[row]));
      }
      if (sets.below(5) != 0) continue;
      SCOPED_TRACE(::testing::Message()
                   << "seed " << kSeed << ", round " << round << ", step " << step);
      ASSERT_FALSE(value_of(set->update()).stopped);
      ASSERT_NO_FATAL_FAILURE(
          expect_equal(set->clusters(), from_scratch(model, pool.dim, options)));
    }
  }
}

TEST(ClusterSet, LinksOnlyTheComponentsThatAChangeTouched) {
  ClusterOptions options;
  options.threshold = 0.9;
  const auto set = make_set(3, options);
  for (std::uint32_t i = 0; i < 30; ++i) {  // Three components of ten rows.
    std::vector<float> vector(3, 0.01F * static_cast<float>(i / 3));
    vector[i % 3] = 1.0F;
    value_of(set->set(i, vector));
  }
  EXPECT_EQ(value_of(set->update()).rows_relinked, 30U);

  value_of(set->set(30, std::vector<float>{1.0F, 0.0F, 0.0F}));
  EXPECT_EQ(value_of(set->update()).rows_relinked, 11U);
  set->erase(1);
  EXPECT_EQ(value_of(set->update()).rows_relinked, 9U);
  EXPECT_EQ(value_of(set->update()).rows_relinked, 0U);
}

TEST(ClusterSet, GoesOnWhereItWasStopped) {
  RandomSets sets(5);
  const VectorSet pool = sets.next(Kind::kPlanted, 150);
  std::atomic<bool> stop{true};
  ClusterOptions options;
  options.stop = &stop;
  const auto set = make_set(pool.dim, options);
  Model model;
  for (std::uint32_t row = 0; row < pool.size(); ++row) {
    model[row] = pool.row(row);
    value_of(set->set(row, model[row]));
  }
  EXPECT_TRUE(value_of(set->update()).stopped);
  EXPECT_THAT(set->clusters(), ::testing::IsEmpty());

  stop = false;
  EXPECT_FALSE(value_of(set->update()).stopped);
  expect_equal(set->clusters(), from_scratch(model, pool.dim, options));
}

TEST(ClusterSet, RefusesABadVectorAndKeepsTheOldOne) {
  const auto set = make_set(2, {});
  value_of(set->set(1, std::vector<float>{1.0F, 0.0F}));
  value_of(set->set(2, std::vector<float>{1.0F, 0.1F}));
  for (const std::vector<float>& bad :
       {std::vector<float>{0.0F, 0.0F}, std::vector<float>{NAN, 1}, std::vector<float>{1.0F}}) {
    const Status status = set->set(1, bad);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(set->rows(), 2U);
  EXPECT_EQ(set->pairs(), 1U);
}

}  // namespace
}  // namespace tulving::index::testing
