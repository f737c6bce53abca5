// What is promised: without a graph, or when asked, a search is exact: the k best by cosine of all
// rows, as their final form ranks them, ties by row, whatever the data looks like and however many
// bits that form has.
//
// The test can tell because it ranks every row by the same final scores itself and compares rows
// and scores to the bit, and those scores with cosines in double precision. The data is chosen to
// defeat int8: outliers that eat the scale, rows closer together than a code's step, duplicates,
// zeros.

#include <limits>
#include <tuple>

#include "index/vectors/vector_view.h"
#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Vector;
using testing::Vectors;

// A component's error is at most 1 / 254 of the largest without residuals, 2^bits times less with.
double form_error(std::uint32_t dim, std::uint32_t bits) {
  const std::uint32_t kept = bits == 4 && dim < 256 ? 8 : bits;
  return 1.1 / 254 / static_cast<double>(1U << kept);
}

void expect_exact(const VectorIndex& index, const Vectors& vectors, const Vector& query,
                  std::uint32_t k, double error) {
  const auto matches = testing::search(index, query, k);
  EXPECT_FALSE(matches.approximate);
  EXPECT_FALSE(matches.partial);
  EXPECT_EQ(matches.rows, testing::ranked_by_form(index, vectors, query, k));
  const auto truth = testing::true_cosines(vectors, query, k);
  ASSERT_EQ(matches.rows.size(), truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(matches.rows[i].score, truth[i], error + 1e-6);
  }
}

class VectorScan : public ::testing::TestWithParam<std::tuple<std::uint32_t, std::uint32_t>> {
 protected:
  static std::uint32_t dim() { return std::get<0>(GetParam()); }
  static std::uint32_t bits() { return std::get<1>(GetParam()); }
  void expect_exact_for(const Vector& query, std::uint32_t k) {
    expect_exact(
        index_, vectors_, query, k,
        form_error(dim(), bits()) * std::sqrt(static_cast<double>(round_up(dim(), kCacheLine))));
  }

  VectorIndex index_{dim(), {.residual_bits = bits()}};
  Vectors vectors_;
  Generator generator_{dim(), 1234 + dim()};
};

TEST_P(VectorScan, EqualsRankingEveryRow) {
  testing::fill(index_, vectors_, generator_, 1500);
  for (const std::uint32_t k : {1U, 10U, 100U, 2000U}) {
    for (int i = 0; i < 5; ++i) expect_exact_for(generator_.vector(), k);
  }
}

TEST_P(VectorScan, EqualsRankingEveryRowWhenOneComponentEatsTheScale) {
  for (std::uint32_t row = 0; row < 800; ++row) {
    vectors_[row] = generator_.vector();
    vectors_[row][0] = 40.0F * std::sqrt(static_cast<float>(dim()));
    index_.set(row, vectors_[row]);
  }
  Vector query = generator_.vector();
  query[0] = 40.0F * std::sqrt(static_cast<float>(dim()));
  expect_exact_for(query, 10);
}

TEST_P(VectorScan, EqualsRankingRowsCloserThanACodesStep) {
  const Vector base = generator_.vector();
  for (std::uint32_t row = 0; row < 600; ++row) {
    vectors_[row] = base;
    for (float& x : vectors_[row]) x += 1e-3F * generator_.noise(1)[0];
    index_.set(row, vectors_[row]);
  }
  expect_exact_for(base, 10);
}

TEST_P(VectorScan, BreaksTiesOfDuplicatesByRow) {
  const Vector same = generator_.vector();
  for (std::uint32_t row = 100; row > 0; --row) {
    vectors_[row] = same;
    index_.set(row, same);
  }

  const auto matches = testing::search(index_, same, 7);

  ASSERT_EQ(matches.rows.size(), 7U);
  for (std::uint32_t i = 0; i < 7; ++i) EXPECT_EQ(matches.rows[i].row, i + 1);
}

TEST_P(VectorScan, IgnoresTheLengthOfVectors) {
  for (std::uint32_t row = 0; row < 200; ++row) {
    vectors_[row] = generator_.vector();
    for (float& x : vectors_[row]) x *= row % 2 == 0 ? 1e-18F : 1e17F;
    index_.set(row, vectors_[row]);
  }
  Vector query = generator_.vector();
  for (float& x : query) x *= 1e-20F;
  expect_exact_for(query, 10);
}

