// A hydrate of n memories with 1,536-d vectors (n from TULVING_BENCH_N, 500 in ctest, 100,000 for
// figures), beside what it stands for: a bare COPY of the same tables out of PostgreSQL, drained,
// and an import of the same records, as JSON lines from a file (and once more with the vectors
// apart, as floats, which JSON's numbers are most of the time of). Into new stores of the same
// options, durable at the end on both sides; the three in turns, whose medians are compared. Needs
// a server, TULVING_TEST_POSTGRES, on which it makes a database. Correctness first: after each
// hydrate and each import, the store has every record of the store that filled the schema, equal in
// all fields and vectors (but updated_at, which cortex has no column of), and no other.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "bench/postgres_bench.h"
#include "tulving/json.h"
#include "tulving/operations.h"
#include "tulving/postgres.h"

namespace tulving::bench {
namespace {

namespace fs = std::filesystem;
constexpr int kRounds = 3;

StoreOptions store_options() {
  StoreOptions options;
  options.background_indexing = false;
  return options;
}

void expect(const Status& status) { value_of(status ? Result<bool>(true) : status.error()); }

/// Wall time, and the CPU time of this process; the server's is its own.
struct Times {
  std::vector<double> wall, cpu;

  template <class Work>
  void add(const Work& work) {
    const std::clock_t before = std::clock();
    wall.push_back(seconds_of(work));
    cpu.push_back(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
  }
  static double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
  }
};

/// A memory that the schema holds whole, so that it comes back as it was.
void keep_what_is_held(const std::string& schema, Memory& memory) {
  memory.user_id.clear();
  memory.source_agent = schema == "orchestrator" ? memory.agent_id : std::string();
  memory.agent_id.clear();
  if (schema == "cortex") memory.priority = Memory().priority;
}

/// A schema that a store has been synced into, and the store's records as JSON lines.
class Filled {
 public:
  Filled(const std::string& schema, std::size_t n)
      : database(BenchDatabase::make("tulving_bench_hydrate")),
        path(fs::temp_directory_path() / "tulving-bench-hydrate") {
    if (database == nullptr) return;
    fs::remove_all(path);
    fs::create_directories(path);
    store = std::make_unique<Store>(value_of(Store::open(path / "source", store_options())));
    Tenant tenant = value_of(store->tenant("bench"));
    add_memories(tenant, n, [&](Memory& memory) { keep_what_is_held(schema, memory); });
    PostgresSyncOptions to;
    to.uri = database->uri();
    to.projections = {schema};
    to.tenant = "bench";
    value_of(sync_store(*store, to));
    database->connection().run("VACUUM ANALYZE");
    write_lines(tenant);
  }
  ~Filled() {
    store.reset();
    if (database != nullptr) fs::remove_all(path);
  }
  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;

  [[nodiscard]] Store open_new(const std::string& name) const {
    fs::remove_all(path / name);
    return value_of(Store::open(path / name, store_options()));
  }
  /// Whether `other` holds what the source holds.
  [[nodiscard]] bool is_equal(const Store& other) const {
    const Tenant ours = value_of(store->tenant("bench"));
    const Tenant theirs = value_of(other.tenant("bench"));
    if (ours.stats().memories != theirs.stats().memories) return false;
    bool is_equal = true;
    expect(theirs.export_records(
        [&](const Record& record) {
          Memory memory = std::get<Memory>(record);
          Memory there = value_of(ours.get(memory.id, true));
          memory.revision = there.revision;  // Each store counts its own.
          if (!has_updated_at) memory.updated_at = there.updated_at;
          is_equal = is_equal && memory == there;
          return Status();
        },
        true));
    return is_equal;
  }

  const std::unique_ptr<BenchDatabase> database;
  const fs::path path;
  std::unique_ptr<Store> store;
  bool has_updated_at = true;  ///< The schema has a column of it.

