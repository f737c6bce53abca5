// 512-bit kernels of fixed point.

#include "index/kernels/fixed_kernels.h"
#include "index/kernels/fixed_x86.h"

#if defined(__x86_64__)

namespace tulving::index {
namespace {

// Components i..i+31 in two registers: a code above its residual is a word.
template <std::uint32_t kBits>
TULVING_AVX512_INLINE void load_fixed(const FixedRow& row, std::size_t i, __m512* two) {
  const __m256i offset = _mm256_set1_epi16(static_cast<short>(kFixedOffset));
  __m128i residuals[2];
  load_residuals<kBits>(row, i, residuals);
#pragma GCC unroll 2
  for (std::size_t u = 0; u < 2; ++u) {
    const __m256i codes =
        _mm256_slli_epi16(_mm256_cvtepu8_epi16(load_16(row.codes + i + 16 * u)), 8);
    const __m256i words = _mm256_or_si256(codes, _mm256_cvtepu8_epi16(residuals[u]));
    two[u] = _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(_mm256_sub_epi16(words, offset)));
  }
}

template <std::uint32_t kBits>
TULVING_AVX512_INLINE float dot_blocks(const FixedRow& row, const float* query, std::size_t n) {
  __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(),
                    _mm512_setzero_ps()};
  std::size_t i = 0;
  for (; i + 2 * kBlock <= n; i += 2 * kBlock) {
    __m512 x[4];
    load_fixed<kBits>(row, i, x);
    load_fixed<kBits>(row, i + kBlock, x + 2);
#pragma GCC unroll 4
    for (std::size_t u = 0; u < 4; ++u) {
      sums[u] = _mm512_fmadd_ps(x[u], _mm512_loadu_ps(query + i + 16 * u), sums[u]);
    }
  }
  if (i < n) {
    __m512 x[2];
    load_fixed<kBits>(row, i, x);
    sums[0] = _mm512_fmadd_ps(x[0], _mm512_loadu_ps(query + i), sums[0]);
    sums[1] = _mm512_fmadd_ps(x[1], _mm512_loadu_ps(query + i + 16), sums[1]);
  }
  return _mm512_reduce_add_ps(
      _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}

TULVING_AVX512 float dot(const FixedRow& row, const float* query, std::size_t n) {
  const std::size_t whole = n / kBlock * kBlock;
  const float sum = row.residual_bits == 8   ? dot_blocks<8>(row, query, whole)
                    : row.residual_bits == 4 ? dot_blocks<4>(row, query, whole)
                                             : dot_blocks<0>(row, query, whole);
  if (whole == n) return sum;
  return sum + scalar_fixed_kernels()->dot(from_component(row, whole), query + whole, n - whole);
}

// The residuals of components i..i+63.
template <std::uint32_t kBits>
TULVING_AVX512_INLINE __m512i load_64_residuals(const FixedRow& row, std::size_t i) {
  if constexpr (kBits == 8) return _mm512_loadu_si512(row.residuals + i);
  if constexpr (kBits == 0) return _mm512_set1_epi8(-128);
  const __m256i packed =
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row.residuals + i / 2));
  // Each block's 16 bytes twice, shifted the first time.
  const __m512i twice = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 1, 0, 1, 2, 3, 2, 3),
                                                 _mm512_castsi256_si512(packed));
  const __m512i shifted = _mm512_mask_sll_epi16(twice, 0x00FF00FFU, twice, _mm_cvtsi32_si128(4));
  return _mm512_and_si512(shifted, _mm512_set1_epi8(static_cast<char>(0xF0)));
}

