#include "index/cluster/tiles/coded_rows.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <numeric>

#include "index/cluster/workers.h"
#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

// Rows that fill whole panels of both kinds.
constexpr std::uint32_t kRowsOfPanels = std::lcm(kLeftRows, kRightRows);

}  // namespace

CodedRows::CodedRows(const UnitRows& rows, const Workers& workers)
    : size_(rows.size()), steps_(rows.stride() / kPanelStep) {
  const std::size_t padded = round_up(size_, kRowsOfPanels);
  left_ = make_aligned<std::int8_t>(padded * rows.stride());
  right_ = make_aligned<std::uint8_t>(padded * rows.stride());
  scales_.assign(padded, 0.0F);
  errors_.assign(padded, 0.0F);
  offsets_.assign(padded, 0);
  std::atomic<std::uint32_t> next{0};
  workers.run([&](unsigned) {
    std::vector<std::uint8_t> codes(rows.stride());
    for (std::uint32_t first; (first = next.fetch_add(kRowsOfPanels)) < padded;) {
      for (std::uint32_t row = first; row < first + kRowsOfPanels; ++row) {
        encode(rows, row, codes.data());
      }
    }
  });
}

void CodedRows::encode(const UnitRows& rows, std::uint32_t row, std::uint8_t* codes) {
  if (row < size_) {
    // The mean of a group may be as good as zero; its scale may not.
    const float largest = kernels().max_abs(rows.row(row), rows.stride());
    const float scale = std::max(largest, 1e-30F) / 127.0F;
    const CodeSummary summary = kernels().encode(rows.row(row), rows.stride(), scale, codes);
    scales_[row] = scale;
    // The kernel's sum of squares is off by at most 2^-24 for each of up to 65,536 terms (0.4 %).
    errors_[row] = std::sqrt(summary.squared_error) * 1.004F + 1e-7F;
    offsets_[row] = 128 * summary.sum;
  } else {
    std::memset(codes, 128, rows.stride());
  }
  std::int8_t* left = left_.get() + (row - row % kLeftRows) * rows.stride();
  std::uint8_t* right = right_.get() + (row - row % kRightRows) * rows.stride();
  for (std::size_t step = 0; step < steps_; ++step) {
    const std::uint8_t* from = codes + step * kPanelStep;
    std::memcpy(right + (step * kRightRows + row % kRightRows) * kPanelStep, from, kPanelStep);
    std::int8_t* to = left + (step * kLeftRows + row % kLeftRows) * kPanelStep;
    for (std::size_t i = 0; i < kPanelStep; ++i) to[i] = static_cast<std::int8_t>(from[i] - 128);
  }
}

LeftPanel CodedRows::left(std::uint32_t panel, const float* limits) const {
  const std::size_t row = std::size_t{panel} * kLeftRows;
  return {left_.get() + row * steps_ * kPanelStep, &scales_[row], &errors_[row], limits + row,
          &offsets_[row]};
}

RightPanel CodedRows::right(std::uint32_t panel, const float* limits) const {
  const std::size_t row = std::size_t{panel} * kRightRows;
  return {right_.get() + row * steps_ * kPanelStep, &scales_[row], &errors_[row], limits + row};
}

}  // namespace tulving::index
