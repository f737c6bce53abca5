// 256-bit kernels of fixed point. As in kernels_avx2.cc, only the functions carry a target.

#include "index/kernels/fixed_kernels.h"
#include "index/kernels/fixed_x86.h"

#if defined(__x86_64__)
#include <cstring>

namespace tulving::index {
namespace {

// Components i..i+31 in four registers: a code above its residual is a word.
template <std::uint32_t kBits>
TULVING_AVX2_INLINE void load_fixed(const FixedRow& row, std::size_t i, __m256* four) {
  const __m128i offset = _mm_set1_epi16(static_cast<short>(kFixedOffset));
  __m128i residuals[2];
  load_residuals<kBits>(row, i, residuals);
#pragma GCC unroll 2
  for (std::size_t u = 0; u < 2; ++u) {
    const __m128i codes = load_16(row.codes + i + 16 * u);
    const __m128i low = _mm_sub_epi16(_mm_unpacklo_epi8(residuals[u], codes), offset);
    const __m128i high = _mm_sub_epi16(_mm_unpackhi_epi8(residuals[u], codes), offset);
    four[2 * u] = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(low));
    four[2 * u + 1] = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(high));
  }
}

template <std::uint32_t kBits>
TULVING_AVX2_INLINE float dot_blocks(const FixedRow& row, const float* query, std::size_t n) {
  __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(),
                    _mm256_setzero_ps()};
  for (std::size_t i = 0; i < n; i += kBlock) {
    __m256 x[4];
    load_fixed<kBits>(row, i, x);
#pragma GCC unroll 4
    for (std::size_t u = 0; u < 4; ++u) {
      sums[u] = _mm256_fmadd_ps(x[u], _mm256_loadu_ps(query + i + 8 * u), sums[u]);
    }
  }
  return sum_of(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
}

TULVING_AVX2 float dot(const FixedRow& row, const float* query, std::size_t n) {
  const std::size_t whole = n / kBlock * kBlock;
  const float sum = row.residual_bits == 8   ? dot_blocks<8>(row, query, whole)
                    : row.residual_bits == 4 ? dot_blocks<4>(row, query, whole)
                                             : dot_blocks<0>(row, query, whole);
  if (whole == n) return sum;
  return sum + scalar_fixed_kernels()->dot(from_component(row, whole), query + whole, n - whole);
}

// The residuals of components i..i+31.
template <std::uint32_t kBits>
TULVING_AVX2_INLINE __m256i load_32_residuals(const FixedRow& row, std::size_t i) {
  if constexpr (kBits == 8) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row.residuals + i));
  }
  __m128i two[2];
  load_residuals<kBits>(row, i, two);
  return _mm256_set_m128i(two[1], two[0]);
}

// Of each 32 the even ones of 0..7 and 16..23, the odd ones beside them, and both again from 8 on.
TULVING_AVX2 void arrange(float* query, std::size_t n) {
  for (float* x = query; x != query + n; x += kBlock) {
    __m128 evens[4], odds[4];
#pragma GCC unroll 4
    for (std::size_t u = 0; u < 4; ++u) {
      const __m128 low = _mm_loadu_ps(x + 8 * u), high = _mm_loadu_ps(x + 8 * u + 4);
      evens[u] = _mm_shuffle_ps(low, high, 0x88);
      odds[u] = _mm_shuffle_ps(low, high, 0xDD);
    }
    _mm256_storeu_ps(x, _mm256_set_m128(evens[2], evens[0]));
    _mm256_storeu_ps(x + 8, _mm256_set_m128(odds[2], odds[0]));
    _mm256_storeu_ps(x + 16, _mm256_set_m128(evens[3], evens[1]));
    _mm256_storeu_ps(x + 24, _mm256_set_m128(odds[3], odds[1]));
  }
}