// Of each 64 the even ones of 0..7, 16..23, 32..39 and 48..55, then the odd ones beside them, and
// both again from 8 on.
TULVING_AVX512 void arrange(float* query, std::size_t n) {
  const __m512i order = _mm512_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15);
  for (float* x = query; x != query + n; x += 2 * kBlock) {
    __m512 v[4];
#pragma GCC unroll 4
    for (std::size_t u = 0; u < 4; ++u) {
      v[u] = _mm512_permutexvar_ps(order, _mm512_loadu_ps(x + 16 * u));
    }
    // Their quarters transposed.
    const __m512 first = _mm512_shuffle_f32x4(v[0], v[1], 0x44);
    const __m512 second = _mm512_shuffle_f32x4(v[0], v[1], 0xEE);
    const __m512 third = _mm512_shuffle_f32x4(v[2], v[3], 0x44);
    const __m512 fourth = _mm512_shuffle_f32x4(v[2], v[3], 0xEE);
    _mm512_storeu_ps(x, _mm512_shuffle_f32x4(first, third, 0x88));
    _mm512_storeu_ps(x + 16, _mm512_shuffle_f32x4(first, third, 0xDD));
    _mm512_storeu_ps(x + 32, _mm512_shuffle_f32x4(second, fourth, 0x88));
    _mm512_storeu_ps(x + 48, _mm512_shuffle_f32x4(second, fourth, 0xDD));
  }
}

// Components i..i+63 as arrange() orders them. Of two words in 32 bits the lower is shifted up, the
// upper is what is left without the lower: both are 65,536 times the component.
template <std::uint32_t kBits>
TULVING_AVX512_INLINE void load_arranged(const FixedRow& row, std::size_t i, __m512* four) {
  const __m512i offset = _mm512_set1_epi16(static_cast<short>(kFixedOffset));
  const __m512i upper = _mm512_set1_epi32(static_cast<int>(0xFFFF0000U));
  const __m512i codes = _mm512_loadu_si512(row.codes + i);
  const __m512i residuals = load_64_residuals<kBits>(row, i);
  const __m512i low = _mm512_sub_epi16(_mm512_unpacklo_epi8(residuals, codes), offset);
  const __m512i high = _mm512_sub_epi16(_mm512_unpackhi_epi8(residuals, codes), offset);
  four[0] = _mm512_cvtepi32_ps(_mm512_slli_epi32(low, 16));
  four[1] = _mm512_cvtepi32_ps(_mm512_and_si512(low, upper));
  four[2] = _mm512_cvtepi32_ps(_mm512_slli_epi32(high, 16));
  four[3] = _mm512_cvtepi32_ps(_mm512_and_si512(high, upper));
}

TULVING_AVX512_INLINE __m512 sum_pairs_of_quarters(__m512 a, __m512 b) {
  return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xDD));
}

// In the order of dot_blocks(): there sums[u] has, of each 64 components, those of quarter u here.
TULVING_AVX512_INLINE float sum_of_arranged(const __m512* sums) {
  const __m512 all = sum_pairs_of_quarters(sum_pairs_of_quarters(sums[0], sums[1]),
                                           sum_pairs_of_quarters(sums[2], sums[3]));
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
  const __m256 four = _mm256_add_ps(eight, _mm256_permute_ps(eight, 0x4E));
  const __m256 two = _mm256_add_ps(four, _mm256_permute_ps(four, 0xB1));
  return _mm_cvtss_f32(_mm_add_ss(_mm256_castps256_ps128(two), _mm256_extractf128_ps(two, 1)));
}

template <std::uint32_t kBits>
TULVING_AVX512_INLINE float dot_arranged_blocks(const FixedRow& row, const float* query,
                                                std::size_t n) {
  __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(),
                    _mm512_setzero_ps()};
  for (std::size_t i = 0; i < n; i += 2 * kBlock) {
    __m512 x[4];
    load_arranged<kBits>(row, i, x);
#pragma GCC unroll 4
    for (std::size_t u = 0; u < 4; ++u) {
      sums[u] = _mm512_fmadd_ps(x[u], _mm512_loadu_ps(query + i + 16 * u), sums[u]);
    }
  }
  // A power of two, so nothing is rounded but what is too small for a float.
  return sum_of_arranged(sums) * kPerShift;
}

