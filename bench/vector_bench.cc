// Vectors alone: exact scans, the graph against stock hnswlib in f32, filters, building.
//
// Data as in text embeddings: unit vectors of 1,536 dimensions in clusters of power-law sizes,
// drawn in 128 latent dimensions, with a little noise; seed 42. n comes from TULVING_BENCH_N: 2,000
// in ctest, 100,000 for figures. One search thread. Recall@10 against exact f32 cosines is checked
// before anything is timed: a wrong answer has no speed. The peer is hnswlib as it is, with the
// widest inner product that the processor has.
//
// Build rows are for one thread and for two, beside as many in addPoint(). Where the machine is
// shared, take turns:
//
//   TULVING_BENCH_N=100000 bench_vectors --benchmark_filter='Graph|StockHnswlib'
//   TULVING_BENCH_N=20000 bench_vectors --benchmark_filter=Build --benchmark_repetitions=3
//     --benchmark_enable_random_interleaving=true

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <random>
#include <roaring/roaring.hh>
#include <string>
#include <thread>
#include <vector>

#include "bench/ann_compare/generators.h"
#include "index/kernels/kernels.h"
#include "index/vectors/graph/hnsw_graph.h"
#include "index/vectors/vector_arm.h"

// Renamed, so that the linker cannot merge it with the copy inside the library, which is compiled
// without the prefetches that this one has.
#define hnswlib stock_hnswlib
#include <hnswlib/hnswlib.h>
#undef hnswlib

namespace tulving::index {
namespace {

using Clock = std::chrono::steady_clock;
using Rows = std::vector<std::vector<float>>;

constexpr std::uint32_t kDim = 1536;
constexpr std::size_t kNeighbours = 10;
constexpr std::size_t kQueries = 200;

double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

std::size_t bench_n() {
  const char* n = std::getenv("TULVING_BENCH_N");
  return n == nullptr ? 2000 : std::strtoul(n, nullptr, 10);
}

// One corpus for all benchmarks, with the exact answers to its queries.
struct Corpus {
  Corpus() {
    const auto source = bench::make_source("clustered", kDim, bench_n(), 42);
    for (std::size_t i = 0; i < bench_n(); ++i) base.push_back(source->next());
    for (std::size_t i = 0; i < kQueries; ++i) queries.push_back(source->next());
    for (const auto& query : queries) truth.push_back(kth_cosine(query, nullptr));
  }

  [[nodiscard]] float cosine(std::size_t row, const std::vector<float>& query) const {
    return kernels().dot_f32(base[row].data(), query.data(), kDim);
  }
  // The least cosine that an answer of ten may hold.
  [[nodiscard]] float kth_cosine(const std::vector<float>& query, const Roaring* allowed) const {
    std::vector<float> cosines;
    for (std::size_t row = 0; row < base.size(); ++row) {
      if (allowed == nullptr || allowed->contains(static_cast<std::uint32_t>(row))) {
        cosines.push_back(cosine(row, query));
      }
    }
    const auto kth =
        cosines.begin() + static_cast<std::ptrdiff_t>(std::min(kNeighbours, cosines.size()) - 1);
    std::nth_element(cosines.begin(), kth, cosines.end(), std::greater<>());
    return *kth;
  }

