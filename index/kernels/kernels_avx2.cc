// 256-bit kernels. The file is compiled without -mavx2, since inline std code compiled so could be
// the copy the linker keeps, and run on a processor without it: only the functions carry a target.

#include "index/kernels/kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)
#include <algorithm>
#include <cmath>

namespace tulving::index {
namespace {

const __m256i* as_vector(const void* bytes) { return static_cast<const __m256i*>(bytes); }

TULVING_AVX2_INLINE __m256i load(const void* bytes) { return _mm256_loadu_si256(as_vector(bytes)); }

TULVING_AVX2 float dot_f32(const float* a, const float* b, std::size_t n) {
  __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(),
                    _mm256_setzero_ps()};
  std::size_t i = 0;
  for (; i + 32 <= n; i += 32) {
#pragma GCC unroll 4
    for (std::size_t u = 0; u < 4; ++u) {
      sums[u] =
          _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8 * u), _mm256_loadu_ps(b + i + 8 * u), sums[u]);
    }
  }
  for (; i + 8 <= n; i += 8) {
    sums[0] = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), sums[0]);
  }
  float sum =
      sum_of(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
  for (; i < n; ++i) sum = std::fma(a[i], b[i], sum);
  return sum;
}

TULVING_AVX2 float max_abs(const float* x, std::size_t n) {
  const __m256 magnitude_mask = _mm256_castsi256_ps(_mm256_set1_epi32(0x7FFF'FFFF));
  __m256 most = _mm256_setzero_ps();
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    most = _mm256_max_ps(most, _mm256_and_ps(_mm256_loadu_ps(x + i), magnitude_mask));
  }
  alignas(32) float lanes[8];
  _mm256_store_ps(lanes, most);
  float result = *std::max_element(lanes, lanes + 8);
  for (; i < n; ++i) result = std::max(result, std::fabs(x[i]));
  return result;
}

TULVING_AVX2 void scale_f32(const float* x, float factor, std::size_t n, float* scaled) {
  const __m256 factors = _mm256_set1_ps(factor);
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    _mm256_storeu_ps(scaled + i, _mm256_mul_ps(_mm256_loadu_ps(x + i), factors));
  }
  for (; i < n; ++i) scaled[i] = x[i] * factor;
}

TULVING_AVX2_INLINE __m256 rounded(__m256 x) {
  const __m256 code = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm256_min_ps(_mm256_max_ps(code, _mm256_set1_ps(-127.0F)), _mm256_set1_ps(127.0F));
}

// Eight int32 of one byte's range each -> eight bytes.
TULVING_AVX2_INLINE void store_bytes(__m256i integers, void* bytes) {
  const __m128i words =
      _mm_packs_epi32(_mm256_castsi256_si128(integers), _mm256_extracti128_si256(integers, 1));
  _mm_storel_epi64(static_cast<__m128i*>(bytes), _mm_packs_epi16(words, words));
}

TULVING_AVX2 CodeSummary encode(const float* x, std::size_t n, float scale, std::uint8_t* codes) {
  const __m256 inverse_scale = _mm256_set1_ps(1.0F / scale);
  const __m256 scales = _mm256_set1_ps(scale);
  const __m256i flip = _mm256_set1_epi32(-128);
  __m256 squares = _mm256_setzero_ps();
  __m256i sums = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m256 values = _mm256_loadu_ps(x + i);
    const __m256 code = rounded(_mm256_mul_ps(values, inverse_scale));
    const __m256 residual = _mm256_fnmadd_ps(scales, code, values);
    squares = _mm256_fmadd_ps(residual, residual, squares);
    const __m256i integers = _mm256_cvtps_epi32(code);
    sums = _mm256_add_epi32(sums, integers);
    // c + 128 and c XOR -128 are the same low byte, and the latter packs without saturating.
    store_bytes(_mm256_xor_si256(integers, flip), codes + i);
  }
  CodeSummary summary = scalar_kernels()->encode(x + i, n - i, scale, codes + i);
  summary.squared_error += sum_of(squares);
  summary.sum += sum_of(sums);
  return summary;
}

