// What is promised: a node that no list names any more, so that no walk can find it, is found by a
// probe and linked, and nothing that could be reached before is lost by that.
//
// The test can tell because it counts what can be reached by itself (check_invariants()), in graphs
// with so few links that lists forget nodes all the time.

#include <atomic>
#include <thread>

#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Vector;
using testing::Vectors;

constexpr std::uint32_t kDim = 16;
constexpr VectorIndexOptions kFewLinks{
    .m = 4, .ef_construction = 16, .exact_rows_max = 100, .build_threads = 1};

// A graph by itself, which probes when the test says so.
class Probe : public ::testing::Test {
 protected:
  VectorCoder coder_{kDim, 0};
  HnswGraph graph_{coder_, kFewLinks, 8000};
  std::vector<Vector> vectors_;

  void add(const Vector& vector) {
    const auto slot = static_cast<Slot>(vectors_.size());
    vectors_.push_back(vector);
    std::vector<std::uint8_t> codes(coder_.code_stride());
    const CodeHeader header = coder_.encode(vector, codes.data(), nullptr);
    graph_.connect(graph_.add(slot, slot, header, codes.data()));
  }
  void probe() {
    while (graph_.wants_probe()) graph_.probe_step(100);
  }
  // Nodes that a wide walk towards their own vector does not find.
  std::uint32_t missed() const {
    std::uint32_t count = 0;
    for (Slot slot = 0; slot < vectors_.size(); ++slot) {
      const PreparedQuery query(coder_, vectors_[slot]);
      const QuerySketch sketch;  // So short vectors have none.
      Deadline deadline{std::nullopt};
      const WalkRequest request{
          .query = &query, .sketch = &sketch, .ef = 100, .wanted = 1, .seeds = {}};
      const WalkAnswer answer = graph_.search(request, deadline);
      count += answer.hits.empty() || answer.hits[0].slot != slot ? 1 : 0;
    }
    return count;
  }
};

TEST_F(Probe, LinksWhatNothingLeadsTo) {
  Generator generator(kDim, 21, 20, 0.2F);
  for (int i = 0; i < 3800; ++i) add(generator.vector());
  const std::uint32_t unreachable = graph_.check_invariants().unreachable;
  const std::uint32_t missed_before = missed();
  RecordProperty("unreachable", std::to_string(unreachable));
  ASSERT_GT(unreachable, 10U) << "nothing was tested";
  EXPECT_LT(unreachable, 30U);  // 53 where a full list shrinks to those that lie apart.

  probe();

  const GraphHealth health = graph_.check_invariants();
  EXPECT_EQ(health.broken, "");
  EXPECT_EQ(health.unreachable, 0U);
  EXPECT_GT(graph_.relinked(), 0U);
  EXPECT_LE(graph_.relinked(), unreachable);
  EXPECT_LE(missed() + unreachable * 9 / 10, missed_before);
  EXPECT_FALSE(graph_.wants_probe());
}

TEST_F(Probe, IsDueWheneverTheGraphHasGrown) {
  Generator generator(kDim, 22);
  std::uint32_t probes = 0;
  for (int i = 0; i < 4000; ++i) {
    add(generator.vector());
    if (!graph_.wants_probe()) continue;
    ++probes;
    probe();
    ASSERT_EQ(graph_.check_invariants().unreachable, 0U) << graph_.size();
  }
  EXPECT_EQ(probes, 12U);  // From 1,024 on at an eighth more each time.
}