// Components i..i+31 as arrange() orders them. Of two words in 32 bits the lower is shifted up, the
// upper is what is left without the lower: both are 65,536 times the component.
template <std::uint32_t kBits>
TULVING_AVX2_INLINE void load_arranged(const FixedRow& row, std::size_t i, __m256* four) {
  const __m256i offset = _mm256_set1_epi16(static_cast<short>(kFixedOffset));
  const __m256i upper = _mm256_set1_epi32(static_cast<int>(0xFFFF0000U));
  const __m256i codes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row.codes + i));
  const __m256i residuals = load_32_residuals<kBits>(row, i);
  const __m256i low = _mm256_sub_epi16(_mm256_unpacklo_epi8(residuals, codes), offset);
  const __m256i high = _mm256_sub_epi16(_mm256_unpackhi_epi8(residuals, codes), offset);
  four[0] = _mm256_cvtepi32_ps(_mm256_slli_epi32(low, 16));
  four[1] = _mm256_cvtepi32_ps(_mm256_and_si256(low, upper));
  four[2] = _mm256_cvtepi32_ps(_mm256_slli_epi32(high, 16));
  four[3] = _mm256_cvtepi32_ps(_mm256_and_si256(high, upper));
}

// In the order of dot_blocks(): there sums[u] has, of each 32 components, the u-th eight.
TULVING_AVX2_INLINE float sum_of_arranged(const __m256* sums) {
  const __m256 even = _mm256_add_ps(sums[0], sums[2]);
  const __m256 odd = _mm256_add_ps(sums[1], sums[3]);
  const __m128 evens = _mm_add_ps(_mm256_castps256_ps128(even), _mm256_extractf128_ps(even, 1));
  const __m128 odds = _mm_add_ps(_mm256_castps256_ps128(odd), _mm256_extractf128_ps(odd, 1));
  const __m128 both = _mm_add_ps(_mm_movelh_ps(evens, odds), _mm_movehl_ps(odds, evens));
  const __m128 pairs = _mm_add_ps(both, _mm_movehdup_ps(both));
  return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_movehl_ps(pairs, pairs)));
}

template <std::uint32_t kBits>
TULVING_AVX2_INLINE float dot_arranged_blocks(const FixedRow& row, const float* query,
                                              std::size_t n) {
  __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(),
                    _mm256_setzero_ps()};
  for (std::size_t i = 0; i < n; i += kBlock) {
    __m256 x[4];
    load_arranged<kBits>(row, i, x);
#pragma GCC unroll 4
    for (std::size_t u = 0; u < 4; ++u) {
      sums[u] = _mm256_fmadd_ps(x[u], _mm256_loadu_ps(query + i + 8 * u), sums[u]);
    }
  }
  // A power of two, so nothing is rounded but what is too small for a float.
  return sum_of_arranged(sums) * kPerShift;
}

TULVING_AVX2 float dot_arranged(const FixedRow& row, const float* query, std::size_t n) {
  if (row.residual_bits == 8) return dot_arranged_blocks<8>(row, query, n);
  if (row.residual_bits == 4) return dot_arranged_blocks<4>(row, query, n);
  return dot_arranged_blocks<0>(row, query, n);
}

template <std::uint32_t kBits>
TULVING_AVX2_INLINE void decode_blocks(const FixedRow& row, std::size_t n, float* to) {
  for (std::size_t i = 0; i < n; i += kBlock) {
    __m256 x[4];
    load_fixed<kBits>(row, i, x);
#pragma GCC unroll 4
    for (std::size_t u = 0; u < 4; ++u) _mm256_storeu_ps(to + i + 8 * u, x[u]);
  }
}

TULVING_AVX2 void decode(const FixedRow& row, std::size_t n, float* x) {
  const std::size_t whole = n / kBlock * kBlock;
  if (row.residual_bits == 8) decode_blocks<8>(row, whole, x);
  if (row.residual_bits == 4) decode_blocks<4>(row, whole, x);
  if (row.residual_bits == 0) decode_blocks<0>(row, whole, x);
  scalar_fixed_kernels()->decode(from_component(row, whole), n - whole, x + whole);
}

// Eight int32 of 0..255 each -> eight bytes.
TULVING_AVX2_INLINE void store_unsigned(__m256i integers, void* bytes) {
  const __m128i words =
      _mm_packs_epi32(_mm256_castsi256_si128(integers), _mm256_extracti128_si256(integers, 1));
  _mm_storel_epi64(static_cast<__m128i*>(bytes), _mm_packus_epi16(words, words));
}

