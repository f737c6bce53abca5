#include "index/kernels/sketch_kernels.h"

#include <bit>
#include <vector>

#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

void weigh(const std::uint64_t* const* rows, std::size_t count, const std::uint64_t* planes,
           std::size_t words, std::int32_t* sums) {
  for (std::size_t r = 0; r < count; ++r) {
    std::int32_t sum = 0;
    for (std::size_t plane = 0; plane < kSketchPlanes; ++plane) {
      std::int32_t ones = 0;
      for (std::size_t i = 0; i < words; ++i) {
        ones += std::popcount(rows[r][i] & planes[plane * words + i]);
      }
      sum += ones << plane;
    }
    sums[r] = sum;
  }
}

bool counts_words() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512vpopcntdq") != 0;
#else
  return false;
#endif
}

// Beyond AVX2 it is the counting of words that matters, which some processors with AVX-512 lack.
const SketchKernels* of_set(std::string_view name) {
  if (name == "scalar") return scalar_sketch_kernels();
  return name != "avx2" && counts_words() ? avx512_sketch_kernels() : avx2_sketch_kernels();
}

}  // namespace

const SketchKernels* scalar_sketch_kernels() {
  static const SketchKernels set{"scalar", weigh};
  return &set;
}

std::span<const SketchKernels* const> supported_sketch_kernels() {
  static const std::vector<const SketchKernels*> supported = [] {
    std::vector<const SketchKernels*> found;
    for (const DistanceKernels* set : supported_kernels()) {
      if (found.empty() || found.back() != of_set(set->name)) found.push_back(of_set(set->name));
    }
    return found;
  }();
  return supported;
}

const SketchKernels& sketch_kernels() {
  static const SketchKernels& chosen = *of_set(kernels().name);
  return chosen;
}

}  // namespace tulving::index