TEST_P(VectorScan, GivesVectorsWithoutADirectionACosineOfZero) {
  const Vector zero(dim(), 0.0F);
  Vector broken(dim(), 1.0F);
  broken[0] = std::numeric_limits<float>::quiet_NaN();
  index_.set(0, zero);
  index_.set(1, broken);
  index_.set(2, Vector(dim(), 1.0F));

  const auto matches = testing::search(index_, Vector(dim(), 2.0F), 3);

  ASSERT_EQ(matches.rows.size(), 3U);
  EXPECT_EQ(matches.rows[0].row, 2U);
  EXPECT_NEAR(matches.rows[0].score, 1.0F, 1e-4F);
  EXPECT_EQ(matches.rows[1], (ScoredRow{0, 0.0F}));
  EXPECT_EQ(matches.rows[2], (ScoredRow{1, 0.0F}));
}

INSTANTIATE_TEST_SUITE_P(DimAndBits, VectorScan,
                         ::testing::Combine(::testing::Values(1, 2, 3, 8, 63, 64, 65, 130, 257, 512,
                                                              1536),
                                            ::testing::Values(0, 4, 8)));

TEST(VectorIndexBasics, AnswersNothingWhenEmpty) {
  const VectorIndex index(4, {});
  const auto matches = testing::search(index, {1, 2, 3, 4}, 10);
  EXPECT_TRUE(matches.rows.empty());
  EXPECT_EQ(matches.plan, VectorPlan::kNone);
}

TEST(VectorIndexBasics, FindsTheLatestVectorOfARowAndNoOther) {
  VectorIndex index(2, {});
  index.set(7, Vector{1.0F, 0.0F});
  index.set(7, Vector{0.0F, 1.0F});

  const auto matches = testing::search(index, {0.0F, 1.0F}, 10);

  ASSERT_EQ(matches.rows.size(), 1U);
  EXPECT_EQ(matches.rows[0].row, 7U);
  EXPECT_NEAR(matches.rows[0].score, 1.0F, 1e-6F);
  EXPECT_EQ(index.counts().vectors, 1U);
}

TEST(VectorIndexBasics, ForgetsAnErasedRow) {
  VectorIndex index(2, {});
  index.set(1, Vector{1.0F, 0.0F});
  index.set(2, Vector{1.0F, 0.1F});

  index.erase(1);
  index.erase(1);
  index.erase(99);

  EXPECT_FALSE(index.contains(1));
  EXPECT_EQ(index.rows().cardinality(), 1U);
  const auto matches = testing::search(index, {1.0F, 0.0F}, 10);
  ASSERT_EQ(matches.rows.size(), 1U);
  EXPECT_EQ(matches.rows[0].row, 2U);
}

TEST(VectorIndexBasics, ScoresGivenRowsAndPairs) {
  VectorIndex index(2, {});
  index.set(1, Vector{3.0F, 0.0F});
  index.set(2, Vector{1.0F, 1.0F});
  const std::vector<std::uint32_t> rows{2, 5, 1};
  std::vector<float> cosines(3);
  const Vector query{1.0F, 0.0F};

  VectorArm(index, {.vector = query}).score(rows, cosines);

  EXPECT_NEAR(cosines[0], std::sqrt(0.5F), 5e-4F);
  EXPECT_TRUE(std::isnan(cosines[1]));
  EXPECT_NEAR(cosines[2], 1.0F, 5e-4F);
  EXPECT_NEAR(index.similarity(1, 2), std::sqrt(0.5F), 5e-4F);
  EXPECT_TRUE(std::isnan(index.similarity(1, 5)));
}

