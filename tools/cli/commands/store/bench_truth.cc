#include "tools/cli/commands/store/bench_truth.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <thread>

namespace tulving::tools {

namespace {

constexpr std::size_t kBlockRows = 1024;

struct Candidate {
  float cosine;
  std::uint32_t row;
};

/// Order of neighbours. Equal cosines: the lower row is nearer.
bool nearer(const Candidate& a, const Candidate& b) {
  return a.cosine != b.cosine ? a.cosine > b.cosine : a.row < b.row;
}

/// The nearest candidates so far; the top is the farthest of them.
using Heap = std::vector<Candidate>;

float dot(std::span<const float> a, std::span<const float> b) {
  // Sixteen sums, since floats may not be reordered: this is what lets the compiler use vectors.
  std::array<float, 16> sums{};
  std::size_t i = 0;
  for (; i + sums.size() <= a.size(); i += sums.size()) {
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += a[i + j] * b[i + j];
  }
  float sum = 0;
  for (; i < a.size(); ++i) sum += a[i] * b[i];
  for (const float part : sums) sum += part;
  return sum;
}

void keep_best(Heap& heap, Candidate candidate, std::uint32_t k) {
  if (heap.size() == k) {
    if (!nearer(candidate, heap.front())) return;
    std::ranges::pop_heap(heap, nearer);
    heap.pop_back();
  }
  heap.push_back(candidate);
  std::ranges::push_heap(heap, nearer);
}

struct Block {
  std::uint64_t first_row = 0;
  std::size_t rows = 0;
  std::vector<float> values;  // rows x dim.
  std::vector<float>
      inverse_norms;  // A query's length is the same for all rows: it changes no order.
};

Status read_block(const RowSource& base, std::uint64_t first_row, Block& block) {
  const std::size_t dim = base.dim;
  block.first_row = first_row;
  block.rows = static_cast<std::size_t>(std::min<std::uint64_t>(kBlockRows, base.rows - first_row));
  block.values.resize(block.rows * dim);
  block.inverse_norms.resize(block.rows);
  for (std::size_t i = 0; i < block.rows; ++i) {
    const std::span<float> row = std::span(block.values).subspan(i * dim, dim);
    if (auto status = base.read(first_row + i, row); !status) return status;
    block.inverse_norms[i] = 1 / std::sqrt(dot(row, row));
  }
  return {};
}

void score_block(const Block& block, const std::vector<std::vector<float>>& queries,
                 std::vector<Heap>& heaps, std::uint32_t k) {
  const auto score = [&](std::size_t begin, std::size_t end) {
    for (std::size_t q = begin; q < end; ++q) {
      const std::size_t dim = queries[q].size();
      for (std::size_t i = 0; i < block.rows; ++i) {
        const float cosine =
            dot(queries[q], std::span(block.values).subspan(i * dim, dim)) * block.inverse_norms[i];
        keep_best(heaps[q], {cosine, static_cast<std::uint32_t>(block.first_row + i)}, k);
      }
    }
  };
  const std::size_t workers = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> threads;
  for (std::size_t w = 0; w < workers; ++w) {
    threads.emplace_back(score, queries.size() * w / workers, queries.size() * (w + 1) / workers);
  }
}

}  // namespace

Result<Truth> read_truth(const std::string& path, std::size_t queries, std::uint64_t base_rows,
                         std::uint32_t k) {
  constexpr std::uint32_t kNeighboursMax = 100'000;  // Ten times the most that a search gives.
  auto file = VectorFile::open(path, kNeighboursMax);
  if (!file) return file.error();
  if (file->rows() != queries || file->dim() < k) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} has {} rows of {} neighbours; must be {} rows of at least {}",
                             path, file->rows(), file->dim(), queries, k)};
  }
  Truth truth(queries);
  std::vector<std::int32_t> row(file->dim());
  for (std::size_t q = 0; q < queries; ++q) {
    if (auto status = file->read(q, std::span(row)); !status) return status.error();
    for (std::uint32_t i = 0; i < k; ++i) {
      if (row[i] < 0 || static_cast<std::uint64_t>(row[i]) >= base_rows) {
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("{}: row {} names neighbour {}; the base has {} rows", path, q,
                                 row[i], base_rows)};
      }
      truth[q].push_back(static_cast<std::uint32_t>(row[i]));
    }
  }
  return truth;
}

Result<Truth> compute_truth(const RowSource& base, const std::vector<std::vector<float>>& queries,
                            std::uint32_t k) {
  std::vector<Heap> heaps(queries.size());
  Block block;
  for (std::uint64_t row = 0; row < base.rows; row += block.rows) {
    if (auto status = read_block(base, row, block); !status) return status.error();
    score_block(block, queries, heaps, k);
    if (base.progress) base.progress(row);
  }
  Truth truth;
  for (Heap& heap : heaps) {
    std::ranges::sort(heap, nearer);
    auto& neighbors = truth.emplace_back();
    for (const Candidate& candidate : heap) neighbors.push_back(candidate.row);
  }
  return truth;
}

}  // namespace tulving::tools
