// Rows with several vectors: searches of texts by their nearest passage, beside as many vectors
// that are a row each.
//
// A text's passages lie around a vector of the corpus of bench_vectors (512 dimensions), at a
// cosine of some 0.7 with it and 0.5 with each other; a query is near a passage as another text of
// its cluster is. The number of *vectors* is TULVING_BENCH_N, however many a row has. Recall@10 is
// by rows against all cosines in f32, and is checked before anything is timed.
//
//   TULVING_BENCH_N=100000 bench_passages --benchmark_filter=Graph

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/ann_compare/generators.h"
#include "index/kernels/kernels.h"
#include "index/vectors/row_similarity.h"
#include "index/vectors/vector_arm.h"

namespace tulving::index {
namespace {

constexpr std::uint32_t kDim = 512;
constexpr std::size_t kNeighbours = 10;
constexpr std::size_t kQueries = 100;
constexpr double kRecallLeast = 0.85;

std::size_t bench_n() {
  const char* n = std::getenv("TULVING_BENCH_N");
  return n == nullptr ? 2000 : std::strtoul(n, nullptr, 10);
}

struct Texts {
  explicit Texts(std::uint32_t passages_each) : passages(passages_each) {
    const auto source = bench::make_source("clustered", kDim, bench_n(), 42);
    std::mt19937 random(42);
    std::normal_distribution<float> normal(0, 1 / std::sqrt(static_cast<float>(kDim)));
    for (std::uint32_t row = 0; row < rows(); ++row) {
      const std::vector<float> middle = source->next();
      for (std::uint32_t i = 0; i < passages; ++i) {
        const float noise = passages == 1 ? 0.0F : 1.0F;
        for (const float x : middle) vectors.push_back(x + noise * normal(random));
      }
      index.set(row, std::span(vectors).last(std::size_t{passages} * kDim));
    }
    for (std::size_t i = 0; i < kQueries; ++i) queries.push_back(source->next());
  }

  [[nodiscard]] std::uint32_t rows() const {
    return static_cast<std::uint32_t>(bench_n() / passages);
  }
  void build() {
    while (index.wants_building() || index.wants_reclaim()) {
      while (index.build_step(1024)) {
      }
      index.reclaim();
    }
  }
  [[nodiscard]] float cosine(std::uint32_t row, const std::vector<float>& query) const {
    float best = -1;
    for (std::uint32_t i = 0; i < passages; ++i) {
      const float* vector = &vectors[(std::size_t{row} * passages + i) * kDim];
      const float squares = kernels().dot_f32(vector, vector, kDim);
      best = std::max(best, kernels().dot_f32(vector, query.data(), kDim) / std::sqrt(squares));
    }
    return best;
  }
  [[nodiscard]] double recall(std::uint32_t ef) const {
    std::size_t found = 0;
    for (const auto& query : queries) {
      std::vector<float> cosines;
      for (std::uint32_t row = 0; row < rows(); ++row) cosines.push_back(cosine(row, query));
      auto ranked = cosines;
      std::ranges::nth_element(ranked, ranked.begin() + kNeighbours - 1, std::greater<>());
      const float least = ranked[kNeighbours - 1] - 2e-5F;
      for (const ScoredRow& row : search(query, ef).rows)
        found += cosines[row.row] >= least ? 1 : 0;
    }
    return static_cast<double>(found) / static_cast<double>(kQueries * kNeighbours);
  }
  [[nodiscard]] VectorMatches search(const std::vector<float>& query, std::uint32_t ef) const {
    return VectorArm(index, {.vector = query, .ef = ef}).best(kNeighbours);
  }

  std::uint32_t passages;
  VectorIndex index{kDim, {.exact_rows_max = 1000}};
  std::vector<float> vectors;
  std::vector<std::vector<float>> queries;
};

Texts& texts(std::uint32_t passages) {
  static std::map<std::uint32_t, std::unique_ptr<Texts>> made;
  auto& one = made[passages];
  if (!one) one = std::make_unique<Texts>(passages);
  return *one;
}

void time_searches(benchmark::State& state, std::uint32_t ef) {
  const Texts& searched = texts(static_cast<std::uint32_t>(state.range(0)));
  const auto counts = searched.index.counts();
  state.counters["rows"] = static_cast<double>(counts.rows);
  state.counters["bytes"] = static_cast<double>(counts.bytes / counts.vectors);
  state.counters["recall@10"] = searched.recall(ef);
  if (state.counters["recall@10"] < kRecallLeast) return state.SkipWithError("recall is too low");
  std::uint64_t scored = 0;
  for (const auto& query : searched.queries) scored += searched.search(query, ef).scored;
  state.counters["scored"] = static_cast<double>(scored) / static_cast<double>(kQueries);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(searched.search(searched.queries[i++ % kQueries], ef));
  }
}

void BM_Scan(benchmark::State& state) { time_searches(state, 64); }
void BM_Graph(benchmark::State& state) {
  texts(static_cast<std::uint32_t>(state.range(0))).build();
  time_searches(state, static_cast<std::uint32_t>(state.range(1)));
}
// Ten of two hundred by MMR: each row with each that was taken.
void BM_Similarities(benchmark::State& state) {
  const Texts& compared = texts(static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) {
    RowSimilarity similarity(compared.index);
    float sum = 0;
    for (std::uint32_t a = 0; a < 10; ++a) {
      for (std::uint32_t b = 0; b < std::min(200U, compared.rows()); ++b) sum += similarity(a, b);
    }
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(BM_Scan)->ArgName("each")->Arg(1)->Arg(5)->Arg(20);
BENCHMARK(BM_Graph)->ArgNames({"each", "ef"})->ArgsProduct({{1, 5, 20}, {32, 64}});
BENCHMARK(BM_Similarities)->ArgName("each")->Arg(1)->Arg(5)->Arg(20);

}  // namespace
}  // namespace tulving::index
