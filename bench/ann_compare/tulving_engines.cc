// Ours, twice: the vector index by itself, which is what the peers are, and the store as who links
// it calls it, with its records, locks and filters around the same index.

#include <fmt/core.h>

#include <cstdlib>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "bench/ann_compare/engine.h"
#include "index/kernels/kernels.h"
#include "index/vectors/vector_arm.h"
#include "tools/cli/commands/store/bench_store.h"

namespace tulving::bench {
namespace {

VectorIndexOptions graph_options() {
  // Without a graph there would be nothing to compare, so no tenant is too small for one.
  return {.m = kLinks, .ef_construction = kBuildWidth, .exact_rows_max = 0};
}

std::string kernel_note() {
  return fmt::format("int8 codes, residuals of {} bits; kernels {}", graph_options().residual_bits,
                     index::kernels().name);
}

class TulvingIndex : public Engine {
 public:
  explicit TulvingIndex(std::uint32_t dim) : dim_(dim), index_(dim, graph_options()) {}
  [[nodiscard]] std::string name() const override { return "Tulving index"; }
  [[nodiscard]] std::string build_note() const override { return kernel_note(); }

  void build(std::span<const float> rows, std::size_t /*spare*/, unsigned threads) override {
    const std::size_t n = rows.size() / dim_;
    for (std::size_t row = 0; row < n; ++row) {
      index_.set(static_cast<std::uint32_t>(row), rows.subspan(row * dim_, dim_));
    }
    settle(threads);
  }

  void search(std::span<const float> query, std::uint32_t k, std::uint32_t effort,
              RowList& found) override {
    const std::shared_lock lock(mutex_);
    find({.vector = query, .ef = effort}, k, found);
  }

  [[nodiscard]] bool filters() const override { return true; }
  void search_filtered(std::span<const float> query, std::uint32_t k, std::uint32_t effort,
                       const Allowed& allowed, RowList& found) override {
    const std::shared_lock lock(mutex_);
    find({.vector = query, .ef = effort, .allowed = &allowed.rows}, k, found);
  }

  /// Building goes on beside searches, as the store's own thread does; only set() and reclaim()
  /// need the index to themselves.
  void add(std::uint32_t row, std::span<const float> vector) override {
    {
      const std::unique_lock lock(mutex_);
      index_.set(row, vector);
      if (index_.wants_reclaim()) index_.reclaim();
    }
    index_.build_step(1);
  }

  void settle() override { settle(1); }

  [[nodiscard]] std::optional<std::size_t> bytes() const override { return index_.counts().bytes; }

 private:
  void settle(unsigned threads) {
    const auto build = [this] {
      while (index_.build_step(1024)) {
      }
    };
    while (index_.wants_building() || index_.wants_reclaim()) {
      {
        std::vector<std::jthread> helpers;
        for (unsigned i = 1; i < threads; ++i) helpers.emplace_back(build);
        build();
      }
      const std::unique_lock lock(mutex_);
      index_.reclaim();
    }
  }
  void find(const index::VectorQuery& query, std::uint32_t k, RowList& found) {
    for (const index::ScoredRow& row : index::VectorArm(index_, query).best(k).rows) {
      found.push_back(row.row);
    }
  }

  std::uint32_t dim_;
  std::shared_mutex mutex_;
  index::VectorIndex index_;
};

template <class T>
T value_or_exit(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{}\n", result.error().message);
    std::exit(1);
  }
  return *std::move(result);
}

void exit_on(const Status& status) {
  if (status) return;
  fmt::print(stderr, "{}\n", status.error().message);
  std::exit(1);
}

class TulvingStore : public Engine {
 public:
  explicit TulvingStore(std::uint32_t dim)
      : dim_(dim), store_(value_or_exit(tools::BenchStore::open(graph_options()))) {}
  [[nodiscard]] std::string name() const override { return "Tulving store"; }
  [[nodiscard]] std::string build_note() const override {
    return "the public API, as `tulving bench vectors`; " + kernel_note();
  }
  [[nodiscard]] unsigned build_threads_max() const override { return 1; }

  void build(std::span<const float> rows, std::size_t /*spare*/, unsigned /*threads*/) override {
    const std::size_t n = rows.size() / dim_;
    for (std::size_t row = 0; row < n; ++row) {
      const auto vector = rows.subspan(row * dim_, dim_);
      exit_on(store_.add(static_cast<std::uint32_t>(row), {vector.begin(), vector.end()}));
    }
    settle();
  }

  void search(std::span<const float> query, std::uint32_t k, std::uint32_t effort,
              RowList& found) override {
    SearchRequest request = tools::BenchStore::request(k, effort);
    request.vector.emplace(query.begin(), query.end());
    const auto response = value_or_exit(store_.search(request));
    for (const SearchHit& hit : response.hits) found.push_back(tools::BenchStore::row_of(hit));
  }

  void add(std::uint32_t row, std::span<const float> vector) override {
    exit_on(store_.add(row, {vector.begin(), vector.end()}));
    exit_on(store_.flush());
  }

  void settle() override {
    exit_on(store_.flush());
    store_.wait_for_indexing();
  }

 private:
  std::uint32_t dim_;
  tools::BenchStore store_;
};

}  // namespace

std::unique_ptr<Engine> make_tulving_index(std::uint32_t dim) {
  return std::make_unique<TulvingIndex>(dim);
}
std::unique_ptr<Engine> make_tulving_store(std::uint32_t dim) {
  return std::make_unique<TulvingStore>(dim);
}

}  // namespace tulving::bench
