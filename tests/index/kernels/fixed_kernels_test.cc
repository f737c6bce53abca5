// What is promised: every instruction set makes the same codes, residuals and sums of a vector as
// the scalar specification, reads each row back to the same components, and multiplies it with a
// query within the error of summing in another order; at every length around the vector width,
// wherever the operands lie, for each number of residual bits; and reads and writes nothing beside
// them.
//
// The test can tell because each length 1..131 is tried at 5 misalignments on random data against
// the scalar set, the scalar set against the definition, and bytes past the end are checked.

#include "index/kernels/fixed_kernels.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

constexpr std::size_t kLengthMax = 2 * 64 + 3;
constexpr std::size_t kOffsets[] = {0, 1, 3, 16, 33};
constexpr std::uint32_t kBits[] = {0, 4, 8};
constexpr std::uint8_t kCanary = 0xA5;

std::size_t residual_bytes(std::size_t n, std::uint32_t bits) {
  return bits == 4 ? (n + 31) / 32 * 16 : n * bits / 8;
}

class FixedKernelSet : public testing::TestWithParam<const FixedKernels*> {
 protected:
  const FixedKernels& tested() const { return *GetParam(); }
  const FixedKernels& specification() const { return *scalar_fixed_kernels(); }

  std::vector<float> floats(std::size_t n) {
    std::normal_distribution<float> normal(0.0F, 0.1F);
    std::vector<float> x(n);
    for (float& value : x) value = normal(random_);
    return x;
  }
  std::vector<std::uint8_t> bytes(std::size_t n) {
    std::uniform_int_distribution<int> byte(0, 255);
    std::vector<std::uint8_t> x(n);
    for (auto& value : x) value = static_cast<std::uint8_t>(byte(random_));
    return x;
  }

  template <class Check>
  void at_every_length_and_offset(Check check) {
    for (const std::uint32_t bits : kBits) {
      for (std::size_t n = 1; n <= kLengthMax; ++n) {
        for (const std::size_t offset : kOffsets) {
          SCOPED_TRACE(testing::Message() << "bits " << bits << " n " << n << " offset " << offset);
          check(bits, n, offset);
          if (HasFailure()) return;
        }
      }
    }
  }

  std::mt19937 random_{20240608};
};

float steps_for(const float* x, std::size_t n, std::uint32_t bits) {
  return static_cast<float>(127U << bits) / scalar_kernels()->max_abs(x, n);
}

TEST_P(FixedKernelSet, EncodesToTheSameBytesAndSums) {
  at_every_length_and_offset([&](std::uint32_t bits, std::size_t n, std::size_t offset) {
    const auto x = floats(n + offset);
    const float steps = steps_for(x.data() + offset, n, bits);
    std::vector<std::uint8_t> expected_codes(n), expected_residuals(n);
    std::vector<std::uint8_t> codes(n + 1, kCanary), residuals(n + 1, kCanary);
    const FixedSummary expected = specification().encode(
        x.data() + offset, n, steps, bits, expected_codes.data(), expected_residuals.data());
    const FixedSummary summary =
        tested().encode(x.data() + offset, n, steps, bits, codes.data(), residuals.data());
    EXPECT_EQ(codes[n], kCanary);
    EXPECT_EQ(residuals[n], kCanary);
    codes.resize(n);
    residuals.resize(n);
    EXPECT_EQ(codes, expected_codes);
    EXPECT_EQ(residuals, expected_residuals);
    EXPECT_EQ(summary.squares, expected.squares);
    EXPECT_EQ(summary.residual_squares, expected.residual_squares);
    EXPECT_EQ(summary.sum, expected.sum);
  });
}

// By the definition: the nearest step, its parts, and their sums.
TEST_P(FixedKernelSet, EncodesEachComponentToTheNearestStep) {
  for (const std::uint32_t bits : kBits) {
    SCOPED_TRACE(bits);
    auto x = floats(1000);
    x[7] = 0.0F;
    x[8] = -0.0F;
    x[9] = std::numeric_limits<float>::denorm_min();
    x[10] = 0.9F;
    x[11] = -0.9F;
    const float steps = steps_for(x.data(), x.size(), bits);
    std::vector<std::uint8_t> codes(x.size()), residuals(x.size());
    const FixedSummary summary =
        tested().encode(x.data(), x.size(), steps, bits, codes.data(), residuals.data());
    FixedSummary expected;
    const double step = static_cast<double>(1U << (8 - bits));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const int residual = int{residuals[i]} - 128;
      const int component = 256 * (int{codes[i]} - 128) + residual;
      ASSERT_NEAR(component, double{x[i]} * double{steps} * step, step * 0.51) << i;
      ASSERT_EQ(component % (1 << (8 - bits)), 0);
      ASSERT_GE(codes[i], 1);
      ASSERT_LE(codes[i], 255);
      expected.squares += std::int64_t{component} * component;
      expected.residual_squares += residual * residual;
      expected.sum += int{codes[i]} - 128;
    }
    EXPECT_EQ(summary.squares, expected.squares);
    EXPECT_EQ(summary.residual_squares, expected.residual_squares);
    EXPECT_EQ(summary.sum, expected.sum);
    EXPECT_EQ(codes[10], 255);
    EXPECT_EQ(codes[11], 1);
  }
}

