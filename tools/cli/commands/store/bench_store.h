#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tulving/tulving.h"

namespace tulving::tools {

/// Numbered vectors as the memories of a store in RAM, searched through the public API: what `bench
/// vectors` measures, and bench/ann_compare beside other engines.
///
/// Thread safety: search() and bytes_per_vector() may run beside everything, also add(), which one
///   thread at a time calls.
class BenchStore {
 public:
  static Result<BenchStore> open(const VectorIndexOptions& options);

  /// Adds `vector` as row `row`. It is written with the rows around it: see flush().
  Status add(std::uint32_t row, std::vector<float> vector);
  /// Writes what add() has gathered.
  Status flush();
  /// Waits until all that was written is in the graph.
  void wait_for_indexing() const { store_.wait_for_indexing(); }

  /// The k nearest, by a walk of width `ef`; the caller sets the vector.
  static SearchRequest request(std::uint32_t k, std::uint32_t ef);
  Result<SearchResponse> search(const SearchRequest& request) const {
    return tenant_.search(request);
  }
  /// The row that a hit is.
  static std::uint32_t row_of(const SearchHit& hit);

  [[nodiscard]] double bytes_per_vector() const;

 private:
  BenchStore(Store store, Tenant tenant) : store_(std::move(store)), tenant_(std::move(tenant)) {}

  Store store_;
  Tenant tenant_;
  std::vector<Record> waiting_;
};

}  // namespace tulving::tools
