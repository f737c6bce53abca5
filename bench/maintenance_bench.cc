// What maintenance costs a search: hybrid searches of a tenant of n memories (500 bytes, 512
// floats, seed 42; TULVING_BENCH_N, 20,000 for figures) with nothing beside them, and while
// maintenance runs at its default share of a core, again and again. Idle and busy take turns, so
// that what the machine does beside falls on both; what counts is the ratio of their p99. A busy
// figure counts only if maintenance was at work before and after it.
//
//   TULVING_BENCH_N=20000 bench_maintenance --benchmark_min_time=5

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "bench/corpus.h"
#include "tulving/maintenance.h"

namespace tulving::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kDim = 512;
constexpr std::size_t kQueries = 256;

struct Corpus {
  Store store = value_of(Store::open_in_memory());
  Tenant tenant = value_of(store.tenant("bench"));
  std::vector<std::vector<float>> vectors;
  std::vector<std::string> texts;
  std::size_t n = size_from_environment(1500);
};

Corpus& corpus() {
  static Corpus& made = *[] {
    auto* corpus = new Corpus;  // Lives as long as the program.
    TextSource texts(42);
    EmbeddingSource vectors(kDim, 50, 42);
    for (std::size_t i = 0; i < corpus->n; ++i) {
      Memory memory = make_memory(texts, vectors, i);
      memory.project_id = "bench";
      value_of(corpus->tenant.add(memory));
    }
    for (std::size_t i = 0; i < kQueries; ++i) {
      corpus->vectors.push_back(vectors.next());
      corpus->texts.push_back(texts.query(8));
    }
    corpus->store.wait_for_indexing();
    return corpus;
  }();
  return made;
}

// Runs follow each other: the schedule is always due.
void start() {
  MaintenanceOptions options;
  options.tick = 1ms;
  options.interval = 1s;
  const auto started = corpus().store.start_maintenance(options);
  if (!started) std::exit(1);
  while (!corpus().store.maintenance_status().running) std::this_thread::sleep_for(1ms);
}

double microseconds(std::vector<double>& seconds, double quantile) {
  const auto last = static_cast<double>(seconds.size() - 1);
  const auto place = seconds.begin() + static_cast<std::ptrdiff_t>(last * quantile);
  std::nth_element(seconds.begin(), place, seconds.end());
  return *place * 1e6;
}

void BM_Search(benchmark::State& state) {
  const bool is_busy = state.range(0) == 1;
  if (is_busy) start();
  std::vector<double> seconds;
  std::size_t i = 0;
  for (auto _ : state) {
    SearchRequest request;
    request.text = corpus().texts[i % kQueries];
    request.vector = corpus().vectors[i++ % kQueries];
    const auto from = std::chrono::steady_clock::now();
    auto response = corpus().tenant.search(request);
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count());
    benchmark::DoNotOptimize(response);
  }
  if (is_busy) {
    const auto status = corpus().store.maintenance_status();
    if (!status.last_error.empty()) state.SkipWithError(status.last_error.c_str());
    state.counters["runs"] = static_cast<double>(status.runs);
    state.counters["at_work"] = status.running ? 1 : 0;
    static_cast<void>(corpus().store.stop_maintenance().has_value());
  }
  state.counters["p50_us"] = microseconds(seconds, 0.50);
  state.counters["p99_us"] = microseconds(seconds, 0.99);
  state.counters["n"] = static_cast<double>(corpus().n);
}
BENCHMARK(BM_Search)->ArgName("busy")->Arg(0)->Arg(1)->Arg(0)->Arg(1)->Arg(0)->Arg(1);

}  // namespace
}  // namespace tulving::bench
