#pragma once

// How the x86-64 kernels of fixed point read residuals; for this folder's .cc files only.

#include "index/kernels/fixed_kernels.h"
#include "index/kernels/x86.h"

#if defined(__x86_64__)

namespace tulving::index {

inline constexpr std::size_t kBlock = 32;  ///< Components that share residuals of 4 bits.

/// What a component that was shifted up by 16 bits is to be multiplied by.
inline constexpr float kPerShift = 1.0F / 65536.0F;

TULVING_AVX2_INLINE __m128i load_16(const void* bytes) {
  return _mm_loadu_si128(static_cast<const __m128i*>(bytes));
}

/// The residuals of components i..i+15 and i+16..i+31.
template <std::uint32_t kBits>
TULVING_AVX2_INLINE void load_residuals(const FixedRow& row, std::size_t i, __m128i* two) {
  const __m128i above = _mm_set1_epi8(static_cast<char>(0xF0));
  if constexpr (kBits == 8) {
    two[0] = load_16(row.residuals + i);
    two[1] = load_16(row.residuals + i + 16);
  } else if constexpr (kBits == 4) {
    const __m128i packed = load_16(row.residuals + i / 2);
    two[0] = _mm_and_si128(_mm_slli_epi16(packed, 4), above);
    two[1] = _mm_and_si128(packed, above);
  } else {
    two[0] = two[1] = _mm_set1_epi8(-128);
  }
}

}  // namespace tulving::index
#endif
