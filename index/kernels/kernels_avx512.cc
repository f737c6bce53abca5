// 512-bit kernels for processors with AVX-512 F, BW, VL and DQ. Tails are masked loads: a lane that
// is not loaded is zero and adds nothing.

#include "index/kernels/kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)
#include <algorithm>
#include <cmath>

namespace tulving::index {
namespace {

TULVING_AVX512_INLINE float sum_of_four(const __m512* sums) {
  return _mm512_reduce_add_ps(
      _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}

TULVING_AVX512 float dot_f32(const float* a, const float* b, std::size_t n) {
  __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(),
                    _mm512_setzero_ps()};
  std::size_t i = 0;
  for (; i + 64 <= n; i += 64) {
#pragma GCC unroll 4
    for (std::size_t u = 0; u < 4; ++u) {
      sums[u] = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16 * u), _mm512_loadu_ps(b + i + 16 * u),
                                sums[u]);
    }
  }
  for (; i < n; i += 16) {
    const __mmask16 mask = tail_mask(n - i);
    sums[0] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, a + i),
                              _mm512_maskz_loadu_ps(mask, b + i), sums[0]);
  }
  return sum_of_four(sums);
}

TULVING_AVX512 float max_abs(const float* x, std::size_t n) {
  __m512 most = _mm512_setzero_ps();
  for (std::size_t i = 0; i < n; i += 16) {
    most = _mm512_max_ps(most, _mm512_abs_ps(_mm512_maskz_loadu_ps(tail_mask(n - i), x + i)));
  }
  return _mm512_reduce_max_ps(most);
}

TULVING_AVX512 void scale_f32(const float* x, float factor, std::size_t n, float* scaled) {
  const __m512 factors = _mm512_set1_ps(factor);
  for (std::size_t i = 0; i < n; i += 16) {
    const __mmask16 mask = tail_mask(n - i);
    _mm512_mask_storeu_ps(scaled + i, mask,
                          _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, x + i), factors));
  }
}

TULVING_AVX512_INLINE __m512 rounded(__m512 x) {
  const __m512 code = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm512_min_ps(_mm512_max_ps(code, _mm512_set1_ps(-127.0F)), _mm512_set1_ps(127.0F));
}

TULVING_AVX512 CodeSummary encode(const float* x, std::size_t n, float scale, std::uint8_t* codes) {
  const __m512 inverse_scale = _mm512_set1_ps(1.0F / scale);
  const __m512 scales = _mm512_set1_ps(scale);
  __m512 squares = _mm512_setzero_ps();
  __m512i sums = _mm512_setzero_si512();
  for (std::size_t i = 0; i < n; i += 16) {
    const __mmask16 mask = tail_mask(n - i);
    const __m512 values = _mm512_maskz_loadu_ps(mask, x + i);
    const __m512 code = rounded(_mm512_mul_ps(values, inverse_scale));
    const __m512 residual = _mm512_fnmadd_ps(scales, code, values);
    squares = _mm512_fmadd_ps(residual, residual, squares);
    const __m512i integers = _mm512_cvtps_epi32(code);
    sums = _mm512_add_epi32(sums, integers);
    const __m512i offset = _mm512_add_epi32(integers, _mm512_set1_epi32(128));
    _mm_mask_storeu_epi8(codes + i, mask, _mm512_cvtepi32_epi8(offset));
  }
  return {_mm512_reduce_add_ps(squares), _mm512_reduce_add_epi32(sums)};
}

TULVING_AVX512 void encode_query(const float* y, std::size_t n, float scale, std::int8_t* high,
                                 std::int8_t* low, CodeSummary& high_summary,
                                 CodeSummary& low_summary) {
  const float low_scale = scale / kLowUnits;
  const __m512 inverse_scale = _mm512_set1_ps(1.0F / scale);
  const __m512 inverse_low_scale = _mm512_set1_ps(1.0F / low_scale);
  __m512 high_squares = _mm512_setzero_ps();
  __m512 low_squares = _mm512_setzero_ps();
  __m512i high_sums = _mm512_setzero_si512();
  __m512i low_sums = _mm512_setzero_si512();
  for (std::size_t i = 0; i < n; i += 16) {
    const __mmask16 mask = tail_mask(n - i);
    const __m512 values = _mm512_maskz_loadu_ps(mask, y + i);
    const __m512 code = rounded(_mm512_mul_ps(values, inverse_scale));
    const __m512 residual = _mm512_fnmadd_ps(_mm512_set1_ps(scale), code, values);
    const __m512 low_code = rounded(_mm512_mul_ps(residual, inverse_low_scale));
    const __m512 rest = _mm512_fnmadd_ps(_mm512_set1_ps(low_scale), low_code, residual);
    high_squares = _mm512_fmadd_ps(residual, residual, high_squares);
    low_squares = _mm512_fmadd_ps(rest, rest, low_squares);
    const __m512i high_integers = _mm512_cvtps_epi32(code);
    const __m512i low_integers = _mm512_cvtps_epi32(low_code);
    high_sums = _mm512_add_epi32(high_sums, high_integers);
    low_sums = _mm512_add_epi32(low_sums, low_integers);
    _mm_mask_storeu_epi8(high + i, mask, _mm512_cvtepi32_epi8(high_integers));
    _mm_mask_storeu_epi8(low + i, mask, _mm512_cvtepi32_epi8(low_integers));
  }
  high_summary = {_mm512_reduce_add_ps(high_squares), _mm512_reduce_add_epi32(high_sums)};
  low_summary = {_mm512_reduce_add_ps(low_squares), _mm512_reduce_add_epi32(low_sums)};
}

