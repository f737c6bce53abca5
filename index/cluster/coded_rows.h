#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "index/cluster/unit_rows.h"
#include "index/kernels/pair_kernels.h"

namespace tulving::index {

/// Unit rows in int8, in panels for the register tile: once as left rows, once as right rows.
class CodedRows {
 public:
  CodedRows(const UnitRows& rows, const Workers& workers);

  /// Every row's limit, for all pairs from now on.
  void set_limit(float limit);

  [[nodiscard]] std::size_t steps() const { return steps_; }
  [[nodiscard]] LeftPanel left(std::uint32_t panel) const;    ///< Rows from panel * kLeftRows.
  [[nodiscard]] RightPanel right(std::uint32_t panel) const;  ///< Rows from panel * kRightRows.
  /// What the codes of a row lost, at most.
  [[nodiscard]] float error(std::uint32_t row) const { return errors_[row]; }

 private:
  void encode(const UnitRows& rows, std::uint32_t row, std::uint8_t* codes);

  std::uint32_t size_;
  std::size_t steps_;
  AlignedArray<std::int8_t> left_;
  AlignedArray<std::uint8_t> right_;
  // By row, up to a multiple of both panels. Rows past the last have no limit they could reach.
  std::vector<float> scales_, errors_, limits_;
  std::vector<std::int32_t> offsets_;
};

}  // namespace tulving::index
