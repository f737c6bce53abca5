#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/embedding/dense_layer.h"
#include "core/embedding/model_weights.h"

namespace tulving::embedding {

/// The pieces of a text.
using PieceIds = std::vector<std::uint32_t>;

/// The encoder of Universal Sentence Encoder Lite (Cer et al. 2018): two transformer layers
/// (Vaswani et al. 2017) whose norms come first, the mean of the pieces, a dense layer with tanh,
/// and length 1.
///
/// Thread safety: const members beside each other.
class Transformer {
 public:
  /// `weights` are sound (broken_rule()). `arithmetic` is that of the layers. What widens their
  /// input and what makes the output stay in floats: 3 % of the work, and a third of what codes
  /// would cost in exactness.
  Transformer(ModelWeights weights, Arithmetic arithmetic);

  /// A vector of dim() floats a text, one after the other. Each text has at most pieces_max
  /// pieces, all of them below `rows`; one without any has a vector, too. A text's vector is the
  /// same, to the bit, whatever texts come with it.
  void encode(std::span<const PieceIds> texts, float* vectors) const;

  [[nodiscard]] std::size_t dim() const { return shape_.dim; }
  [[nodiscard]] std::size_t pieces_max() const { return shape_.pieces_max; }

 private:
  struct Layer {
    Layer(LayerWeights weights, Arithmetic arithmetic);
    NormWeights attention_norm, inner_norm;
    DenseLayer attention_in, attention_out, inner_in, inner_out;
  };
  struct Scratch;

  void encode_group(std::span<const PieceIds> texts, float* vectors, Scratch& scratch) const;
  void look_up(std::span<const PieceIds> texts, float* rows) const;
  /// `rows` are the layer's input, `sums` what its output is added to, and then its output.
  void run_layer(const Layer& layer, std::span<const PieceIds> texts, const float* rows,
                 std::vector<float>& sums, Scratch& scratch) const;

  ModelShape shape_;
  std::vector<float> piece_vectors_;
  std::vector<float> timing_;  // pieces_max rows: sines, then cosines.
  DenseLayer widen_;
  std::vector<Layer> layers_;
  DenseLayer output_;
};

}  // namespace tulving::embedding