TULVING_AVX512_INLINE __mmask32 byte_mask(std::size_t left) {
  return left >= 32 ? 0xFFFF'FFFFU : (1U << left) - 1U;
}

// Widened to 16 bits: there is no 512-bit vpsignb to keep the byte products from saturating.
TULVING_AVX512_INLINE __m512i load_codes(const std::uint8_t* codes, __mmask32 mask) {
  const __m256i bytes = _mm256_mask_loadu_epi8(_mm256_set1_epi8(-128), mask, codes);
  return _mm512_sub_epi16(_mm512_cvtepu8_epi16(bytes), _mm512_set1_epi16(128));
}

TULVING_AVX512_INLINE __m512i load_signed(const std::int8_t* codes, __mmask32 mask) {
  return _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(mask, codes));
}

// A stored row in the query's place, whose codes have eight bits.
TULVING_AVX512 void dot_rows_wide(const std::uint8_t* const* rows, std::size_t count,
                                  const std::int8_t* query, std::size_t n, std::int32_t* dots) {
  for (std::size_t r = 0; r < count; ++r) {
    __m512i sums = _mm512_setzero_si512();
    for (std::size_t i = 0; i < n; i += 32) {
      const __mmask32 mask = byte_mask(n - i);
      sums = _mm512_add_epi32(
          sums, _mm512_madd_epi16(load_codes(rows[r] + i, mask), load_signed(query + i, mask)));
    }
    dots[r] = _mm512_reduce_add_epi32(sums);
  }
}

TULVING_AVX512_INLINE __m512i add_narrow(__m512i sums, __m512i codes, __m512i query) {
  const __m512i pairs = _mm512_maddubs_epi16(codes, query);
  return _mm512_add_epi32(sums, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
}

TULVING_AVX512_INLINE __mmask64 line_mask(std::size_t left) {
  return left >= 64 ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
}

// The unsigned codes' sum is 128 times the query's sum too large.
template <bool kFine>
TULVING_AVX512_INLINE void dot_one(const std::uint8_t* row, const CodedQuery& query, std::size_t n,
                                   std::int32_t& high_dot, std::int32_t& low_dot) {
  __m512i high = _mm512_setzero_si512();
  __m512i low = _mm512_setzero_si512();
  for (std::size_t i = 0; i < n; i += 64) {
    const __mmask64 mask = line_mask(n - i);
    const __m512i codes = _mm512_maskz_loadu_epi8(mask, row + i);
    high = add_narrow(high, codes, _mm512_maskz_loadu_epi8(mask, query.high + i));
    if constexpr (kFine) {
      low = add_narrow(low, codes, _mm512_maskz_loadu_epi8(mask, query.low + i));
    }
  }
  high_dot = _mm512_reduce_add_epi32(high) - 128 * query.high_sum;
  if constexpr (kFine) low_dot = _mm512_reduce_add_epi32(low) - 128 * query.low_sum;
}

TULVING_AVX512 void dot_rows(const std::uint8_t* const* rows, std::size_t count,
                             const CodedQuery& query, std::size_t n, std::int32_t* dots) {
  if (query.is_wide) return dot_rows_wide(rows, count, query.high, n, dots);
  std::int32_t unused = 0;
  for (std::size_t r = 0; r < count; ++r) dot_one<false>(rows[r], query, n, dots[r], unused);
}

TULVING_AVX512 void dot_rows_fine(const std::uint8_t* const* rows, std::size_t count,
                                  const CodedQuery& query, std::size_t n, float* dots) {
  for (std::size_t r = 0; r < count; ++r) {
    std::int32_t high = 0;
    std::int32_t low = 0;
    dot_one<true>(rows[r], query, n, high, low);
    dots[r] = std::fma(static_cast<float>(high), kLowUnits, static_cast<float>(low));
  }
}

constexpr DistanceKernels kAvx512{"avx512", dot_f32,      max_abs,  scale_f32,
                                  encode,   encode_query, dot_rows, dot_rows_fine};

}  // namespace

const DistanceKernels* avx512_kernels() { return &kAvx512; }

}  // namespace tulving::index

#else

namespace tulving::index {
const DistanceKernels* avx512_kernels() { return nullptr; }
}  // namespace tulving::index

#endif