TULVING_AVX2 void encode_query(const float* y, std::size_t n, float scale, std::int8_t* high,
                               std::int8_t* low, CodeSummary& high_summary,
                               CodeSummary& low_summary) {
  const float low_scale = scale / kLowUnits;
  const __m256 inverse_scale = _mm256_set1_ps(1.0F / scale);
  const __m256 inverse_low_scale = _mm256_set1_ps(1.0F / low_scale);
  __m256 high_squares = _mm256_setzero_ps();
  __m256 low_squares = _mm256_setzero_ps();
  __m256i high_sums = _mm256_setzero_si256();
  __m256i low_sums = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m256 values = _mm256_loadu_ps(y + i);
    const __m256 code = rounded(_mm256_mul_ps(values, inverse_scale));
    const __m256 residual = _mm256_fnmadd_ps(_mm256_set1_ps(scale), code, values);
    const __m256 low_code = rounded(_mm256_mul_ps(residual, inverse_low_scale));
    const __m256 rest = _mm256_fnmadd_ps(_mm256_set1_ps(low_scale), low_code, residual);
    high_squares = _mm256_fmadd_ps(residual, residual, high_squares);
    low_squares = _mm256_fmadd_ps(rest, rest, low_squares);
    const __m256i high_integers = _mm256_cvtps_epi32(code);
    const __m256i low_integers = _mm256_cvtps_epi32(low_code);
    high_sums = _mm256_add_epi32(high_sums, high_integers);
    low_sums = _mm256_add_epi32(low_sums, low_integers);
    store_bytes(high_integers, high + i);
    store_bytes(low_integers, low + i);
  }
  scalar_kernels()->encode_query(y + i, n - i, scale, high + i, low + i, high_summary, low_summary);
  high_summary.squared_error += sum_of(high_squares);
  low_summary.squared_error += sum_of(low_squares);
  high_summary.sum += sum_of(high_sums);
  low_summary.sum += sum_of(low_sums);
}

// a * b summed in groups of four bytes: |a| times b with a's sign, so that vpmaddubsw's pairs
// stay within 2 * 127 * 127 = 32,258 and never saturate.
TULVING_AVX2_INLINE __m256i add_products(__m256i sums, __m256i a, __m256i b) {
  const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(a), _mm256_sign_epi8(b, a));
  return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

TULVING_AVX2_INLINE __m256i load_codes(const std::uint8_t* codes) {
  return _mm256_xor_si256(load(codes), _mm256_set1_epi8(-128));
}

// A stored row in the query's place, whose codes have eight bits.
TULVING_AVX2 void dot_rows_wide(const std::uint8_t* const* rows, std::size_t count,
                                const std::int8_t* query, std::size_t n, std::int32_t* dots) {
  const std::size_t whole = n & ~std::size_t{31};
  for (std::size_t r = 0; r < count; ++r) {
    __m256i sums = _mm256_setzero_si256();
    for (std::size_t i = 0; i < whole; i += 32) {
      sums = add_products(sums, load_codes(rows[r] + i), load(query + i));
    }
    dots[r] = sum_of(sums);
    for (std::size_t i = whole; i < n; ++i) dots[r] += (int{rows[r][i]} - 128) * int{query[i]};
  }
}

constexpr std::size_t kLine = 64;
constexpr std::size_t kGroup = 4;  // Rows: 8 accumulators and 2 query registers of the 16.

