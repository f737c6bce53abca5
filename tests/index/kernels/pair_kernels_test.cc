// What is promised: every instruction set computes the wide dot product to the bit, marks every
// pair that reaches its limit, and by and large marks the same. The test compares all of them with
// the scalar one, at lengths around the widths of registers, and with the exact inner product.

#include "index/kernels/pair_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <vector>

namespace tulving::index {
namespace {

class PairKernelsOf : public ::testing::TestWithParam<const PairKernels*> {
 protected:
  std::mt19937 random_{5};
};

std::string name_of(const ::testing::TestParamInfo<const PairKernels*>& info) {
  return std::string(info.param->name);
}

TEST_P(PairKernelsOf, WideDotProductIsBitEqualToTheScalarOne) {
  std::normal_distribution<float> normal;
  for (std::size_t n = 0; n <= 1600; n += kWideLanes) {
    std::vector<float> a(n + 3);
    std::vector<float> b(n + 3);
    for (float& x : a) x = normal(random_) * 1e10F;
    for (float& x : b) x = normal(random_) * 1e-7F;
    for (std::size_t shift = 0; shift < 3; ++shift) {
      EXPECT_EQ(GetParam()->dot_wide(a.data() + shift, b.data() + shift, n),
                scalar_pair_kernels()->dot_wide(a.data() + shift, b.data() + shift, n))
          << "n " << n << ", shift " << shift;
    }
  }
}

// Panels of random codes, extremes included, and limits that some pairs just reach.
struct Panels {
  Panels(std::size_t steps, std::mt19937& random)
      : left_codes(steps * kLeftRows * kPanelStep),
        right_codes(steps * kRightRows * kPanelStep),
        offsets(kLeftRows) {
    std::uniform_int_distribution<int> code(-127, 127);
    std::uniform_int_distribution<int> extreme(0, 3);
    const auto next = [&] {
      const int kind = extreme(random);
      return kind == 0 ? 127 : kind == 1 ? -127 : code(random);
    };
    for (std::size_t i = 0; i < left_codes.size(); ++i) {
      left_codes[i] = static_cast<std::int8_t>(next());
      offsets[i / kPanelStep % kLeftRows] += 128 * left_codes[i];
    }
    for (auto& one : right_codes) one = static_cast<std::uint8_t>(next() + 128);
    std::uniform_real_distribution<float> real(0.0F, 1.0F);
    for (auto* values : {&left_scales, &left_errors, &left_limits}) {
      for (std::size_t i = 0; i < kLeftRows; ++i) values->push_back(real(random));
    }
    for (auto* values : {&right_scales, &right_errors, &right_limits}) {
      for (std::size_t i = 0; i < kRightRows; ++i) values->push_back(real(random));
    }
    for (float& error : left_errors) error *= 0.01F;
    for (float& error : right_errors) error *= 0.01F;
    const float unit = 1.0F / (60.0F * 60.0F * std::sqrt(static_cast<float>(steps) + 1.0F));
    for (float& scale : left_scales) scale *= unit;
  }

  [[nodiscard]] LeftPanel left() const {
    return {left_codes.data(), left_scales.data(), left_errors.data(), left_limits.data(),
            offsets.data()};
  }
  [[nodiscard]] RightPanel right() const {
    return {right_codes.data(), right_scales.data(), right_errors.data(), right_limits.data()};
  }
  // How far the pair's reach is above its limit.
  [[nodiscard]] double margin(std::size_t r, std::size_t c, std::size_t steps) const {
    double dot = 0;
    for (std::size_t step = 0; step < steps; ++step) {
      for (std::size_t i = 0; i < kPanelStep; ++i) {
        dot += left_codes[(step * kLeftRows + r) * kPanelStep + i] *
               (right_codes[(step * kRightRows + c) * kPanelStep + i] - 128);
      }
    }
    const double left_error = static_cast<double>(left_errors[r]);
    return static_cast<double>(left_scales[r]) * static_cast<double>(right_scales[c]) * dot +
           left_error + (1.0 + left_error) * static_cast<double>(right_errors[c]) -
           static_cast<double>(std::min(left_limits[r], right_limits[c]));
  }

  std::vector<std::int8_t> left_codes;
  std::vector<std::uint8_t> right_codes;
  std::vector<std::int32_t> offsets;
  std::vector<float> left_scales, left_errors, left_limits;
  std::vector<float> right_scales, right_errors, right_limits;
};

TEST_P(PairKernelsOf, MarksThePairsThatReachTheLowerOfTheirLimits) {
  std::size_t marked = 0;
  std::size_t not_marked = 0;
  for (const std::size_t steps : {1UL, 2UL, 8UL, 128UL, 384UL, 16'384UL}) {
    for (int round = 0; round < 8; ++round) {
      const Panels panels(steps, random_);
      std::uint64_t masks[kLeftRows];
      GetParam()->reaching(panels.left(), panels.right(), steps, masks);
      for (std::size_t r = 0; r < kLeftRows; ++r) {
        for (std::size_t c = 0; c < kRightRows; ++c) {
          const bool is_marked = (masks[r] >> c & 1U) != 0;
          const double margin = panels.margin(r, c, steps);
          if (std::abs(margin) < static_cast<double>(kReachSlack)) continue;
          ASSERT_EQ(is_marked, margin > 0) << "steps " << steps << ", margin " << margin;
          ++(is_marked ? marked : not_marked);
        }
      }
    }
  }
  EXPECT_GT(marked, 1000U);
  EXPECT_GT(not_marked, 1000U);
}

INSTANTIATE_TEST_SUITE_P(All, PairKernelsOf,
                         ::testing::ValuesIn(supported_pair_kernels().begin(),
                                             supported_pair_kernels().end()),
                         name_of);

TEST(PairKernelChoice, TheSetThatTheEnvironmentForcesIsTheOneThatRuns) {
  const char* forced = std::getenv("TULVING_FORCE_ISA");
  if (forced == nullptr) GTEST_SKIP() << "TULVING_FORCE_ISA is not set";
  const auto sets = supported_pair_kernels();
  if (std::none_of(sets.begin(), sets.end(),
                   [&](const PairKernels* set) { return set->name == forced; })) {
    GTEST_SKIP() << "this processor does not run " << forced;
  }
  EXPECT_EQ(pair_kernels().name, forced);
}

}  // namespace
}  // namespace tulving::index
