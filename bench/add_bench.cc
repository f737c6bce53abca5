// One memory added: a 500-byte text and 1536 floats, beside a bare RocksDB Put of the same bytes in
// the same run. Correctness first: what was added is found by its text and by its vector at once.

#include <benchmark/benchmark.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

#include "bench/corpus.h"
#include "core/model/rules/rules.h"

namespace tulving::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kDim = 1536;
constexpr std::size_t kPrepared = 4096;  // Memories made before the clock starts, used in turn.

fs::path fresh_directory(const char* name) {
  const fs::path path = fs::temp_directory_path() / ("tulving-bench-" + std::string(name));
  fs::remove_all(path);
  return path;
}

const std::vector<Memory>& prepared() {
  static const std::vector<Memory> memories = [] {
    TextSource texts(42);
    EmbeddingSource vectors(kDim, 200, 42);
    std::vector<Memory> made;
    for (std::size_t i = 0; i < kPrepared; ++i) made.push_back(make_memory(texts, vectors, i));
    return made;
  }();
  return memories;
}

// The same with a name each, of a session and a task, which are looked up.
const std::vector<Memory>& named() {
  static const std::vector<Memory> memories = [] {
    std::vector<Memory> made = prepared();
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i].external_id = "memory " + std::to_string(i);
      made[i].session_id = "session";
      made[i].task_id = "task";
    }
    return made;
  }();
  return memories;
}

