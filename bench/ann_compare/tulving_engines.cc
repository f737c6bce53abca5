// Ours, twice: the vector index by itself, which is what the peers are, and the store as who links
// it calls it, with its records, locks and filters around the same index.

#include <fmt/core.h>

#include <cstdlib>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
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

VectorIndexOptions graph_options(std::uint32_t residual_bits) {
  VectorIndexOptions options = graph_options();
  options.residual_bits = residual_bits;
  return options;
}

std::string kernel_note(std::uint32_t residual_bits) {
  return fmt::format("int8 codes, residuals of {} bits; kernels {}", residual_bits,
                     index::kernels().name);
}

class TulvingIndex : public Engine {
 public:
  TulvingIndex(std::uint32_t dim, std::string name, std::uint32_t residual_bits)
      : dim_(dim),
        name_(std::move(name)),
        residual_bits_(residual_bits),
        index_(dim, graph_options(residual_bits)) {}
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::string build_note() const override { return kernel_note(residual_bits_); }

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
  std::string name_;
  std::uint32_t residual_bits_;
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
    return "the public API, as `tulving bench vectors`; " +
           kernel_note(graph_options().residual_bits);
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
  return std::make_unique<TulvingIndex>(dim, "Tulving index", graph_options().residual_bits);
}
std::unique_ptr<Engine> make_tulving_4_bits(std::uint32_t dim) {
  return std::make_unique<TulvingIndex>(dim, "Tulving index, 4 bits", 4);
}
std::unique_ptr<Engine> make_tulving_0_bits(std::uint32_t dim) {
  return std::make_unique<TulvingIndex>(dim, "Tulving index, 0 bits", 0);
}
std::unique_ptr<Engine> make_tulving_store(std::uint32_t dim) {
  return std::make_unique<TulvingStore>(dim);
}

}  // namespace tulving::bench
