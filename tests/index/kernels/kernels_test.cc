// What is promised: every instruction set computes what the scalar specification says, integers and
// codes to the bit, float sums within the error of summing in another order; at every length around
// the vector width, wherever the operands lie; and TULVING_FORCE_ISA is obeyed.
//
// The test can tell because each length 1..131 is tried at 5 misalignments on random data against
// the scalar set, and bytes past the end are checked to be untouched.

#include "index/kernels/kernels.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace tulving::index {
namespace {

constexpr std::size_t kLengthMax = 2 * 64 + 3;
constexpr std::size_t kOffsets[] = {0, 1, 3, 16, 33};
constexpr std::uint8_t kCanary = 0xA5;

class KernelSet : public testing::TestWithParam<const DistanceKernels*> {
 protected:
  const DistanceKernels& tested() const { return *GetParam(); }
  const DistanceKernels& specification() const { return *scalar_kernels(); }

  std::vector<float> floats(std::size_t n) {
    std::normal_distribution<float> normal(0.0F, 0.1F);
    std::vector<float> x(n);
    for (float& value : x) value = normal(random_);
    return x;
  }
  std::vector<std::uint8_t> codes(std::size_t n) {
    std::uniform_int_distribution<int> code(1, 255);
    std::vector<std::uint8_t> x(n);
    for (auto& value : x) value = static_cast<std::uint8_t>(code(random_));
    return x;
  }
  std::vector<std::int8_t> query_codes(std::size_t n, int most = 63) {
    std::uniform_int_distribution<int> code(-most, most);
    std::vector<std::int8_t> x(n);
    for (auto& value : x) value = static_cast<std::int8_t>(code(random_));
    return x;
  }

  template <class Check>
  void at_every_length_and_offset(Check check) {
    for (std::size_t n = 1; n <= kLengthMax; ++n) {
      for (const std::size_t offset : kOffsets) {
        SCOPED_TRACE(testing::Message() << "n " << n << " offset " << offset);
        check(n, offset);
        if (HasFailure()) return;
      }
    }
  }

