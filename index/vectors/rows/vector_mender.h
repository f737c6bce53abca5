#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "index/vectors/rows/slot.h"
#include "index/vectors/rows/vector_code.h"

namespace tulving::index {

/// Gives the vector of a row as it was when a checkpoint was written, or a later one of the same;
/// false: there is none. Called from any thread, and seldom.
using VectorSource = std::function<bool(std::uint32_t row, std::vector<float>& vector)>;

/// Makes anew what was damaged of a checkpoint's vectors.
class VectorMender {
 public:
  /// `rows`: which row each slot had in the checkpoint, kNothing for dead ones.
  VectorMender(const VectorCoder& coder, std::vector<std::uint32_t> rows, VectorSource source)
      : coder_(coder), rows_(std::move(rows)), source_(std::move(source)) {}

  struct Remade {
    CodeHeader header;
    std::vector<std::uint8_t> codes, residuals;
  };
  /// Of a vector that nobody has: zero, whose cosine with everything is 0.
  [[nodiscard]] Remade remake(Slot slot) const;

 private:
  const VectorCoder coder_;
  const std::vector<std::uint32_t> rows_;
  const VectorSource source_;
};

}  // namespace tulving::index