 private:
  /// "records.jsonl" with the vectors in the lines; "apart.jsonl" without, and the floats in
  /// "floats".
  void write_lines(const Tenant& tenant) const {
    std::ofstream lines(path / "records.jsonl"), apart(path / "apart.jsonl");
    std::ofstream floats(path / "floats", std::ios::binary);
    expect(tenant.export_records(
        [&](const Record& record) {
          lines << to_json_line("bench", record) << '\n';
          Memory memory = std::get<Memory>(record);
          const auto vector = std::exchange(memory.embeddings, {}).at(0).vector;
          apart << to_json_line("bench", Record(std::move(memory))) << '\n';
          floats.write(reinterpret_cast<const char*>(vector.data()),
                       static_cast<std::streamsize>(vector.size() * sizeof(float)));
          return Status();
        },
        true));
  }
};

void copy(const Filled& from, const std::string& schema) {
  std::size_t bytes = 0;
  for (const auto& table : bench_schema(schema).tables) {
    from.database->connection().copy_out(table.name,
                                         [&](std::string_view piece) { bytes += piece.size(); });
  }
  benchmark::DoNotOptimize(bytes);
}

/// With a file of `floats`, each line's vector comes from there.
void import_lines(Service& service, const fs::path& file, const fs::path& floats = {}) {
  std::ifstream lines(file), apart(floats, std::ios::binary);
  std::string line;
  std::vector<float> values(kBenchDim);
  const NamedVector vector{"embedding", values};
  StreamEnds ends;
  ends.next = [&]() -> Result<std::optional<StreamLine>> {
    if (!std::getline(lines, line)) return std::optional<StreamLine>();
    if (floats.empty()) return std::optional(StreamLine{.text = line});
    apart.read(reinterpret_cast<char*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(float)));
    return std::optional(StreamLine{.text = line, .vectors = {&vector, 1}});
  };
  ends.put = [](const StreamLine&) { return Status(); };
  Answer answer;
  expect(service.stream({}, {.operation = "import"}, ends, answer));
  expect(service.store().make_durable());
}

void hydrate(benchmark::State& state, const std::string& schema) {
  const std::size_t n = size_from_environment(500);
  Filled filled(schema, n);
  if (filled.database == nullptr) return state.SkipWithError("no TULVING_TEST_POSTGRES");
  filled.has_updated_at = schema != "cortex";
  Times copies, imports, imports_apart, hydrates;
  const auto is_imported = [&](Times& times, const fs::path& file, const fs::path& floats) {
    Service service(filled.open_new("imported"));
    times.add([&] { import_lines(service, file, floats); });
    return filled.is_equal(service.store());
  };
  for (auto _ : state) {
    copies.add([&] { copy(filled, schema); });
    if (!is_imported(imports, filled.path / "records.jsonl", {}) ||
        !is_imported(imports_apart, filled.path / "apart.jsonl", filled.path / "floats")) {
      return state.SkipWithError("an import is not what the store is");
    }
    Store store = filled.open_new("hydrated");
    hydrates.add([&] {
      PostgresHydrateOptions from{filled.database->uri(), schema, "bench"};
      value_of(hydrate_store(store, from));
    });
    if (!filled.is_equal(store)) return state.SkipWithError("the hydrate is not what the store is");
    state.SetIterationTime(hydrates.wall.back());
  }
  const double wall = Times::median(hydrates.wall), cpu = Times::median(hydrates.cpu);
  const double copy_wall = Times::median(copies.wall), copy_cpu = Times::median(copies.cpu);
  const auto against = [&](const std::string& name, const Times& peer) {
    state.counters[name + "_s"] = Times::median(peer.wall);
    state.counters[name + "_cpu_s"] = Times::median(peer.cpu);
    state.counters["to_copy_and_" + name] = wall / (copy_wall + Times::median(peer.wall));
    state.counters["cpu_to_copy_and_" + name] = cpu / (copy_cpu + Times::median(peer.cpu));
  };
  against("import", imports);
  against("import_apart", imports_apart);
  state.counters["memories"] = static_cast<double>(n);
  state.counters["copy_s"] = copy_wall;
  state.counters["hydrate_s"] = wall;
  state.counters["hydrate_cpu_s"] = cpu;
}

BENCHMARK_CAPTURE(hydrate, orchestrator, "orchestrator")
    ->UseManualTime()
    ->Iterations(kRounds)
    ->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(hydrate, cortex, "cortex")
    ->UseManualTime()
    ->Iterations(kRounds)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace tulving::bench
