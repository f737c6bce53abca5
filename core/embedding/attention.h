#pragma once

#include <cstddef>
#include <vector>

#include "core/embedding/model_weights.h"

namespace tulving::embedding {

/// The sum of floats, in eight lanes of doubles: the same everywhere, and quick without flags.
[[nodiscard]] double sum_in_lanes(const float* x, std::size_t n);

/// Each of `rows` rows of `width` floats less its mean, over its deviation, times the norm's scale,
/// plus its bias. `width` is a multiple of eight.
void normalise_rows(const NormWeights& norm, const float* x, std::size_t rows, std::size_t width,
                    float* out);

/// Scaled dot-product attention (Vaswani et al. 2017, section 3.2) of one text. A row of `x` has
/// the queries of all heads, then the keys, then the values, `width` floats each; a row of `out`
/// has `width`. `room` grows to what the work takes.
void attend(const float* x, std::size_t rows, std::size_t width, std::size_t heads,
            std::vector<float>& room, float* out);

}  // namespace tulving::embedding
