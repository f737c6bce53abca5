// All ways of writing a value give one text, and two values never the same. Random values are
// written twice, with members, blanks, escapes and numbers at random; nlohmann's comparison is the
// oracle of what is equal.

#include "core/model/metadata/canonical_json.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

namespace tulving::model {
namespace {

using Json = nlohmann::json;

class Writer {
 public:
  explicit Writer(std::mt19937& random) : random_(random) {}

  Json value(int depth = 0) {
    switch (below(depth < 3 ? 6 : 4)) {
      case 0:
        return Json(below(2) == 0);
      case 1:
        return Json(static_cast<int>(below(5)) * (below(3) == 0 ? 1000 : 1) - 2);
      case 2:
        return Json(std::vector<std::string>{"", "a", "\u00e9\n", "1", "\"\\/"}[below(5)]);
      case 3:
        return Json();
      case 4: {
        Json array = Json::array();
        for (std::size_t i = below(4); i > 0; --i) array.push_back(value(depth + 1));
        return array;
      }
      default: {
        Json object = Json::object();
        for (std::size_t i = below(4); i > 0; --i) {
          object[std::string(1, static_cast<char>('a' + below(4)))] = value(depth + 1);
        }
        return object;
      }
    }
  }

  std::string write(const Json& value) {
    if (value.is_object()) {
      std::vector<std::string> members;
      for (const auto& [key, member] : value.items()) {
        members.push_back(write(Json(key)) + blank() + ":" + blank() + write(member));
      }
      std::shuffle(members.begin(), members.end(), random_);
      return "{" + blank() + joined(members) + blank() + "}";
    }
    if (value.is_array()) {
      std::vector<std::string> elements;
      for (const Json& element : value) elements.push_back(write(element));
      return "[" + blank() + joined(elements) + blank() + "]";
    }
    if (value.is_string()) return value.dump(-1, ' ', below(2) == 0);
    if (value.is_number()) return number(value.get<int>());
    return value.dump();
  }

 private:
  std::string number(int value) {
    switch (below(4)) {
      case 0:
        return std::to_string(value) + ".00";
      case 1:
        return std::to_string(value) + "e0";
      case 2:
        return value == 0 ? "0E-1" : std::to_string(value) + "0E-1";
      default:
        return std::to_string(value);
    }
  }
  std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ",") + blank() + part;
    return text;
  }
  std::string blank() { return below(3) == 0 ? " \n" : ""; }
  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::mt19937& random_;
};

TEST(CanonicalJson, IsOneTextForAllWaysOfWritingAValueAndForNoOther) {
  constexpr unsigned kSeed = 31;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  Writer writer(random);
  int equal = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Json a = writer.value();
    const Json b = i % 2 == 0 ? a : writer.value();

    const std::string left = canonical_json(writer.write(a));
    const std::string right = canonical_json(writer.write(b));

    ASSERT_EQ(left == right, a == b) << left << " " << right;
    ASSERT_EQ(canonical_json(left).size(), left.size());
    equal += a == b ? 1 : 0;
  }
  EXPECT_GT(equal, 10'000);
}

TEST(CanonicalJson, KeepsNumbersThatNoDoubleHoldsApart) {
  EXPECT_NE(canonical_json("9007199254740993"), canonical_json("9007199254740992"));
  EXPECT_EQ(canonical_json("1e400"), canonical_json("10e399"));
  EXPECT_EQ(canonical_json("-0.0"), canonical_json("0"));
}

TEST(CanonicalJson, OfAMemberGivenTwiceTakesTheLastAsJsonbDoes) {
  EXPECT_EQ(canonical_json(R"({"a":1,"b":2,"a":3})"), canonical_json(R"({"b":2,"a":3})"));
  EXPECT_EQ(canonical_json(R"({"a":{"b":1},"a":[]})"), canonical_json(R"({"a":[]})"));
}

}  // namespace
}  // namespace tulving::model
