// Opening a closed store to its first answer, with index checkpoints and without, and snapshots of
// it. n memories of 500 bytes and 1536 floats (TULVING_BENCH_N). The first answer is checked: a
// memory that was added is found by its own vector and by its text.

#include <benchmark/benchmark.h>

#include <filesystem>

#include "bench/corpus.h"

namespace tulving::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kDim = 1536;

struct Saved {
  fs::path path = fs::temp_directory_path() / "tulving-bench-open";
  Memory probe;
  std::size_t count = 0;
  Saved() {
    fs::remove_all(path);
    TextSource texts(42);
    EmbeddingSource vectors(kDim, 2000, 42);
    count = size_from_environment(3000);
    Store store = value_of(Store::open(path));
    Tenant tenant = value_of(store.tenant("bench"));
    for (std::size_t i = 0; i < count; ++i) {
      Memory memory = make_memory(texts, vectors, i);
      if (i == count / 2) probe = memory;
      value_of(tenant.add(memory));
    }
    store.wait_for_indexing();
    if (auto status = store.close(); !status) std::exit(1);
  }
  ~Saved() { fs::remove_all(path); }
};

const Saved& saved() {
  static const Saved made;
  return made;
}

bool answers(const Store& store) {
  SearchRequest request;
  request.vector = saved().probe.embeddings[0].vector;
  request.text = saved().probe.text.substr(saved().probe.text.rfind(' '));
  request.k = 1;
  const auto response = value_of(value_of(store.tenant("bench")).search(request));
  return response.hits.size() == 1 && response.hits[0].memory.text() == saved().probe.text;
}

void open(benchmark::State& state, bool with_checkpoint) {
  const fs::path kept = saved().path / "index";
  const fs::path aside = saved().path.string() + "-index-aside";
  if (!with_checkpoint) fs::rename(kept, aside);
  StoreOptions options;
  options.read_only = true;
  for (auto _ : state) {
    Store store = value_of(Store::open(saved().path, options));
    if (!answers(store)) state.SkipWithError("the first answer is wrong");
    state.PauseTiming();
    value_of(Result<bool>(store.close().has_value()));
    state.ResumeTiming();
  }
  if (!with_checkpoint) fs::rename(aside, kept);
  state.counters["n"] = static_cast<double>(saved().count);
}

void BM_OpenToFirstAnswer(benchmark::State& state) { open(state, true); }
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

BENCHMARK(BM_OpenToFirstAnswer)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_OpenWithoutCheckpoint)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_Snapshot)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace tulving::bench
