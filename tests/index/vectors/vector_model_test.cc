// What is promised: whatever the order of set, erase, building and reclaiming, the index holds the
// last vector of each row and no other, and finds it at once.
//
// The test can tell because it keeps a plain map beside the index and compares after every few
// steps: exact searches to the bit, graph searches by recall and by each row finding itself, and
// the index's own invariants. A graph is wanted from 200 vectors on, so that the sequence crosses
// that line, fills the graph's room, and passes the share of dead nodes at which it is rebuilt.

#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Vector;
using testing::Vectors;

// Narrow, so that walking is cheaper than scanning a thousand rows and the graph does answer.
constexpr std::uint32_t kEf = 10;

class VectorIndexModel : public ::testing::TestWithParam<std::uint32_t> {};

void check(const VectorIndex& index, const Vectors& vectors, Generator& generator) {
  ASSERT_EQ(index.check_invariants().broken, "");
  ASSERT_EQ(index.counts().vectors, vectors.size());
  ASSERT_EQ(index.rows().cardinality(), vectors.size());
  const Vector query = generator.vector();
  ASSERT_EQ(testing::search(index, query, 10, nullptr, true).rows,
            testing::ranked_by_form(index, vectors, query, 10));
  if (vectors.empty()) return;
  const auto found = testing::search(index, query, 10, nullptr, false, kEf);
  ASSERT_EQ(found.rows.size(), std::min<std::size_t>(10, vectors.size()));
  for (const ScoredRow& row : found.rows) ASSERT_TRUE(vectors.contains(row.row));
  ASSERT_GE(testing::recall(found, vectors, query, 10), 0.5);
}

TEST_P(VectorIndexModel, EqualsAMapAfterAnySequenceOfOperations) {
  constexpr std::uint32_t kDim = 24;
  constexpr std::uint32_t kRows = 2500;
  RecordProperty("seed", static_cast<int>(GetParam()));
  SCOPED_TRACE(::testing::Message() << "seed " << GetParam());
  Generator generator(kDim, GetParam());
  VectorIndex index(kDim, {.m = 8, .ef_construction = 40, .exact_rows_max = 200});
  Vectors vectors;
  double recall_sum = 0.0;
  int recalls = 0;
  int walks = 0;
  for (int step = 0; step < 9000; ++step) {
    // Growing, churning, shrinking.
    const double p_erase = step < 5000 ? 0.1 : step < 7000 ? 0.5 : 0.8;
    const std::uint32_t row = generator.below(kRows);
    if (generator.chance(p_erase)) {
      index.erase(row);
      vectors.erase(row);
    } else {
      vectors[row] = generator.vector();
      index.set(row, vectors[row]);
      // Found at once, in the graph or not.
      const auto found = testing::search(index, vectors[row], 1, nullptr, false, kEf);
      ASSERT_EQ(found.rows.size(), 1U);
      ASSERT_GE(found.rows[0].score, 0.999F);
    }
    if (generator.chance(0.5)) index.build_step(generator.below(12));
    if (generator.chance(0.02)) index.reclaim();
    if (step % 250 == 0) {
      ASSERT_NO_FATAL_FAILURE(check(index, vectors, generator)) << "step " << step;
      for (int i = 0; i < 10; ++i) {
        const Vector query = generator.vector();
        const auto found = testing::search(index, query, 10, nullptr, false, kEf);
        walks += found.plan == VectorPlan::kGraph ? 1 : 0;
        recall_sum += testing::recall(found, vectors, query, 10);
        ++recalls;
      }
    }
  }
  testing::build_all(index);
  ASSERT_NO_FATAL_FAILURE(check(index, vectors, generator));
  EXPECT_GE(recall_sum / recalls, 0.9);
  EXPECT_GT(walks, 30) << "the graph hardly answered: little was tested";
}

INSTANTIATE_TEST_SUITE_P(Seed, VectorIndexModel, ::testing::Values(1, 2, 3));

TEST(VectorIndexReuse, DoesNotGrowByOverwritingRows) {
  constexpr std::uint32_t kDim = 64;
  Generator generator(kDim, 11);
  VectorIndex index(kDim, {});
  Vectors vectors;
  testing::fill(index, vectors, generator, 500);
  const auto before = index.counts().bytes;

  for (std::uint32_t i = 0; i < 20'000; ++i) index.set(i % 500, generator.vector());

  EXPECT_LE(index.counts().bytes, 2 * before);
  EXPECT_EQ(index.counts().vectors, 500U);
}

TEST(VectorIndexReuse, GivesMemoryBackAfterMostRowsWereErased) {
  constexpr std::uint32_t kDim = 64;
  Generator generator(kDim, 12);
  VectorIndex index(kDim, {.m = 8, .ef_construction = 40, .exact_rows_max = 1000});
  Vectors vectors;
  testing::fill(index, vectors, generator, 5000);
  testing::build_all(index);
  const auto before = index.counts().bytes;
  for (std::uint32_t row = 100; row < 5000; ++row) {
    index.erase(row);
    vectors.erase(row);
  }

  testing::build_all(index);

  EXPECT_LT(index.counts().bytes, before / 4);
  EXPECT_EQ(index.counts().in_graph, 0U);
  const Vector query = generator.vector();
  EXPECT_EQ(testing::search(index, query, 10).rows,
            testing::ranked_by_form(index, vectors, query, 10));
}

}  // namespace
}  // namespace tulving::index
