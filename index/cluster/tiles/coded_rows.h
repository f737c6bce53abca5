#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "index/cluster/tiles/unit_rows.h"
#include "index/kernels/pair_kernels.h"

namespace tulving::index {

/// Unit rows in int8, in panels for the register tile: once as left rows, once as right rows.
class CodedRows {
 public:
  CodedRows(const UnitRows& rows, const Workers& workers);

  [[nodiscard]] std::size_t steps() const { return steps_; }
  /// The rows from panel * kLeftRows, or * kRightRows; `limits` are by row.
  [[nodiscard]] LeftPanel left(std::uint32_t panel, const float* limits) const;
  [[nodiscard]] RightPanel right(std::uint32_t panel, const float* limits) const;
  /// What the codes of a row lost, at most.
  [[nodiscard]] float error(std::uint32_t row) const { return errors_[row]; }

 private:
  void encode(const UnitRows& rows, std::uint32_t row, std::uint8_t* codes);

  std::uint32_t size_;
  std::size_t steps_;
  AlignedArray<std::int8_t> left_;
  AlignedArray<std::uint8_t> right_;
  std::vector<float> scales_, errors_;  // By row, up to a multiple of both panels.
  std::vector<std::int32_t> offsets_;
};

}  // namespace tulving::index
