// AVX-512 with VNNI: vpdpbusd multiplies 64 unsigned by 64 signed bytes and adds them up in int32.
// Four rows at a time share the loads of the query and one transposed reduction.

#include "index/kernels/kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)
#include <algorithm>
#include <cmath>

namespace tulving::index {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kGroup = 4;  // Rows: 8 accumulators and 2 query registers of the 32.

TULVING_VNNI_INLINE __mmask64 byte_mask(std::size_t left) {
  return left >= kLine ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
}

// Lane r of the result is the sum of sums[r]'s lanes.
TULVING_VNNI_INLINE __m128i sums_of_four(const __m512i* sums) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[0], sums[1]),
                                      _mm512_unpackhi_epi32(sums[0], sums[1]));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[2], sums[3]),
                                      _mm512_unpackhi_epi32(sums[2], sums[3]));
  const __m512i abcd =
      _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
  const __m256i half =
      _mm256_add_epi32(_mm512_castsi512_si256(abcd), _mm512_extracti64x4_epi64(abcd, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

template <bool kFine>
TULVING_VNNI_INLINE void dot_group(const std::uint8_t* const* rows, const CodedQuery& query,
                                   std::size_t n, __m128i& high_dots, __m128i& low_dots) {
  __m512i high[kGroup];
  __m512i low[kGroup];
#pragma GCC unroll 4
  for (std::size_t r = 0; r < kGroup; ++r) high[r] = low[r] = _mm512_setzero_si512();
  std::size_t i = 0;
  for (; i + kLine <= n; i += kLine) {
    const __m512i high_query = _mm512_loadu_si512(query.high + i);
    const __m512i low_query = kFine ? _mm512_loadu_si512(query.low + i) : high_query;
#pragma GCC unroll 4
    for (std::size_t r = 0; r < kGroup; ++r) {
      const __m512i codes = _mm512_loadu_si512(rows[r] + i);
      high[r] = _mm512_dpbusd_epi32(high[r], codes, high_query);
      if constexpr (kFine) low[r] = _mm512_dpbusd_epi32(low[r], codes, low_query);
    }
  }
  if (i < n) {
    const __mmask64 mask = byte_mask(n - i);
    const __m512i high_query = _mm512_maskz_loadu_epi8(mask, query.high + i);
    const __m512i low_query = kFine ? _mm512_maskz_loadu_epi8(mask, query.low + i) : high_query;
#pragma GCC unroll 4
    for (std::size_t r = 0; r < kGroup; ++r) {
      const __m512i codes = _mm512_maskz_loadu_epi8(mask, rows[r] + i);
      high[r] = _mm512_dpbusd_epi32(high[r], codes, high_query);
      if constexpr (kFine) low[r] = _mm512_dpbusd_epi32(low[r], codes, low_query);
    }
  }
  high_dots = _mm_sub_epi32(sums_of_four(high), _mm_set1_epi32(128 * query.high_sum));
  if constexpr (kFine) {
    low_dots = _mm_sub_epi32(sums_of_four(low), _mm_set1_epi32(128 * query.low_sum));
  }
}

// The last group is filled up with its own last row.
TULVING_VNNI_INLINE std::size_t fill_group(const std::uint8_t* const* rows, std::size_t count,
                                           std::size_t first, const std::uint8_t** group) {
  const std::size_t taken = std::min(kGroup, count - first);
  for (std::size_t r = 0; r < kGroup; ++r) group[r] = rows[first + std::min(r, taken - 1)];
  return taken;
}

TULVING_VNNI void dot_rows(const std::uint8_t* const* rows, std::size_t count,
                           const CodedQuery& query, std::size_t n, std::int32_t* dots) {
  for (std::size_t first = 0; first < count; first += kGroup) {
    const std::uint8_t* group[kGroup];
    const std::size_t taken = fill_group(rows, count, first, group);
    __m128i high;
    __m128i low;
    dot_group<false>(group, query, n, high, low);
    _mm_mask_storeu_epi32(dots + first, static_cast<__mmask8>((1U << taken) - 1U), high);
  }
}

TULVING_VNNI void dot_rows_fine(const std::uint8_t* const* rows, std::size_t count,
                                const CodedQuery& query, std::size_t n, float* dots) {
  for (std::size_t first = 0; first < count; first += kGroup) {
    const std::uint8_t* group[kGroup];
    const std::size_t taken = fill_group(rows, count, first, group);
    __m128i high;
    __m128i low;
    dot_group<true>(group, query, n, high, low);
    const __m128 fine =
        _mm_fmadd_ps(_mm_cvtepi32_ps(high), _mm_set1_ps(kLowUnits), _mm_cvtepi32_ps(low));
    _mm_mask_storeu_ps(dots + first, static_cast<__mmask8>((1U << taken) - 1U), fine);
  }
}

DistanceKernels with_vnni() {
  DistanceKernels set = *avx512_kernels();
  set.name = "avx512vnni";
  set.dot_rows = dot_rows;
  set.dot_rows_fine = dot_rows_fine;
  return set;
}

}  // namespace

const DistanceKernels* avx512vnni_kernels() {
  static const DistanceKernels set = with_vnni();
  return &set;
}

}  // namespace tulving::index

#else

namespace tulving::index {
const DistanceKernels* avx512vnni_kernels() { return nullptr; }
}  // namespace tulving::index

#endif
