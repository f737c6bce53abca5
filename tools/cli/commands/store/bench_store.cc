#include "tools/cli/commands/store/bench_store.h"

#include <fmt/core.h>

#include <cstring>

namespace tulving::tools {

namespace {

constexpr std::size_t kBatchRows = 256;

/// A memory's id carries its row number, in version 4 layout, so that a hit tells its row by
/// itself.
Uuid id_of_row(std::uint32_t row) {
  Uuid id;
  std::memcpy(id.bytes.data(), &row, sizeof row);
  id.bytes[6] = 0x40;
  id.bytes[8] = 0x80;
  return id;
}

}  // namespace

Result<BenchStore> BenchStore::open(const VectorIndexOptions& options) {
  StoreOptions store_options;
  store_options.vectors = options;
  auto store = Store::open_in_memory(store_options);
  if (!store) return store.error();
  auto tenant = store->tenant("bench");
  if (!tenant) return tenant.error();
  return BenchStore(*std::move(store), *std::move(tenant));
}

Status BenchStore::add(std::uint32_t row, std::vector<float> vector) {
  Memory memory;
  memory.id = id_of_row(row);
  memory.content = fmt::format("{{\"row\":{}}}", row);  // Not text: this measures vectors alone.
  memory.embeddings.push_back({.vector = std::move(vector)});
  waiting_.emplace_back(std::move(memory));
  return waiting_.size() < kBatchRows ? Status() : flush();
}

Status BenchStore::flush() {
  if (waiting_.empty()) return {};
  auto written = tenant_.write(waiting_);
  waiting_.clear();
  if (!written) return written.error();
  return {};
}

SearchRequest BenchStore::request(std::uint32_t k, std::uint32_t ef) {
  SearchRequest request;
  request.mode = SearchMode::kVector;
  request.k = k;
  request.ef_search = ef;
  return request;
}

std::uint32_t BenchStore::row_of(const SearchHit& hit) {
  const Uuid id = hit.memory.id();
  std::uint32_t row = 0;
  std::memcpy(&row, id.bytes.data(), sizeof row);
  return row;
}

double BenchStore::bytes_per_vector() const {
  double bytes = 0;
  double vectors = 0;
  for (const VectorStats& stats : tenant_.stats().vectors) {
    bytes += static_cast<double>(stats.bytes);
    vectors += static_cast<double>(stats.vectors);
  }
  return vectors == 0 ? 0 : bytes / vectors;
}

}  // namespace tulving::tools
