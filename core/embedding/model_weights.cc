#include "core/embedding/model_weights.h"

#include <algorithm>
#include <cmath>

#include "core/base/text/utf8.h"
#include "index/kernels/dense_kernels.h"

namespace tulving::embedding {
namespace {

// Far above what anybody would wait for, and small enough that no product overflows.
constexpr std::uint32_t kRowsMax = 1'000'000;
constexpr std::uint32_t kWidthMax = 8'192;
constexpr std::uint32_t kPiecesMaxMax = 4'096;
constexpr std::size_t kPieceBytesMax = 255;

bool is_width(std::uint32_t width) {
  return width > 0 && width <= kWidthMax && width % index::kDenseColumns == 0;
}

template <class Number>
bool all_finite(const std::vector<Number>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](Number x) { return std::isfinite(x); });
}

}  // namespace

std::string broken_rule(const ModelShape& shape) {
  if (shape.rows == 0 || shape.rows > kRowsMax) return "the number of its pieces is out of range";
  if (shape.reserved == 0) return "it has no unknown piece";
  if (shape.reserved > shape.rows) return "it reserves more pieces than it has";
  if (shape.pieces_max == 0 || shape.pieces_max > kPiecesMaxMax) {
    return "the length of its texts is out of range";
  }
  if (!is_width(shape.piece_width) || !is_width(shape.width) || !is_width(shape.inner) ||
      !is_width(shape.dim)) {
    return "the width of a layer is out of range";
  }
  if (shape.heads == 0 || shape.piece_width % shape.heads != 0 || shape.width % shape.heads != 0) {
    return "its heads do not divide its layers";
  }
  return {};
}

std::string broken_rule(const ModelWeights& weights) {
  if (std::string rule = broken_rule(weights.shape); !rule.empty()) return rule;
  if (weights.pieces.size() > weights.shape.rows) return "it has more pieces than vectors";
  if (weights.pieces.size() < weights.shape.reserved) return "its reserved pieces are missing";
  if (weights.scores.size() != weights.pieces.size()) return "a piece has no score";
  if (!all_finite(weights.scores)) return "a piece's score is not finite";
  for (const std::string& piece : weights.pieces) {
    if (piece.empty() || piece.size() > kPieceBytesMax) return "a piece's length is out of range";
    if (first_invalid_utf8(piece)) return "a piece is not UTF-8";
  }
  std::string rule;
  each_array(weights,
             [&](const std::string& name, const std::vector<float>& floats, std::size_t count) {
               if (!rule.empty()) return;
               if (floats.size() != count) rule = "the size of \"" + name + "\" does not fit";
               if (!all_finite(floats)) rule = "a number of \"" + name + "\" is not finite";
             });
  return rule;
}

}  // namespace tulving::embedding
