#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/embedding/model_weights.h"

namespace tulving::embedding {

// The encoder by the book, in doubles and without haste: an oracle for models of any size.

using Row = std::vector<double>;
using Rows = std::vector<Row>;

inline Row naive_dense(const DenseWeights& weights, const Row& x) {
  Row out(weights.bias.begin(), weights.bias.end());
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t c = 0; c < out.size(); ++c) {
      out[c] += x[i] * double{weights.kernel[i * out.size() + c]};
    }
  }
  return out;
}

inline Row naive_norm(const NormWeights& norm, const Row& x) {
  const auto n = static_cast<double>(x.size());
  double mean = 0, variance = 0;
  for (const double value : x) mean += value / n;
  for (const double value : x) variance += (value - mean) * (value - mean) / n;
  Row out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    out[i] =
        (x[i] - mean) / std::sqrt(variance + 1e-6) * double{norm.scale[i]} + double{norm.bias[i]};
  }
  return out;
}

// Rows of queries, keys and values, `width` each.
inline Rows naive_attention(const Rows& rows, std::size_t width, std::size_t heads) {
  const std::size_t part = width / heads;
  Rows out(rows.size(), Row(width, 0.0));
  for (std::size_t head = 0; head < heads; ++head) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Row scores(rows.size(), 0.0);
      double sum = 0;
      for (std::size_t j = 0; j < rows.size(); ++j) {
        for (std::size_t c = head * part; c < (head + 1) * part; ++c) {
          scores[j] += rows[i][c] * rows[j][width + c] / std::sqrt(static_cast<double>(part));
        }
        scores[j] = std::exp(scores[j]);
        sum += scores[j];
      }
      for (std::size_t j = 0; j < rows.size(); ++j) {
        for (std::size_t c = head * part; c < (head + 1) * part; ++c) {
          out[i][c] += scores[j] / sum * rows[j][2 * width + c];
        }
      }
    }
  }
  return out;
}

inline void naive_layer(const LayerWeights& layer, std::size_t heads, const Rows& x, Rows& sums) {
  Rows asked;
  for (const Row& row : x) {
    asked.push_back(naive_dense(layer.attention_in, naive_norm(layer.attention_norm, row)));
  }
  const Rows attended = naive_attention(asked, x.empty() ? 0 : x[0].size(), heads);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Row first = naive_dense(layer.attention_out, attended[i]);
    for (std::size_t c = 0; c < first.size(); ++c) sums[i][c] += first[c];
    Row inner = naive_dense(layer.inner_in, naive_norm(layer.inner_norm, sums[i]));
    for (double& value : inner) value = std::max(value, 0.0);
    const Row second = naive_dense(layer.inner_out, inner);
    for (std::size_t c = 0; c < second.size(); ++c) sums[i][c] += second[c];
  }
}

inline Row naive_vector(const ModelWeights& weights, const std::vector<std::uint32_t>& pieces) {
  const std::size_t width = weights.shape.piece_width;
  Rows rows, sums;
  for (std::size_t position = 0; position < pieces.size(); ++position) {
    Row row(width);
    for (std::size_t i = 0; i < width; ++i) {
      const double angle = static_cast<double>(position) * double{weights.rates[i % (width / 2)]};
      row[i] = 2 * double{weights.piece_vectors[pieces[position] * width + i]} +
               (i < width / 2 ? std::sin(angle) : std::cos(angle));
    }
    sums.push_back(naive_dense(weights.widen, row));
    rows.push_back(std::move(row));
  }
  naive_layer(weights.layers[0], weights.shape.heads, rows, sums);
  rows = sums;
  naive_layer(weights.layers[1], weights.shape.heads, rows, sums);
  Row mean(weights.shape.width, 0.0);
  for (const Row& row : sums) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      mean[i] += row[i] / static_cast<double>(sums.size());
    }
  }
  Row vector = naive_dense(weights.output, mean);
  double squares = 0;
  for (double& value : vector) {
    value = std::tanh(value);
    squares += value * value;
  }
  for (double& value : vector) value /= std::sqrt(squares);
  return vector;
}

}  // namespace tulving::embedding
