#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "index/vectors/rows/slot.h"
#include "index/vectors/rows/vector_code.h"

namespace tulving::index {

/// Gives the vectors of a row, one after the other, as they were when a checkpoint was written, or
/// later ones of the same; false: there are none. Called from any thread, and seldom.
using VectorSource = std::function<bool(std::uint32_t row, std::vector<float>& vectors)>;

/// Makes anew what was damaged of a checkpoint's vectors.
class VectorMender {
 public:
  /// `rows`: which row each slot had in the checkpoint, kNothing for dead ones. The vectors of one
  /// row are in slots that follow each other.
  VectorMender(const VectorCoder& coder, std::vector<std::uint32_t> rows, VectorSource source)
      : coder_(coder), rows_(std::move(rows)), source_(std::move(source)) {}

  struct Remade {
    CodeHeader header;
    std::vector<std::uint8_t> codes, residuals;
  };
  /// Of a vector that nobody has: zero, whose cosine with everything is 0.
  [[nodiscard]] Remade remake(Slot slot) const;

 private:
  [[nodiscard]] std::vector<float> vector_of(Slot slot) const;

  const VectorCoder coder_;
  const std::vector<std::uint32_t> rows_;
  const VectorSource source_;
};

}  // namespace tulving::index
