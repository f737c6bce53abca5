// usearch, from its sources (TULVING_USEARCH_DIR), with its SIMD library and run-time dispatch.

#include <fmt/core.h>

#include <atomic>
#include <cstdlib>
#include <thread>
#include <usearch/index_dense.hpp>

#include "bench/ann_compare/engine.h"

namespace tulving::bench {
namespace {

namespace us = unum::usearch;

class Usearch : public Engine {
 public:
  Usearch(std::string name, std::uint32_t dim, us::scalar_kind_t scalar)
      : name_(std::move(name)), dim_(dim) {
    us::index_dense_config_t config(kLinks, kBuildWidth, kBuildWidth);
    auto made =
        us::index_dense_t::make(us::metric_punned_t(dim, us::metric_kind_t::cos_k, scalar), config);
    if (!made) {
      fmt::print(stderr, "usearch: {}\n", made.error.what());
      std::exit(1);
    }
    index_ = std::move(made.index);
  }
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::string build_note() const override {
    return fmt::format("usearch {}.{}.{}, kernels {}", USEARCH_VERSION_MAJOR, USEARCH_VERSION_MINOR,
                       USEARCH_VERSION_PATCH, index_.metric().isa_name());
  }

  void build(std::span<const float> rows, std::size_t spare, unsigned threads) override {
    const std::size_t n = rows.size() / dim_;
    if (!index_.try_reserve(us::index_limits_t(n + spare, threads + 2))) std::exit(1);
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t row = next++; row < n; row = next++) {
        if (!index_.add(row, &rows[row * dim_])) std::exit(1);
      }
    };
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i) workers.emplace_back(work);
    work();
  }

  void search(std::span<const float> query, std::uint32_t k, std::uint32_t effort,
              RowList& found) override {
    index_.change_expansion_search(effort);
    take(index_.search(query.data(), k), k, found);
  }

  [[nodiscard]] bool filters() const override { return true; }
  void search_filtered(std::span<const float> query, std::uint32_t k, std::uint32_t effort,
                       const Allowed& allowed, RowList& found) override {
    index_.change_expansion_search(effort);
    const auto is_allowed = [&](us::default_key_t row) { return allowed.flags[row] != 0; };
    take(index_.filtered_search(query.data(), k, is_allowed), k, found);
  }

  void add(std::uint32_t row, std::span<const float> vector) override {
    if (!index_.add(row, vector.data())) std::exit(1);
  }

  [[nodiscard]] std::optional<std::size_t> bytes() const override { return index_.memory_usage(); }

 private:
  void take(const us::index_dense_t::search_result_t& result, std::uint32_t k, RowList& found) {
    keys_.resize(k);
    const std::size_t count = result.dump_to(keys_.data());
    for (std::size_t i = 0; i < count; ++i) found.push_back(static_cast<std::uint32_t>(keys_[i]));
  }

  std::string name_;
  std::uint32_t dim_;
  us::index_dense_t index_;
  std::vector<us::default_key_t> keys_;
};

}  // namespace

std::unique_ptr<Engine> make_usearch_f16(std::uint32_t dim) {
  return std::make_unique<Usearch>("usearch f16", dim, us::scalar_kind_t::f16_k);
}
std::unique_ptr<Engine> make_usearch_i8(std::uint32_t dim) {
  return std::make_unique<Usearch>("usearch i8", dim, us::scalar_kind_t::i8_k);
}

}  // namespace tulving::bench