/// How long one write takes: its median says more than the mean where others work beside.
class Latencies {
 public:
  void start() { started_ = Clock::now(); }
  void stop() { nanoseconds_.push_back(static_cast<double>((Clock::now() - started_).count())); }
  /// Of this thread; the benchmark shows the threads' mean.
  void report(benchmark::State& state) {
    std::ranges::sort(nanoseconds_);
    const auto at = [&](std::size_t percent) {
      return benchmark::Counter(nanoseconds_[nanoseconds_.size() * percent / 100] / 1000,
                                benchmark::Counter::kAvgThreads);
    };
    state.counters["p50_us"] = at(50);
    state.counters["p99_us"] = at(99);
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point started_;
  std::vector<double> nanoseconds_;
};

void put(benchmark::State& state, bool sync) {
  const auto& memories = prepared();  // Made before the clock starts.
  const fs::path path = fresh_directory("put");
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* raw = nullptr;
  if (!rocksdb::DB::Open(options, path.string(), &raw).ok()) {
    state.SkipWithError("RocksDB does not open");
    return;
  }
  {
    const std::unique_ptr<rocksdb::DB> db(raw);
    rocksdb::WriteOptions write;
    write.sync = sync;
    std::uint64_t key = 0;
    Latencies latencies;
    for (auto _ : state) {
      latencies.start();
      const Memory& memory = memories[key % kPrepared];
      std::string value(reinterpret_cast<const char*>(memory.embeddings[0].vector.data()),
                        kDim * sizeof(float));
      value += memory.text;
      const auto status = db->Put(write, std::to_string(++key), value);
      if (!status.ok()) state.SkipWithError(status.ToString().c_str());
      latencies.stop();
    }
    state.SetItemsProcessed(state.iterations());
    latencies.report(state);
  }
  fs::remove_all(path);
}

void BM_RocksdbPut(benchmark::State& state) { put(state, false); }
void BM_RocksdbPutSynced(benchmark::State& state) { put(state, true); }

bool is_found(const Tenant& tenant, const Memory& memory) {
  SearchRequest by_text;
  by_text.text = memory.text.substr(memory.text.rfind(' '));
  SearchRequest by_vector;
  by_vector.vector = memory.embeddings[0].vector;
  by_vector.k = by_text.k = 1;
  const auto text_hits = value_of(tenant.search(by_text)).hits;
  const auto vector_hits = value_of(tenant.search(by_vector)).hits;
  return text_hits.size() == 1 && vector_hits.size() == 1 &&
         vector_hits[0].memory.text() == memory.text;
}

std::unique_ptr<Store> shared_store;

// `graph` off: the cost of the add itself, as the scan finds the row at once. On: the background
// indexer works on the same two cores meanwhile.
void add(benchmark::State& state, Durability durability, bool graph,
         const std::vector<Memory>& memories = prepared()) {
  static fs::path path;
  if (state.thread_index() == 0) {
    path = fresh_directory("add");
    StoreOptions options;
    options.durability = durability;
    options.embedding_dim = kDim;
    options.background_indexing = graph;
    shared_store = std::make_unique<Store>(value_of(Store::open(path, options)));
    Tenant tenant = value_of(shared_store->tenant("check"));
    value_of(tenant.add(prepared()[7]));
    Session session;
    session.session_id = "session";
    value_of(value_of(shared_store->tenant("bench")).put(session));
    if (!is_found(tenant, prepared()[7])) state.SkipWithError("an added memory is not found");
  }
  AddOptions keep;
  keep.on_duplicate = OnDuplicate::kKeep;
  std::size_t next = static_cast<std::size_t>(state.thread_index()) * 131;
  Latencies latencies;
  for (auto _ : state) {
    Tenant tenant = value_of(shared_store->tenant("bench"));
    latencies.start();
    value_of(tenant.add(memories[next++ % kPrepared], keep));
    latencies.stop();
  }
  state.SetItemsProcessed(state.iterations());
  latencies.report(state);
  if (state.thread_index() == 0) {
    shared_store.reset();
    fs::remove_all(path);
  }
}

void BM_Add(benchmark::State& state) { add(state, Durability::kProcess, false); }
void BM_AddNamed(benchmark::State& state) { add(state, Durability::kProcess, false, named()); }
void BM_AddBesideIndexing(benchmark::State& state) { add(state, Durability::kProcess, true); }
// With the options of a store that says nothing of indexing, and too few rows for a graph.
void BM_AddFew(benchmark::State& state) { add(state, Durability::kProcess, true); }
void BM_AddDurable(benchmark::State& state) { add(state, Durability::kDurable, false); }

// The memories given away.
void BM_AddMoved(benchmark::State& state) {
  const fs::path path = fresh_directory("add");
  StoreOptions options;
  options.durability = Durability::kProcess;
  options.background_indexing = false;
  Store store = value_of(Store::open(path, options));
  Tenant tenant = value_of(store.tenant("bench"));
  std::vector<Memory> memories = prepared();
  std::size_t next = 0;
  for (auto _ : state) value_of(tenant.add(std::move(memories[next++])));
  state.SetItemsProcessed(state.iterations());
  if (tenant.stats().memories != memories.size()) state.SkipWithError("an added memory is missing");
  fs::remove_all(path);
}

// The rules that a memory can break by itself, alone: what share of BM_Add they are.
void BM_Rules(benchmark::State& state) {
  const auto& memories = prepared();
  std::size_t next = 0;
  for (auto _ : state) {
    if (!model::check_record(memories[next++ % kPrepared])) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
}

// Enough iterations that memtable switches and flushes are among them.
BENCHMARK(BM_RocksdbPut)->Iterations(20'000)->UseRealTime();
BENCHMARK(BM_Rules)->Iterations(20'000)->UseRealTime();
BENCHMARK(BM_Add)->Iterations(20'000)->UseRealTime();
BENCHMARK(BM_Add)->Threads(2)->Iterations(10'000)->UseRealTime();
BENCHMARK(BM_Add)->Threads(8)->Iterations(2'500)->UseRealTime();
BENCHMARK(BM_AddMoved)->Iterations(kPrepared)->UseRealTime();
BENCHMARK(BM_AddNamed)->Iterations(kPrepared)->UseRealTime();
BENCHMARK(BM_AddFew)->Iterations(2'000)->UseRealTime();
BENCHMARK(BM_AddBesideIndexing)->Iterations(20'000)->UseRealTime();
BENCHMARK(BM_RocksdbPutSynced)->Iterations(2'000)->UseRealTime();
BENCHMARK(BM_AddDurable)->Iterations(2'000)->UseRealTime();
BENCHMARK(BM_AddDurable)->Threads(2)->Iterations(1'000)->UseRealTime();
BENCHMARK(BM_AddDurable)->Threads(8)->Iterations(500)->UseRealTime();

}  // namespace
}  // namespace tulving::bench