TULVING_AVX512 float dot_arranged(const FixedRow& row, const float* query, std::size_t n) {
  if (row.residual_bits == 8) return dot_arranged_blocks<8>(row, query, n);
  if (row.residual_bits == 4) return dot_arranged_blocks<4>(row, query, n);
  return dot_arranged_blocks<0>(row, query, n);
}

template <std::uint32_t kBits>
TULVING_AVX512_INLINE void decode_blocks(const FixedRow& row, std::size_t n, float* to) {
  for (std::size_t i = 0; i < n; i += kBlock) {
    __m512 x[2];
    load_fixed<kBits>(row, i, x);
    _mm512_storeu_ps(to + i, x[0]);
    _mm512_storeu_ps(to + i + 16, x[1]);
  }
}

TULVING_AVX512 void decode(const FixedRow& row, std::size_t n, float* x) {
  const std::size_t whole = n / kBlock * kBlock;
  if (row.residual_bits == 8) decode_blocks<8>(row, whole, x);
  if (row.residual_bits == 4) decode_blocks<4>(row, whole, x);
  if (row.residual_bits == 0) decode_blocks<0>(row, whole, x);
  scalar_fixed_kernels()->decode(from_component(row, whole), n - whole, x + whole);
}

// Squares are summed up in f64, which holds sums of integers below 2^53 exactly; theirs is below
// 2^46.
TULVING_AVX512 FixedSummary encode(const float* x, std::size_t n, float steps, std::uint32_t bits,
                                   std::uint8_t* codes, std::uint8_t* residuals) {
  const __m512 factors = _mm512_set1_ps(steps);
  const __m512 most = _mm512_set1_ps(static_cast<float>(127U << bits));
  const __m512 least = _mm512_set1_ps(-static_cast<float>(127U << bits));
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(8 - bits));
  __m512d squares = _mm512_setzero_pd();
  __m512i residual_squares = _mm512_setzero_si512();
  __m512i sums = _mm512_setzero_si512();
  for (std::size_t i = 0; i < n; i += 16) {
    const __mmask16 mask = tail_mask(n - i);
    const __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, x + i), factors);
    const __m512i rounded = _mm512_cvtps_epi32(_mm512_min_ps(_mm512_max_ps(scaled, least), most));
    const __m512i component = _mm512_sll_epi32(rounded, shift);
    const __m512i word = _mm512_add_epi32(component, _mm512_set1_epi32(kFixedOffset));
    const __m512i code = _mm512_srli_epi32(word, 8);
    _mm_mask_storeu_epi8(codes + i, mask, _mm512_cvtepi32_epi8(code));
    _mm_mask_storeu_epi8(residuals + i, mask, _mm512_cvtepi32_epi8(word));
    // What is not loaded is 0, of code 128 and residual 128.
    const __m512i rest = _mm512_sub_epi32(
        component, _mm512_slli_epi32(_mm512_sub_epi32(code, _mm512_set1_epi32(128)), 8));
    residual_squares = _mm512_add_epi32(residual_squares, _mm512_mullo_epi32(rest, rest));
    sums = _mm512_add_epi32(sums, _mm512_sub_epi32(code, _mm512_set1_epi32(128)));
    const __m512d low = _mm512_cvtepi32_pd(_mm512_castsi512_si256(component));
    const __m512d high = _mm512_cvtepi32_pd(_mm512_extracti64x4_epi64(component, 1));
    squares = _mm512_fmadd_pd(high, high, _mm512_fmadd_pd(low, low, squares));
  }
  return {static_cast<std::int64_t>(_mm512_reduce_add_pd(squares)),
          _mm512_reduce_add_epi32(residual_squares), _mm512_reduce_add_epi32(sums)};
}

}  // namespace

const FixedKernels* avx512_fixed_kernels() {
  static const FixedKernels set{
      "avx512", avx2_fixed_kernels()->rotate, encode, decode, dot, arrange, dot_arranged};
  return &set;
}

}  // namespace tulving::index

#else

namespace tulving::index {
const FixedKernels* avx512_fixed_kernels() { return nullptr; }
}  // namespace tulving::index

#endif
