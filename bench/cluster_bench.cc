// Cohesion clusters beside the least that finding them could cost: the bare matrix product of the
// same half matrix, by Eigen, in the same tiles, compiled for the best instruction set.
//
// 1,536 dimensions (cluster_corpus.h). n comes from TULVING_BENCH_N: 1,500 in
// ctest, 20,000 for figures. Before anything is timed, f32 and int8 must give the same clusters.
//
//   TULVING_BENCH_N=20000 bench_clusters --benchmark_filter='Gemm|Exact'
//   TULVING_BENCH_GRAPH_N=1000000 bench_clusters --benchmark_filter=Graph

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bench/cluster_corpus.h"
#include "index/cluster/cluster.h"
#include "index/cluster/tiles/f32_tile.h"
#include "index/cluster/workers.h"
#include "index/vectors/vector_arm.h"

namespace tulving::index {
namespace {

using bench::size_from;
using Corpus = bench::ClusterCorpus;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kDim = 1536;
constexpr std::uint32_t kGraphDim = 384;
constexpr std::size_t kTileRows = 384;
constexpr double kThreshold = 0.75;

const Corpus& corpus() {
  static const Corpus corpus(size_from("TULVING_BENCH_N", 1500), kDim);
  return corpus;
}

ClusterOptions options_of(PairMethod method, unsigned threads) {
  ClusterOptions options;
  options.threshold = kThreshold;
  options.method = method;
  options.threads = threads;
  return options;
}

Clustering cluster(const Corpus& from, const ClusterOptions& options) {
  Result<Clustering> result = cluster_vectors(from.vectors, from.dim, options);
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return *std::move(result);
}

bool same_clusters(const Clustering& x, const Clustering& y) {
  return std::equal(x.clusters.begin(), x.clusters.end(), y.clusters.begin(), y.clusters.end(),
                    [](const Cluster& a, const Cluster& b) {
                      return a.rows == b.rows && a.cohesion == b.cohesion;
                    });
}

bool methods_agree() {
  static const bool agree = [] {
    const Clustering f32 = cluster(corpus(), options_of(PairMethod::kF32, 0));
    const Clustering int8 = cluster(corpus(), options_of(PairMethod::kInt8, 0));
    return f32.pairs == int8.pairs && same_clusters(f32, int8);
  }();
  return agree;
}

void report(benchmark::State& state, const Clustering& result) {
  std::size_t rows = 0;
  for (const Cluster& one : result.clusters) rows += one.rows.size();
  state.counters["pairs"] = static_cast<double>(result.pairs);
  state.counters["clusters"] = static_cast<double>(result.clusters.size());
  state.counters["clustered"] = static_cast<double>(rows);
  state.counters["largest"] = static_cast<double>(result.largest_component);
}

void BM_Gemm(benchmark::State& state) {
  const Corpus& from = corpus();
  const Workers workers(static_cast<unsigned>(state.range(0)));
  const std::size_t blocks = (from.n + kTileRows - 1) / kTileRows;
  std::vector<std::vector<float>> products(workers.size(),
                                           std::vector<float>(kTileRows * kTileRows));
  const auto block = [&](std::size_t i) {
    return TileRows{&from.vectors[i * kTileRows * kDim],
                    std::min(kTileRows, from.n - i * kTileRows)};
  };
  for (auto _ : state) {
    std::atomic<std::size_t> next{0};
    workers.run([&](unsigned worker) {
      for (std::size_t t; (t = next.fetch_add(1)) < blocks * blocks;) {
        if (t / blocks > t % blocks) continue;
        f32_tile()(block(t / blocks), block(t % blocks), kDim, products[worker].data());
        benchmark::DoNotOptimize(products[worker].data());
      }
    });
  }
  const double n = static_cast<double>(from.n);
  state.counters["GFLOP/s"] = benchmark::Counter(
      n * n * kDim * 1e-9 * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void BM_Exact(benchmark::State& state) {
  if (!methods_agree()) {
    state.SkipWithError("f32 and int8 do not give the same clusters");
    return;
  }
  const auto method = state.range(0) == 8 ? PairMethod::kInt8 : PairMethod::kF32;
  const auto options = options_of(method, static_cast<unsigned>(state.range(1)));
  Clustering result;
  for (auto _ : state) result = cluster(corpus(), options);
  report(state, result);
}

BENCHMARK(BM_Gemm)
    ->ArgName("threads")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
BENCHMARK(BM_Exact)
    ->ArgNames({"bits", "threads"})
    ->ArgsProduct({{32, 8}, {1, 2}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

// Beyond the exact limit: candidates are each row's nearest in the vector graph. The time of
// building the graph is told apart, since a store has it already.
void BM_Graph(benchmark::State& state) {
  const Corpus from(size_from("TULVING_BENCH_GRAPH_N", 3000), kGraphDim);
  VectorIndexOptions index_options;
  index_options.exact_rows_max = 1000;
  VectorIndex index(kGraphDim, index_options);
  const auto row = [&](std::uint32_t i) {
    return std::span(from.vectors).subspan(std::size_t{i} * kGraphDim, kGraphDim);
  };
  const auto start = Clock::now();
  for (std::uint32_t i = 0; i < from.n; ++i) {
    index.set(i, row(i));
    if (i % 4096 == 4095) {
      while (index.build_step(4096)) {
      }
      if (index.wants_reclaim()) index.reclaim();
    }
  }
  while (index.build_step(4096) || index.wants_reclaim()) index.reclaim();
  state.counters["build_s"] = std::chrono::duration<double>(Clock::now() - start).count();

  ClusterOptions options = options_of(PairMethod::kAuto, 0);
  options.exact_rows_max = 1000;
  options.candidates = [&](std::uint32_t i, std::vector<std::uint32_t>& neighbors) {
    VectorQuery query;
    query.vector = row(i);
    VectorArm arm(index, query);
    for (const ScoredRow& found : arm.best(64).rows) neighbors.push_back(found.row);
  };
  Clustering result;
  for (auto _ : state) result = cluster(from, options);
  report(state, result);
  if (from.n <= 100'000) {
    const Clustering exact = cluster(from, options_of(PairMethod::kAuto, 0));
    state.counters["as_exact"] = same_clusters(result, exact) ? 1 : 0;
  }
  state.counters["late_joins"] = static_cast<double>(result.late_joins);
  state.counters["end_checked"] = result.end_checked ? 1 : 0;
  state.counters["miss_rate"] = result.miss_rate;
  state.counters["sampled"] = static_cast<double>(result.sampled_pairs);
}
BENCHMARK(BM_Graph)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

}  // namespace
}  // namespace tulving::index