  Rows base;
  Rows queries;
  std::vector<float> truth;
};

const Corpus& corpus() {
  static const Corpus corpus;
  return corpus;
}

std::unique_ptr<VectorIndex> filled(std::size_t n, const VectorIndexOptions& options) {
  auto index = std::make_unique<VectorIndex>(kDim, options);
  for (std::uint32_t row = 0; row < n; ++row) index->set(row, corpus().base[row]);
  return index;
}

void build_all(VectorIndex& index, std::size_t threads = 1) {
  while (index.wants_building() || index.wants_reclaim()) {
    {
      std::vector<std::jthread> helpers;
      const auto build = [&] {
        while (index.build_step(1024)) {
        }
      };
      for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(build);
      build();
    }
    index.reclaim();
  }
}

struct BuiltIndex {
  std::unique_ptr<VectorIndex> index;
  double rows_per_second = 0.0;
};

BuiltIndex build_graph(std::uint32_t bits) {
  const VectorIndexOptions options{.exact_rows_max = 1000, .residual_bits = bits};
  BuiltIndex result{filled(corpus().base.size(), options), 0.0};
  const auto start = Clock::now();
  build_all(*result.index);
  result.rows_per_second =
      static_cast<double>(corpus().base.size()) / (microseconds(Clock::now() - start) * 1e-6);
  return result;
}

const BuiltIndex& graph_index(std::uint32_t bits = VectorIndexOptions().residual_bits) {
  static std::map<std::uint32_t, BuiltIndex> built;
  if (!built.contains(bits)) built.emplace(bits, build_graph(bits));
  return built.at(bits);
}

VectorMatches search(const VectorIndex& index, const std::vector<float>& query, std::uint32_t ef,
                     const Roaring* allowed = nullptr) {
  VectorQuery request;
  request.vector = query;
  request.ef = ef;
  request.allowed = allowed;
  return VectorArm(index, request).best(kNeighbours);
}

// Times `answer(i)` for the queries in turn and reports percentiles of single calls.
template <class Answer>
void time_queries(benchmark::State& state, Answer answer) {
  std::vector<double> times;
  std::size_t i = 0;
  for (auto _ : state) {
    const auto start = Clock::now();
    benchmark::DoNotOptimize(answer(i++ % kQueries));
    times.push_back(microseconds(Clock::now() - start));
  }
  std::sort(times.begin(), times.end());
  state.counters["p50_us"] = times[times.size() / 2];
  state.counters["p99_us"] = times[times.size() * 99 / 100];
  state.SetLabel(std::string(kernels().name));
}

// An answer as rows, whoever gave it.
using RowList = std::vector<std::uint32_t>;

RowList rows_of(const VectorMatches& matches) {
  RowList rows;
  for (const ScoredRow& row : matches.rows) rows.push_back(row.row);
  return rows;
}

template <class Answer>
double recall_of(const std::vector<float>& truth, Answer answer) {
  std::size_t found = 0;
  for (std::size_t q = 0; q < kQueries; ++q) {
    for (const std::uint32_t row : answer(q)) {
      found += corpus().cosine(row, corpus().queries[q]) >= truth[q] - 2e-5F ? 1U : 0U;
    }
  }
  return static_cast<double>(found) / static_cast<double>(kQueries * kNeighbours);
}

bool report_recall(benchmark::State& state, double recall, double least) {
  state.counters["recall@10"] = recall;
  if (recall >= least) return true;
  state.SkipWithError(("recall@10 is " + std::to_string(recall)).c_str());
  return false;
}

void BM_ExactScan(benchmark::State& state) {
  const auto n = std::min(static_cast<std::size_t>(state.range(0)), corpus().base.size());
  const auto bits = static_cast<std::uint32_t>(state.range(1));
  const auto index = filled(n, {.residual_bits = bits});
  state.counters["n"] = static_cast<double>(n);
  state.counters["bytes"] = static_cast<double>(index->counts().bytes / n);
  if (n == corpus().base.size()) {
    const double recall = recall_of(corpus().truth, [&](std::size_t q) {
      return rows_of(search(*index, corpus().queries[q], 64));
    });
    if (!report_recall(state, recall, bits == 8 ? 0.9995 : bits == 4 ? 0.9975 : 0.95)) return;
  }
  time_queries(state, [&](std::size_t q) { return search(*index, corpus().queries[q], 64); });
}
// What a scan cannot beat: one core that only reads as many bytes.
void BM_Streaming(benchmark::State& state) {
  const std::size_t words = static_cast<std::size_t>(state.range(0)) * kDim / sizeof(std::uint64_t);
  const std::vector<std::uint64_t> bytes(words, 1);
  time_queries(state, [&](std::size_t) {
    std::array<std::uint64_t, 8> sums = {};
    for (std::size_t i = 0; i + sums.size() <= words; i += sums.size()) {
      for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += bytes[i + lane];
    }
    return sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] + sums[6] + sums[7];
  });
}
BENCHMARK(BM_Streaming)->ArgName("n")->Arg(600)->Arg(2000)->Arg(8000);

BENCHMARK(BM_ExactScan)->ArgNames({"n", "bits"})->ArgsProduct({{100, 600, 2000, 8000}, {8, 4, 0}});

void BM_Graph(benchmark::State& state) {
  const auto& built = graph_index(static_cast<std::uint32_t>(state.range(1)));
  const auto ef = static_cast<std::uint32_t>(state.range(0));
  const auto counts = built.index->counts();
  state.counters["n"] = static_cast<double>(counts.vectors);
  state.counters["bytes"] = static_cast<double>(counts.bytes / counts.vectors);
  state.counters["built/s"] = built.rows_per_second;
  const double recall = recall_of(corpus().truth, [&](std::size_t q) {
    return rows_of(search(*built.index, corpus().queries[q], ef));
  });
  if (!report_recall(state, recall, 0.80)) return;
  std::uint64_t scored = 0;
  for (const auto& query : corpus().queries) scored += search(*built.index, query, ef).scored;
  state.counters["scored"] = static_cast<double>(scored) / static_cast<double>(kQueries);
  time_queries(state, [&](std::size_t q) { return search(*built.index, corpus().queries[q], ef); });
}
BENCHMARK(BM_Graph)->ArgNames({"ef", "bits"})->ArgsProduct({{16, 24, 32, 64, 128}, {8, 4, 0}});

// hnswlib's own inner product, which it would compile for the machine at hand, through our kernel
// for the same machine: 1 - <a, b> in f32, four accumulators of the widest vectors.
class StockSpace : public stock_hnswlib::SpaceInterface<float> {
 public:
  std::size_t get_data_size() override { return kDim * sizeof(float); }
  stock_hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void* get_dist_func_param() override { return nullptr; }

