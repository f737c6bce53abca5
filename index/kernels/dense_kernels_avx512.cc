// 512-bit dense kernels: a tile of up to eight rows by a panel's 32 columns, 16 sums in registers.

#include "index/kernels/dense_kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)
#include <algorithm>
#include <cstring>

namespace tulving::index {
namespace {

constexpr std::size_t kRegisters = 2;  // Of a panel's columns, sixteen each.
constexpr std::size_t kRows = 8;

template <std::size_t kTaken>
TULVING_AVX512_INLINE void float_tile(const FloatMatrix& matrix, std::size_t first, const float* x,
                                      float* out) {
  __m512 sums[kTaken * kRegisters];
#pragma GCC unroll 16
  for (std::size_t u = 0; u < kTaken * kRegisters; ++u) {
    sums[u] = _mm512_loadu_ps(matrix.bias + first + u % kRegisters * 16);
  }
  const float* weights = matrix.panels + first * matrix.inputs;
  for (std::size_t i = 0; i < matrix.inputs; ++i, weights += kDenseColumns) {
    const __m512 left = _mm512_load_ps(weights);
    const __m512 right = _mm512_load_ps(weights + 16);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kTaken; ++r) {
      const __m512 input = _mm512_set1_ps(x[r * matrix.inputs + i]);
      sums[r * kRegisters] = _mm512_fmadd_ps(input, left, sums[r * kRegisters]);
      sums[r * kRegisters + 1] = _mm512_fmadd_ps(input, right, sums[r * kRegisters + 1]);
    }
  }
#pragma GCC unroll 16
  for (std::size_t u = 0; u < kTaken * kRegisters; ++u) {
    _mm512_storeu_ps(out + u / kRegisters * matrix.columns + first + u % kRegisters * 16, sums[u]);
  }
}

template <std::size_t kTaken>
TULVING_VNNI_INLINE void code_tile(const CodeMatrix& matrix, std::size_t first,
                                   const std::uint8_t* x, const float* row_scales, float* out) {
  __m512i sums[kTaken * kRegisters];
#pragma GCC unroll 16
  for (std::size_t u = 0; u < kTaken * kRegisters; ++u) {
    sums[u] = _mm512_setzero_si512();
  }
  const std::int8_t* weights = matrix.panels + first * matrix.inputs;
  for (std::size_t i = 0; i < matrix.inputs; i += kDenseStep) {
    const __m512i left = _mm512_load_si512(weights);
    const __m512i right = _mm512_load_si512(weights + 64);
    weights += kDenseColumns * kDenseStep;
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kTaken; ++r) {
      std::int32_t four = 0;
      std::memcpy(&four, x + r * matrix.inputs + i, sizeof(four));
      const __m512i inputs = _mm512_set1_epi32(four);
      sums[r * kRegisters] = _mm512_dpbusd_epi32(sums[r * kRegisters], inputs, left);
      sums[r * kRegisters + 1] = _mm512_dpbusd_epi32(sums[r * kRegisters + 1], inputs, right);
    }
  }
#pragma GCC unroll 16
  for (std::size_t u = 0; u < kTaken * kRegisters; ++u) {
    const std::size_t column = first + u % kRegisters * 16;
    const __m512i sum = _mm512_sub_epi32(sums[u], _mm512_loadu_si512(matrix.offsets + column));
    const __m512 factor = _mm512_mul_ps(_mm512_set1_ps(row_scales[u / kRegisters]),
                                        _mm512_loadu_ps(matrix.scales + column));
    _mm512_storeu_ps(
        out + u / kRegisters * matrix.columns + column,
        _mm512_fmadd_ps(factor, _mm512_cvtepi32_ps(sum), _mm512_loadu_ps(matrix.bias + column)));
  }
}

// The rows of one panel, in tiles as high as they come; `kTaken` rows are left at most.
template <std::size_t kTaken>
TULVING_AVX512_INLINE void last_floats(const FloatMatrix& matrix, std::size_t first,
                                       std::size_t left, const float* x, float* out) {
  if (left == kTaken) return float_tile<kTaken>(matrix, first, x, out);
  if constexpr (kTaken > 1) last_floats<kTaken - 1>(matrix, first, left, x, out);
}
template <std::size_t kTaken>
TULVING_VNNI_INLINE void last_codes(const CodeMatrix& matrix, std::size_t first, std::size_t left,
                                    const std::uint8_t* x, const float* scales, float* out) {
  if (left == kTaken) return code_tile<kTaken>(matrix, first, x, scales, out);
  if constexpr (kTaken > 1) last_codes<kTaken - 1>(matrix, first, left, x, scales, out);
}

TULVING_AVX512 void multiply(const FloatMatrix& matrix, const float* x, std::size_t rows,
                             float* out) {
  for (std::size_t first = 0; first < matrix.columns; first += kDenseColumns) {
    for (std::size_t r = 0; r < rows; r += kRows) {
      last_floats<kRows>(matrix, first, std::min(kRows, rows - r), x + r * matrix.inputs,
                         out + r * matrix.columns);
    }
  }
}

TULVING_VNNI void multiply_codes(const CodeMatrix& matrix, const CodeRows& x, float* out) {
  for (std::size_t first = 0; first < matrix.columns; first += kDenseColumns) {
    for (std::size_t r = 0; r < x.rows; r += kRows) {
      last_codes<kRows>(matrix, first, std::min(kRows, x.rows - r), x.codes + r * matrix.inputs,
                        x.scales + r, out + r * matrix.columns);
    }
  }
}

TULVING_AVX512 void mix(const float* values, std::size_t stride, const float* weights,
                        std::size_t rows, std::size_t n, float* out) {
  constexpr std::size_t kSums = 4;  // As many as the latency of their addition hides.
  for (std::size_t i = 0; i < n; i += kSums * 16) {
    __m512 sums[kSums];
    __mmask16 masks[kSums];
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kSums; ++c) {
      sums[c] = _mm512_setzero_ps();
      masks[c] = i + c * 16 < n ? tail_mask(n - i - c * 16) : __mmask16{0};
    }
    const float* row = values + i;
    for (std::size_t r = 0; r < rows; ++r, row += stride) {
      const __m512 weight = _mm512_set1_ps(weights[r]);
#pragma GCC unroll 4
      for (std::size_t c = 0; c < kSums; ++c) {
        sums[c] = _mm512_fmadd_ps(weight, _mm512_maskz_loadu_ps(masks[c], row + c * 16), sums[c]);
      }
    }
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kSums; ++c) {
      _mm512_mask_storeu_ps(out + i + c * 16, masks[c], sums[c]);
    }
  }
}

}  // namespace

// Without VNNI bytes are multiplied as AVX2 does it.
const DenseKernels* avx512_dense_kernels() {
  static const DenseKernels set{"avx512", multiply, avx2_dense_kernels()->multiply_codes, mix};
  return &set;
}

const DenseKernels* avx512vnni_dense_kernels() {
  static const DenseKernels set{"avx512vnni", multiply, multiply_codes, mix};
  return &set;
}

}  // namespace tulving::index

#else

namespace tulving::index {
const DenseKernels* avx512_dense_kernels() { return nullptr; }
const DenseKernels* avx512vnni_dense_kernels() { return nullptr; }
}  // namespace tulving::index

#endif
