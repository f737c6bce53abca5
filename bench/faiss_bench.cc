// The pairs of vectors whose cosine reaches 0.75: our exact clustering, which finds them and then
// links them, beside FAISS' range_search over the same vectors, which only finds them.
//
// Built where FAISS is installed (libfaiss-dev). FAISS multiplies by the system's BLAS: with
// Debian's OpenBLAS set OPENBLAS_CORETYPE=SkylakeX on processors that it does not know, or it is
// five times slower. n comes from TULVING_BENCH_N: 1,500 in ctest, 20,000 for figures. Before
// anything is timed both must find the same number of pairs, but for those that f32 rounds over the
// threshold.

#include <benchmark/benchmark.h>
#include <faiss/IndexFlat.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <omp.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "bench/cluster_corpus.h"
#include "index/cluster/cluster.h"

namespace tulving::index {
namespace {

constexpr std::uint32_t kDim = 1536;
constexpr double kThreshold = 0.75;

const bench::ClusterCorpus& corpus() {
  static const bench::ClusterCorpus unit = [] {
    bench::ClusterCorpus made(bench::size_from("TULVING_BENCH_N", 1500), kDim);
    for (std::size_t i = 0; i < made.n; ++i) {
      float* row = &made.vectors[i * kDim];
      double sum = 0;
      for (std::size_t k = 0; k < kDim; ++k) sum += double{row[k]} * row[k];
      for (std::size_t k = 0; k < kDim; ++k) row[k] /= static_cast<float>(std::sqrt(sum));
    }
    return made;
  }();
  return unit;
}

std::uint64_t faiss_pairs() {
  faiss::IndexFlatIP index(kDim);
  const auto n = static_cast<std::int64_t>(corpus().n);
  index.add(n, corpus().vectors.data());
  faiss::RangeSearchResult found(corpus().n);
  index.range_search(n, corpus().vectors.data(), static_cast<float>(kThreshold), &found);
  return (found.lims[corpus().n] - corpus().n) / 2;  // Each twice, and each row with itself.
}

std::uint64_t our_pairs(unsigned threads) {
  ClusterOptions options;
  options.threshold = kThreshold;
  options.threads = threads;
  const auto result = cluster_vectors(corpus().vectors, kDim, options);
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return result->pairs;
}

bool both_agree() {
  static const bool agree = [] {
    const auto ours = static_cast<double>(our_pairs(0));
    const auto theirs = static_cast<double>(faiss_pairs());
    std::fprintf(stderr, "pairs: ours %.0f, FAISS %.0f\n", ours, theirs);
    return std::abs(ours - theirs) <= 2 + 1e-4 * ours;
  }();
  return agree;
}

void BM_Clustering(benchmark::State& state) {
  if (!both_agree()) return state.SkipWithError("the pairs differ");
  for (auto _ : state) benchmark::DoNotOptimize(our_pairs(static_cast<unsigned>(state.range(0))));
}
void BM_FaissRangeSearch(benchmark::State& state) {
  if (!both_agree()) return state.SkipWithError("the pairs differ");
  omp_set_num_threads(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(faiss_pairs());
}

BENCHMARK(BM_Clustering)
    ->ArgName("threads")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
// Its BLAS takes all processors, whatever OpenMP is told.
BENCHMARK(BM_FaissRangeSearch)
    ->ArgName("threads")
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace tulving::index
