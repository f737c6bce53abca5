// What is promised: a row may have several vectors; it is found once, by the nearest of them, with
// the score that this one has, however it is found; and they come and go together.
//
// The test can tell because the same vectors lie in a second index, each as a row of its own: what
// that says of single vectors, and the greatest of it for each row, is the answer to the bit
// (passages_testing.h). Counts of vectors, inserting, building and reclaiming are drawn.

#include <cmath>

#include "core/base/mean_direction.h"
#include "index/vectors/row_similarity.h"
#include "tests/index/vectors/passages_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Passages;
using testing::Vector;

constexpr std::uint32_t kDim = 24;
constexpr std::uint32_t kEf = 10;  // Narrow, so that walking is cheaper than scanning.
constexpr VectorIndexOptions kOptions{.m = 8, .ef_construction = 40, .exact_rows_max = 200};

std::uint32_t drawn_count(Generator& generator) {
  if (generator.chance(0.4)) return 1;
  return generator.chance(0.05) ? kRowVectorsMax : 2 + generator.below(6);
}

Roaring drawn_rows(const Passages& passages, Generator& generator, double share) {
  Roaring rows;
  for (const auto& [row, count] : passages.counts()) {
    if (generator.chance(share)) rows.add(row);
  }
  return rows;
}

void check(const Passages& passages, Generator& generator) {
  const VectorIndex& index = passages.index;
  ASSERT_EQ(index.check_invariants().broken, "");
  ASSERT_EQ(index.counts().vectors, passages.vectors());
  ASSERT_EQ(index.counts().rows, passages.counts().size());
  ASSERT_EQ(index.rows().cardinality(), passages.counts().size());
  const Vector query = generator.vector();
  ASSERT_EQ(testing::search(index, query, 10, nullptr, true).rows, passages.ranked(query, 10));
  const Roaring some = drawn_rows(passages, generator, 0.3);
  ASSERT_EQ(testing::search(index, query, 10, &some, true).rows, passages.ranked(query, 10, &some));
  // Most rows at once: no codes are looked at.
  ASSERT_EQ(testing::search(index, query, 5000, nullptr, true).rows, passages.ranked(query, 5000));
  passages.check(testing::search(index, query, 10, &some, false, kEf), query, 10, &some);
}

class VectorPassages : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(VectorPassages, EqualAMapAfterAnySequenceOfOperations) {
  constexpr std::uint32_t kRows = 300;
  SCOPED_TRACE(::testing::Message() << "seed " << GetParam());
  Generator generator(kDim, GetParam());
  Passages passages(kDim, kOptions);
  double recall = 0;
  int walks = 0;
  for (int step = 0; step < 1500; ++step) {
    const double p_erase = step < 900 ? 0.1 : step < 1200 ? 0.5 : 0.8;
    const std::uint32_t row = generator.below(kRows);
    if (generator.chance(p_erase)) {
      passages.erase(row);
    } else {
      const auto vectors = testing::text_of(generator, kDim, drawn_count(generator));
      passages.set(row, vectors);
      const Vector last(vectors.end() - kDim, vectors.end());
      const auto found = testing::search(passages.index, last, 1, nullptr, false, kEf);
      ASSERT_EQ(found.rows.size(), 1U);
      ASSERT_GE(found.rows[0].score, 0.999F);  // At once, in the graph or not.
    }
    if (generator.chance(0.5)) passages.index.build_step(generator.below(40));
    if (generator.chance(0.04)) passages.index.reclaim();
    if (step % 200 != 0) continue;
    ASSERT_NO_FATAL_FAILURE(check(passages, generator)) << "step " << step;
    for (int i = 0; i < 5; ++i) {
      const Vector query = generator.vector();
      const auto found = testing::search(passages.index, query, 5, nullptr, false, kEf);
      const double share = passages.check(found, query, 5);
      if (found.plan != VectorPlan::kGraph) continue;
      recall += share;
      ++walks;
    }
  }
  testing::build_all(passages.index);
  ASSERT_NO_FATAL_FAILURE(check(passages, generator));
  EXPECT_GT(walks, 10) << "the graph hardly answered: little was tested";
  EXPECT_GE(recall / walks, 0.85);
}

INSTANTIATE_TEST_SUITE_P(Seed, VectorPassages, ::testing::Values(1, 2));

