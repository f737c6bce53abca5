// The specification of the pair kernels, and what runs on a processor without AVX2.

#include <algorithm>
#include <array>

#include "index/kernels/pair_kernels.h"

namespace tulving::index {
namespace {

double dot_wide(const float* a, const float* b, std::size_t n) {
  std::array<double, kWideLanes> lanes{};
  for (std::size_t i = 0; i < n; i += kWideLanes) {
    for (std::size_t lane = 0; lane < kWideLanes; ++lane) {
      lanes[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
    }
  }
  for (std::size_t half = kWideLanes / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

std::int32_t dot_codes(const std::int8_t* left, const std::uint8_t* right, std::size_t steps) {
  std::int32_t sum = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < kPanelStep; ++i) sum += left[i] * (right[i] - 128);
    left += kLeftRows * kPanelStep;
    right += kRightRows * kPanelStep;
  }
  return sum;
}

void reaching(const LeftPanel& left, const RightPanel& right, std::size_t steps,
              std::uint64_t* masks) {
  for (std::size_t r = 0; r < kLeftRows; ++r) {
    masks[r] = 0;
    for (std::size_t c = 0; c < kRightRows; ++c) {
      const std::int32_t dot =
          dot_codes(left.codes + r * kPanelStep, right.codes + c * kPanelStep, steps);
      const float reach = left.scales[r] * (right.scales[c] * static_cast<float>(dot)) +
                          left.errors[r] + (1.0F + left.errors[r]) * right.errors[c];
      if (reach >= std::min(left.limits[r], right.limits[c])) masks[r] |= std::uint64_t{1} << c;
    }
  }
}

}  // namespace

const PairKernels* scalar_pair_kernels() {
  static const PairKernels set{"scalar", dot_wide, reaching};
  return &set;
}

}  // namespace tulving::index
