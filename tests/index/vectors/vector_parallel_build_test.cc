// What is promised: several threads build one graph together, as good as one thread's; vectors that
// come at the same time and near the same place find each other; and one thread makes the same
// graph of the same writes each time.
//
// The test can tell because it compares with one thread's graph, and because it connects nodes in
// orders that threads would give them by accident only: the later before the earlier, and many
// before any is done.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Vector;
using testing::Vectors;

constexpr std::uint32_t kDim = 32;
constexpr VectorIndexOptions kOptions{.m = 12, .ef_construction = 80, .exact_rows_max = 100};

// As the engine's indexer does it.
void build_with(VectorIndex& index, int threads) {
  while (index.wants_building() || index.wants_reclaim()) {
    {
      std::vector<std::jthread> builders;
      for (int i = 0; i < threads; ++i) {
        builders.emplace_back([&] {
          while (index.build_step(16)) {
          }
        });
      }
    }
    index.reclaim();
  }
}

double mean_recall(const VectorIndex& index, std::uint32_t ef) {
  Generator generator(kDim, 77, 150, 0.6F);
  double sum = 0.0;
  for (int i = 0; i < 400; ++i) {
    const Vector query = generator.vector();
    const auto found = testing::search(index, query, 10, nullptr, false, ef);
    const auto truth = testing::search(index, query, 10, nullptr, true);
    EXPECT_EQ(found.plan, VectorPlan::kGraph);
    for (const ScoredRow& row : found.rows) {
      sum += row.score >= truth.rows.back().score - 1e-5F ? 0.1 : 0.0;
    }
  }
  return sum / 400;
}

std::unique_ptr<VectorIndex> built(int threads) {
  Generator generator(kDim, 77, 150, 0.6F);
  auto index = std::make_unique<VectorIndex>(kDim, kOptions);
  Vectors vectors;
  testing::fill(*index, vectors, generator, 8000);
  build_with(*index, threads);
  return index;
}

