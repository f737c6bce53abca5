// JSON is taken exactly where Postgres' jsonb takes it, and read in place. The oracle for the
// grammar is nlohmann's parser, over random edits of good documents; where jsonb differs from it
// (\u0000, numbers past a double, depth) the limits are Postgres' documented ones.

#include "core/base/json/json_text.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace tulving {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

bool is_taken(std::string_view text) { return !scan_json(text); }

const std::vector<std::string> kGood = {R"({})",
                                        R"([])",
                                        R"("")",
                                        "0",
                                        "-0",
                                        "true",
                                        "false",
                                        "null",
                                        " \t\r\n1\n ",
                                        R"([1,2.5,-3e+7,4E-2])",
                                        R"({"a":{"b":[{"c":null},[],{}]},"d":"x"})",
                                        R"("\"\\\/\b\f\n\r\t\u00e4\uD83D\uDE00")",
                                        R"({"":"","a":1,"a":2})",
                                        R"(["ä","記","😀"])",
                                        R"([[[[1]],2],3])",
                                        "123456789012345678901234567890"};

TEST(ScanJson, TakesWhatIsJson) {
  for (const auto& text : kGood) EXPECT_TRUE(is_taken(text)) << text;
}

TEST(ScanJson, NamesTheFaultAndItsPlace) {
  const struct {
    std::string text;
    std::size_t offset;
    std::string what;
  } cases[] = {
      {"", 0, "value is expected"},
      {"   ", 3, "value is expected"},
      {"{", 1, "member name"},
      {R"({"a" 1})", 5, "':'"},
      {R"({"a":1,})", 7, "member name"},
      {R"({"a":1 "b":2})", 7, "',' or '}'"},
      {"[1 2]", 3, "',' or ']'"},
      {"[1,]", 3, "value"},
      {"[1}", 2, "',' or ']'"},
      {"1 2", 2, "end of the text"},
      {"01", 0, "leading zero"},
      {"1.", 2, "digit"},
      {"-", 1, "digit"},
      {"1e", 2, "digit"},
      {".5", 0, "value"},
      {"+1", 0, "value"},
      {"tru", 0, "value"},
      {"NaN", 0, "value"},
      {"'a'", 0, "value"},
      {R"("abc)", 4, "closing quote"},
      {"\"a\nb\"", 2, "control character"},
      {R"("\x")", 1, "escape"},
      {R"("\u12G4")", 2, "hexadecimal"},
      {R"("\u0000")", 1, "u0000"},
      {R"("\uD800")", 1, "surrogate"},
      {R"("\uD800x")", 1, "surrogate"},
      {R"("\uD800\u0041")", 1, "surrogate"},
      {R"("\uDC00")", 1, "surrogate"},
      {"\"\xFF\"", 1, "UTF-8"},
      {std::string("\"\0\"", 3), 1, "NUL"},
  };
  for (const auto& bad : cases) {
    const auto fault = scan_json(bad.text);

    ASSERT_TRUE(fault) << bad.text;
    EXPECT_EQ(fault->offset, bad.offset) << bad.text;
    EXPECT_THAT(fault->what, HasSubstr(bad.what)) << bad.text;
  }
}

