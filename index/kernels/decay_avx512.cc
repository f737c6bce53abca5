// Decay scores, 16 rows a step. All factors are summed as exponents of two, so that a long faded
// memory that was used often neither overflows nor underflows on the way, and one 2^x is taken at
// the end. Ages reach 10^17 us and exponents 10^6: their whole part is split off in doubles.

#include "index/kernels/decay_kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)

namespace tulving::index {
namespace {

constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;

// A step reads four cache lines of three columns, more than the processor fetches ahead by itself:
// of 10 M rows it scores 0.4 G a second so, and 1.5 G when it is asked this many rows before.
constexpr std::size_t kAhead = 256;
constexpr std::size_t kLine = 64;

// A sum of exponents, x = whole + part.
struct Exponent {
  __m512 whole;
  __m512 part;
};

struct Ages {
  __m512i low;   // Rows 0..7, microseconds.
  __m512i high;  // Rows 8..15.
};

TULVING_AVX512_INLINE __m512 join(__m256 low, __m256 high) {
  return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

// For x >= 1.
TULVING_AVX512_INLINE __m512 log2_of(__m512 x) {
  const __m512 mantissa = _mm512_getmant_ps(x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero);
  const __m512 root = _mm512_set1_ps(kSqrt2);
  const __m512 s = _mm512_div_ps(_mm512_sub_ps(mantissa, root), _mm512_add_ps(mantissa, root));
  const __m512 square = _mm512_mul_ps(s, s);
  __m512 series = _mm512_set1_ps(kLog2Series[3]);
  for (std::size_t k = 3; k-- > 0;) {
    series = _mm512_fmadd_ps(series, square, _mm512_set1_ps(kLog2Series[k]));
  }
  return _mm512_add_ps(_mm512_getexp_ps(x), _mm512_fmadd_ps(series, s, _mm512_set1_ps(0.5F)));
}

TULVING_AVX512_INLINE __m512 exp2_of(Exponent x) {
  const __m512 more = _mm512_roundscale_ps(x.part, kNearest);
  const __m512 f = _mm512_sub_ps(x.part, more);
  __m512 series = _mm512_set1_ps(kExp2Series[6]);
  for (std::size_t k = 6; k-- > 0;) {
    series = _mm512_fmadd_ps(series, f, _mm512_set1_ps(kExp2Series[k]));
  }
  // 0 below the normal floats: subnormal results cost the processor a hundred cycles each.
  const __m512 whole = _mm512_add_ps(x.whole, more);
  const __mmask16 is_normal = _mm512_cmp_ps_mask(whole, _mm512_set1_ps(-126.0F), _CMP_GE_OQ);
  return _mm512_maskz_scalef_ps(is_normal, series, whole);
}

// log2_share - rate * age, split in doubles.
TULVING_AVX512_INLINE Exponent component_of(const Ages& ages,
                                            const DecayShape::Component& component) {
  const __m512d rate = _mm512_set1_pd(component.rate);
  const __m512d share = _mm512_set1_pd(component.log2_share);
  const __m512d low = _mm512_fnmadd_pd(_mm512_cvtepi64_pd(ages.low), rate, share);
  const __m512d high = _mm512_fnmadd_pd(_mm512_cvtepi64_pd(ages.high), rate, share);
  const __m512d low_whole = _mm512_roundscale_pd(low, kNearest);
  const __m512d high_whole = _mm512_roundscale_pd(high, kNearest);
  return {join(_mm512_cvtpd_ps(low_whole), _mm512_cvtpd_ps(high_whole)),
          join(_mm512_cvtpd_ps(_mm512_sub_pd(low, low_whole)),
               _mm512_cvtpd_ps(_mm512_sub_pd(high, high_whole)))};
}

TULVING_AVX512_INLINE __m512 retention_of(const Ages& ages, __m512 uses, const DecayShape& shape) {
  if (shape.component_count == 0) {
    const __m512 age = join(_mm512_cvtepi64_ps(ages.low), _mm512_cvtepi64_ps(ages.high));
    const __m512 base =
        _mm512_fmadd_ps(age, _mm512_set1_ps(shape.power_rate), _mm512_set1_ps(1.0F));
    const __m512 part = _mm512_fnmadd_ps(log2_of(base), _mm512_set1_ps(shape.power_alpha), uses);
    return exp2_of({_mm512_setzero_ps(), part});
  }
  __m512 sum = _mm512_setzero_ps();
  for (std::size_t i = 0; i < shape.component_count; ++i) {
    Exponent exponent = component_of(ages, shape.components[i]);
    exponent.part = _mm512_add_ps(exponent.part, uses);
    sum = _mm512_add_ps(sum, exp2_of(exponent));
  }
  return sum;
}

TULVING_AVX512 void decay(const DecayColumns& columns, std::size_t n, std::int64_t now_us,
                          const DecayShape& shape, float* scores) {
  const __m512i now = _mm512_set1_epi64(now_us);
  const __m512i zero = _mm512_setzero_si512();
  for (std::size_t i = 0; i < n; i += 16) {
    const std::size_t left = n - i;
    const auto mask = static_cast<__mmask16>(left >= 16 ? 0xFFFFU : (1U << left) - 1U);
    const auto low_mask = static_cast<__mmask8>(mask & 0xFFU);
    const auto high_mask = static_cast<__mmask8>(mask >> 8U);
    const std::int64_t* used = columns.last_used_us + i;
    prefetch(used, 8 * kAhead);
    prefetch(used, 8 * kAhead + kLine);
    prefetch(columns.use_count + i, 4 * kAhead);
    prefetch(columns.strength + i, 4 * kAhead);
    const Ages ages = {
        _mm512_max_epi64(_mm512_sub_epi64(now, _mm512_maskz_loadu_epi64(low_mask, used)), zero),
        _mm512_max_epi64(_mm512_sub_epi64(now, _mm512_maskz_loadu_epi64(high_mask, used + 8)),
                         zero)};
    const __m512 count = _mm512_cvtepi32_ps(_mm512_maskz_loadu_epi32(mask, columns.use_count + i));
    const __m512 uses = _mm512_mul_ps(log2_of(_mm512_add_ps(count, _mm512_set1_ps(1.0F))),
                                      _mm512_set1_ps(shape.use_exponent));
    const __m512 strength = _mm512_maskz_loadu_ps(mask, columns.strength + i);
    _mm512_mask_storeu_ps(scores + i, mask,
                          _mm512_mul_ps(retention_of(ages, uses, shape), strength));
  }
}

}  // namespace

DecayKernel avx512_decay_kernel() { return decay; }

}  // namespace tulving::index

#else

namespace tulving::index {
DecayKernel avx512_decay_kernel() { return nullptr; }
}  // namespace tulving::index

#endif
