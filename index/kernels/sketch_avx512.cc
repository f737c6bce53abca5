// VPOPCNTDQ counts the bits of eight words at once.

#include "index/kernels/sketch_kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)
#include <algorithm>

#define TULVING_POPCNT __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq")))
#define TULVING_POPCNT_INLINE                                                  \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq"), \
                 always_inline)) inline

namespace tulving::index {
namespace {

constexpr std::size_t kWords = 8;  // Of a vector.

TULVING_POPCNT_INLINE std::int32_t weigh_row(const std::uint64_t* row, const std::uint64_t* planes,
                                             std::size_t words) {
  __m512i ones[kSketchPlanes];
#pragma GCC unroll 4
  for (std::size_t plane = 0; plane < kSketchPlanes; ++plane) ones[plane] = _mm512_setzero_si512();
  for (std::size_t i = 0; i < words; i += kWords) {
    const std::size_t left = std::min(words - i, kWords);
    const auto mask = static_cast<__mmask8>((1U << left) - 1U);
    const __m512i bits = _mm512_maskz_loadu_epi64(mask, row + i);
#pragma GCC unroll 4
    for (std::size_t plane = 0; plane < kSketchPlanes; ++plane) {
      const __m512i query = _mm512_maskz_loadu_epi64(mask, planes + plane * words + i);
      ones[plane] =
          _mm512_add_epi64(ones[plane], _mm512_popcnt_epi64(_mm512_and_si512(bits, query)));
    }
  }
  // Horner's way from the highest plane down.
  __m512i sum = ones[kSketchPlanes - 1];
#pragma GCC unroll 4
  for (std::size_t plane = kSketchPlanes - 1; plane-- > 0;) {
    sum = _mm512_add_epi64(_mm512_add_epi64(sum, sum), ones[plane]);
  }
  return static_cast<std::int32_t>(_mm512_reduce_add_epi64(sum));
}

TULVING_POPCNT void weigh(const std::uint64_t* const* rows, std::size_t count,
                          const std::uint64_t* planes, std::size_t words, std::int32_t* sums) {
  for (std::size_t r = 0; r < count; ++r) sums[r] = weigh_row(rows[r], planes, words);
}

}  // namespace

const SketchKernels* avx512_sketch_kernels() {
  static const SketchKernels set{"avx512", weigh};
  return &set;
}

}  // namespace tulving::index

#else

namespace tulving::index {
const SketchKernels* avx512_sketch_kernels() { return nullptr; }
}  // namespace tulving::index

#endif
