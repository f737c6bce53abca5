#include "core/embedding/transformer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/check.h"
#include "core/embedding/attention.h"

namespace tulving::embedding {
namespace {

/// Rows that go through a dense layer together: its weights are read once for all of them. More
/// bring nothing, and their floats would not stay in the second cache.
constexpr std::size_t kGroupRows = 128;
constexpr double kLeastSquares = 1e-12;

// sin and cos of position times rate (Vaswani et al. 2017, section 3.5, all sines first).
std::vector<float> timing_of(const ModelWeights& weights) {
  const std::size_t half = weights.rates.size();
  std::vector<float> timing(weights.shape.pieces_max * 2 * half);
  for (std::size_t position = 0; position < weights.shape.pieces_max; ++position) {
    float* const row = timing.data() + position * 2 * half;
    for (std::size_t i = 0; i < half; ++i) {
      const float angle = static_cast<float>(position) * weights.rates[i];
      row[i] = std::sin(angle);
      row[half + i] = std::cos(angle);
    }
  }
  return timing;
}

std::size_t rows_of(std::span<const PieceIds> texts) {
  std::size_t rows = 0;
  for (const PieceIds& text : texts) rows += text.size();
  return rows;
}

void add(const std::vector<float>& x, std::size_t n, std::vector<float>& sums) {
  for (std::size_t i = 0; i < n; ++i) sums[i] += x[i];
}

// tanh of each, then length 1.
void finish_vector(float* vector, std::size_t dim) {
  double squares = 0;
  for (std::size_t i = 0; i < dim; ++i) {
    vector[i] = std::tanh(vector[i]);
    squares += double{vector[i]} * double{vector[i]};
  }
  const auto factor = static_cast<float>(1.0 / std::sqrt(std::max(squares, kLeastSquares)));
  for (std::size_t i = 0; i < dim; ++i) vector[i] *= factor;
}

}  // namespace

struct Transformer::Scratch {
  std::vector<float> rows, sums, normal, wide, narrow, means, attention;
  DenseScratch dense;
};

Transformer::Layer::Layer(LayerWeights weights, Arithmetic arithmetic)
    : attention_norm(std::move(weights.attention_norm)),
      inner_norm(std::move(weights.inner_norm)),
      attention_in(weights.attention_in, arithmetic),
      attention_out(weights.attention_out, arithmetic),
      inner_in(weights.inner_in, arithmetic),
      inner_out(weights.inner_out, arithmetic) {}

Transformer::Transformer(ModelWeights weights, Arithmetic arithmetic)
    : shape_(weights.shape),
      piece_vectors_(std::move(weights.piece_vectors)),
      timing_(timing_of(weights)),
      widen_(weights.widen, Arithmetic::kFloat),
      output_(weights.output, Arithmetic::kFloat) {
  for (LayerWeights& layer : weights.layers) layers_.emplace_back(std::move(layer), arithmetic);
}

void Transformer::look_up(std::span<const PieceIds> texts, float* rows) const {
  const std::size_t width = shape_.piece_width;
  for (const PieceIds& text : texts) {
    TULVING_DCHECK(text.size() <= shape_.pieces_max);
    for (std::size_t position = 0; position < text.size(); ++position, rows += width) {
      TULVING_DCHECK(text[position] < shape_.rows);
      const float* const piece = piece_vectors_.data() + text[position] * width;
      const float* const timing = timing_.data() + position * width;
      for (std::size_t i = 0; i < width; ++i) rows[i] = piece[i] + (piece[i] + timing[i]);
    }
  }
}

void Transformer::run_layer(const Layer& layer, std::span<const PieceIds> texts, const float* rows,
                            std::vector<float>& sums, Scratch& scratch) const {
  const std::size_t count = rows_of(texts);
  const std::size_t width = layer.attention_in.inputs();
  std::vector<float>& normal = scratch.normal;
  std::vector<float>& wide = scratch.wide;
  std::vector<float>& narrow = scratch.narrow;
  normalise_rows(layer.attention_norm, rows, count, width, normal.data());
  layer.attention_in.apply(normal.data(), count, wide.data(), scratch.dense);
  std::size_t first = 0;
  for (const PieceIds& text : texts) {
    attend(wide.data() + first * 3 * width, text.size(), width, shape_.heads, scratch.attention,
           normal.data() + first * width);
    first += text.size();
  }
  layer.attention_out.apply(normal.data(), count, narrow.data(), scratch.dense);
  add(narrow, count * shape_.width, sums);

  normalise_rows(layer.inner_norm, sums.data(), count, shape_.width, normal.data());
  layer.inner_in.apply(normal.data(), count, wide.data(), scratch.dense);
  for (std::size_t i = 0; i < count * shape_.inner; ++i) wide[i] = std::max(wide[i], 0.0F);
  layer.inner_out.apply(wide.data(), count, narrow.data(), scratch.dense);
  add(narrow, count * shape_.width, sums);
}

void Transformer::encode_group(std::span<const PieceIds> texts, float* vectors,
                               Scratch& scratch) const {
  const std::size_t count = rows_of(texts);
  const std::size_t width = shape_.width;
  const std::size_t widest = std::max({3 * shape_.piece_width, 3 * shape_.width, shape_.inner});
  scratch.rows.resize(count * shape_.piece_width);
  scratch.sums.resize(count * width);
  scratch.narrow.resize(count * width);
  scratch.normal.resize(count * std::max<std::size_t>(width, shape_.piece_width));
  scratch.wide.resize(count * widest);
  look_up(texts, scratch.rows.data());
  widen_.apply(scratch.rows.data(), count, scratch.sums.data(), scratch.dense);
  run_layer(layers_[0], texts, scratch.rows.data(), scratch.sums, scratch);
  // The second layer's input is what its output is added to.
  run_layer(layers_[1], texts, scratch.sums.data(), scratch.sums, scratch);

  scratch.means.assign(texts.size() * width, 0.0F);
  std::size_t first = 0;
  for (std::size_t t = 0; t < texts.size(); ++t) {
    float* const mean = scratch.means.data() + t * width;
    for (std::size_t row = first; row < first + texts[t].size(); ++row) {
      for (std::size_t i = 0; i < width; ++i) mean[i] += scratch.sums[row * width + i];
    }
    first += texts[t].size();
    const auto pieces = static_cast<float>(std::max<std::size_t>(texts[t].size(), 1));
    for (std::size_t i = 0; i < width; ++i) mean[i] /= pieces;
  }
  output_.apply(scratch.means.data(), texts.size(), vectors, scratch.dense);
  for (std::size_t t = 0; t < texts.size(); ++t) finish_vector(vectors + t * dim(), dim());
}

void Transformer::encode(std::span<const PieceIds> texts, float* vectors) const {
  Scratch scratch;
  while (!texts.empty()) {
    std::size_t taken = 1;
    std::size_t rows = texts[0].size();
    while (taken < std::min(texts.size(), kGroupRows) && rows + texts[taken].size() <= kGroupRows) {
      rows += texts[taken++].size();
    }
    encode_group(texts.first(taken), vectors, scratch);
    texts = texts.subspan(taken);
    vectors += taken * dim();
  }
}

}  // namespace tulving::embedding
