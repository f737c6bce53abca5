#pragma once

// What the x86-64 kernels of this folder share; for its .cc files only. No file is compiled with -m
// flags: each function carries the instructions that it may use.

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#define TULVING_AVX2 __attribute__((target("avx2,fma")))
#define TULVING_AVX2_INLINE __attribute__((target("avx2,fma"), always_inline)) inline
#define TULVING_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma")))
#define TULVING_AVX512_INLINE \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma"), always_inline)) inline
#define TULVING_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma")))
#define TULVING_VNNI_INLINE \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma"), always_inline)) inline

namespace tulving::index {

/// By address, not by pointer: what is asked for may lie beyond the end, which a prefetch forgives.
inline void prefetch(const void* from, std::size_t bytes_ahead) {
  const auto address = reinterpret_cast<std::uintptr_t>(from) + bytes_ahead;
  _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T0);
}

TULVING_AVX2_INLINE float sum_of(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

TULVING_AVX2_INLINE std::int32_t sum_of(__m256i v) {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1)));
}

TULVING_AVX2_INLINE double sum_of(__m256d v) {
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/// The first `left` of 16 lanes.
TULVING_AVX512_INLINE __mmask16 tail_mask(std::size_t left) {
  return static_cast<__mmask16>(left >= 16 ? 0xFFFFU : (1U << left) - 1U);
}

}  // namespace tulving::index
#endif
