// Bits counted by the nibble: vpshufb looks sixteen answers up at once (Mula, Kurz and Lemire,
// "Faster Population Counts Using AVX2 Instructions", 2018).

#include <algorithm>

#include "index/kernels/sketch_kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)
#include <bit>

namespace tulving::index {
namespace {

constexpr std::size_t kWords = 4;          // Of a vector.
constexpr std::size_t kBlockVectors = 31;  // Whose counts, at most 8 a byte each, a byte holds.

// The bits of each byte.
TULVING_AVX2_INLINE __m256i counts_of(__m256i bits) {
  const __m256i low_nibbles = _mm256_set1_epi8(15);
  const __m256i counts = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
                                          2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_shuffle_epi8(counts, _mm256_and_si256(bits, low_nibbles));
  const __m256i high =
      _mm256_shuffle_epi8(counts, _mm256_and_si256(_mm256_srli_epi16(bits, 4), low_nibbles));
  return _mm256_add_epi8(low, high);
}

TULVING_AVX2_INLINE __m256i load(const std::uint64_t* words) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
}

TULVING_AVX2_INLINE std::int32_t weigh_row(const std::uint64_t* row, const std::uint64_t* planes,
                                           std::size_t words) {
  const __m256i zero = _mm256_setzero_si256();
  __m256i sum = zero;
  std::size_t i = 0;
  while (i + kWords <= words) {
    const std::size_t end = i + std::min((words - i) / kWords, kBlockVectors) * kWords;
    __m256i ones[kSketchPlanes] = {zero, zero, zero, zero};
    for (; i < end; i += kWords) {
      const __m256i bits = load(row + i);
#pragma GCC unroll 4
      for (std::size_t plane = 0; plane < kSketchPlanes; ++plane) {
        const __m256i both = _mm256_and_si256(bits, load(planes + plane * words + i));
        ones[plane] = _mm256_add_epi8(ones[plane], counts_of(both));
      }
    }
#pragma GCC unroll 4
    for (std::size_t plane = 0; plane < kSketchPlanes; ++plane) {
      sum = _mm256_add_epi64(
          sum, _mm256_slli_epi64(_mm256_sad_epu8(ones[plane], zero), static_cast<int>(plane)));
    }
  }
  std::int32_t total = sum_of(sum);  // Its odd words are 0.
  for (; i < words; ++i) {
    for (std::size_t plane = 0; plane < kSketchPlanes; ++plane) {
      total += std::popcount(row[i] & planes[plane * words + i]) << plane;
    }
  }
  return total;
}

TULVING_AVX2 void weigh(const std::uint64_t* const* rows, std::size_t count,
                        const std::uint64_t* planes, std::size_t words, std::int32_t* sums) {
  for (std::size_t r = 0; r < count; ++r) sums[r] = weigh_row(rows[r], planes, words);
}

}  // namespace

const SketchKernels* avx2_sketch_kernels() {
  static const SketchKernels set{"avx2", weigh};
  return &set;
}

}  // namespace tulving::index

#else

namespace tulving::index {
const SketchKernels* avx2_sketch_kernels() { return nullptr; }
}  // namespace tulving::index

#endif
