// 256-bit pair kernels. As in kernels_avx2.cc, only the functions carry a target, not the file.

#include "index/kernels/pair_kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)
#include <cstring>

namespace tulving::index {
namespace {

constexpr std::size_t kColumns = 8;  // Of a register: four codes each.
constexpr std::size_t kWidth = 2;    // Registers of columns that share a broadcast.

TULVING_AVX2 double dot_wide(const float* a, const float* b, std::size_t n) {
  __m256d sums[8];
#pragma GCC unroll 8
  for (std::size_t u = 0; u < 8; ++u) sums[u] = _mm256_setzero_pd();
  for (std::size_t i = 0; i < n; i += kWideLanes) {
#pragma GCC unroll 8
    for (std::size_t u = 0; u < 8; ++u) {
      const __m256d x = _mm256_cvtps_pd(_mm_loadu_ps(a + i + 4 * u));
      sums[u] = _mm256_fmadd_pd(x, _mm256_cvtps_pd(_mm_loadu_ps(b + i + 4 * u)), sums[u]);
    }
  }
#pragma GCC unroll 3
  for (std::size_t half = 4; half > 0; half /= 2) {
#pragma GCC unroll 4
    for (std::size_t u = 0; u < half; ++u) sums[u] = _mm256_add_pd(sums[u], sums[u + half]);
  }
  return sum_of(sums[0]);
}

// Without VNNI two products are added in 16 bits, which saturate from 2 x 128 x 128 on. |c| times
// a with c's sign stays within 2 x 127 x 127 = 32,258.
TULVING_AVX2_INLINE __m256i add_products(__m256i sum, __m256i codes, __m256i absolute,
                                         __m256i row) {
  const __m256i words = _mm256_maddubs_epi16(absolute, _mm256_sign_epi8(row, codes));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(words, _mm256_set1_epi16(1)));
}

TULVING_AVX2_INLINE std::uint64_t reach_of(__m256i dots, const LeftPanel& left, std::size_t r,
                                           const RightPanel& right, std::size_t c) {
  const __m256 error = _mm256_set1_ps(left.errors[r]);
  const __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(right.scales + c), _mm256_cvtepi32_ps(dots));
  const __m256 band = _mm256_fmadd_ps(_mm256_add_ps(error, _mm256_set1_ps(1.0F)),
                                      _mm256_loadu_ps(right.errors + c), error);
  const __m256 reach = _mm256_fmadd_ps(_mm256_set1_ps(left.scales[r]), scaled, band);
  const __m256 limit =
      _mm256_min_ps(_mm256_set1_ps(left.limits[r]), _mm256_loadu_ps(right.limits + c));
  const int bits = _mm256_movemask_ps(_mm256_cmp_ps(reach, limit, _CMP_GE_OQ));
  return static_cast<std::uint64_t>(static_cast<unsigned>(bits)) << c;
}

// Three rows by sixteen columns: six sums, two columns with their absolute values, one row.
TULVING_AVX2_INLINE void reaching_tile(const LeftPanel& left, std::size_t row,
                                       const RightPanel& right, std::size_t column,
                                       std::size_t steps, std::uint64_t* masks) {
  __m256i sums[3 * kWidth];
#pragma GCC unroll 6
  for (std::size_t i = 0; i < 3 * kWidth; ++i) sums[i] = _mm256_setzero_si256();
  const std::int8_t* rows = left.codes + row * kPanelStep;
  const std::uint8_t* columns = right.codes + column * kPanelStep;
  for (std::size_t step = 0; step < steps; ++step) {
    __m256i codes[kWidth];
    __m256i absolute[kWidth];
#pragma GCC unroll 2
    for (std::size_t w = 0; w < kWidth; ++w) {
      const void* from = columns + w * kColumns * kPanelStep;
      codes[w] = _mm256_xor_si256(_mm256_loadu_si256(static_cast<const __m256i*>(from)),
                                  _mm256_set1_epi8(-128));
      absolute[w] = _mm256_abs_epi8(codes[w]);
    }
#pragma GCC unroll 3
    for (std::size_t r = 0; r < 3; ++r) {
      std::int32_t four = 0;
      std::memcpy(&four, rows + r * kPanelStep, sizeof four);
      const __m256i row_codes = _mm256_set1_epi32(four);
#pragma GCC unroll 2
      for (std::size_t w = 0; w < kWidth; ++w) {
        sums[r * kWidth + w] = add_products(sums[r * kWidth + w], codes[w], absolute[w], row_codes);
      }
    }
    rows += kLeftRows * kPanelStep;
    columns += kRightRows * kPanelStep;
  }
#pragma GCC unroll 3
  for (std::size_t r = 0; r < 3; ++r) {
#pragma GCC unroll 2
    for (std::size_t w = 0; w < kWidth; ++w) {
      masks[row + r] |= reach_of(sums[r * kWidth + w], left, row + r, right, column + w * kColumns);
    }
  }
}

TULVING_AVX2 void reaching(const LeftPanel& left, const RightPanel& right, std::size_t steps,
                           std::uint64_t* masks) {
  for (std::size_t r = 0; r < kLeftRows; ++r) masks[r] = 0;
  for (std::size_t row = 0; row < kLeftRows; row += 3) {
    for (std::size_t column = 0; column < kRightRows; column += kWidth * kColumns) {
      reaching_tile(left, row, right, column, steps, masks);
    }
  }
}

}  // namespace

const PairKernels* avx2_pair_kernels() {
  static const PairKernels set{"avx2", dot_wide, reaching};
  return &set;
}

}  // namespace tulving::index

#else

namespace tulving::index {
const PairKernels* avx2_pair_kernels() { return nullptr; }
}  // namespace tulving::index

#endif