// Lane r of the result is the sum of sums[r]'s lanes.
TULVING_AVX2_INLINE __m128i sums_of_four(const __m256i* sums) {
  const __m256i four =
      _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
  return _mm_add_epi32(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
}

TULVING_AVX2_INLINE __m256i add_narrow(__m256i sums, __m256i codes, __m256i query) {
  const __m256i pairs = _mm256_maddubs_epi16(codes, query);
  return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

// Sums of the unsigned codes of four rows: 128 times the query's sum too large. A scan's rows lie
// one after the other, and the processor's own prefetcher loses its way among four of them: asking
// for the next four takes a scan of 3 MB from 131 to 112 us.
template <bool kFine>
TULVING_AVX2_INLINE void dot_group(const std::uint8_t* const* rows, const CodedQuery& query,
                                   std::size_t n, std::int32_t* high_dots, std::int32_t* low_dots) {
  __m256i high[kGroup];
  __m256i low[kGroup];
#pragma GCC unroll 4
  for (std::size_t r = 0; r < kGroup; ++r) high[r] = low[r] = _mm256_setzero_si256();
  const std::size_t whole = n & ~std::size_t{31};
  for (std::size_t i = 0; i < whole; i += 32) {
    const __m256i high_query = load(query.high + i);
    const __m256i low_query = kFine ? load(query.low + i) : high_query;
#pragma GCC unroll 4
    for (std::size_t r = 0; r < kGroup; ++r) {
      const __m256i codes = load(rows[r] + i);
      if constexpr (kFine) {
        if (i % kLine == 0) prefetch(rows[r] + i, kGroup * n);
      }
      high[r] = add_narrow(high[r], codes, high_query);
      if constexpr (kFine) low[r] = add_narrow(low[r], codes, low_query);
    }
  }
  _mm_storeu_si128(static_cast<__m128i*>(static_cast<void*>(high_dots)), sums_of_four(high));
  if constexpr (kFine) {
    _mm_storeu_si128(static_cast<__m128i*>(static_cast<void*>(low_dots)), sums_of_four(low));
  }
  for (std::size_t r = 0; r < kGroup; ++r) {
    for (std::size_t i = whole; i < n; ++i) {
      high_dots[r] += int{rows[r][i]} * int{query.high[i]};
      if constexpr (kFine) low_dots[r] += int{rows[r][i]} * int{query.low[i]};
    }
  }
}

// The last group is filled up with its own last row.
TULVING_AVX2_INLINE std::size_t fill_group(const std::uint8_t* const* rows, std::size_t left,
                                           const std::uint8_t** group) {
  const std::size_t taken = std::min(kGroup, left);
  for (std::size_t r = 0; r < kGroup; ++r) group[r] = rows[std::min(r, taken - 1)];
  return taken;
}

TULVING_AVX2 void dot_rows(const std::uint8_t* const* rows, std::size_t count,
                           const CodedQuery& query, std::size_t n, std::int32_t* dots) {
  if (query.is_wide) return dot_rows_wide(rows, count, query.high, n, dots);
  for (std::size_t first = 0; first < count; first += kGroup) {
    const std::uint8_t* group[kGroup];
    std::int32_t high[kGroup];
    const std::size_t taken = fill_group(rows + first, count - first, group);
    dot_group<false>(group, query, n, high, nullptr);
    for (std::size_t r = 0; r < taken; ++r) dots[first + r] = high[r] - 128 * query.high_sum;
  }
}

TULVING_AVX2 void dot_rows_fine(const std::uint8_t* const* rows, std::size_t count,
                                const CodedQuery& query, std::size_t n, float* dots) {
  for (std::size_t first = 0; first < count; first += kGroup) {
    const std::uint8_t* group[kGroup];
    std::int32_t high[kGroup];
    std::int32_t low[kGroup];
    const std::size_t taken = fill_group(rows + first, count - first, group);
    dot_group<true>(group, query, n, high, low);
    for (std::size_t r = 0; r < taken; ++r) {
      dots[first + r] = std::fma(static_cast<float>(high[r] - 128 * query.high_sum), kLowUnits,
                                 static_cast<float>(low[r] - 128 * query.low_sum));
    }
  }
}

constexpr DistanceKernels kAvx2{"avx2", dot_f32,      max_abs,  scale_f32,
                                encode, encode_query, dot_rows, dot_rows_fine};

}  // namespace

const DistanceKernels* avx2_kernels() { return &kAvx2; }

}  // namespace tulving::index

#else

namespace tulving::index {
const DistanceKernels* avx2_kernels() { return nullptr; }
}  // namespace tulving::index

#endif
