// Searches of a small tenant, each mode and several filters, through the public API. n memories of
// 500 bytes and 512 floats (TULVING_BENCH_N; 600 is a long conversation). Before any timing the
// exact search is compared with a brute-force one. A hybrid search of the same memories as turns of
// sessions is timed beside its arms, query by query: what counts is how many times their sum it
// takes, at the caller's k and at the pools that it asks them for.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "bench/corpus.h"

namespace tulving::bench {
namespace {

constexpr std::size_t kDim = 512;
constexpr std::size_t kQueries = 256;

struct Corpus {
  Store store = value_of(Store::open_in_memory());
  Tenant tenant = value_of(store.tenant("bench"));
  Tenant conversation = value_of(store.tenant("conversation"));
  std::vector<Memory> memories;
  std::vector<std::vector<float>> vectors;
  std::vector<std::string> texts;
  bool is_exact = false;
};

// True when the ten nearest of every query have the cosines that brute force finds.
bool check_exact(const Corpus& corpus) {
  for (const auto& query : corpus.vectors) {
    std::vector<float> truth;
    for (const Memory& memory : corpus.memories) {
      double dot = 0;
      for (std::size_t i = 0; i < kDim; ++i) {
        dot += static_cast<double>(query[i]) * memory.embeddings[0].vector[i];
      }
      truth.push_back(static_cast<float>(dot));
    }
    std::sort(truth.begin(), truth.end(), std::greater<>());
    SearchRequest request;
    request.vector = query;
    const auto response = value_of(corpus.tenant.search(request));
    for (std::size_t i = 0; i < response.hits.size(); ++i) {
      if (std::abs(response.hits[i].score - truth[i]) > 1e-3F) return false;
    }
  }
  return true;
}

// The same memory as a turn of a session of 30.
void add_turn(Corpus& corpus, std::size_t number) {
  Session session;
  session.session_id = "s" + std::to_string(number / 30);
  if (number % 30 == 0) value_of(corpus.conversation.put(session));
  Memory turn = corpus.memories.back();
  turn.session_id = session.session_id;
  turn.memory_type = "conversation";
  value_of(corpus.conversation.add(turn));
}

const Corpus& corpus() {
  static const Corpus& made = *[] {
    auto* corpus = new Corpus;  // Lives as long as the program.
    TextSource texts(42);
    EmbeddingSource vectors(kDim, 50, 42);
    const std::size_t n = size_from_environment(600);
    for (std::size_t i = 0; i < n; ++i) {
      corpus->memories.push_back(make_memory(texts, vectors, i));
      value_of(corpus->tenant.add(corpus->memories.back()));
      add_turn(*corpus, i);
    }
    for (std::size_t i = 0; i < kQueries; ++i) {
      corpus->vectors.push_back(vectors.next());
      corpus->texts.push_back(texts.query(8));
    }
    corpus->store.wait_for_indexing();
    corpus->is_exact = n > 8192 || check_exact(*corpus);
    return corpus;
  }();
  return made;
}

void run(benchmark::State& state, bool text, bool vector, const Filter& filter = {}) {
  if (!corpus().is_exact) {
    state.SkipWithError("the exact search is not exact");
    return;
  }
  std::size_t i = 0;
  for (auto _ : state) {
    SearchRequest request;
    if (text) request.text = corpus().texts[i % kQueries];
    if (vector) request.vector = corpus().vectors[i % kQueries];
    request.filter = filter;
    ++i;
    auto response = corpus().tenant.search(request);
    benchmark::DoNotOptimize(response);
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["n"] = static_cast<double>(corpus().memories.size());
}

// The median of single calls, in us.
class Median {
 public:
  void time(const SearchRequest& request) {
    const auto begin = std::chrono::steady_clock::now();
    auto response = corpus().conversation.search(request);
    benchmark::DoNotOptimize(response);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    times_.push_back(took.count());
  }
  double value() {
    const auto middle = times_.begin() + static_cast<std::ptrdiff_t>(times_.size() / 2);
    std::nth_element(times_.begin(), middle, times_.end());
    return times_.empty() ? 0 : *middle;
  }

 private:
  std::vector<double> times_;
};

void BM_HybridBesideItsArms(benchmark::State& state) {
  Median vector, text, vector_pool, text_pool, hybrid;
  std::size_t i = 0;
  for (auto _ : state) {
    SearchRequest by_vector, by_text;
    by_vector.vector = corpus().vectors[i % kQueries];
    by_text.text = corpus().texts[i % kQueries];
    SearchRequest both = by_vector;
    both.text = by_text.text;
    ++i;
    vector.time(by_vector);
    text.time(by_text);
    hybrid.time(both);
    by_vector.k = 100;
    by_text.k = 400;
    vector_pool.time(by_vector);
    text_pool.time(by_text);
  }
  state.counters["vector_us"] = vector.value();
  state.counters["text_us"] = text.value();
  state.counters["hybrid_us"] = hybrid.value();
  state.counters["over_arms"] = hybrid.value() / (vector.value() + text.value());
  state.counters["over_pools"] = hybrid.value() / (vector_pool.value() + text_pool.value());
}

void BM_SearchVector(benchmark::State& state) { run(state, false, true); }
void BM_SearchText(benchmark::State& state) { run(state, true, false); }
void BM_SearchHybrid(benchmark::State& state) { run(state, true, true); }
void BM_SearchRecent(benchmark::State& state) { run(state, false, false); }
void BM_FilterTenPercent(benchmark::State& state) {
  run(state, false, true, equals(Field::kUserId, "user3"));
}
void BM_FilterOnePercent(benchmark::State& state) { run(state, false, true, tags_any({"tag42"})); }
void BM_FilterCombined(benchmark::State& state) {
  run(state, true, true, all_of({priority_between(3, 9), not_(equals(Field::kUserId, "user3"))}));
}

BENCHMARK(BM_SearchVector);
BENCHMARK(BM_SearchText);
BENCHMARK(BM_SearchHybrid);
BENCHMARK(BM_SearchRecent);
BENCHMARK(BM_HybridBesideItsArms);
BENCHMARK(BM_FilterTenPercent);
BENCHMARK(BM_FilterOnePercent);
BENCHMARK(BM_FilterCombined);

}  // namespace
}  // namespace tulving::bench
