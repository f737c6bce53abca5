// 256-bit dense kernels: a tile of some rows by a panel's 32 columns, whose sums stay in registers.
// As in kernels_avx2.cc, only the functions carry a target, not the file.

#include "index/kernels/dense_kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)
#include <algorithm>
#include <cstring>

namespace tulving::index {
namespace {

constexpr std::size_t kRegisters = 4;  // Of a panel's columns, eight each.
constexpr std::size_t kRows = 3;       // 12 sums of the 16 registers.

template <std::size_t kTaken>
TULVING_AVX2_INLINE void float_tile(const FloatMatrix& matrix, std::size_t first, const float* x,
                                    float* out) {
  __m256 sums[kTaken * kRegisters];
#pragma GCC unroll 12
  for (std::size_t u = 0; u < kTaken * kRegisters; ++u) {
    sums[u] = _mm256_loadu_ps(matrix.bias + first + u % kRegisters * 8);
  }
  const float* weights = matrix.panels + first * matrix.inputs;
  for (std::size_t i = 0; i < matrix.inputs; ++i, weights += kDenseColumns) {
#pragma GCC unroll 3
    for (std::size_t r = 0; r < kTaken; ++r) {
      const __m256 input = _mm256_broadcast_ss(x + r * matrix.inputs + i);
#pragma GCC unroll 4
      for (std::size_t c = 0; c < kRegisters; ++c) {
        __m256& sum = sums[r * kRegisters + c];
        sum = _mm256_fmadd_ps(input, _mm256_load_ps(weights + c * 8), sum);
      }
    }
  }
#pragma GCC unroll 12
  for (std::size_t u = 0; u < kTaken * kRegisters; ++u) {
    _mm256_storeu_ps(out + u / kRegisters * matrix.columns + first + u % kRegisters * 8, sums[u]);
  }
}

TULVING_AVX2 void multiply(const FloatMatrix& matrix, const float* x, std::size_t rows,
                           float* out) {
  for (std::size_t first = 0; first < matrix.columns; first += kDenseColumns) {
    for (std::size_t r = 0; r < rows; r += kRows) {
      const float* const from = x + r * matrix.inputs;
      float* const to = out + r * matrix.columns;
      switch (std::min(kRows, rows - r)) {
        case 1:
          float_tile<1>(matrix, first, from, to);
          break;
        case 2:
          float_tile<2>(matrix, first, from, to);
          break;
        default:
          float_tile<3>(matrix, first, from, to);
      }
    }
  }
}

TULVING_AVX2_INLINE __m256i four_inputs(const std::uint8_t* codes) {
  std::int32_t four = 0;
  std::memcpy(&four, codes, sizeof(four));
  return _mm256_xor_si256(_mm256_set1_epi32(four), _mm256_set1_epi8(-128));
}

// |w| times x with w's sign: vpmaddubsw's pairs stay within 2 x 127 x 127 and never saturate.
template <std::size_t kTaken>
TULVING_AVX2_INLINE void code_tile(const CodeMatrix& matrix, std::size_t first,
                                   const std::uint8_t* x, const float* row_scales, float* out) {
  __m256i sums[kTaken * kRegisters];
#pragma GCC unroll 8
  for (std::size_t u = 0; u < kTaken * kRegisters; ++u) sums[u] = _mm256_setzero_si256();
  const __m256i ones = _mm256_set1_epi16(1);
  const auto* weights =
      static_cast<const __m256i*>(static_cast<const void*>(matrix.panels + first * matrix.inputs));
  for (std::size_t i = 0; i < matrix.inputs; i += kDenseStep, weights += kRegisters) {
    __m256i inputs[kTaken];
#pragma GCC unroll 2
    for (std::size_t r = 0; r < kTaken; ++r) inputs[r] = four_inputs(x + r * matrix.inputs + i);
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kRegisters; ++c) {
      const __m256i codes = _mm256_load_si256(weights + c);
      const __m256i absolute = _mm256_abs_epi8(codes);
#pragma GCC unroll 2
      for (std::size_t r = 0; r < kTaken; ++r) {
        const __m256i words = _mm256_maddubs_epi16(absolute, _mm256_sign_epi8(inputs[r], codes));
        __m256i& sum = sums[r * kRegisters + c];
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(words, ones));
      }
    }
  }
#pragma GCC unroll 8
  for (std::size_t u = 0; u < kTaken * kRegisters; ++u) {
    const std::size_t column = first + u % kRegisters * 8;
    const __m256 factor = _mm256_mul_ps(_mm256_set1_ps(row_scales[u / kRegisters]),
                                        _mm256_loadu_ps(matrix.scales + column));
    _mm256_storeu_ps(out + u / kRegisters * matrix.columns + column,
                     _mm256_fmadd_ps(factor, _mm256_cvtepi32_ps(sums[u]),
                                     _mm256_loadu_ps(matrix.bias + column)));
  }
}

TULVING_AVX2 void multiply_codes(const CodeMatrix& matrix, const CodeRows& x, float* out) {
  for (std::size_t first = 0; first < matrix.columns; first += kDenseColumns) {
    std::size_t r = 0;
    for (; r + 2 <= x.rows; r += 2) {
      code_tile<2>(matrix, first, x.codes + r * matrix.inputs, x.scales + r,
                   out + r * matrix.columns);
    }
    if (r < x.rows) {
      code_tile<1>(matrix, first, x.codes + r * matrix.inputs, x.scales + r,
                   out + r * matrix.columns);
    }
  }
}

TULVING_AVX2 void mix(const float* values, std::size_t stride, const float* weights,
                      std::size_t rows, std::size_t n, float* out) {
  std::size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    __m256 sums[kRegisters];
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kRegisters; ++c) sums[c] = _mm256_setzero_ps();
    const float* row = values + i;
    for (std::size_t r = 0; r < rows; ++r, row += stride) {
      const __m256 weight = _mm256_broadcast_ss(weights + r);
#pragma GCC unroll 4
      for (std::size_t c = 0; c < kRegisters; ++c) {
        sums[c] = _mm256_fmadd_ps(weight, _mm256_loadu_ps(row + c * 8), sums[c]);
      }
    }
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kRegisters; ++c) _mm256_storeu_ps(out + i + c * 8, sums[c]);
  }
  for (; i < n; ++i) {
    __m128 sum = _mm_setzero_ps();
    for (std::size_t r = 0; r < rows; ++r) {
      sum = _mm_fmadd_ss(_mm_load_ss(weights + r), _mm_load_ss(values + r * stride + i), sum);
    }
    out[i] = _mm_cvtss_f32(sum);
  }
}

constexpr DenseKernels kAvx2{"avx2", multiply, multiply_codes, mix};

}  // namespace

const DenseKernels* avx2_dense_kernels() { return &kAvx2; }

}  // namespace tulving::index

#else

namespace tulving::index {
const DenseKernels* avx2_dense_kernels() { return nullptr; }
}  // namespace tulving::index

#endif
