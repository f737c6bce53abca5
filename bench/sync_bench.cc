// A sync of n memories with 1,536-d vectors (n from TULVING_BENCH_N, 500 in ctest, 100,000 for
// figures) into schemas that are there and empty, beside a bare COPY of the same rows into the same
// tables; and of 100 changes. Without the vectors' own index, whose building would be most of the
// time on both sides. Needs a server, TULVING_TEST_POSTGRES, on which it makes a database.
// Correctness first: after the sync, a comparison of all finds no row missing, different or extra.

#include <benchmark/benchmark.h>
#include <libpq-fe.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "bench/corpus.h"
#include "tulving/postgres.h"

namespace tulving::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kDim = 1'536;
constexpr std::size_t kChanges = 100;

struct Server {
  explicit Server(const std::string& uri) : connection(PQconnectdb(uri.c_str()), &PQfinish) {
    if (PQstatus(connection.get()) != CONNECTION_OK) fail();
  }
  [[noreturn]] void fail() const {
    std::fprintf(stderr, "%s\n", PQerrorMessage(connection.get()));
    std::exit(1);
  }
  std::string run(const std::string& sql) const {
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
        PQexec(connection.get(), sql.c_str()), &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail();
    const bool has_value = status == PGRES_TUPLES_OK && PQntuples(result.get()) > 0;
    return has_value ? PQgetvalue(result.get(), 0, 0) : std::string();
  }
  std::string copy_out(const std::string& from) const {
    PQclear(PQexec(connection.get(), ("COPY " + from + " TO STDOUT (FORMAT binary)").c_str()));
    std::string bytes;
    char* piece = nullptr;
    for (int size = 0; (size = PQgetCopyData(connection.get(), &piece, 0)) > 0;) {
      bytes.append(piece, static_cast<std::size_t>(size));
      PQfreemem(piece);
    }
    PQclear(PQgetResult(connection.get()));
    return bytes;
  }
  void copy_in(const std::string& to, const std::string& bytes) const {
    constexpr std::size_t kPiece = 256UL << 10U;
    PQclear(PQexec(connection.get(), ("COPY " + to + " FROM STDIN (FORMAT binary)").c_str()));
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
      const auto size = static_cast<int>(std::min(kPiece, bytes.size() - at));
      if (PQputCopyData(connection.get(), bytes.data() + at, size) != 1) fail();
    }
    if (PQputCopyEnd(connection.get(), nullptr) != 1) fail();
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQgetResult(connection.get()),
                                                                &PQclear);
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) fail();
    PQclear(PQgetResult(connection.get()));
  }

  std::unique_ptr<PGconn, void (*)(PGconn*)> connection;
};

// What is measured of a schema: the tables that take rows, with the columns that are sent.
struct Target {
  std::map<std::string, std::string> tables;
  std::string vector_index;
};
const std::map<std::string, Target>& targets() {
  static const std::map<std::string, Target> all = {
      {"orchestrator",
       {{{"1 memory_entries",
          "(memory_id, session_id, memory_type, content, source_agent, created_at, updated_at, "
          "expires_at, priority, is_active)"},
         {"2 memory_tags", "(memory_id, tag)"},
         {"3 vector_embeddings", "(memory_id, embedding, embedding_model, created_at)"}},
        "idx_vector_embeddings_embedding"}},
      {"cortex", {{{"1 memories", ""}}, ""}},
  };
  return all;
}

