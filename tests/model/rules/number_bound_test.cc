// A column's values stand to a bound as the decimals that they show stand to it. The oracle writes
// both out in full.

#include "core/model/rules/number_bound.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "tests/base/fixed_point.h"
#include "tulving/filter.h"

namespace tulving::model {
namespace {

using testing_support::FixedPoint;
using testing_support::random_number;

constexpr auto kInt64Max = std::numeric_limits<std::int64_t>::max();
constexpr auto kInt64Min = std::numeric_limits<std::int64_t>::min();

Number number(std::string_view text) { return Number::parse(text).value(); }

// Often the bound itself, or its neighbour.
std::int64_t random_integer(std::mt19937_64& random, const std::string& bound) {
  const double near = std::stod(bound);
  if (random() % 4 != 0 && std::fabs(near) < 9e18) {
    return static_cast<std::int64_t>(near) + static_cast<std::int64_t>(random() % 3) - 1;
  }
  return random() % 8 == 0 ? (random() % 2 == 0 ? kInt64Max : kInt64Min)
                           : static_cast<std::int64_t>(random());
}

float random_float(std::mt19937_64& random, const std::string& bound) {
  const auto near = static_cast<float>(std::stod(bound));
  if (random() % 4 != 0 && std::isfinite(near)) {
    const float beside = std::nextafterf(near, random() % 2 == 0 ? INFINITY : -INFINITY);
    return random() % 2 == 0 || !std::isfinite(beside) ? near : beside;
  }
  float value = 0;
  do {
    const auto bits = static_cast<std::uint32_t>(random());
    std::memcpy(&value, &bits, sizeof value);
  } while (!std::isfinite(value));
  return value;
}

// std::stod() throws on what no double holds.
std::string bound_near_a_double(std::mt19937_64& random) {
  while (true) {
    std::string text = random_number(random);
    if (std::fabs(std::strtod(text.c_str(), nullptr)) < 1e300 &&
        (std::strtod(text.c_str(), nullptr) != 0 || FixedPoint(text) == FixedPoint("0"))) {
      return text;
    }
  }
}

TEST(Bound, StandsToIntegersAsItsDecimalDoes) {
  std::mt19937_64 random(71);
  int equal = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::string text = bound_near_a_double(random);
    const std::int64_t value = random_integer(random, text);
    const auto expected = FixedPoint(std::to_string(value)) <=> FixedPoint(text);
    ASSERT_EQ(Bound<std::int64_t>(number(text)).order_of(value), expected)
        << value << " and " << text;
    equal += expected == 0 ? 1 : 0;
  }
  EXPECT_GT(equal, 1000);
}

TEST(Bound, StandsToFloatsAsWhatTheyShow) {
  std::mt19937_64 random(72);
  int equal = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::string text = bound_near_a_double(random);
    const float value = random_float(random, text);
    const auto expected = FixedPoint(Number(value).text()) <=> FixedPoint(text);
    ASSERT_EQ(Bound<float>(number(text)).order_of(value), expected) << value << " and " << text;
    equal += expected == 0 ? 1 : 0;
  }
  EXPECT_GT(equal, 1000);
}

TEST(Bound, BeyondAllNumbersIsBeyondEach) {
  const float floats[] = {-std::numeric_limits<float>::max(), -1.0F, -0.0F, 1e-45F, 2.0F,
                          std::numeric_limits<float>::max()};
  for (const float value : floats) {
    EXPECT_EQ(Bound<float>(number("1e400")).order_of(value), std::strong_ordering::less);
    EXPECT_EQ(Bound<float>(number("-1e400")).order_of(value), std::strong_ordering::greater);
    EXPECT_EQ(Bound<float>(INFINITY).order_of(value), std::strong_ordering::less);
  }
  EXPECT_EQ(Bound<float>(number("1e-400")).order_of(0.0F), std::strong_ordering::less);
  EXPECT_EQ(Bound<float>(number("1e-400")).order_of(1e-45F), std::strong_ordering::greater);
  EXPECT_EQ(Bound<float>(number("-1e-400")).order_of(-0.0F), std::strong_ordering::greater);
  for (const std::int64_t value : {kInt64Min, std::int64_t{0}, kInt64Max}) {
    EXPECT_EQ(Bound<std::int64_t>(number("1e19")).order_of(value), std::strong_ordering::less);
    EXPECT_EQ(Bound<std::int64_t>(-INFINITY).order_of(value), std::strong_ordering::greater);
  }
}

TEST(LeastAndGreatestWithin, AreTheEndsOfWhatAnIntervalContains) {
  std::mt19937_64 random(73);
  for (int round = 0; round < 30'000; ++round) {
    const std::string text = random_number(random);
    const bool strict = random() % 2 == 0;
    const Interval<std::int64_t> above(MetadataRange{
        .path = "", .low = number(text), .high = {}, .low_strict = strict, .high_strict = false});
    const auto least = least_within(number(text), strict);
    ASSERT_EQ(least.has_value(), above.contains(kInt64Max)) << text;
    if (least) {
      ASSERT_TRUE(above.contains(*least)) << text;
      ASSERT_TRUE(*least == kInt64Min || !above.contains(*least - 1)) << text;
    }
    const Interval<std::int64_t> below(MetadataRange{
        .path = "", .low = {}, .high = number(text), .low_strict = false, .high_strict = strict});
    const auto greatest = greatest_within(number(text), strict);
    ASSERT_EQ(greatest.has_value(), below.contains(kInt64Min)) << text;
    if (greatest) {
      ASSERT_TRUE(below.contains(*greatest)) << text;
      ASSERT_TRUE(*greatest == kInt64Max || !below.contains(*greatest + 1)) << text;
    }
  }
}

}  // namespace
}  // namespace tulving::model
