#include "index/kernels/pair_kernels.h"

#include <vector>

#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

const PairKernels* of_set(std::string_view name) {
  for (const PairKernels* set : {scalar_pair_kernels(), avx2_pair_kernels(), avx512_pair_kernels(),
                                 avx512vnni_pair_kernels()}) {
    if (set != nullptr && set->name == name) return set;
  }
  return scalar_pair_kernels();
}

}  // namespace

std::span<const PairKernels* const> supported_pair_kernels() {
  static const std::vector<const PairKernels*> supported = [] {
    std::vector<const PairKernels*> found;
    for (const DistanceKernels* set : supported_kernels()) found.push_back(of_set(set->name));
    return found;
  }();
  return supported;
}

const PairKernels& pair_kernels() {
  static const PairKernels& chosen = *of_set(kernels().name);
  return chosen;
}

}  // namespace tulving::index