 private:
  static float distance(const void* a, const void* b, const void*) {
    static const auto dot = kernels().dot_f32;
    return 1.0F - dot(static_cast<const float*>(a), static_cast<const float*>(b), kDim);
  }
};

struct Stock {
  StockSpace space;
  std::unique_ptr<stock_hnswlib::HierarchicalNSW<float>> graph;
  double rows_per_second = 0.0;
};

Stock& stock() {
  static Stock stock;
  if (stock.graph == nullptr) {
    stock.graph = std::make_unique<stock_hnswlib::HierarchicalNSW<float>>(
        &stock.space, corpus().base.size(), 16, 200);
    const auto start = Clock::now();
    for (std::size_t row = 0; row < corpus().base.size(); ++row) {
      stock.graph->addPoint(corpus().base[row].data(), row);
    }
    stock.rows_per_second =
        static_cast<double>(corpus().base.size()) / (microseconds(Clock::now() - start) * 1e-6);
  }
  return stock;
}

RowList stock_rows(const stock_hnswlib::HierarchicalNSW<float>& graph, std::size_t query) {
  auto found = graph.searchKnn(corpus().queries[query].data(), kNeighbours);
  RowList rows;
  for (; !found.empty(); found.pop())
    rows.push_back(static_cast<std::uint32_t>(found.top().second));
  return rows;
}

void BM_StockHnswlib(benchmark::State& state) {
  Stock& peer = stock();
  peer.graph->setEf(static_cast<std::size_t>(state.range(0)));
  state.counters["n"] = static_cast<double>(corpus().base.size());
  state.counters["built/s"] = peer.rows_per_second;
  const double recall =
      recall_of(corpus().truth, [&](std::size_t q) { return stock_rows(*peer.graph, q); });
  if (!report_recall(state, recall, 0.80)) return;
  time_queries(state, [&](std::size_t q) {
    return peer.graph->searchKnn(corpus().queries[q].data(), kNeighbours);
  });
}
BENCHMARK(BM_StockHnswlib)->ArgName("ef")->Arg(16)->Arg(24)->Arg(32)->Arg(64)->Arg(128);

// Calls `work(i)` for each row from `threads` threads at once.
template <class Work>
void share_rows(std::size_t threads, Work work) {
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> workers;
  for (std::size_t t = 0; t < threads; ++t) {
    workers.emplace_back([&] {
      for (std::size_t row = next++; row < corpus().base.size(); row = next++) work(row);
    });
  }
}

// Rows a second of the clock's time and of the processors': where others share the machine, the
// second is the steadier.
void report_build(benchmark::State& state) {
  const auto rows =
      static_cast<double>(corpus().base.size()) * static_cast<double>(state.iterations());
  state.counters["built/s"] = benchmark::Counter(rows, benchmark::Counter::kIsRate);
  state.counters["n"] = static_cast<double>(corpus().base.size());
  state.SetLabel(std::string(kernels().name));
}

void BM_Build(benchmark::State& state) {
  std::unique_ptr<VectorIndex> index;
  double cpu = 0.0;
  for (auto _ : state) {
    state.PauseTiming();
    index = filled(corpus().base.size(), {.exact_rows_max = 1000});
    state.ResumeTiming();
    const std::clock_t start = std::clock();
    build_all(*index, static_cast<std::size_t>(state.range(0)));
    cpu += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  }
  report_build(state);
  state.counters["cpu_us/row"] = 1e6 * cpu / static_cast<double>(corpus().base.size()) /
                                 static_cast<double>(state.iterations());
  const double recall = recall_of(corpus().truth, [&](std::size_t q) {
    return rows_of(search(*index, corpus().queries[q], 64));
  });
  report_recall(state, recall, 0.80);
}
BENCHMARK(BM_Build)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();

void BM_StockBuild(benchmark::State& state) {
  StockSpace space;
  std::unique_ptr<stock_hnswlib::HierarchicalNSW<float>> graph;
  double cpu = 0.0;
  for (auto _ : state) {
    const std::clock_t start = std::clock();
    graph = std::make_unique<stock_hnswlib::HierarchicalNSW<float>>(&space, corpus().base.size(),
                                                                    16, 200);
    share_rows(static_cast<std::size_t>(state.range(0)),
               [&](std::size_t row) { graph->addPoint(corpus().base[row].data(), row); });
    cpu += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  }
  report_build(state);
  state.counters["cpu_us/row"] = 1e6 * cpu / static_cast<double>(corpus().base.size()) /
                                 static_cast<double>(state.iterations());
  graph->setEf(64);
  const double recall =
      recall_of(corpus().truth, [&](std::size_t q) { return stock_rows(*graph, q); });
  report_recall(state, recall, 0.80);
}
BENCHMARK(BM_StockBuild)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();

void BM_Filtered(benchmark::State& state) {
  const auto& index = *graph_index().index;
  std::mt19937 random(7);
  Roaring allowed;
  std::bernoulli_distribution chance(static_cast<double>(state.range(0)) / 1000.0);
  for (std::uint32_t row = 0; row < corpus().base.size(); ++row) {
    if (chance(random)) allowed.add(row);
  }
  state.counters["matches"] = static_cast<double>(allowed.cardinality());
  if (allowed.cardinality() >= kNeighbours) {
    std::vector<float> truth;
    for (const auto& query : corpus().queries)
      truth.push_back(corpus().kth_cosine(query, &allowed));
    const double recall = recall_of(truth, [&](std::size_t q) {
      return rows_of(search(index, corpus().queries[q], 64, &allowed));
    });
    if (!report_recall(state, recall, 0.80)) return;
  }
  state.counters["plan"] =
      static_cast<double>(search(index, corpus().queries[0], 64, &allowed).plan);
  time_queries(state,
               [&](std::size_t q) { return search(index, corpus().queries[q], 64, &allowed); });
}
BENCHMARK(BM_Filtered)->ArgName("permille")->Arg(500)->Arg(100)->Arg(30)->Arg(10)->Arg(1);

void BM_Set(benchmark::State& state) {
  VectorIndex index(kDim, {});
  std::size_t i = 0;
  for (auto _ : state) {
    index.set(static_cast<std::uint32_t>(i % 8192), corpus().base[i % corpus().base.size()]);
    ++i;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Set);

}  // namespace
}  // namespace tulving::index