// Insertions cut what a probe has seen, and it may end with a node that nothing leads to; never
// with a broken list, and the next one mends it.
TEST_F(Probe, RunsBesideInsertionsAndSearches) {
  Generator generator(kDim, 23, 20, 0.2F);
  for (int i = 0; i < 3000; ++i) add(generator.vector());
  std::atomic<bool> done = false;
  std::thread prober([&] {
    while (!done) graph_.probe_step(50);
  });
  std::thread searcher([&] {
    const Vector query(kDim, 0.3F);
    const PreparedQuery prepared(coder_, query);
    const QuerySketch sketch;
    while (!done) {
      Deadline deadline{std::nullopt};
      const WalkRequest request{.query = &prepared, .sketch = &sketch, .wanted = 10, .seeds = {}};
      EXPECT_EQ(graph_.search(request, deadline).hits.size(), 10U);
    }
  });
  for (int i = 0; i < 2000; ++i) add(generator.vector());
  done = true;
  prober.join();
  searcher.join();
  EXPECT_EQ(graph_.check_invariants().broken, "");
  probe();  // Whatever was under way.
  while (!graph_.wants_probe()) add(generator.vector());
  probe();
  EXPECT_EQ(graph_.check_invariants().unreachable, 0U);
}

// Of a size at which a probe is due.
TEST(VectorProbe, IsPartOfBuilding) {
  Generator generator(kDim, 24, 20, 0.2F);
  VectorIndex index(kDim, kFewLinks);
  Vectors vectors;
  std::uint32_t due = 1024;
  while (due < 2000) due += due / 8;
  testing::fill(index, vectors, generator, due);
  testing::build_all(index);
  ASSERT_EQ(index.counts().in_graph, due);
  EXPECT_EQ(index.check_invariants().unreachable, 0U);
  EXPECT_FALSE(index.wants_building());
}

// However fast rows come: probes are part of the order in which they join.
TEST(VectorProbe, OneThreadMakesTheSameGraph) {
  Vectors vectors[2];
  std::vector<std::vector<ScoredRow>> answers[2];
  for (int at_once : {0, 1}) {
    Generator generator(kDim, 25, 20, 0.2F);
    VectorIndex index(kDim, kFewLinks);
    for (int i = 0; i < 40; ++i) {
      testing::fill(index, vectors[at_once], generator, 100);
      if (at_once == 0) testing::build_all(index);
    }
    testing::build_all(index);
    for (int i = 0; i < 200; ++i) {
      answers[at_once].push_back(
          testing::search(index, generator.vector(), 10, nullptr, false, 10).rows);
    }
  }
  EXPECT_EQ(answers[0], answers[1]);
}

// Ten rounds in which a fifth of the rows is erased and others come, beside a graph made at once of
// what is there at the end.
TEST(VectorProbe, ChurnCostsNoRecall) {
  Generator generator(16, 26, 60, 0.5F);
  const VectorIndexOptions options{
      .m = 8, .ef_construction = 40, .exact_rows_max = 500, .build_threads = 1};
  VectorIndex churned(16, options);
  Vectors vectors;
  testing::fill(churned, vectors, generator, 2500);
  testing::build_all(churned);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 500; ++i) {
      auto victim = vectors.lower_bound(generator.below(vectors.rbegin()->first));
      churned.erase(victim->first);
      vectors.erase(victim);
      if (i % 50 == 0) churned.build_step(20);
    }
    testing::fill(churned, vectors, generator, 500);
    testing::build_all(churned);
  }
  VectorIndex fresh(16, options);
  for (const auto& [row, vector] : vectors) fresh.set(row, vector);
  testing::build_all(fresh);

  double sums[2] = {0, 0};
  constexpr int kQueries = 200;
  for (int i = 0; i < kQueries; ++i) {
    const Vector query = generator.vector();
    const VectorIndex* const both[] = {&churned, &fresh};
    for (int which : {0, 1}) {
      const auto found = testing::search(*both[which], query, 10, nullptr, false, 20);
      EXPECT_TRUE(found.approximate);
      sums[which] += testing::recall(found, vectors, query, 10) / kQueries;
    }
  }
  RecordProperty("recall", std::to_string(sums[0]) + " " + std::to_string(sums[1]));
  EXPECT_GE(sums[0], sums[1] - 0.01);
  EXPECT_EQ(churned.check_invariants().broken, "");
}

}  // namespace
}  // namespace tulving::index
