// What is promised: above exact_rows_max vectors a graph answers, finding nearly all of what a scan
// finds; its links are sound; it survives duplicates, deletions and rebuilds; and which of equally
// near rows are found does not depend on how it grew.
//
// The test can tell because it compares with exact search, counts nodes that no walk can reach, and
// looks at which plan answered.

#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Vector;
using testing::Vectors;

double mean_recall(const VectorIndex& index, Generator& generator, int queries, std::uint32_t ef,
                   VectorPlan expected_plan) {
  double sum = 0.0;
  for (int i = 0; i < queries; ++i) {
    const Vector query = generator.vector();
    const auto found = testing::search(index, query, 10, nullptr, false, ef);
    const auto truth = testing::search(index, query, 10, nullptr, true);
    EXPECT_EQ(found.plan, expected_plan);
    EXPECT_FALSE(truth.approximate);
    int hits = 0;
    for (const ScoredRow& row : found.rows) {
      hits += row.score >= truth.rows.back().score - 1e-5F ? 1 : 0;
    }
    sum += std::min(hits, 10) / 10.0;
  }
  return sum / queries;
}

TEST(VectorGraph, FindsNearlyAllOfWhatAScanFinds) {
  Generator generator(64, 42, 200, 0.7F);
  VectorIndex index(64, {});
  Vectors vectors;
  testing::fill(index, vectors, generator, 20'000);
  EXPECT_EQ(testing::search(index, generator.vector(), 10).plan, VectorPlan::kScan);

  testing::build_all(index);

  EXPECT_EQ(index.counts().in_graph, 20'000U);
  const double recall = mean_recall(index, generator, 300, 64, VectorPlan::kGraph);
  RecordProperty("recall", std::to_string(recall));
  EXPECT_GE(recall, 0.95);
  const GraphHealth health = index.check_invariants();
  EXPECT_EQ(health.broken, "");
  EXPECT_LE(health.unreachable, 20U);
}

TEST(VectorGraph, SaysThatItsAnswerIsApproximate) {
  Generator generator(16, 1);
  VectorIndex index(16, {.m = 8, .ef_construction = 40, .exact_rows_max = 100});
  Vectors vectors;
  testing::fill(index, vectors, generator, 4000);
  testing::build_all(index);

  EXPECT_TRUE(testing::search(index, generator.vector(), 5, nullptr, false, 16).approximate);
  EXPECT_FALSE(testing::search(index, generator.vector(), 5, nullptr, true).approximate);
}

TEST(VectorGraph, KeepsItsRecallThroughDeletionsAndRebuild) {
  Generator generator(32, 9);
  VectorIndex index(32, {.m = 12, .ef_construction = 80, .exact_rows_max = 500});
  Vectors vectors;
  testing::fill(index, vectors, generator, 6000);
  testing::build_all(index);

  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 1000; ++i) {
      const std::uint32_t row = generator.below(6000);
      vectors[row] = generator.vector();
      index.set(row, vectors[row]);
    }
    testing::build_all(index);
    const auto counts = index.counts();
    EXPECT_LE(static_cast<double>(counts.tombstones), 0.21 * static_cast<double>(counts.in_graph));
    EXPECT_GE(mean_recall(index, generator, 50, 64, VectorPlan::kGraph), 0.95) << round;
    EXPECT_EQ(index.check_invariants().broken, "");
  }
}

