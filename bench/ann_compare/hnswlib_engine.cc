// hnswlib as it is, with its own distances in f32, compiled for this machine.

// Renamed, so that the linker cannot merge it with the copy inside the library, which is compiled
// with other flags.
#define hnswlib stock_hnswlib
#include <hnswlib/hnswlib.h>
#undef hnswlib

#include <mutex>
#include <shared_mutex>
#include <thread>

#include "bench/ann_compare/engine.h"

namespace tulving::bench {
namespace {

const char* compiled_for() {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX__)
  return "AVX";
#else
  return "SSE";
#endif
}

class Hnswlib : public Engine {
 public:
  explicit Hnswlib(std::uint32_t dim) : dim_(dim), space_(dim) {}
  [[nodiscard]] std::string name() const override { return "hnswlib f32"; }
  [[nodiscard]] std::string build_note() const override {
    return std::string("stock " ANN_HNSWLIB_VERSION ", distances for ") + compiled_for();
  }

  void build(std::span<const float> rows, std::size_t spare, unsigned threads) override {
    const std::size_t n = rows.size() / dim_;
    graph_ = std::make_unique<Graph>(&space_, n + spare, kLinks, kBuildWidth);
    graph_->addPoint(rows.data(), 0);
    std::atomic<std::size_t> next = 1;
    const auto work = [&] {
      for (std::size_t row = next++; row < n; row = next++) {
        graph_->addPoint(&rows[row * dim_], row);
      }
    };
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i) workers.emplace_back(work);
    work();
  }

  void search(std::span<const float> query, std::uint32_t k, std::uint32_t effort,
              RowList& found) override {
    const std::shared_lock lock(mutex_);
    graph_->setEf(effort);
    take(graph_->searchKnn(query.data(), k), found);
  }

#ifdef ANN_HNSWLIB_FILTERS  // Before 0.7 there are none.
  [[nodiscard]] bool filters() const override { return true; }
  void search_filtered(std::span<const float> query, std::uint32_t k, std::uint32_t effort,
                       const Allowed& allowed, RowList& found) override {
    const std::shared_lock lock(mutex_);
    graph_->setEf(effort);
    Flags filter(allowed.flags);
    take(graph_->searchKnn(query.data(), k, &filter), found);
  }
#endif

  /// Searches beside addPoint() race, so a user who does not want that locks.
  void add(std::uint32_t row, std::span<const float> vector) override {
    const std::unique_lock lock(mutex_);
    graph_->addPoint(vector.data(), row);
  }

  [[nodiscard]] std::optional<std::size_t> bytes() const override {
    return graph_->max_elements_ * graph_->size_data_per_element_;  // But for upper links.
  }

 private:
  using Graph = stock_hnswlib::HierarchicalNSW<float>;

#ifdef ANN_HNSWLIB_FILTERS
  class Flags : public stock_hnswlib::BaseFilterFunctor {
   public:
    explicit Flags(const std::vector<char>& flags) : flags_(flags) {}
    bool operator()(stock_hnswlib::labeltype row) override { return flags_[row] != 0; }

   private:
    const std::vector<char>& flags_;
  };
#endif

  template <class Heap>
  static void take(Heap heap, RowList& found) {
    for (; !heap.empty(); heap.pop()) {
      found.push_back(static_cast<std::uint32_t>(heap.top().second));
    }
  }

  std::uint32_t dim_;
  stock_hnswlib::InnerProductSpace space_;
  std::shared_mutex mutex_;
  std::unique_ptr<Graph> graph_;
};

}  // namespace

std::unique_ptr<Engine> make_hnswlib(std::uint32_t dim) { return std::make_unique<Hnswlib>(dim); }

}  // namespace tulving::bench