std::string bytes_of(const VectorIndex& index) {
  const auto file = std::filesystem::path(::testing::TempDir()) /
                    ("tulving_parallel_build_" + std::to_string(::getpid()));
  EXPECT_TRUE(index.save(file, {}));
  std::ifstream stream(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  std::filesystem::remove(file);
  return bytes;
}

TEST(VectorParallelBuild, IsAsGoodAsOneThreads) {
  const auto alone = built(1);
  const double recall = mean_recall(*alone, 24);
  const GraphHealth health = alone->check_invariants();
  for (const int threads : {2, 4}) {
    const auto together = built(threads);
    EXPECT_EQ(together->counts().in_graph, 8000U);
    EXPECT_GE(mean_recall(*together, 24), recall - 0.005) << threads;
    const GraphHealth found = together->check_invariants();
    EXPECT_EQ(found.broken, "");
    EXPECT_LE(found.unreachable, health.unreachable + 2) << threads;
  }
}

TEST(VectorParallelBuild, OneThreadMakesTheSameGraphEachTime) {
  const std::string first = bytes_of(*built(1));
  EXPECT_GT(first.size(), 8000U * kDim);
  EXPECT_TRUE(bytes_of(*built(1)) == first);
}

TEST(VectorParallelBuild, ARebuildTakesAllThreads) {
  Generator generator(kDim, 77, 150, 0.6F);
  VectorIndex index(kDim, kOptions);
  Vectors vectors;
  testing::fill(index, vectors, generator, 5000);
  build_with(index, 4);
  for (std::uint32_t row = 0; row < 5000; row += 3) index.erase(row);
  build_with(index, 4);

  EXPECT_EQ(index.counts().tombstones, 0U);
  EXPECT_EQ(index.counts().in_graph, index.counts().vectors);
  EXPECT_EQ(index.check_invariants().broken, "");
  EXPECT_GE(mean_recall(index, 64), 0.95);
}

TEST(VectorParallelBuild, TellsHowMuchThereIsToDo) {
  Generator generator(kDim, 3);
  VectorIndex index(kDim, kOptions);
  Vectors vectors;
  testing::fill(index, vectors, generator, 50);
  EXPECT_EQ(index.rows_to_build(), 0U);  // Few enough to be scanned.
  testing::fill(index, vectors, generator, 1000);
  EXPECT_EQ(index.rows_to_build(), index.counts().vectors);
  index.build_step(100);
  EXPECT_EQ(index.rows_to_build(), index.counts().vectors - 100);
  build_with(index, 1);
  EXPECT_EQ(index.rows_to_build(), 0U);
  for (std::uint32_t row = 0; row < 1000; row += 4) index.erase(row);
  EXPECT_EQ(index.rows_to_build(), 1050U);  // A rebuild passes by the dead ones, too.
}

// A graph by itself, so that the order of connecting is the test's.
class InFlight : public ::testing::Test {
 protected:
  VectorCoder coder_{kDim, 0};
  HnswGraph graph_{coder_, kOptions, 4000};
  std::vector<Vector> vectors_;

  std::uint32_t add(const Vector& vector) {
    vectors_.push_back(vector);
    std::vector<std::uint8_t> codes(coder_.code_stride());
    const CodeHeader header = coder_.encode(vector, codes.data(), nullptr);
    const auto slot = static_cast<Slot>(vectors_.size() - 1);
    return graph_.add(slot, slot, header, codes.data());
  }

  // Nodes that a walk towards their own vector finds.
  std::uint32_t found(std::uint32_t ef) const {
    std::uint32_t count = 0;
    for (Slot slot = 0; slot < vectors_.size(); ++slot) {
      const PreparedQuery query(coder_, vectors_[slot]);
      const QuerySketch sketch;  // So short vectors have none.
      Deadline deadline{std::nullopt};
      WalkRequest request{.query = &query, .sketch = &sketch, .ef = ef, .wanted = 8, .seeds = {}};
      const WalkAnswer answer = graph_.search(request, deadline);
      for (const WalkHit& hit : answer.hits) count += hit.slot == slot ? 1 : 0;
    }
    return count;
  }
};

TEST_F(InFlight, NodesFindEachOtherBeforeAnyIsConnected) {
  Generator generator(kDim, 5);
  for (int i = 0; i < 300; ++i) add(generator.vector());
  for (std::uint32_t id = 300; id-- > 0;) {
    EXPECT_EQ(graph_.size(), 0U);  // Nothing is published before node 0 is.
    graph_.connect(id);
  }

  EXPECT_EQ(graph_.size(), 300U);
  const GraphHealth health = graph_.check_invariants();
  EXPECT_EQ(health.broken, "");
  EXPECT_EQ(health.unreachable, 0U);
  EXPECT_GE(found(32), 297U);
}

// Fours that are each other's only neighbours, far from all the rest, and come at the same time.
TEST_F(InFlight, WhatComesTogetherIsFoundTogether) {
  Generator generator(kDim, 6);
  for (int i = 0; i < 500; ++i) graph_.connect(add(generator.noise(kDim)));
  for (int i = 0; i < 200; ++i) {
    const Vector centre = generator.noise(kDim);
    std::uint32_t ids[4] = {};
    for (std::uint32_t& id : ids) {
      Vector near = centre;
      for (float& x : near) x += 0.1F * generator.noise(1)[0];
      id = add(near);
    }
    for (const int turn : {3, 1, 0, 2}) graph_.connect(ids[turn]);
  }

  EXPECT_EQ(graph_.size(), 1300U);
  EXPECT_EQ(graph_.check_invariants().broken, "");
  EXPECT_EQ(graph_.check_invariants().unreachable, 0U);
  EXPECT_GE(found(2), 1280U);  // Links of their own: a wide walk would come by anyway.
}

}  // namespace
}  // namespace tulving::index
