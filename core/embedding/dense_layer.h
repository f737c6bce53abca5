#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/embedding/model_weights.h"
#include "index/kernels/dense_kernels.h"
#include "index/vectors/rows/aligned_array.h"

namespace tulving::embedding {

/// What a dense layer computes in.
enum class Arithmetic : std::uint8_t {
  kFloat,  ///< As the model was trained.
  kCodes,  ///< Bytes: a scale a column of weights, and one a row of inputs.
};

/// Room that dense layers need while they work; one a thread.
struct DenseScratch {
  std::vector<std::uint8_t> codes;
  std::vector<float> scales;
};

/// A dense layer, laid out for the kernels. Const members may be called beside each other.
class DenseLayer {
 public:
  DenseLayer(const DenseWeights& weights, Arithmetic arithmetic);

  /// out = x kernel + bias, of `rows` rows that lie one after the other. A row's result does not
  /// depend on the rows beside it.
  void apply(const float* x, std::size_t rows, float* out, DenseScratch& scratch) const;

  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] std::size_t columns() const { return bias_.size(); }

 private:
  void lay_out_floats(const std::vector<float>& kernel);
  void lay_out_codes(const std::vector<float>& kernel);

  std::size_t inputs_ = 0;
  std::vector<float> bias_;
  index::AlignedArray<float> floats_;  // Null: codes.
  index::AlignedArray<std::int8_t> codes_;
  std::vector<float> scales_;
  std::vector<std::int32_t> offsets_;
};

}  // namespace tulving::embedding
