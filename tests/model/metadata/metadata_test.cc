// Metadata equality works on pairs of path and canonical value: two JSON scalars have one canonical
// text exactly when they are equal. The oracle for numbers is exact decimal arithmetic on small
// exponents.

#include "core/model/metadata/metadata.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace tulving::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<std::pair<std::string, std::string>> flat(std::string_view json) {
  std::vector<std::pair<std::string, std::string>> pairs;
  visit_metadata_scalars(json, [&](std::string_view path, std::string_view value) {
    pairs.emplace_back(path, value);
  });
  return pairs;
}

TEST(Metadata, IsFlattenedToPathsAndValues) {
  EXPECT_THAT(
      flat(R"({"color": "blue", "size": {"w": 3, "h": {"max": 4.5}}, "ok": true, "no": null})"),
      ElementsAre(Pair("color", "\"blue\""), Pair("size.w", "3"), Pair("size.h.max", "45e-1"),
                  Pair("ok", "true"), Pair("no", "null")));
}

TEST(Metadata, PutsTheElementsOfAnArrayUnderItsPath) {
  EXPECT_THAT(flat(R"({"a": [1, [2, "x"], {"b": 3, "c": [4]}, 5], "d": 6})"),
              ElementsAre(Pair("a", "1"), Pair("a", "2"), Pair("a", "\"x\""), Pair("a.b", "3"),
                          Pair("a.c", "4"), Pair("a", "5"), Pair("d", "6")));
}

TEST(Metadata, HasNothingInEmptyContainers) {
  EXPECT_THAT(flat("{}"), IsEmpty());
  EXPECT_THAT(flat(R"({"a": {}, "b": [], "c": [{}]})"), IsEmpty());
}

TEST(Metadata, DecodesMemberNames) {
  EXPECT_THAT(flat(R"({"gr\u00f6\u00dfe": {"\"": 1}})"), ElementsAre(Pair("größe.\"", "1")));
}

TEST(CanonicalScalar, IsOneForEqualValues) {
  for (const char* three : {"3", "3.0", "3e0", "0.3e1", "30E-1", " 3 ", "300e-2", "3.000"}) {
    EXPECT_EQ(canonical_scalar(three), "3") << three;
  }
  for (const char* zero : {"0", "-0", "0.00", "0e7", "-0.0e-3"}) {
    EXPECT_EQ(canonical_scalar(zero), "0") << zero;
  }
  EXPECT_EQ(canonical_scalar(R"("\u0041\/")"), canonical_scalar(R"("A/")"));
  EXPECT_EQ(canonical_scalar("-1500"), canonical_scalar("-1.5e3"));
  EXPECT_EQ(canonical_scalar("1e131071"), canonical_scalar("10e131070"));
}

TEST(CanonicalScalar, TellsApartWhatADoubleCannot) {
  EXPECT_NE(canonical_scalar("9007199254740993"), canonical_scalar("9007199254740992"));
  EXPECT_NE(canonical_scalar("1e400"), canonical_scalar("1e401"));
  EXPECT_NE(canonical_scalar("3"), canonical_scalar("\"3\""));
  EXPECT_NE(canonical_scalar("3"), canonical_scalar("-3"));
  EXPECT_NE(canonical_scalar("true"), canonical_scalar("\"true\""));
}

TEST(CanonicalScalar, IsEmptyForWhatIsNoScalar) {
  for (const char* json : {"", "{}", "[3]", "3 3", "blue", "\"open", "1e999999"}) {
    EXPECT_FALSE(canonical_scalar(json)) << json;
  }
}

TEST(CanonicalScalar, AgreesWithExactArithmeticOnRandomSpellings) {
  constexpr unsigned kSeed = 29;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  // Each number is kept as digits * 10^-4, an integer; its text is spelled at random.
  const auto draw = [&] {
    const auto whole = static_cast<std::int64_t>(random() % 30);
    const auto decimals = random() % 3;
    const auto exponent = static_cast<int>(random() % 5) - 2;
    std::string text = std::to_string(whole);
    std::int64_t scaled = whole * 10'000;
    if (decimals > 0) {
      const auto fraction = static_cast<std::int64_t>(random() % (decimals == 1 ? 10 : 100));
      const std::string digits = std::to_string(fraction);
      text += "." + std::string(decimals - digits.size(), '0') + digits;
      scaled += fraction * (decimals == 1 ? 1000 : 100);
    }
    if (exponent != 0) text += "e" + std::to_string(exponent);
    for (int e = 0; e < exponent; ++e) scaled *= 10;
    for (int e = exponent; e < 0; ++e) scaled /= 10;
    return std::pair(text, scaled);
  };
  int equal = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto [a, a_value] = draw();
    const auto [b, b_value] = draw();
    if (a_value == b_value) ++equal;

    ASSERT_EQ(canonical_scalar(a) == canonical_scalar(b), a_value == b_value) << a << " " << b;
  }
  EXPECT_GT(equal, 100);
}

}  // namespace
}  // namespace tulving::model
