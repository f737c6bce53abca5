// What is promised: a search with a filter gives k rows whenever k rows match, all of them
// matching, and the nearest: exactly so when it says it was a scan, at recall 0.95 when it walked
// the graph.
//
// The test can tell because it ranks the matching rows by brute force for filters from 90 % down to
// a single row, random ones and ones that are a far corner of the data, where a walk is led astray.

#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Vector;
using testing::Vectors;

constexpr std::uint32_t kDim = 32;

class FilteredSearch : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    generator_ = new Generator(kDim, 77);
    vectors_ = new Vectors;
    index_ = new VectorIndex(kDim, {.m = 16, .ef_construction = 100, .exact_rows_max = 1000});
    testing::fill(*index_, *vectors_, *generator_, 12'000);
    testing::build_all(*index_);
    testing::fill(*index_, *vectors_, *generator_, 300);  // Waiting rows.
    for (std::uint32_t row = 0; row < 12'000; row += 10) {
      index_->erase(row);
      vectors_->erase(row);
    }
  }
  static void TearDownTestSuite() {
    delete index_;
    delete vectors_;
    delete generator_;
  }

  static Roaring random_rows(double share) {
    Roaring rows;
    for (std::uint32_t row = 0; row < 13'000; ++row) {
      if (generator_->chance(share)) rows.add(row);
    }
    return rows;
  }

  // The share of answers that were right.
  static double check(const Roaring& allowed, const Vector& query, std::uint32_t k,
                      std::uint32_t ef = 32) {
    const auto matches = testing::search(*index_, query, k, &allowed, false, ef);
    const auto expected = testing::ranked_by_form(*index_, *vectors_, query, k, &allowed);
    EXPECT_EQ(matches.rows.size(), expected.size());
    for (const ScoredRow& row : matches.rows) EXPECT_TRUE(allowed.contains(row.row));
    EXPECT_TRUE(std::is_sorted(matches.rows.begin(), matches.rows.end(), ranks_before));
    if (!matches.approximate) {
      EXPECT_EQ(matches.rows, expected);
      return 1.0;
    }
    walks_ += matches.plan == VectorPlan::kFilteredGraph ? 1 : 0;
    return testing::recall(matches, *vectors_, query, k, &allowed);
  }

  static Generator* generator_;
  static Vectors* vectors_;
  static VectorIndex* index_;
  static int walks_;
};
Generator* FilteredSearch::generator_ = nullptr;
Vectors* FilteredSearch::vectors_ = nullptr;
VectorIndex* FilteredSearch::index_ = nullptr;
int FilteredSearch::walks_ = 0;

TEST_F(FilteredSearch, FindsTheNearestMatchesAtEverySelectivity) {
  for (const double share : {0.9, 0.5, 0.35, 0.2, 0.1, 0.03, 0.01, 0.001, 0.0002}) {
    double recall = 0.0;
    constexpr int kQueries = 20;
    for (int i = 0; i < kQueries; ++i) {
      recall += check(random_rows(share), generator_->vector(), 10);
    }
    EXPECT_GE(recall / kQueries, 0.95) << "share " << share;
  }
  EXPECT_GT(walks_, 30) << "no filter was wide enough for the graph: nothing was tested there";
}

TEST_F(FilteredSearch, FindsMatchesFarFromTheQuery) {
  // The 30 % of rows that are least like the query.
  const Vector query = generator_->vector();
  auto ranked = testing::ranked_by_form(*index_, *vectors_, query, vectors_->size());
  Roaring far;
  for (std::size_t i = ranked.size() * 7 / 10; i < ranked.size(); ++i) far.add(ranked[i].row);

  // A narrow walk is the cheaper plan, and stays among rows that do not match: it must not be
  // believed.
  for (const std::uint32_t ef : {4U, 8U, 12U, 64U}) check(far, query, 10, ef);
}

TEST_F(FilteredSearch, ReturnsEveryMatchWhenAskedForMoreThanThereAre) {
  const Roaring few = random_rows(0.002);
  check(few, generator_->vector(), 500);
  const Roaring many = random_rows(0.5);
  check(many, generator_->vector(), 6000);
}

TEST_F(FilteredSearch, AnswersNothingWhenNothingMatches) {
  Roaring none;
  EXPECT_TRUE(testing::search(*index_, generator_->vector(), 10, &none).rows.empty());
  Roaring erased;
  erased.add(0U);
  EXPECT_TRUE(testing::search(*index_, generator_->vector(), 10, &erased).rows.empty());
}

TEST_F(FilteredSearch, IsExactWhenAskedToBe) {
  const Roaring half = random_rows(0.5);
  const Vector query = generator_->vector();
  const auto matches = testing::search(*index_, query, 10, &half, true);
  EXPECT_FALSE(matches.approximate);
  EXPECT_EQ(matches.rows, testing::ranked_by_form(*index_, *vectors_, query, 10, &half));
}

}  // namespace
}  // namespace tulving::index
