// A sync of n memories with 1,536-d vectors (n from TULVING_BENCH_N, 500 in ctest, 100,000 for
// figures) into schemas that are there and empty, beside a bare COPY of the same rows into the same
// tables; and of 100 changes. Without the vectors' own index, whose building would be most of the
// time on both sides. Needs a server, TULVING_TEST_POSTGRES, on which it makes a database.
// Correctness first: after the sync, a comparison of all finds no row missing, different or extra.

#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>
#include <string>

#include "bench/postgres_bench.h"
#include "tulving/postgres.h"

namespace tulving::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kChanges = 100;

struct Fixture {
  explicit Fixture(std::unique_ptr<BenchDatabase> made)
      : database(std::move(made)), path(fs::temp_directory_path() / "tulving-bench-sync") {
    fs::remove_all(path);
    fs::create_directories(path);
    options.uri = database->uri();
    options.tenant = "bench";
    StoreOptions store_options;
    store_options.background_indexing = false;
    store = std::make_unique<Store>(value_of(Store::open(path / "db", store_options)));
    Tenant tenant = value_of(store->tenant("bench"));
    n = size_from_environment(500);
    ids = add_memories(tenant, n);
    value_of(store->snapshot(path / "full"));
  }
  ~Fixture() {
    store.reset();
    fs::remove_all(path);
  }

  /// Makes the schema anew, empty, and without the vectors' index.
  void clear(const std::string& schema) {
    database->connection().run("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    database->connection().run("DROP SCHEMA IF EXISTS tulving CASCADE");
    const Store empty =
        value_of(Store::open(path / ("empty-" + std::to_string(++stores_made)), {}));
    value_of(empty.tenant("bench"));
    auto none = options;
    none.tenant.clear();
    none.all_tenants = true;
    none.projections = {schema};
    value_of(empty.snapshot(path / ("none-" + std::to_string(stores_made))));
    value_of(sync_snapshot(path / ("none-" + std::to_string(stores_made)), none));
    const std::string& index = bench_schema(schema).vector_index;
    if (!index.empty()) database->connection().run("DROP INDEX IF EXISTS " + schema + "." + index);
    database->connection().run("DROP SCHEMA tulving CASCADE");
  }
  bool is_right(const std::string& schema) {
    auto compared = options;
    compared.projections = {schema};
    compared.verify = true;
    const auto report = value_of(sync_snapshot(path / "full", compared)).front();
    for (const auto* counts : {&report.inserted, &report.updated, &report.deleted}) {
      for (const auto& [table, rows] : *counts) {
        if (rows != 0) return false;
      }
    }
    return report.skipped.empty();
  }

  const std::unique_ptr<BenchDatabase> database;
  const fs::path path;
  std::unique_ptr<Store> store;
  PostgresSyncOptions options;
  std::vector<Uuid> ids;
  std::size_t n = 0;
  int stores_made = 0;
};

Fixture* fixture() {
  static const std::unique_ptr<Fixture> made = [] {
    auto database = BenchDatabase::make("tulving_bench_sync");
    return database == nullptr ? nullptr : std::make_unique<Fixture>(std::move(database));
  }();
  return made.get();
}

void sync_and_copy(benchmark::State& state, const std::string& schema) {
  Fixture* const at = fixture();
  if (at == nullptr) return state.SkipWithError("no TULVING_TEST_POSTGRES");
  auto options = at->options;
  options.projections = {schema};
  const Server& server = at->database->connection();
  const auto& tables = bench_schema(schema).tables;
  double copy_seconds = 0;
  double sync_seconds = 0;
  for (auto _ : state) {
    at->clear(schema);
    const double taken = seconds_of([&] { value_of(sync_snapshot(at->path / "full", options)); });
    state.SetIterationTime(taken);
    sync_seconds += taken;
    if (!at->is_right(schema)) return state.SkipWithError("the database is not what the store is");
    std::vector<std::string> rows(tables.size());
    std::string truncate;
    for (std::size_t i = 0; i < tables.size(); ++i) {
      server.copy_out(tables[i].name + " " + tables[i].columns,
                      [&](std::string_view bytes) { rows[i] += bytes; });
      truncate += (i == 0 ? "TRUNCATE " : ", ") + tables[i].name;
    }
    server.run(truncate + " CASCADE");
    copy_seconds += seconds_of([&] {
      server.run("BEGIN");
      for (std::size_t i = 0; i < tables.size(); ++i) {
        server.copy_in(tables[i].name + " " + tables[i].columns, rows[i]);
      }
      server.run("COMMIT");
    });
  }
  state.counters["memories"] = static_cast<double>(at->n);
  state.counters["copy_s"] = copy_seconds / static_cast<double>(state.iterations());
  state.counters["speed_of_copy"] = copy_seconds / sync_seconds;
}

void changes(benchmark::State& state, const std::string& schema) {
  Fixture* const at = fixture();
  if (at == nullptr) return state.SkipWithError("no TULVING_TEST_POSTGRES");
  auto options = at->options;
  options.projections = {schema};
  at->clear(schema);
  value_of(sync_store(*at->store, options));
  Tenant tenant = value_of(at->store->tenant("bench"));
  std::int32_t priority = 0;
  for (auto _ : state) {
    priority = priority % 10 + 1;
    for (std::size_t i = 0; i < kChanges; ++i) {
      MemoryPatch patch;
      patch.priority = priority;
      patch.tags = std::vector<std::string>{"round " + std::to_string(priority)};
      value_of(tenant.update(at->ids[i * (at->n / kChanges)], patch));
    }
    state.SetIterationTime(seconds_of([&] { value_of(sync_store(*at->store, options)); }));
  }
  state.counters["memories"] = static_cast<double>(at->n);
}

BENCHMARK_CAPTURE(sync_and_copy, orchestrator, "orchestrator")
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(sync_and_copy, cortex, "cortex")
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(changes, orchestrator, "orchestrator")
    ->UseManualTime()
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(changes, cortex, "cortex")
    ->UseManualTime()
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tulving::bench
