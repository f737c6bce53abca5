#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/cli/commands/store/bench_truth.h"
#include "tulving/result.h"

namespace tulving::bench {

/// Where a run's vectors come from: files, or a generator.
struct DataOptions {
  std::string base = {};  ///< .fvecs; empty: generated.
  std::string queries =
      {};  ///< .fvecs; empty: the last rows of the base, which then has them no more.
  std::string truth = {};  ///< .ivecs; empty: computed.
  std::string generator = "clustered";
  std::size_t n = 20'000;
  std::uint32_t dim = 0;  ///< 0: the generator's own.
  std::size_t query_count = 200;
  std::uint32_t k = 10;
  unsigned seed = 42;
};

/// Unit vectors, queries that are none of them, and the true neighbours of each.
struct Dataset {
  std::string name;
  std::uint32_t dim = 0;
  std::uint32_t k = 10;
  std::vector<float> base;  ///< Rows one after another, so that all engines read the same bytes.
  std::vector<std::vector<float>> queries;
  std::size_t queries_dropped = 0;  ///< Were in the base: a query must be a new vector.
  std::vector<float> kth_cosine;    ///< The least cosine that an answer of k may hold, by query.

  [[nodiscard]] std::size_t rows() const { return base.size() / dim; }
  [[nodiscard]] std::span<const float> row(std::size_t index) const {
    return std::span(base).subspan(index * dim, dim);
  }
  /// Cosine, as both are unit vectors.
  [[nodiscard]] float cosine(std::size_t row, std::size_t query) const;
  /// How many of `rows` are among the k nearest of `query`: by cosine in 32-bit floats, so that of
  /// equally near rows any counts.
  [[nodiscard]] std::size_t hits(std::span<const std::uint32_t> rows, std::size_t query,
                                 float least) const;
};

Result<Dataset> make_dataset(const DataOptions& options);

/// Writes PREFIX.base.fvecs and PREFIX.queries.fvecs, for `tulving bench vectors` and for others.
Status save_dataset(const Dataset& data, const std::string& prefix);

}  // namespace tulving::bench