// Squares are summed up in f64, which holds sums of integers below 2^53 exactly; theirs is below
// 2^46.
TULVING_AVX2 FixedSummary encode(const float* x, std::size_t n, float steps, std::uint32_t bits,
                                 std::uint8_t* codes, std::uint8_t* residuals) {
  const __m256 factors = _mm256_set1_ps(steps);
  const __m256 most = _mm256_set1_ps(static_cast<float>(127U << bits));
  const __m256 least = _mm256_set1_ps(-static_cast<float>(127U << bits));
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(8 - bits));
  const __m256i half = _mm256_set1_epi32(128);
  __m256d squares = _mm256_setzero_pd();
  __m256i residual_squares = _mm256_setzero_si256();
  __m256i sums = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(x + i), factors);
    const __m256i rounded = _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(scaled, least), most));
    const __m256i component = _mm256_sll_epi32(rounded, shift);
    const __m256i word = _mm256_add_epi32(component, _mm256_set1_epi32(kFixedOffset));
    const __m256i code = _mm256_srli_epi32(word, 8);
    const __m256i residual = _mm256_and_si256(word, _mm256_set1_epi32(0xFF));
    store_unsigned(code, codes + i);
    store_unsigned(residual, residuals + i);
    const __m256i rest = _mm256_sub_epi32(residual, half);
    residual_squares = _mm256_add_epi32(residual_squares, _mm256_mullo_epi32(rest, rest));
    sums = _mm256_add_epi32(sums, _mm256_sub_epi32(code, half));
    const __m256d low = _mm256_cvtepi32_pd(_mm256_castsi256_si128(component));
    const __m256d high = _mm256_cvtepi32_pd(_mm256_extracti128_si256(component, 1));
    squares = _mm256_fmadd_pd(high, high, _mm256_fmadd_pd(low, low, squares));
  }
  FixedSummary summary =
      scalar_fixed_kernels()->encode(x + i, n - i, steps, bits, codes + i, residuals + i);
  summary.squares += static_cast<std::int64_t>(sum_of(squares));
  summary.residual_squares += sum_of(residual_squares);
  summary.sum += sum_of(sums);
  return summary;
}

// Three levels of the transform on eight vectors, or floats, that lie `stride` apart.
template <class V>
TULVING_AVX2_INLINE void mix_eight(V* v) {
#pragma GCC unroll 3
  for (std::size_t half = 4; half > 0; half /= 2) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 8; ++i) {
      if ((i & half) != 0) continue;
      const V a = v[i];
      const V b = v[i + half];
      v[i] = a + b;
      v[i + half] = a - b;
    }
  }
}

template <class V>
TULVING_AVX2_INLINE void mix_and_scale(float* x, std::size_t stride) {
  V v[8];
#pragma GCC unroll 8
  for (std::size_t k = 0; k < 8; ++k) std::memcpy(&v[k], x + k * stride, sizeof(V));
  mix_eight(v);
#pragma GCC unroll 8
  for (std::size_t k = 0; k < 8; ++k) {
    v[k] = v[k] * kRotationFactor;
    std::memcpy(x + k * stride, &v[k], sizeof(V));
  }
}

// The six levels in two passes over memory.
TULVING_AVX2 void rotate(float* x, std::size_t n) {
  const float* signs = rotation_signs();
  const std::size_t eighth = n / 8;
  for (std::size_t i = 0; i < eighth; i += 8) {
    __m256 v[8];
#pragma GCC unroll 8
    for (std::size_t k = 0; k < 8; ++k) {
      const std::size_t at = i + k * eighth;
      v[k] = _mm256_mul_ps(_mm256_loadu_ps(x + at), _mm256_loadu_ps(signs + at % kRotationSigns));
    }
    mix_eight(v);
#pragma GCC unroll 8
    for (std::size_t k = 0; k < 8; ++k) _mm256_storeu_ps(x + i + k * eighth, v[k]);
  }
  const std::size_t stride = n / kMixed;
  for (float* block = x; block != x + n; block += eighth) {
    std::size_t i = 0;
    for (; i + 8 <= stride; i += 8) mix_and_scale<__m256>(block + i, stride);
    for (; i < stride; ++i) mix_and_scale<float>(block + i, stride);
  }
}

}  // namespace

const FixedKernels* avx2_fixed_kernels() {
  static const FixedKernels set{"avx2", rotate, encode, decode, dot, arrange, dot_arranged};
  return &set;
}

}  // namespace tulving::index

#else

namespace tulving::index {
const FixedKernels* avx2_fixed_kernels() { return nullptr; }
}  // namespace tulving::index

#endif
