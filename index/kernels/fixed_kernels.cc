#include "index/kernels/fixed_kernels.h"

#include <array>
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

// splitmix64 of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014, from
// the seed 1: the top bit of each number.
std::array<float, kRotationSigns> draw_signs() {
  std::array<float, kRotationSigns> signs;
  std::uint64_t state = 1;
  for (float& sign : signs) {
    state += 0x9E37'79B9'7F4A'7C15U;
    std::uint64_t mixed = (state ^ (state >> 30)) * 0xBF58'476D'1CE4'E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D0'49BB'1331'11EBU;
    sign = (mixed ^ (mixed >> 31)) >> 63 == 0 ? 1.0F : -1.0F;
  }
  return signs;
}

}  // namespace

const float* rotation_signs() {
  static const std::array<float, kRotationSigns> signs = draw_signs();
  return signs.data();
}

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
