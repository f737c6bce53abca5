// FAISS where it is installed: HNSW over f32 and over its 8-bit scalar quantiser. The library is
// compiled by whoever packaged it; Debian's has SSE2 alone, which build_note() says.

#include <faiss/IndexHNSW.h>
#include <faiss/utils/utils.h>
#include <fmt/core.h>
#include <omp.h>

#include "bench/ann_compare/engine.h"

namespace tulving::bench {
namespace {

std::string faiss_note() {
  return fmt::format("FAISS {}.{}.{}, {}(GENERIC is SSE2 alone)", FAISS_VERSION_MAJOR,
                     FAISS_VERSION_MINOR, FAISS_VERSION_PATCH, faiss::get_compile_options());
}

class Faiss : public Engine {
 public:
  Faiss(std::string name, std::unique_ptr<faiss::IndexHNSW> index, std::size_t vector_bytes)
      : name_(std::move(name)), index_(std::move(index)), vector_bytes_(vector_bytes) {
    index_->hnsw.efConstruction = static_cast<int>(kBuildWidth);
  }
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::string build_note() const override { return faiss_note(); }

  void build(std::span<const float> rows, std::size_t /*spare*/, unsigned threads) override {
    omp_set_num_threads(static_cast<int>(threads));
    const auto n = static_cast<std::int64_t>(rows.size()) / index_->d;
    index_->train(n, rows.data());
    index_->add(n, rows.data());
    omp_set_num_threads(1);
  }

  void search(std::span<const float> query, std::uint32_t k, std::uint32_t effort,
              RowList& found) override {
    // The setting is each thread's own. Asked at each call it is free; set only where it differs.
    if (omp_get_max_threads() != 1) omp_set_num_threads(1);
    index_->hnsw.efSearch = static_cast<int>(effort);
    distances_.resize(k);
    labels_.resize(k);
    index_->search(1, query.data(), k, distances_.data(), labels_.data());
    for (const std::int64_t label : labels_) {
      if (label >= 0) found.push_back(static_cast<std::uint32_t>(label));
    }
  }

  [[nodiscard]] std::optional<std::size_t> bytes() const override {
    const auto n = static_cast<std::size_t>(index_->ntotal);
    return n * vector_bytes_ + index_->hnsw.neighbors.size() * sizeof(std::int32_t);
  }

 private:
  std::string name_;
  std::unique_ptr<faiss::IndexHNSW> index_;
  std::size_t vector_bytes_;
  std::vector<float> distances_;
  std::vector<std::int64_t> labels_;
};

}  // namespace

std::unique_ptr<Engine> make_faiss_flat(std::uint32_t dim) {
  return std::make_unique<Faiss>(
      "FAISS HNSW flat",
      std::make_unique<faiss::IndexHNSWFlat>(static_cast<int>(dim), static_cast<int>(kLinks),
                                             faiss::METRIC_INNER_PRODUCT),
      dim * sizeof(float));
}

std::unique_ptr<Engine> make_faiss_sq8(std::uint32_t dim) {
  return std::make_unique<Faiss>(
      "FAISS HNSW SQ8",
      std::make_unique<faiss::IndexHNSWSQ>(static_cast<int>(dim), faiss::ScalarQuantizer::QT_8bit,
                                           static_cast<int>(kLinks), faiss::METRIC_INNER_PRODUCT),
      dim);
}

}  // namespace tulving::bench
