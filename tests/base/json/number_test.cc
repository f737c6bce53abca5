// Numbers compare as exact decimals, whatever they were given as. The oracle writes them out in
// full, digit by digit.

#include "tulving/number.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/base/json/decimal.h"
#include "tests/base/fixed_point.h"

namespace tulving {
namespace {

using testing::HasSubstr;
using testing_support::FixedPoint;
using testing_support::random_number;

Number number(std::string_view text) { return Number::parse(text).value(); }

TEST(Number, IsWhatWasGiven) {
  EXPECT_EQ(Number(7).text(), "7");
  EXPECT_EQ(Number(std::numeric_limits<std::int64_t>::min()).text(), "-9223372036854775808");
  EXPECT_EQ(Number(std::numeric_limits<std::uint64_t>::max()).text(), "18446744073709551615");
  EXPECT_EQ(Number(1.2F).text(), "1.2");
  EXPECT_EQ(Number(1.2).text(), "1.2");
  EXPECT_EQ(Number(0.1F), Number(0.1));
  EXPECT_NE(Number(double{0.1F}), Number(0.1));
  EXPECT_EQ(Number(Timestamp(std::chrono::microseconds(253'402'300'799'999'999))).text(),
            "253402300799999999");
  EXPECT_EQ(number("12345678901234567890123").text(), "12345678901234567890123");
}

TEST(Number, ComparesByValue) {
  EXPECT_EQ(number("1e400"), number("10e399"));
  EXPECT_LT(number("12345678901234567890123"), number("12345678901234567890124"));
  EXPECT_GT(number("9007199254740993"), Number(9007199254740992.0));
  EXPECT_EQ(number("-0"), Number(0));
  EXPECT_EQ(Number(-0.0), Number(0));
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_LT(number("1e400"), Number(infinity));
  EXPECT_GT(number("-1e400"), Number(-infinity));
  EXPECT_EQ(Number(infinity), Number(std::numeric_limits<float>::infinity()));
  const Number nan = std::nan("");
  EXPECT_TRUE(nan.is_nan());
  EXPECT_FALSE(nan == nan || nan < Number(1) || nan > Number(1));
}

TEST(Number, IsReadFromJsonAlone) {
  for (const char* bad : {"", " ", "x", "1 ", " 1", "+1", "01", "1.", ".5", "0x1", "1e", "nan",
                          "inf", "\"1\"", "true", "[1]", "1,2", "1e999999"}) {
    const auto read = Number::parse(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(read.error().message, HasSubstr("is not a number"));
  }
}

TEST(Number, ComparesAsTheNumbersWrittenOutInFull) {
  constexpr unsigned kSeed = 61;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  int equal = 0;
  for (int round = 0; round < 50'000; ++round) {
    const std::string a = random_number(random);
    const std::string b = random_number(random);
    const auto expected = FixedPoint(a) <=> FixedPoint(b);
    ASSERT_EQ(number(a) <=> number(b), expected) << a << " and " << b;
    ASSERT_EQ(Decimal::of_json(a).canonical() == Decimal::of_json(b).canonical(), expected == 0)
        << a << " and " << b;
    equal += expected == 0 ? 1 : 0;
  }
  EXPECT_GT(equal, 500);
}

TEST(Number, ReadsItsCanonicalFormAsItself) {
  std::mt19937_64 random(62);
  for (int round = 0; round < 10'000; ++round) {
    const std::string text = random_number(random);
    ASSERT_EQ(number(Decimal::of_json(text).canonical()), number(text)) << text;
  }
}

}  // namespace
}  // namespace tulving
