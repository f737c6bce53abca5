// Opening a closed store to its first answer, with index checkpoints and without, and snapshots of
// it. n memories of 500 bytes and 1536 floats (TULVING_BENCH_N). The first answer is checked: a
// memory that was added is found by its own vector, and by its text where words are asked for too.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "bench/corpus.h"

namespace tulving::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kDim = 1536;

// The store that is opened. It is made anew, unless TULVING_BENCH_STORE names a folder that holds
// the one an earlier run made of as many memories: 100,000 take minutes.
class Saved {
 public:
  fs::path path = fs::temp_directory_path() / "tulving-bench-open";
  const std::size_t count = size_from_environment(3000);
  Memory probe;  ///< One of the memories.

  Saved() {
    if (const char* kept = std::getenv("TULVING_BENCH_STORE"); kept != nullptr) {
      path = kept;
      is_kept_ = true;
    }
    if (is_kept_ && holds_all()) {
      draw([](const Memory&) {}, count / 2 + 1);
    } else {
      fs::remove_all(path);
      make();
    }
  }
  ~Saved() {
    if (!is_kept_) fs::remove_all(path);
  }
  Saved(const Saved&) = delete;
  Saved& operator=(const Saved&) = delete;

 private:
  [[nodiscard]] bool holds_all() const {
    StoreOptions options;
    options.read_only = true;
    const auto store = Store::open(path, options);
    return store && store->stats().memories == count;
  }

  /// The first `limit` memories of the corpus, which is the same each time.
  template <class Take>
  void draw(const Take& take, std::size_t limit) {
    TextSource texts(42);
    EmbeddingSource vectors(kDim, 2000, 42);
    for (std::size_t i = 0; i < limit; ++i) {
      const Memory memory = make_memory(texts, vectors, i);
      if (i == count / 2) probe = memory;
      take(memory);
    }
  }

  void make() {
    Store store = value_of(Store::open(path));
    Tenant tenant = value_of(store.tenant("bench"));
    draw([&](const Memory& memory) { value_of(tenant.add(memory)); }, count);
    store.wait_for_indexing();
    if (auto status = store.close(); !status) std::exit(1);
  }

  bool is_kept_ = false;
};

const Saved& saved() {
  static const Saved made;
  return made;
}

bool answers(const Store& store, bool with_words) {
  SearchRequest request;
  request.vector = saved().probe.embeddings[0].vector;
  if (with_words) request.text = saved().probe.text.substr(saved().probe.text.rfind(' '));
  request.k = 1;
  const auto response = value_of(value_of(store.tenant("bench")).search(request));
  return response.hits.size() == 1 && response.hits[0].memory.text() == saved().probe.text;
}

void open(benchmark::State& state, bool with_checkpoint, bool with_words = true) {
  const fs::path kept = saved().path / "index";
  const fs::path aside = saved().path.string() + "-index-aside";
  if (!with_checkpoint) fs::rename(kept, aside);
  StoreOptions options;
  options.read_only = true;
  for (auto _ : state) {
    std::optional<Store> store(value_of(Store::open(saved().path, options)));
    if (!answers(*store, with_words)) state.SkipWithError("the first answer is wrong");
    state.PauseTiming();
    value_of(Result<bool>(store->close().has_value()));
    store.reset();  // Giving the RAM back is no part of an opening.
    state.ResumeTiming();
  }
  if (!with_checkpoint) fs::rename(aside, kept);
  state.counters["n"] = static_cast<double>(saved().count);
}

void BM_OpenToFirstAnswer(benchmark::State& state) { open(state, true); }
void BM_OpenToFirstAnswerByVector(benchmark::State& state) { open(state, true, false); }
void BM_OpenWithoutCheckpoint(benchmark::State& state) { open(state, false); }

void BM_Snapshot(benchmark::State& state) {
  StoreOptions options;
  options.read_only = true;
  const Store store = value_of(Store::open(saved().path, options));
  const fs::path to = saved().path.string() + "-snapshot";
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    fs::remove_all(to);
    bytes += value_of(store.snapshot(to)).bytes;
  }
  fs::remove_all(to);
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["n"] = static_cast<double>(saved().count);
}

BENCHMARK(BM_OpenToFirstAnswer)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(BM_OpenToFirstAnswerByVector)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(BM_OpenWithoutCheckpoint)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(BM_Snapshot)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace tulving::bench
