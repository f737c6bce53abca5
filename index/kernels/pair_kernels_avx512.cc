// 512-bit pair kernels: f64 sums with AVX-512F, and the int8 register tile with VNNI.

#include "index/kernels/pair_kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)
#include <cstring>

namespace tulving::index {
namespace {

constexpr std::size_t kColumns = 16;  // Of a register: four codes each.
constexpr std::size_t kWidth = kRightRows / kColumns;
constexpr std::size_t kSums = kLeftRows * kWidth;

TULVING_AVX512 double dot_wide(const float* a, const float* b, std::size_t n) {
  __m512d sums[4];
#pragma GCC unroll 4
  for (std::size_t u = 0; u < 4; ++u) sums[u] = _mm512_setzero_pd();
  for (std::size_t i = 0; i < n; i += kWideLanes) {
#pragma GCC unroll 4
    for (std::size_t u = 0; u < 4; ++u) {
      const __m512d x = _mm512_cvtps_pd(_mm256_loadu_ps(a + i + 8 * u));
      sums[u] = _mm512_fmadd_pd(x, _mm512_cvtps_pd(_mm256_loadu_ps(b + i + 8 * u)), sums[u]);
    }
  }
  const __m512d eight =
      _mm512_add_pd(_mm512_add_pd(sums[0], sums[2]), _mm512_add_pd(sums[1], sums[3]));
  const __m256d four =
      _mm256_add_pd(_mm512_castpd512_pd256(eight), _mm512_extractf64x4_pd(eight, 1));
  return sum_of(four);
}

TULVING_VNNI_INLINE std::uint64_t reach_of(__m512i sums, const LeftPanel& left, std::size_t r,
                                           const RightPanel& right, std::size_t c) {
  const __m512i dots = _mm512_sub_epi32(sums, _mm512_set1_epi32(left.offsets[r]));
  const __m512 error = _mm512_set1_ps(left.errors[r]);
  const __m512 scaled = _mm512_mul_ps(_mm512_loadu_ps(right.scales + c), _mm512_cvtepi32_ps(dots));
  const __m512 band = _mm512_fmadd_ps(_mm512_add_ps(error, _mm512_set1_ps(1.0F)),
                                      _mm512_loadu_ps(right.errors + c), error);
  const __m512 reach = _mm512_fmadd_ps(_mm512_set1_ps(left.scales[r]), scaled, band);
  const __m512 limit =
      _mm512_min_ps(_mm512_set1_ps(left.limits[r]), _mm512_loadu_ps(right.limits + c));
  return static_cast<std::uint64_t>(_mm512_cmp_ps_mask(reach, limit, _CMP_GE_OQ)) << c;
}

TULVING_VNNI_INLINE void multiply(const std::int8_t* rows, const std::uint8_t* columns,
                                  std::size_t steps, __m512i* dots) {
  // Loops of one level that unroll whole: else the sums would live in memory.
  __m512i sums[kSums];
#pragma GCC unroll 24
  for (std::size_t i = 0; i < kSums; ++i) sums[i] = _mm512_setzero_si512();
  for (std::size_t step = 0; step < steps; ++step) {
    __m512i codes[kWidth];
#pragma GCC unroll 4
    for (std::size_t w = 0; w < kWidth; ++w) {
      codes[w] = _mm512_loadu_si512(columns + w * kColumns * kPanelStep);
    }
#pragma GCC unroll 24
    for (std::size_t i = 0; i < kSums; ++i) {
      std::int32_t four = 0;
      std::memcpy(&four, rows + i / kWidth * kPanelStep, sizeof four);
      sums[i] = _mm512_dpbusd_epi32(sums[i], codes[i % kWidth], _mm512_set1_epi32(four));
    }
    rows += kLeftRows * kPanelStep;
    columns += kRightRows * kPanelStep;
  }
#pragma GCC unroll 24
  for (std::size_t i = 0; i < kSums; ++i) _mm512_store_si512(dots + i, sums[i]);
}

TULVING_VNNI void reaching(const LeftPanel& left, const RightPanel& right, std::size_t steps,
                           std::uint64_t* masks) {
  __m512i dots[kSums];
  multiply(left.codes, right.codes, steps, dots);
  for (std::size_t r = 0; r < kLeftRows; ++r) {
    masks[r] = 0;
    for (std::size_t w = 0; w < kWidth; ++w) {
      masks[r] |= reach_of(dots[r * kWidth + w], left, r, right, w * kColumns);
    }
  }
}

}  // namespace

const PairKernels* avx512_pair_kernels() {
  static const PairKernels set{"avx512", dot_wide, avx2_pair_kernels()->reaching};
  return &set;
}

const PairKernels* avx512vnni_pair_kernels() {
  static const PairKernels set{"avx512vnni", dot_wide, reaching};
  return &set;
}

}  // namespace tulving::index

#else

namespace tulving::index {
const PairKernels* avx512_pair_kernels() { return nullptr; }
const PairKernels* avx512vnni_pair_kernels() { return nullptr; }
}  // namespace tulving::index

#endif
