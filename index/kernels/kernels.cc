#include "index/kernels/kernels.h"

#include <cstdlib>
#include <vector>

namespace tulving::index {
namespace {

std::vector<const DistanceKernels*> detect() {
  std::vector<const DistanceKernels*> found{scalar_kernels()};
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512dq");
  if (avx2) found.push_back(avx2_kernels());
  if (avx512) found.push_back(avx512_kernels());
  if (avx512 && __builtin_cpu_supports("avx512vnni")) found.push_back(avx512vnni_kernels());
#endif
  return found;
}

const DistanceKernels& choose() {
  const auto supported = supported_kernels();
  if (const char* forced = std::getenv("TULVING_FORCE_ISA"); forced != nullptr) {
    for (const DistanceKernels* candidate : supported) {
      if (candidate->name == forced) return *candidate;
    }
  }
  return *supported.back();
}

}  // namespace

std::span<const DistanceKernels* const> supported_kernels() {
  static const std::vector<const DistanceKernels*> supported = detect();
  return supported;
}

const DistanceKernels& kernels() {
  static const DistanceKernels& chosen = choose();
  return chosen;
}

}  // namespace tulving::index
