// Decay scores, 8 rows a step: see decay_avx512.cc. Here the steps are those that AVX2 lacks: int64
// to double, and 2^whole, which is put together from bits and is 0 below the normal floats.

#include "index/kernels/decay_kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)
#include <algorithm>

namespace tulving::index {
namespace {

constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;

struct Exponent {
  __m256 whole;
  __m256 part;
};

struct Ages {
  __m256d low;   // Rows 0..3, microseconds.
  __m256d high;  // Rows 4..7.
};

TULVING_AVX2_INLINE __m256 join(__m256d low, __m256d high) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(low)), _mm256_cvtpd_ps(high),
                              1);
}

// Four ages, at least 0, as doubles. Each 32-bit half becomes the low bits of a double's mantissa,
// whose exponent says what they are worth; subtracting what the exponent added leaves their sum.
TULVING_AVX2_INLINE __m256d ages_of(const std::int64_t* last_used_us, __m256i now) {
  const __m256i used =
      _mm256_loadu_si256(static_cast<const __m256i*>(static_cast<const void*>(last_used_us)));
  const __m256i difference = _mm256_sub_epi64(now, used);
  const __m256i zero = _mm256_setzero_si256();
  const __m256i age = _mm256_andnot_si256(_mm256_cmpgt_epi64(zero, difference), difference);
  const __m256d bias_low = _mm256_set1_pd(0x1p52);
  const __m256d bias_high = _mm256_set1_pd(0x1p84);
  const __m256i low = _mm256_blend_epi32(age, _mm256_castpd_si256(bias_low), 0xAA);
  const __m256i high = _mm256_or_si256(_mm256_srli_epi64(age, 32), _mm256_castpd_si256(bias_high));
  const __m256d high_part =
      _mm256_sub_pd(_mm256_castsi256_pd(high), _mm256_set1_pd(0x1p84 + 0x1p52));
  return _mm256_add_pd(high_part, _mm256_castsi256_pd(low));
}

// For x >= 1.
TULVING_AVX2_INLINE __m256 log2_of(__m256 x) {
  const __m256i bits = _mm256_castps_si256(x);
  const __m256 exponent =
      _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_srli_epi32(bits, 23), _mm256_set1_epi32(127)));
  const __m256 mantissa = _mm256_castsi256_ps(_mm256_or_si256(
      _mm256_and_si256(bits, _mm256_set1_epi32(0x007F'FFFF)), _mm256_set1_epi32(0x3F80'0000)));
  const __m256 root = _mm256_set1_ps(kSqrt2);
  const __m256 s = _mm256_div_ps(_mm256_sub_ps(mantissa, root), _mm256_add_ps(mantissa, root));
  const __m256 square = _mm256_mul_ps(s, s);
  __m256 series = _mm256_set1_ps(kLog2Series[3]);
  for (std::size_t k = 3; k-- > 0;) {
    series = _mm256_fmadd_ps(series, square, _mm256_set1_ps(kLog2Series[k]));
  }
  return _mm256_add_ps(exponent, _mm256_fmadd_ps(series, s, _mm256_set1_ps(0.5F)));
}

TULVING_AVX2_INLINE __m256 exp2_of(Exponent x) {
  const __m256 more = _mm256_round_ps(x.part, kNearest);
  const __m256 f = _mm256_sub_ps(x.part, more);
  __m256 series = _mm256_set1_ps(kExp2Series[6]);
  for (std::size_t k = 6; k-- > 0;) {
    series = _mm256_fmadd_ps(series, f, _mm256_set1_ps(kExp2Series[k]));
  }
  // At -127 the biased exponent, and with it the power, is 0; scores stay far below 2^127.
  const __m256 whole = _mm256_max_ps(_mm256_add_ps(x.whole, more), _mm256_set1_ps(-127.0F));
  const __m256i biased = _mm256_add_epi32(_mm256_cvtps_epi32(whole), _mm256_set1_epi32(127));
  return _mm256_mul_ps(series, _mm256_castsi256_ps(_mm256_slli_epi32(biased, 23)));
}

TULVING_AVX2_INLINE Exponent component_of(const Ages& ages,
                                          const DecayShape::Component& component) {
  const __m256d rate = _mm256_set1_pd(component.rate);
  const __m256d share = _mm256_set1_pd(component.log2_share);
  const __m256d low = _mm256_fnmadd_pd(ages.low, rate, share);
  const __m256d high = _mm256_fnmadd_pd(ages.high, rate, share);
  const __m256d low_whole = _mm256_round_pd(low, kNearest);
  const __m256d high_whole = _mm256_round_pd(high, kNearest);
  return {join(low_whole, high_whole),
          join(_mm256_sub_pd(low, low_whole), _mm256_sub_pd(high, high_whole))};
}

TULVING_AVX2_INLINE __m256 retention_of(const Ages& ages, __m256 uses, const DecayShape& shape) {
  if (shape.component_count == 0) {
    const __m256 base = _mm256_fmadd_ps(join(ages.low, ages.high), _mm256_set1_ps(shape.power_rate),
                                        _mm256_set1_ps(1.0F));
    const __m256 part = _mm256_fnmadd_ps(log2_of(base), _mm256_set1_ps(shape.power_alpha), uses);
    return exp2_of({_mm256_setzero_ps(), part});
  }
  __m256 sum = _mm256_setzero_ps();
  for (std::size_t i = 0; i < shape.component_count; ++i) {
    Exponent exponent = component_of(ages, shape.components[i]);
    exponent.part = _mm256_add_ps(exponent.part, uses);
    sum = _mm256_add_ps(sum, exp2_of(exponent));
  }
  return sum;
}

TULVING_AVX2_INLINE void score_eight(const DecayColumns& columns, __m256i now,
                                     const DecayShape& shape, float* scores) {
  const Ages ages = {ages_of(columns.last_used_us, now), ages_of(columns.last_used_us + 4, now)};
  const __m256 count = _mm256_cvtepi32_ps(
      _mm256_loadu_si256(static_cast<const __m256i*>(static_cast<const void*>(columns.use_count))));
  const __m256 uses = _mm256_mul_ps(log2_of(_mm256_add_ps(count, _mm256_set1_ps(1.0F))),
                                    _mm256_set1_ps(shape.use_exponent));
  const __m256 strength = _mm256_loadu_ps(columns.strength);
  _mm256_storeu_ps(scores, _mm256_mul_ps(retention_of(ages, uses, shape), strength));
}

TULVING_AVX2 void decay(const DecayColumns& columns, std::size_t n, std::int64_t now_us,
                        const DecayShape& shape, float* scores) {
  const __m256i now = _mm256_set1_epi64x(now_us);
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    score_eight({columns.last_used_us + i, columns.use_count + i, columns.strength + i}, now, shape,
                scores + i);
  }
  if (i == n) return;
  // The rest in a full step of its own, on copies: nothing is read or written past the end.
  std::int64_t last_used_us[8] = {};
  std::int32_t use_count[8] = {};
  float strength[8] = {};
  float last_scores[8];
  std::copy(columns.last_used_us + i, columns.last_used_us + n, last_used_us);
  std::copy(columns.use_count + i, columns.use_count + n, use_count);
  std::copy(columns.strength + i, columns.strength + n, strength);
  score_eight({last_used_us, use_count, strength}, now, shape, last_scores);
  std::copy(last_scores, last_scores + (n - i), scores + i);
}

}  // namespace

DecayKernel avx2_decay_kernel() { return decay; }

}  // namespace tulving::index

#else

namespace tulving::index {
DecayKernel avx2_decay_kernel() { return nullptr; }
}  // namespace tulving::index

#endif