TEST(VectorGraph, SearchesAreRightWhileARebuildIsUnderWay) {
  Generator generator(16, 10);
  VectorIndex index(16, {.m = 8, .ef_construction = 40, .exact_rows_max = 500});
  Vectors vectors;
  testing::fill(index, vectors, generator, 3000);
  testing::build_all(index);
  for (std::uint32_t row = 0; row < 1000; ++row) {
    index.erase(row);
    vectors.erase(row);
  }
  int steps = 0;
  while (index.wants_building()) {
    index.build_step(50);
    const std::uint32_t row = 1000 + generator.below(2500);
    if (generator.chance(0.5)) {
      vectors[row] = generator.vector();
      index.set(row, vectors[row]);
    } else {
      index.erase(row);
      vectors.erase(row);
    }
    const Vector query = generator.vector();
    const auto found = testing::search(index, query, 10);
    for (const ScoredRow& hit : found.rows) {
      ASSERT_NEAR(hit.score, testing::cosine(vectors.at(hit.row), query), 1e-3);
    }
    if (++steps % 10 == 0) index.reclaim();
    ASSERT_LT(steps, 10'000);
  }
  testing::build_all(index);
  EXPECT_EQ(index.check_invariants().broken, "");
  EXPECT_EQ(index.counts().vectors, vectors.size());
}

TEST(VectorGraph, HoldsManyIdenticalVectors) {
  VectorIndex index(8, {.m = 4, .ef_construction = 20, .exact_rows_max = 50});
  const Vector same(8, 0.5F);
  for (std::uint32_t row = 0; row < 1000; ++row) index.set(row, same);
  index.set(1000, Vector(8, 0.0F));
  testing::build_all(index);

  const auto matches = testing::search(index, same, 10);

  ASSERT_EQ(matches.rows.size(), 10U);
  for (const ScoredRow& row : matches.rows) EXPECT_NEAR(row.score, 1.0F, 1e-3F);
  EXPECT_EQ(testing::search(index, same, 1001).rows.size(), 1001U);
  EXPECT_EQ(index.check_invariants().broken, "");
}

// Thirty vectors, each of a hundred rows: wherever an answer ends, it ends among equals, and they
// are those with the smallest keys. A graph alone gives the ones that it meets.
TEST(VectorGraph, EquallyNearRowsGoByKeyHoweverItGrew) {
  Generator generator(16, 12);
  std::vector<Vector> centres;
  for (int i = 0; i < 30; ++i) centres.push_back(generator.vector());
  VectorIndex index(16, {.m = 8, .ef_construction = 60, .exact_rows_max = 100});
  std::vector<RowKey> keys(3000);
  for (std::uint32_t row = 0; row < keys.size(); ++row) {
    keys[row] = {generator.below(2), std::uint64_t{generator.below(1U << 31U)} << 32U | row};
    index.set(row, centres[generator.below(30)]);
  }
  testing::build_all(index);
  Roaring odd;
  for (std::uint32_t row = 1; row < keys.size(); row += 2) odd.add(row);
  for (int round = 0; round < 200; ++round) {
    VectorQuery query;
    const Vector vector = generator.chance(0.5) ? centres[generator.below(30)] : generator.vector();
    query.vector = vector;
    query.ties = TieOrder(keys);
    query.allowed = generator.chance(0.5) ? &odd : nullptr;
    const std::uint32_t k = 1 + generator.below(120);
    const auto found = VectorArm(index, query).best(k).rows;
    query.exact = true;
    ASSERT_EQ(found, VectorArm(index, query).best(k).rows) << k;
  }
}

// What tells all rows apart is left to the graph.
TEST(VectorGraph, ScansOnlyForEqualScores) {
  Generator generator(16, 13);
  VectorIndex index(16, {.m = 8, .ef_construction = 60, .exact_rows_max = 100});
  Vectors vectors;
  testing::fill(index, vectors, generator, 4000);
  testing::build_all(index);
  for (int round = 0; round < 50; ++round) {
    EXPECT_EQ(testing::search(index, generator.vector(), 10, nullptr, false, 16).plan,
              VectorPlan::kGraph);
  }
}

TEST(VectorGraph, GrowsPastItsFirstRoom) {
  Generator generator(8, 4);
  VectorIndex index(8, {.m = 4, .ef_construction = 20, .exact_rows_max = 100});
  Vectors vectors;
  testing::fill(index, vectors, generator, 200);
  testing::build_all(index);

  testing::fill(index, vectors, generator, 5000);
  testing::build_all(index);

  EXPECT_EQ(index.counts().in_graph, 5200U);
  EXPECT_GE(mean_recall(index, generator, 50, 64, VectorPlan::kGraph), 0.95);
}

TEST(VectorGraph, CostsNoMoreMemoryAVectorThanPromised) {
  Generator generator(1536, 3);
  VectorIndex index(1536, {.ef_construction = 16, .exact_rows_max = 100});
  Vectors vectors;
  testing::fill(index, vectors, generator, 1024 * 6);
  vectors.clear();
  testing::build_all(index);

  EXPECT_LE(index.counts().bytes / index.counts().vectors, 5000U);
}

}  // namespace
}  // namespace tulving::index
