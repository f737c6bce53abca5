// Snapshots of a store of n memories with 64-d vectors (n from TULVING_BENCH_N, 2,000 in ctest,
// 100,000 for figures): of all of it, of 100 changes, of none, and the list of 100 changes.
// Correctness first: the full snapshot restores to a store that verifies and holds n memories; the
// one of 100 changes holds those 100 records and no other.

#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>

#include "bench/corpus.h"

namespace tulving::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kDim = 64;
constexpr std::size_t kChanges = 100;

struct Fixture {
  Fixture() : path(fs::temp_directory_path() / "tulving-bench-snapshot") {
    fs::remove_all(path);
    fs::create_directories(path);
    StoreOptions options;
    options.background_indexing = false;
    store = std::make_unique<Store>(value_of(Store::open(path / "db", options)));
    Tenant tenant = value_of(store->tenant("bench"));
    TextSource texts(42);
    EmbeddingSource vectors(kDim, 200, 42);
    std::vector<Uuid> ids;
    const std::size_t n = size_from_environment(2'000);
    for (std::size_t made = 0; made < n;) {
      std::vector<Record> batch;
      for (; batch.size() < 1'000 && made < n; ++made) {
        batch.emplace_back(make_memory(texts, vectors, made));
      }
      for (const auto& one : value_of(tenant.write(batch))) ids.push_back(one.id);
    }
    value_of_status(store->make_durable());
    before_changes = store->revision();
    for (std::size_t i = 0; i < kChanges; ++i) {
      MemoryPatch patch;
      patch.priority = 7;
      value_of(tenant.update(ids[i * (n / kChanges)], patch));
    }
    check(n);
  }
  ~Fixture() {
    store.reset();
    fs::remove_all(path);
  }

  static void value_of_status(const Status& status) {
    if (status) return;
    std::fprintf(stderr, "%s\n", status.error().message.c_str());
    std::exit(1);
  }

  void check(std::size_t n) {
    value_of(store->snapshot(path / "full"));
    value_of(Store::restore(path / "full", path / "restored"));
    {
      const Store restored = value_of(Store::open(path / "restored"));
      is_right = restored.stats().memories == n && value_of(restored.verify()).problems.empty();
    }
    const auto changes = value_of(store->snapshot(path / "changes", before_changes));
    const auto page = value_of(store->changes(before_changes));
    is_right = is_right && changes.counts.at("memory") == kChanges &&
               changes.counts.at("embedding") == 0 && changes.counts.at("history") == kChanges &&
               page.changes.size() == kChanges && page.is_last;
    for (const char* name : {"full", "restored", "changes"}) fs::remove_all(path / name);
  }

  const fs::path path;
  std::unique_ptr<Store> store;
  std::uint64_t before_changes = 0;
  bool is_right = false;
};

Fixture& fixture() {
  static Fixture made;
  return made;
}

void snapshot(benchmark::State& state, std::optional<std::uint64_t> since) {
  Fixture& here = fixture();
  if (!here.is_right) state.SkipWithError("a snapshot holds something else than the store");
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    bytes = value_of(here.store->snapshot(here.path / "out", since)).bytes;
    state.PauseTiming();
    fs::remove_all(here.path / "out");
    state.ResumeTiming();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}

void BM_SnapshotFull(benchmark::State& state) { snapshot(state, std::nullopt); }
void BM_SnapshotOf100Changes(benchmark::State& state) { snapshot(state, fixture().before_changes); }
void BM_SnapshotOfNoChange(benchmark::State& state) {
  snapshot(state, fixture().store->revision());
}

void BM_ListOf100Changes(benchmark::State& state) {
  Fixture& here = fixture();
  if (!here.is_right) state.SkipWithError("a snapshot holds something else than the store");
  for (auto _ : state) {
    benchmark::DoNotOptimize(value_of(here.store->changes(here.before_changes)));
  }
}

BENCHMARK(BM_SnapshotFull)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_SnapshotOf100Changes)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_SnapshotOfNoChange)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_ListOf100Changes)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace tulving::bench