// Of each number of vectors that the graph has, so that rows lie with one foot in it.
TEST(VectorPassagesBuilding, ARowHalfInTheGraphIsFoundOnceAndByItsBest) {
  Generator generator(kDim, 7);
  Passages passages(kDim, kOptions);
  for (std::uint32_t row = 0; row < 80; ++row) {
    passages.set(row, testing::text_of(generator, kDim, 5, 1.0F));
  }
  while (passages.index.build_step(1)) {
    const auto covered = static_cast<std::uint32_t>(passages.index.counts().in_graph);
    const std::uint32_t row = std::min(covered / 5, 79U);
    const auto vectors = passages.vectors_of(row);
    const auto from = static_cast<std::ptrdiff_t>(generator.below(5) * kDim);
    const Vector query(vectors.begin() + from, vectors.begin() + from + kDim);
    const auto found = testing::search(passages.index, query, 3, nullptr, false, kEf);
    passages.check(found, query, 3);
    ASSERT_EQ(found.rows.front().row, row);
    if (HasFatalFailure() || HasNonfatalFailure()) break;
  }
}

TEST(VectorPassagesSlots, AreUsedAgain) {
  Generator generator(kDim, 8);
  VectorIndex index(kDim, {});
  const auto set_all = [&] {
    for (std::uint32_t row = 0; row < 100; ++row) {
      index.set(row, testing::text_of(generator, kDim, 1 + row % 5));
    }
  };
  set_all();
  const auto before = index.counts().bytes;
  for (int i = 0; i < 100; ++i) set_all();
  EXPECT_EQ(index.counts().bytes, before);
  EXPECT_EQ(index.counts().vectors, 300U);
}

TEST(VectorPassagesSlots, CostNothingWhereEachRowHasOneVector) {
  Generator generator(kDim, 9);
  VectorIndex one(kDim, {}), several(kDim, {});
  for (std::uint32_t row = 0; row < 1200; ++row) one.set(row, generator.vector());
  for (std::uint32_t row = 0; row < 300; ++row) {
    several.set(row, testing::text_of(generator, kDim, 4));
  }
  // What is a row's is paid a row, what is a vector's a vector.
  EXPECT_LE(several.counts().bytes, one.counts().bytes);
}

TEST(VectorPassagesHeld, AreEachWhatWasSet) {
  Generator generator(kDim, 10);
  VectorIndex index(kDim, kOptions);
  const auto vectors = testing::text_of(generator, kDim, 3);
  index.set(4, vectors);
  EXPECT_TRUE(index.holds(4, vectors));
  EXPECT_FALSE(index.holds(4, std::span(vectors).first(2 * kDim)));
  EXPECT_FALSE(index.holds(4, std::span(vectors).first(2 * kDim + 1)));
  EXPECT_FALSE(index.holds(5, vectors));
  auto other = vectors;
  std::fill_n(other.begin() + kDim, kDim, 1.0F);  // The second of three.
  EXPECT_FALSE(index.holds(4, other));
  other = vectors;
  other.insert(other.end(), vectors.begin(), vectors.begin() + kDim);
  EXPECT_FALSE(index.holds(4, other));
}

TEST(VectorPassagesCompared, StandForTheirMean) {
  Generator generator(kDim, 11);
  VectorIndex index(kDim, kOptions);
  std::vector<std::vector<float>> set;
  for (std::uint32_t row = 0; row < 30; ++row) {
    set.push_back(testing::text_of(generator, kDim, row % 3 == 0 ? 1 : 1 + row % 6, 1.0F));
    for (float& x : set.back()) x *= row % 2 == 0 ? 1.0F : 100.0F;  // Length is free.
    index.set(row, set.back());
  }
  RowSimilarity similarity(index);
  for (std::uint32_t a = 0; a < 30; ++a) {
    for (std::uint32_t b = 0; b < 30; ++b) {
      const double expected =
          testing::cosine(mean_direction(set[a], kDim), mean_direction(set[b], kDim));
      EXPECT_NEAR(similarity(a, b), expected, 1e-4) << a << " and " << b;
      EXPECT_EQ(similarity(a, b), index.similarity(a, b));
    }
  }
  EXPECT_TRUE(std::isnan(index.similarity(0, 99)));
}

TEST(MeanDirection, IsThatOfTheDirections) {
  const std::vector<float> two = {3, 0, 0, 400};
  const auto mean = mean_direction(two, 2);
  EXPECT_NEAR(mean[0], std::sqrt(0.5), 1e-6);
  EXPECT_NEAR(mean[1], std::sqrt(0.5), 1e-6);
  // One is what it is.
  EXPECT_EQ(mean_direction(two, 4), two);
  // Two that cancel each other out leave the first.
  EXPECT_EQ(mean_direction(std::vector<float>{2, 0, -5, 0}, 2), (std::vector<float>{1, 0}));
  EXPECT_EQ(mean_direction(std::vector<float>{0, 0, 0, 0}, 2), (std::vector<float>{0, 0}));
}

}  // namespace
}  // namespace tulving::index