// One arm, asked again and again, answers as a new one for each question would.
TEST(VectorIndexBasics, AnArmAnswersAnyNumberOfTimesInEitherOrder) {
  VectorIndex index(24, {});
  Vectors vectors;
  Generator generator(24, 6);
  testing::fill(index, vectors, generator, 700);
  Roaring allowed;
  for (std::uint32_t row = 0; row < 700; row += 3) allowed.add(row);
  for (const Roaring* filter : {static_cast<const Roaring*>(nullptr), &std::as_const(allowed)}) {
    const Vector query = generator.vector();
    VectorArm arm(index, {.vector = query, .allowed = filter});
    for (const std::uint32_t k : {10U, 0U, 100U, 699U, 1000U, 1U}) {
      const auto expected = testing::ranked_by_form(index, vectors, query, k, filter);

      EXPECT_EQ(arm.best(k).rows, expected);
      auto any = arm.best(k, RowOrder::kAny).rows;
      std::sort(any.begin(), any.end(), ranks_before);
      EXPECT_EQ(any, expected);
    }
  }
}

// Whether a scan reads codes first or every final form at once is not to be seen in any answer.
TEST(VectorIndexBasics, WhatWillBeScoredChangesNoAnswer) {
  VectorIndex index(24, {});
  Vectors vectors;
  Generator generator(24, 8);
  testing::fill(index, vectors, generator, 300);
  for (std::uint32_t row = 0; row < 300; row += 7) index.erase(row), vectors.erase(row);
  Roaring allowed;
  for (std::uint32_t row = 0; row < 400; row += 3) allowed.add(row);
  std::vector<std::uint32_t> rows(310);
  for (std::uint32_t row = 0; row < rows.size(); ++row) rows[row] = row;
  for (const Roaring* filter : {static_cast<const Roaring*>(nullptr), &std::as_const(allowed)}) {
    const Vector query = generator.vector();
    VectorArm plain(index, {.vector = query, .allowed = filter});
    VectorArm warned(index, {.vector = query, .allowed = filter});

    const VectorMatches expected = plain.best(10);
    const VectorMatches found = warned.best(10, RowOrder::kBestFirst, 1000);

    EXPECT_EQ(found.rows, expected.rows);
    EXPECT_EQ(found.plan, expected.plan);
    EXPECT_EQ(found.scored, expected.scored);
    std::vector<float> scores(rows.size()), expected_scores(rows.size());
    warned.score(rows, scores);
    plain.score(rows, expected_scores);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(std::isnan(scores[i]), !vectors.contains(rows[i]));
      if (std::isnan(scores[i])) continue;
      EXPECT_EQ(scores[i], expected_scores[i]);
    }
  }
}

TEST(VectorIndexBasics, SaysWhenTheDeadlineCutTheScan) {
  VectorIndex index(8, {});
  Vectors vectors;
  Generator generator(8, 5);
  testing::fill(index, vectors, generator, 5000);
  VectorQuery query;
  const Vector vector = generator.vector();
  query.vector = vector;
  query.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);

  EXPECT_TRUE(VectorArm(index, query).best(10).partial);

  query.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  const auto matches = VectorArm(index, query).best(10);
  EXPECT_FALSE(matches.partial);
  EXPECT_EQ(matches.rows, testing::ranked_by_form(index, vectors, vector, 10));
}

class VectorSlabErasure : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(VectorSlabErasure, LeavesNoByteOfTheVector) {
  const VectorCoder coder(100, GetParam());
  VectorSlab slab(coder);
  Generator generator(100, 3);
  std::vector<std::uint8_t> codes(coder.code_stride()), residuals(coder.residual_stride());
  for (std::uint32_t row = 0; row < 3; ++row) {
    const CodeHeader header = coder.encode(generator.vector(), codes.data(), residuals.data());
    slab.put(slab.append(row), header, codes.data(), residuals.data());
  }

  slab.kill(1);

  const VectorSlab& killed = slab;
  for (std::size_t i = 0; i < codes.size(); ++i) ASSERT_EQ(killed.codes(1)[i], 0);
  for (std::size_t i = 0; i < residuals.size(); ++i) ASSERT_EQ(killed.residuals(1)[i], 0);
  EXPECT_EQ(killed.header(1).sum, 0);
  EXPECT_EQ(killed.header(1).scale, 0.0F);
  EXPECT_TRUE(std::equal(codes.begin(), codes.end(), killed.codes(2)));
  EXPECT_TRUE(std::equal(residuals.begin(), residuals.end(), killed.residuals(2)));
}

INSTANTIATE_TEST_SUITE_P(Bits, VectorSlabErasure, ::testing::Values(0, 4, 8));

}  // namespace
}  // namespace tulving::index
