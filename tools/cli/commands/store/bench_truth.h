#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tools/cli/transfer/fvecs.h"
#include "tulving/result.h"

namespace tulving::tools {

/// The true neighbours of each query: row numbers of the base, k a query, nearest first.
using Truth = std::vector<std::vector<std::uint32_t>>;

/// Reads the truth from an .ivecs file. kInvalidArgument: too few rows or neighbours, or a row
/// number beyond the base.
Result<Truth> read_truth(const std::string& path, std::size_t queries, std::uint64_t base_rows,
                         std::uint32_t k);

/// Where the rows of a base come from: a file, or RAM.
struct RowSource {
  std::uint64_t rows = 0;
  std::uint32_t dim = 0;
  std::function<Status(std::uint64_t row, std::span<float> values)> read;
  std::function<void(std::uint64_t row)> progress = {};  ///< Told how far it is; may be empty.
};

/// Computes the truth by cosine in 32-bit floats, every pair, on all cores, by plain loops that
/// share nothing with what is measured. Reads the base in blocks.
Result<Truth> compute_truth(const RowSource& base, const std::vector<std::vector<float>>& queries,
                            std::uint32_t k);

}  // namespace tulving::tools
