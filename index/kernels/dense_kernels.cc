#include "index/kernels/dense_kernels.h"

#include <vector>

#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

const DenseKernels* of_set(std::string_view name) {
  for (const DenseKernels* set : {scalar_dense_kernels(), avx2_dense_kernels(),
                                  avx512_dense_kernels(), avx512vnni_dense_kernels()}) {
    if (set != nullptr && set->name == name) return set;
  }
  return scalar_dense_kernels();
}

}  // namespace

std::span<const DenseKernels* const> supported_dense_kernels() {
  static const std::vector<const DenseKernels*> supported = [] {
    std::vector<const DenseKernels*> found;
    for (const DistanceKernels* set : supported_kernels()) found.push_back(of_set(set->name));
    return found;
  }();
  return supported;
}

const DenseKernels& dense_kernels() {
  static const DenseKernels& chosen = *of_set(kernels().name);
  return chosen;
}

}  // namespace tulving::index
