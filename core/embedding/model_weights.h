#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tulving::embedding {

/// The sizes of a model. Those of Universal Sentence Encoder Lite are the defaults; the tests make
/// smaller ones.
struct ModelShape {
  std::uint32_t rows = 8002;   ///< Of the table of pieces' vectors; at least as many as pieces.
  std::uint32_t reserved = 6;  ///< The first pieces, which are not spelled; 0 is the unknown one.
  std::uint32_t pieces_max = 128;   ///< Of a text that are read.
  std::uint32_t heads = 4;          ///< Of attention.
  std::uint32_t piece_width = 256;  ///< Components of a piece's vector, and of the first layer.
  std::uint32_t width = 512;        ///< Of all that follows.
  std::uint32_t inner = 1536;       ///< Of a layer's middle.
  std::uint32_t dim = 512;          ///< Of a text's vector.

  friend bool operator==(const ModelShape&, const ModelShape&) = default;
};

/// A dense layer: x kernel + bias. The kernel's row i has the weights of input i.
struct DenseWeights {
  std::vector<float> kernel, bias;
};
/// Of a layer norm (Ba et al. 2016).
struct NormWeights {
  std::vector<float> scale, bias;
};
struct LayerWeights {
  NormWeights attention_norm;
  DenseWeights attention_in;  ///< To queries, keys and values, one after the other.
  DenseWeights attention_out;
  NormWeights inner_norm;
  DenseWeights inner_in;
  DenseWeights inner_out;
};

/// A model as it is kept in a file.
struct ModelWeights {
  ModelShape shape;
  std::vector<std::string> pieces;  ///< A piece's number is its id.
  std::vector<double> scores;       ///< Its logarithmic likelihood.
  std::vector<float> piece_vectors;
  std::vector<float> rates;  ///< Of the timing signal: radians a position, piece_width / 2 of them.
  DenseWeights widen;        ///< The first layer's input, from piece_width to width.
  std::array<LayerWeights, 2> layers;
  DenseWeights output;
};

/// Calls visit(name, floats, count) with each array of floats and how many it must have, in the
/// order in which they are kept. `Weights` is ModelWeights, const or not.
template <class Weights, class Visit>
void each_array(Weights& weights, const Visit& visit) {
  const ModelShape& shape = weights.shape;
  const auto dense = [&](const std::string& name, auto& layer, std::size_t inputs,
                         std::size_t columns) {
    visit(name + " kernel", layer.kernel, inputs * columns);
    visit(name + " bias", layer.bias, columns);
  };
  const auto norm = [&](const std::string& name, auto& layer, std::size_t width) {
    visit(name + " scale", layer.scale, width);
    visit(name + " bias", layer.bias, width);
  };
  visit(std::string("piece vectors"), weights.piece_vectors,
        std::size_t{shape.rows} * shape.piece_width);
  visit(std::string("timing rates"), weights.rates, std::size_t{shape.piece_width} / 2);
  dense("widen", weights.widen, shape.piece_width, shape.width);
  for (std::size_t i = 0; i < weights.layers.size(); ++i) {
    auto& layer = weights.layers[i];
    const std::string name = "layer " + std::to_string(i) + ' ';
    const std::size_t width = i == 0 ? shape.piece_width : shape.width;
    norm(name + "attention norm", layer.attention_norm, width);
    dense(name + "attention in", layer.attention_in, width, 3 * width);
    dense(name + "attention out", layer.attention_out, width, shape.width);
    norm(name + "inner norm", layer.inner_norm, shape.width);
    dense(name + "inner in", layer.inner_in, shape.width, shape.inner);
    dense(name + "inner out", layer.inner_out, shape.inner, shape.width);
  }
  dense("output", weights.output, shape.width, shape.dim);
}

/// The rule that a model breaks, as a few words; empty: it is sound. What the arrays must have
/// follows from the shape, so the shape is asked about first.
[[nodiscard]] std::string broken_rule(const ModelShape& shape);
[[nodiscard]] std::string broken_rule(const ModelWeights& weights);

}  // namespace tulving::embedding