// "up to 131072 digits before the decimal point; up to 16383 digits after the decimal point".
TEST(ScanJson, TakesTheNumbersThatPostgresNumericHolds) {
  EXPECT_TRUE(is_taken("1e400"));
  EXPECT_TRUE(is_taken("1e131071"));
  EXPECT_FALSE(is_taken("1e131072"));
  EXPECT_TRUE(is_taken(std::string(131'072, '9')));
  EXPECT_FALSE(is_taken(std::string(131'073, '9')));
  EXPECT_TRUE(is_taken("0.001e131074"));
  EXPECT_FALSE(is_taken("0.001e131075"));
  EXPECT_TRUE(is_taken("1e-16383"));
  EXPECT_FALSE(is_taken("1e-16384"));
  EXPECT_FALSE(is_taken("0e-16384"));
  EXPECT_TRUE(is_taken("0e131072"));
  EXPECT_TRUE(is_taken("0." + std::string(16'383, '1')));
  EXPECT_FALSE(is_taken("0." + std::string(16'384, '1')));
  EXPECT_FALSE(is_taken("1e99999999999999999999999999"));
}

TEST(ScanJson, StopsAtALimitOfDepthWithoutRecursion) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };

  EXPECT_TRUE(is_taken(nested(kJsonDepthMax)));
  EXPECT_FALSE(is_taken(nested(kJsonDepthMax + 1)));
  EXPECT_FALSE(is_taken(std::string(10'000'000, '[')));
}

TEST(ScanJson, AgreesWithAnotherParserOnRandomEdits) {
  constexpr unsigned kSeed = 11;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const std::string bytes = "{}[]\",:\\/ubfnrt0123456789eE+-. \n\x01\x7F\xC3\xA4\xFFtruefalsnDd";
  for (int round = 0; round < 100'000; ++round) {
    std::string text = kGood[random() % kGood.size()];
    for (auto edits = 1 + random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % (text.size() + 1);
      const char byte = bytes[random() % bytes.size()];
      switch (random() % 3) {
        case 0:
          text.insert(at, 1, byte);
          break;
        case 1:
          if (at < text.size()) text[at] = byte;
          break;
        default:
          if (at < text.size()) text.erase(at, 1);
      }
    }
    // nlohmann takes NUL escapes and refuses numbers past a double; jsonb the other way round.
    const auto fault = scan_json(text);
    if (fault && fault->what.find("Postgres") != std::string_view::npos) continue;
    const bool oracle = nlohmann::json::accept(text);
    if (!fault && !oracle && text.find_first_of("eE") != std::string::npos) continue;

    ASSERT_EQ(!fault, oracle) << text;
  }
}

TEST(JsonValue, DecodesStringsAsAnotherParserDoes) {
  for (const auto& text : kGood) {
    if (text.front() != '"') continue;

    EXPECT_EQ(JsonValue::whole(text).as_string(), nlohmann::json::parse(text).get<std::string>());
  }
}

TEST(JsonValue, GivesMembersInOrderWithTheirOwnText) {
  const std::string text = R"( { "a" : 1.50 , "b\u0022" : [ 1, {"}": "]"} ] , "a":null } )";
  std::vector<std::string> seen;

  JsonValue::whole(text).each_member([&](std::string_view key, JsonValue value) {
    seen.push_back(std::string(key) + "=" + std::string(value.raw()));
    return true;
  });

  EXPECT_THAT(seen, ElementsAre("a=1.50", R"(b"=[ 1, {"}": "]"} ])", "a=null"));
}

TEST(JsonValue, GivesElementsAndStopsWhenTold) {
  const std::string text = R"([ 1 , "a,]" , {"x":[1,2]} , true , 5 ])";
  std::vector<std::string> seen;

  JsonValue::whole(text).each_element([&](JsonValue value) {
    seen.emplace_back(value.raw());
    return value.raw() != "true";
  });

  EXPECT_THAT(seen, ElementsAre("1", R"("a,]")", R"({"x":[1,2]})", "true"));
}

TEST(JsonValue, KnowsItsKind) {
  EXPECT_EQ(JsonValue::whole(" {}").kind(), JsonKind::kObject);
  EXPECT_EQ(JsonValue::whole("[] ").kind(), JsonKind::kArray);
  EXPECT_EQ(JsonValue::whole("\"\"").kind(), JsonKind::kString);
  EXPECT_EQ(JsonValue::whole("-1").kind(), JsonKind::kNumber);
  EXPECT_EQ(JsonValue::whole("true").kind(), JsonKind::kBoolean);
  EXPECT_TRUE(JsonValue::whole("true").is_true());
  EXPECT_FALSE(JsonValue::whole("false").is_true());
  EXPECT_EQ(JsonValue::whole("null").kind(), JsonKind::kNull);
}

TEST(AppendJsonString, IsReadBackByAnotherParserForEveryCharacter) {
  std::string text = "ä記😀\x7F";
  for (char c = 1; c < 0x7F; ++c) text += c;
  std::string json;

  append_json_string(json, text);

  EXPECT_EQ(nlohmann::json::parse(json).get<std::string>(), text);
  EXPECT_EQ(decode_json_string(json), text);
  EXPECT_EQ(json.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace tulving