// Any bytes at all: a file may have them. Operands end where their arrays end, so that
// AddressSanitizer sees a load past them.
TEST_P(FixedKernelSet, ReadsAndMultipliesAnyRowAsSpecified) {
  at_every_length_and_offset([&](std::uint32_t bits, std::size_t n, std::size_t offset) {
    const auto codes = bytes(n + offset);
    const auto residuals = bytes(residual_bytes(n, bits) + offset);
    const auto query = floats(n + offset);
    const FixedRow row{codes.data() + offset, residuals.data() + offset, bits};
    std::vector<float> expected(n), found(n + 1, 99.0F);
    specification().decode(row, n, expected.data());
    tested().decode(row, n, found.data());
    EXPECT_EQ(found[n], 99.0F);
    found.resize(n);
    EXPECT_EQ(found, expected);

    float magnitude = 0.0F;
    for (std::size_t i = 0; i < n; ++i) magnitude += std::fabs(expected[i] * query[offset + i]);
    EXPECT_NEAR(tested().dot(row, query.data() + offset, n),
                specification().dot(row, query.data() + offset, n),
                static_cast<float>(n) * std::numeric_limits<float>::epsilon() * magnitude);
  });
}

// To the bit, or a row's score would depend on who asked for it.
TEST_P(FixedKernelSet, MultipliesAnArrangedQueryToTheSameBits) {
  for (const std::uint32_t bits : kBits) {
    for (const std::size_t n : {64U, 128U, 192U, 512U, 1536U}) {
      for (const std::size_t offset : kOffsets) {
        SCOPED_TRACE(testing::Message() << "bits " << bits << " n " << n << " offset " << offset);
        const auto codes = bytes(n + offset);
        const auto residuals = bytes(residual_bytes(n, bits) + offset);
        const auto query = floats(n + offset);
        const FixedRow row{codes.data() + offset, residuals.data() + offset, bits};
        auto arranged = query;
        tested().arrange(arranged.data() + offset, n);
        ASSERT_EQ(tested().dot_arranged(row, arranged.data() + offset, n),
                  tested().dot(row, query.data() + offset, n));
        EXPECT_TRUE(std::equal(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(offset),
                               arranged.begin()));
      }
    }
  }
}

TEST_P(FixedKernelSet, PutsFourBitsOfEachComponentWhereTheRowSays) {
  const std::vector<std::uint8_t> codes(64, 128);
  for (std::size_t i = 0; i < 64; ++i) {
    std::vector<std::uint8_t> residuals(32, 0x88);
    std::uint8_t& two = residuals[i / 32 * 16 + i % 16];
    two = i % 32 < 16 ? 0x8B : 0xB8;
    std::vector<float> x(64);
    tested().decode({codes.data(), residuals.data(), 4}, 64, x.data());
    for (std::size_t j = 0; j < 64; ++j) ASSERT_EQ(x[j], i == j ? 48.0F : 0.0F) << i << " " << j;
  }
}

TEST_P(FixedKernelSet, HoldsTheLargestSumsOfTheLongestVector) {
  const std::vector<float> x(kKernelDimMax, 1.0F);
  std::vector<std::uint8_t> codes(x.size()), residuals(x.size());
  for (const float sign : {1.0F, -1.0F}) {
    const FixedSummary summary = tested().encode(x.data(), x.size(), sign * 127.0F * 256.0F, 8,
                                                 codes.data(), residuals.data());
    EXPECT_EQ(summary.squares, std::int64_t{127 * 256} * 127 * 256 * std::int64_t{kKernelDimMax});
    EXPECT_EQ(summary.sum, static_cast<int>(sign) * 127 * static_cast<int>(kKernelDimMax));
  }
  // Just below half a code: the largest residual there is.
  const FixedSummary halves =
      tested().encode(x.data(), x.size(), 127.5F, 8, codes.data(), residuals.data());
  EXPECT_EQ(halves.residual_squares, 128 * 128 * static_cast<int>(kKernelDimMax));
}

TEST_P(FixedKernelSet, RotatesToTheSameBits) {
  for (std::size_t n = 64; n <= 8192 + 64; n += n < 1600 ? 64 : 32 * 64 + 64) {
    SCOPED_TRACE(n);
    auto expected = floats(n + 1);
    auto x = expected;
    specification().rotate(expected.data(), n);
    tested().rotate(x.data(), n);
    EXPECT_EQ(x, expected);
  }
}

// What makes it a rotation: lengths and products stay, but for rounding. What makes it worth its
// time: no component of any one vector stays large, alone or among equals.
TEST_P(FixedKernelSet, RotatesAndSpreadsLargeComponents) {
  for (const std::size_t n : {64U, 320U, 1536U}) {
    SCOPED_TRACE(n);
    auto a = floats(n);
    auto b = floats(n);
    a[n / 3] = 5.0F;
    const float before = scalar_kernels()->dot_f32(a.data(), b.data(), n);
    const float length = scalar_kernels()->dot_f32(a.data(), a.data(), n);
    tested().rotate(a.data(), n);
    tested().rotate(b.data(), n);
    EXPECT_NEAR(scalar_kernels()->dot_f32(a.data(), b.data(), n), before, 2e-5);
    EXPECT_NEAR(scalar_kernels()->dot_f32(a.data(), a.data(), n), length, 2e-5 * length);
    EXPECT_LT(scalar_kernels()->max_abs(a.data(), n), 1.1F);

    std::vector<float> constant(n, 1.0F);
    tested().rotate(constant.data(), n);
    EXPECT_LT(scalar_kernels()->max_abs(constant.data(), n), 4.5F);
  }
}

INSTANTIATE_TEST_SUITE_P(Each, FixedKernelSet, testing::ValuesIn(supported_fixed_kernels()),
                         [](const auto& set) { return std::string(set.param->name); });

TEST(FixedKernelChoice, BelongsToTheChosenDistanceKernels) {
  const std::string_view name = kernels().name == "avx512vnni" ? "avx512" : kernels().name;
  EXPECT_EQ(fixed_kernels().name, name);
}

}  // namespace
}  // namespace tulving::index
