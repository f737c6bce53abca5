#include "index/kernels/fixed_kernels.h"

#include <vector>

#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

// VNNI has nothing to add here: avx512's set serves it.
const FixedKernels* of_set(std::string_view name) {
  if (name == "avx512vnni") name = "avx512";
  for (const FixedKernels* set : {avx2_fixed_kernels(), avx512_fixed_kernels()}) {
    if (set != nullptr && set->name == name) return set;
  }
  return scalar_fixed_kernels();
}

}  // namespace

std::span<const FixedKernels* const> supported_fixed_kernels() {
  static const std::vector<const FixedKernels*> supported = [] {
    std::vector<const FixedKernels*> found;
    for (const DistanceKernels* set : supported_kernels()) {
      if (found.empty() || found.back() != of_set(set->name)) found.push_back(of_set(set->name));
    }
    return found;
  }();
  return supported;
}

const FixedKernels& fixed_kernels() {
  static const FixedKernels& chosen = *of_set(kernels().name);
  return chosen;
}

}  // namespace tulving::index
