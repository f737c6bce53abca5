#include "bench/ann_compare/dataset.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <unordered_map>

#include "bench/ann_compare/generators.h"
#include "tools/cli/transfer/fvecs.h"

namespace tulving::bench {
namespace {

using tools::VectorFile;

constexpr float kRounding = 1e-6F;  // Of a sum of some thousand products in 32 bits.

void append_unit(std::vector<float>& base, std::span<const float> vector) {
  double squares = 0;
  for (const float x : vector) squares += double{x} * double{x};
  const auto factor = static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 0);
  for (const float x : vector) base.push_back(x * factor);
}

Result<std::vector<float>> read_all(const std::string& path, std::uint32_t& dim) {
  auto file = VectorFile::open(path);
  if (!file) return file.error();
  if (file->rows() == 0 || (dim != 0 && file->dim() != dim)) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{} has {} rows of {}, unlike the base",
                                                          path, file->rows(), file->dim())};
  }
  dim = file->dim();
  std::vector<float> all;
  all.reserve(static_cast<std::size_t>(file->rows()) * dim);
  for (std::uint64_t row = 0; row < file->rows(); ++row) {
    auto vector = file->read(row);
    if (!vector) return vector.error();
    append_unit(all, *vector);
  }
  return all;
}

std::vector<std::vector<float>> split(const std::vector<float>& flat, std::size_t dim) {
  std::vector<std::vector<float>> rows;
  for (auto at = flat.begin(); at != flat.end(); at += static_cast<std::ptrdiff_t>(dim)) {
    rows.emplace_back(at, at + static_cast<std::ptrdiff_t>(dim));
  }
  return rows;
}

Status read_files(const DataOptions& options, Dataset& data) {
  data.name = options.base;
  auto base = read_all(options.base, data.dim);
  if (!base) return base.error();
  data.base = *std::move(base);
  if (options.queries.empty()) {
    const std::size_t held = std::min(options.query_count, data.rows() / 2) * data.dim;
    const std::vector<float> last(data.base.end() - static_cast<std::ptrdiff_t>(held),
                                  data.base.end());
    data.base.resize(data.base.size() - held);
    data.queries = split(last, data.dim);
    return {};
  }
  auto queries = read_all(options.queries, data.dim);
  if (!queries) return queries.error();
  data.queries = split(*queries, data.dim);
  // A truth is by row, so with one all queries stay, in order.
  if (options.truth.empty() && data.queries.size() > options.query_count) {
    data.queries.resize(options.query_count);
  }
  return {};
}

Status generate(const DataOptions& options, Dataset& data) {
  data.dim = options.dim != 0 ? options.dim : options.generator == "uniform" ? 64U : 1536U;
  const auto source = make_source(options.generator, data.dim, options.n, options.seed);
  if (!source) {
    return Error{ErrorCode::kInvalidArgument,
                 "no generator " + options.generator + "; there are clustered, low and uniform"};
  }
  data.name = fmt::format("{}, seed {}", options.generator, options.seed);
  data.base.reserve(options.n * data.dim);
  for (std::size_t i = 0; i < options.n; ++i) append_unit(data.base, source->next());
  std::vector<float> queries;
  for (std::size_t i = 0; i < options.query_count; ++i) append_unit(queries, source->next());
  data.queries = split(queries, data.dim);
  return {};
}

/// Drops queries that are rows of the base.
void hold_out(Dataset& data) {
  const auto bytes_of = [](std::span<const float> row) {
    return std::string_view(reinterpret_cast<const char*>(row.data()), row.size_bytes());
  };
  std::set<std::string_view> rows;
  for (std::size_t row = 0; row < data.rows(); ++row) rows.insert(bytes_of(data.row(row)));
  data.queries_dropped = std::erase_if(
      data.queries, [&](const auto& query) { return rows.contains(bytes_of(query)); });
}

Result<tools::Truth> truth_of(const DataOptions& options, const Dataset& data) {
  if (!options.truth.empty()) {
    return tools::read_truth(options.truth, data.queries.size(), data.rows(), options.k);
  }
  return tools::compute_truth({.rows = data.rows(),
                               .dim = data.dim,
                               .read =
                                   [&](std::uint64_t row, std::span<float> values) {
                                     std::ranges::copy(data.row(row), values.begin());
                                     return Status();
                                   }},
                              data.queries, options.k);
}

}  // namespace

float Dataset::cosine(std::size_t index, std::size_t query) const {
  const float* a = &base[index * dim];
  const float* b = queries[query].data();
  double sums[8] = {};
  std::size_t j = 0;
  for (; j + 8 <= dim; j += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += double{a[j + lane]} * b[j + lane];
  }
  for (; j < dim; ++j) sums[0] += double{a[j]} * b[j];
  double sum = 0;
  for (const double part : sums) sum += part;
  return static_cast<float>(sum);
}

std::size_t Dataset::hits(std::span<const std::uint32_t> rows, std::size_t query,
                          float least) const {
  // A row given twice is found once.
  const std::set<std::uint32_t> distinct(rows.begin(), rows.end());
  return static_cast<std::size_t>(std::ranges::count_if(
      distinct, [&](std::uint32_t row) { return cosine(row, query) >= least - kRounding; }));
}

Result<Dataset> make_dataset(const DataOptions& options) {
  Dataset data;
  data.k = options.k;
  if (const Status status =
          options.base.empty() ? generate(options, data) : read_files(options, data);
      !status) {
    return status.error();
  }
  // With a truth, which is by query, none may go: it says itself what is near.
  if (options.truth.empty()) hold_out(data);
  if (data.rows() < options.k || data.queries.empty() || options.k == 0) {
    return Error{ErrorCode::kInvalidArgument, "too few rows or queries"};
  }
  auto truth = truth_of(options, data);
  if (!truth) return truth.error();
  for (std::size_t q = 0; q < data.queries.size(); ++q) {
    float least = 2;
    for (const std::uint32_t row : (*truth)[q]) least = std::min(least, data.cosine(row, q));
    data.kth_cosine.push_back(least);
  }
  return data;
}

Status save_dataset(const Dataset& data, const std::string& prefix) {
  auto base = tools::VectorFileWriter::create(prefix + ".base.fvecs");
  if (!base) return base.error();
  for (std::size_t row = 0; row < data.rows(); ++row) {
    if (const Status status = base->write(data.row(row)); !status) return status;
  }
  if (const Status status = base->commit(); !status) return status;
  auto queries = tools::VectorFileWriter::create(prefix + ".queries.fvecs");
  if (!queries) return queries.error();
  for (const auto& query : data.queries) {
    if (const Status status = queries->write(query); !status) return status;
  }
  return queries->commit();
}

}  // namespace tulving::bench
