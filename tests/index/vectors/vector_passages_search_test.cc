// What is promised: k rows are found though several vectors of one lie near; a walk is as wide as
// that takes; filters are by row; and a sketch that misses a row's best vector changes no score.
//
// The test can tell by the oracle of passages_testing.h, on texts whose passages lie close
// together, and on a few rows whose 64 vectors fill every pool.

#include "tests/index/vectors/passages_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Passages;
using testing::Vector;

class Crowded : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(Crowded, ManyVectorsOfOneTextHideNoOtherText) {
  constexpr std::uint32_t kDim = 32;
  const std::uint32_t passages_each = GetParam();
  Generator generator(kDim, 100 + passages_each, 10);
  Passages passages(kDim, {.m = 8, .ef_construction = 60, .exact_rows_max = 100});
  for (std::uint32_t row = 0; row < 4000 / passages_each; ++row) {
    passages.set(row, testing::text_of(generator, kDim, passages_each, 0.1F));
  }
  testing::build_all(passages.index);
  double recall = 0;
  int walks = 0;
  for (int i = 0; i < 20; ++i) {
    const Vector query = generator.vector();
    const auto found = testing::search(passages.index, query, 10, nullptr, false, 24);
    const double share = passages.check(found, query, 10);
    if (found.plan != VectorPlan::kGraph) continue;
    recall += share;
    ++walks;
  }
  EXPECT_GT(walks, 2);
  EXPECT_GE(recall / walks, 0.9);
}

INSTANTIATE_TEST_SUITE_P(Each, Crowded, ::testing::Values(2, 6, 20));

// Around the query lie 64 vectors of each of three rows; the rows to be found beside them have one.
TEST(CrowdedRows, AFewThatFillThePoolDoNotEndTheSearch) {
  constexpr std::uint32_t kDim = 32;
  Generator generator(kDim, 5, 20);
  Passages passages(kDim, {.m = 8, .ef_construction = 60, .exact_rows_max = 100});
  const Vector query = generator.vector();
  for (std::uint32_t row = 0; row < 3; ++row) {
    std::vector<float> near;
    for (int i = 0; i < 64; ++i) {
      const Vector noise = generator.noise(kDim);
      for (std::uint32_t d = 0; d < kDim; ++d) near.push_back(query[d] + 0.05F * noise[d]);
    }
    passages.set(row, near);
  }
  for (std::uint32_t row = 3; row < 2500; ++row) passages.set(row, generator.vector());
  testing::build_all(passages.index);
  const auto found = testing::search(passages.index, query, 10, nullptr, false, 16);
  EXPECT_GE(passages.check(found, query, 10), 0.8);
  EXPECT_LT(found.rows[0].row, 3U);
}

// From 256 dimensions on there are sketches. Which way a filtered search takes is for the machine's
// speed to say: each must give such answers.
TEST(FilteredPassages, AreThoseOfTheirRows) {
  constexpr std::uint32_t kDim = 256;
  Generator generator(kDim, 6, 40);
  Passages passages(kDim, {.m = 8, .ef_construction = 40, .exact_rows_max = 500});
  for (std::uint32_t row = 0; row < 1000; ++row) {
    passages.set(row, testing::text_of(generator, kDim, 1 + row % 4, 0.4F));
  }
  testing::build_all(passages.index);
  double recall = 0;
  int searches = 0;
  for (const double share : {0.02, 0.15, 0.4, 0.8}) {
    for (int i = 0; i < 8; ++i) {
      Roaring allowed;
      for (std::uint32_t row = 0; row < 1000; ++row) {
        if (generator.chance(share)) allowed.add(row);
      }
      const Vector query = generator.vector();
      const auto found = testing::search(passages.index, query, 10, &allowed, false, 16);
      recall += passages.check(found, query, 10, &allowed);
      ++searches;
      ASSERT_EQ(testing::search(passages.index, query, 10, &allowed, true).rows,
                passages.ranked(query, 10, &allowed));
    }
  }
  EXPECT_GE(recall / searches, 0.95);
}

TEST(ScoredPassages, HaveTheBitsThatASearchGives) {
  constexpr std::uint32_t kDim = 40;
  Generator generator(kDim, 12);
  Passages passages(kDim, {.m = 8, .ef_construction = 40, .exact_rows_max = 100});
  for (std::uint32_t row = 0; row < 300; ++row) {
    passages.set(row, testing::text_of(generator, kDim, 1 + row % 3, 0.6F));
  }
  testing::build_all(passages.index);
  const Vector query = generator.vector();
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < 300; ++row) rows.push_back(299 - row);
  rows.push_back(4000);
  std::vector<float> before(rows.size()), after(rows.size());
  VectorArm arm(passages.index, {.vector = query, .exact = true});
  arm.score(rows, before);
  const auto found = arm.best(300);  // Keeps every cosine.
  arm.score(rows, after);
  std::map<std::uint32_t, float> scores;
  for (const ScoredRow& row : found.rows) scores[row.row] = row.score;
  for (std::size_t i = 0; i < 300; ++i) {
    EXPECT_EQ(before[i], scores[rows[i]]);
    EXPECT_EQ(after[i], before[i]);
  }
  EXPECT_TRUE(std::isnan(before.back()));
}

}  // namespace
}  // namespace tulving::index