struct Fixture {
  explicit Fixture(const std::string& server_uri)
      : server(server_uri), path(fs::temp_directory_path() / "tulving-bench-sync") {
    fs::remove_all(path);
    fs::create_directories(path);
    server.run("DROP DATABASE IF EXISTS tulving_bench_sync WITH (FORCE)");
    server.run("CREATE DATABASE tulving_bench_sync");
    options.uri = server_uri.substr(0, server_uri.rfind('/')) + "/tulving_bench_sync";
    options.tenant = "bench";
    database = std::make_unique<Server>(options.uri);
    StoreOptions store_options;
    store_options.background_indexing = false;
    store = std::make_unique<Store>(value_of(Store::open(path / "db", store_options)));
    Tenant tenant = value_of(store->tenant("bench"));
    TextSource texts(42);
    EmbeddingSource vectors(kDim, 200, 42);
    n = size_from_environment(500);
    for (std::size_t made = 0; made < n;) {
      std::vector<Record> batch;
      for (; batch.size() < 1'000 && made < n; ++made) {
        batch.emplace_back(make_memory(texts, vectors, made));
        std::get<Memory>(batch.back()).agent_id = "agent";
      }
      for (const auto& one : value_of(tenant.write(batch))) ids.push_back(one.id);
    }
    value_of(store->snapshot(path / "full"));
  }
  ~Fixture() {
    store.reset();
    database.reset();
    server.run("DROP DATABASE IF EXISTS tulving_bench_sync WITH (FORCE)");
    fs::remove_all(path);
  }

  /// Makes the schema anew, empty, and without the vectors' index.
  void clear(const std::string& schema) {
    database->run("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    database->run("DROP SCHEMA IF EXISTS tulving CASCADE");
    const Store empty =
        value_of(Store::open(path / ("empty-" + std::to_string(++stores_made)), {}));
    value_of(empty.tenant("bench"));
    auto none = options;
    none.tenant.clear();
    none.all_tenants = true;
    none.projections = {schema};
    value_of(empty.snapshot(path / ("none-" + std::to_string(stores_made))));
    value_of(sync_snapshot(path / ("none-" + std::to_string(stores_made)), none));
    const std::string& index = targets().at(schema).vector_index;
    if (!index.empty()) database->run("DROP INDEX IF EXISTS " + schema + "." + index);
    database->run("DROP SCHEMA tulving CASCADE");
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

  Server server;
  const fs::path path;
  std::unique_ptr<Server> database;
  std::unique_ptr<Store> store;
  PostgresSyncOptions options;
  std::vector<Uuid> ids;
  std::size_t n = 0;
  int stores_made = 0;
};

Fixture* fixture() {
  static const char* const uri = std::getenv("TULVING_TEST_POSTGRES");
  static const std::unique_ptr<Fixture> made =
      uri == nullptr ? nullptr : std::make_unique<Fixture>(uri);
  return made.get();
}

template <class Work>
void time(benchmark::State& state, const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  state.SetIterationTime(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

void sync_and_copy(benchmark::State& state, const std::string& schema) {
  Fixture* const at = fixture();
  if (at == nullptr) return state.SkipWithError("no TULVING_TEST_POSTGRES");
  auto options = at->options;
  options.projections = {schema};
  double copy_seconds = 0;
  double sync_seconds = 0;
  for (auto _ : state) {
    at->clear(schema);
    time(state, [&] {
      const auto start = std::chrono::steady_clock::now();
      value_of(sync_snapshot(at->path / "full", options));
      sync_seconds +=
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    });
    if (!at->is_right(schema)) return state.SkipWithError("the database is not what the store is");
    std::map<std::string, std::string> rows;
    for (const auto& [name, columns] : targets().at(schema).tables) {
      rows[name] = at->database->copy_out(schema + "." + name.substr(2) + " " + columns);
    }
    std::string truncate;
    for (const auto& [name, columns] : targets().at(schema).tables) {
      truncate += (truncate.empty() ? "TRUNCATE " : ", ") + schema + "." + name.substr(2);
    }
    at->database->run(truncate + " CASCADE");
    const auto start = std::chrono::steady_clock::now();
    at->database->run("BEGIN");
    for (const auto& [name, columns] : targets().at(schema).tables) {
      at->database->copy_in(schema + "." + name.substr(2) + " " + columns, rows[name]);
    }
    at->database->run("COMMIT");
    copy_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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
    time(state, [&] { value_of(sync_store(*at->store, options)); });
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
