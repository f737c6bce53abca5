// Clustering a tenant again after k memories were added: with the cache that the Consolidator keeps
// between runs, beside clustering everything anew. n memories of 384 floats (TULVING_BENCH_N,
// 20,000 for figures). A figure counts only if both give the same clusters.
//
//   TULVING_BENCH_N=20000 bench_cluster_cache

#include <benchmark/benchmark.h>

#include <algorithm>

#include "bench/corpus.h"

namespace tulving::bench {
namespace {

constexpr std::size_t kDim = 384;

struct Corpus {
  Store store = value_of(Store::open_in_memory());
  Tenant tenant = value_of(store.tenant("bench"));
  TextSource texts{42};
  EmbeddingSource vectors{kDim, 2000, 42};
  std::size_t added = 0;

  void add(std::size_t count) {
    AddOptions keep;
    keep.on_duplicate = OnDuplicate::kKeep;
    for (std::size_t i = 0; i < count; ++i) {
      value_of(tenant.add(make_memory(texts, vectors, added++), keep));
    }
  }
};

Corpus& corpus() {
  static Corpus& made = *[] {
    auto* corpus = new Corpus;  // Lives as long as the program.
    corpus->add(size_from_environment(1500));
    corpus->store.wait_for_indexing();
    return corpus;
  }();
  return made;
}

ClusterReport cluster(ClusterCache* cache) {
  ClusterRequest request;
  request.threads = 1;
  request.cache = cache;
  return value_of(corpus().tenant.clusters(request));
}

bool are_same(const ClusterReport& a, const ClusterReport& b) {
  return std::equal(a.clusters.begin(), a.clusters.end(), b.clusters.begin(), b.clusters.end(),
                    [](const MemoryCluster& x, const MemoryCluster& y) {
                      return x.ids == y.ids && x.cohesion == y.cohesion;
                    });
}

void BM_ClustersAnew(benchmark::State& state) {
  ClusterReport report;
  for (auto _ : state) report = cluster(nullptr);
  state.counters["memories"] = static_cast<double>(report.memories);
  state.counters["clusters"] = static_cast<double>(report.clusters.size());
}

void BM_ClustersAfterAdding(benchmark::State& state) {
  ClusterCache cache;
  cluster(&cache);
  ClusterReport report;
  for (auto _ : state) {
    state.PauseTiming();
    corpus().add(static_cast<std::size_t>(state.range(0)));
    state.ResumeTiming();
    report = cluster(&cache);
  }
  if (!are_same(report, cluster(nullptr))) state.SkipWithError("the cache changes the clusters");
  state.counters["memories"] = static_cast<double>(report.memories);
  state.counters["compared"] = static_cast<double>(report.compared);
  state.counters["linked"] = static_cast<double>(report.linked);
}

BENCHMARK(BM_ClustersAnew)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ClustersAfterAdding)
    ->ArgName("added")
    ->Arg(0)
    ->Arg(10)
    ->Arg(100)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(5);

}  // namespace
}  // namespace tulving::bench