  std::mt19937 random_{20240607};
};

std::int32_t sum_of(const std::int8_t* codes, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += codes[i];
  return sum;
}

// Any order of summing n products errs by at most n epsilon times the sum of their magnitudes.
float tolerance(const float* a, const float* b, std::size_t n) {
  float magnitude = 0.0F;
  for (std::size_t i = 0; i < n; ++i) magnitude += std::fabs(a[i] * b[i]);
  return static_cast<float>(n) * std::numeric_limits<float>::epsilon() * magnitude;
}

TEST_P(KernelSet, SumsFloatProductsAsSpecified) {
  at_every_length_and_offset([&](std::size_t n, std::size_t offset) {
    const auto a = floats(n + offset);
    const auto b = floats(n + offset);
    EXPECT_NEAR(tested().dot_f32(a.data() + offset, b.data() + offset, n),
                specification().dot_f32(a.data() + offset, b.data() + offset, n),
                tolerance(a.data() + offset, b.data() + offset, n));
  });
}

TEST_P(KernelSet, FindsTheLargestMagnitude) {
  at_every_length_and_offset([&](std::size_t n, std::size_t offset) {
    auto x = floats(n + offset);
    x[offset + n - 1] = -7.0F;
    EXPECT_EQ(tested().max_abs(x.data() + offset, n), 7.0F);
    x[offset + n - 1] = 0.0F;
    EXPECT_EQ(tested().max_abs(x.data() + offset, n),
              specification().max_abs(x.data() + offset, n));
  });
}

TEST_P(KernelSet, ScalesAndWritesNothingElse) {
  at_every_length_and_offset([&](std::size_t n, std::size_t offset) {
    const auto x = floats(n + offset);
    std::vector<float> scaled(n + 1, 99.0F);
    tested().scale_f32(x.data() + offset, 3.0F, n, scaled.data());
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(scaled[i], x[offset + i] * 3.0F);
    EXPECT_EQ(scaled[n], 99.0F);
  });
}

TEST_P(KernelSet, EncodesToTheSameCodes) {
  at_every_length_and_offset([&](std::size_t n, std::size_t offset) {
    const auto x = floats(n + offset);
    const float scale = specification().max_abs(x.data() + offset, n) / 127.0F;
    std::vector<std::uint8_t> expected(n);
    std::vector<std::uint8_t> encoded(n + 1, kCanary);
    const auto expected_summary =
        specification().encode(x.data() + offset, n, scale, expected.data());
    const auto summary = tested().encode(x.data() + offset, n, scale, encoded.data());
    EXPECT_EQ(encoded[n], kCanary);
    encoded.resize(n);
    EXPECT_EQ(encoded, expected);
    EXPECT_EQ(summary.sum, expected_summary.sum);
    EXPECT_NEAR(summary.squared_error, expected_summary.squared_error,
                1e-5F * expected_summary.squared_error);
  });
}

TEST_P(KernelSet, EncodesAQueryToTheSameTwoParts) {
  at_every_length_and_offset([&](std::size_t n, std::size_t offset) {
    const auto y = floats(n + offset);
    const float scale = specification().max_abs(y.data() + offset, n) / kQueryCodeMax;
    std::vector<std::int8_t> expected_high(n), expected_low(n), high(n), low(n);
    CodeSummary expected_high_summary, expected_low_summary, high_summary, low_summary;
    specification().encode_query(y.data() + offset, n, scale, expected_high.data(),
                                 expected_low.data(), expected_high_summary, expected_low_summary);
    tested().encode_query(y.data() + offset, n, scale, high.data(), low.data(), high_summary,
                          low_summary);
    EXPECT_EQ(high, expected_high);
    EXPECT_EQ(low, expected_low);
    EXPECT_EQ(high_summary.sum, expected_high_summary.sum);
    EXPECT_EQ(low_summary.sum, expected_low_summary.sum);
    EXPECT_NEAR(low_summary.squared_error, expected_low_summary.squared_error,
                1e-4F * expected_low_summary.squared_error + 1e-20F);
    for (std::size_t i = 0; i < n; ++i) {
      const float decoded =
          scale * static_cast<float>(high[i]) + scale / kLowUnits * static_cast<float>(low[i]);
      EXPECT_NEAR(decoded, y[offset + i], scale / kLowUnits * 0.51F);
      EXPECT_LE(std::abs(high[i]), 63);
      EXPECT_LE(std::abs(low[i]), 63);
    }
  });
}

// As building does: one of the rows in the query's place.
TEST_P(KernelSet, MultipliesCodesToTheBit) {
  at_every_length_and_offset([&](std::size_t n, std::size_t offset) {
    const auto a = codes(n + offset);
    const auto b = query_codes(n + offset, 127);
    const CodedQuery query{b.data() + offset, nullptr, sum_of(b.data() + offset, n), 0, true};
    const std::uint8_t* row = a.data() + offset;
    std::int32_t expected = 0;
    std::int32_t dot = 0;
    specification().dot_rows(&row, 1, query, n, &expected);
    tested().dot_rows(&row, 1, query, n, &dot);
    EXPECT_EQ(dot, expected);
  });
}

TEST_P(KernelSet, MultipliesRowsToTheBitForEveryCountOfRows) {
  at_every_length_and_offset([&](std::size_t n, std::size_t offset) {
    const auto slab = codes(9 * n + offset);
    const auto high = query_codes(n + offset);
    const auto low = query_codes(n + offset);
    const auto wide = query_codes(n + offset, 127);
    const CodedQuery query{high.data() + offset, low.data() + offset,
                           sum_of(high.data() + offset, n), sum_of(low.data() + offset, n)};
    const CodedQuery wide_query{wide.data() + offset, nullptr, sum_of(wide.data() + offset, n), 0,
                                true};
    std::vector<const std::uint8_t*> rows;
    for (std::size_t count = 1; count <= 9; ++count) {
      rows.push_back(slab.data() + offset + (count - 1) * n);
      std::vector<std::int32_t> expected(count), dots(count + 1, -77);
      specification().dot_rows(rows.data(), count, query, n, expected.data());
      tested().dot_rows(rows.data(), count, query, n, dots.data());
      EXPECT_EQ(dots.back(), -77);
      dots.resize(count);
      EXPECT_EQ(dots, expected);

      specification().dot_rows(rows.data(), count, wide_query, n, expected.data());
      tested().dot_rows(rows.data(), count, wide_query, n, dots.data());
      EXPECT_EQ(dots, expected);

      std::vector<float> expected_fine(count), fine(count + 1, -77.0F);
      specification().dot_rows_fine(rows.data(), count, query, n, expected_fine.data());
      tested().dot_rows_fine(rows.data(), count, query, n, fine.data());
      EXPECT_EQ(fine.back(), -77.0F);
      fine.resize(count);
      EXPECT_EQ(fine, expected_fine);
    }
  });
}

TEST_P(KernelSet, HoldsTheLargestSumsOfTheLongestVector) {
  const std::vector<std::uint8_t> top(kKernelDimMax, 255);
  const std::uint8_t* row = top.data();
  for (const int code : {-127, 127, -63, 63}) {
    SCOPED_TRACE(code);
    const std::vector<std::int8_t> query(kKernelDimMax, static_cast<std::int8_t>(code));
    const std::int32_t sum = code * static_cast<std::int32_t>(kKernelDimMax);
    const CodedQuery coded{query.data(), query.data(), sum, sum, std::abs(code) > 63};
    std::int32_t dot = 0;
    tested().dot_rows(&row, 1, coded, kKernelDimMax, &dot);
    EXPECT_EQ(dot, 127 * sum);
    if (coded.is_wide) continue;
    float fine = 0.0F;
    float expected = 0.0F;
    tested().dot_rows_fine(&row, 1, coded, kKernelDimMax, &fine);
    specification().dot_rows_fine(&row, 1, coded, kKernelDimMax, &expected);
    EXPECT_EQ(fine, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Each, KernelSet, testing::ValuesIn(supported_kernels()),
                         [](const auto& set) { return std::string(set.param->name); });

TEST(KernelChoice, ObeysTheForcedSet) {
  const char* forced = std::getenv("TULVING_FORCE_ISA");
  if (forced == nullptr) GTEST_SKIP() << "TULVING_FORCE_ISA is not set";
  bool supported = false;
  for (const DistanceKernels* set : supported_kernels()) supported |= set->name == forced;
  if (!supported) GTEST_SKIP() << "this processor has no " << forced;

  EXPECT_EQ(kernels().name, forced);
}

TEST(KernelChoice, TakesTheBestSetWhenNoneIsForced) {
  if (std::getenv("TULVING_FORCE_ISA") != nullptr) GTEST_SKIP() << "a set is forced";

  EXPECT_EQ(kernels().name, supported_kernels().back()->name);
}

}  // namespace
}  // namespace tulving::index
