// The JSON form of a filter means what its words say and nothing is ignored. Each filter read is
// printed in a form of the test's own and compared with what it should be; a second suite evaluates
// random filters by their JSON and by their conditions over random values, and both must agree.

#include <gmock/gmock.h>

#include <array>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "core/model/names/names.h"
#include "tulving/json.h"

namespace tulving {
namespace {

using testing::HasSubstr;

std::string shown(const Filter& filter);

std::string shown(const std::string& word, const std::vector<Filter>& parts) {
  std::string text = word + "(";
  for (const auto& part : parts) text += (text.back() == '(' ? "" : ", ") + shown(part);
  return text + ")";
}

std::string shown_number(double value) {
  std::ostringstream text;
  text.precision(17);
  text << value;
  return text.str();
}

std::string shown_bounds(const auto& range) {
  std::string text;
  if (range.low) text += (range.low_strict ? ">" : ">=") + range.low->text();
  if (range.high) text += (range.high_strict ? "<" : "<=") + range.high->text();
  return text;
}

struct Shower {
  std::string operator()(const AllOf& all) const { return shown("all", all.parts); }
  std::string operator()(const AnyOf& any) const { return shown("any", any.parts); }
  std::string operator()(const Not& negation) const { return shown("not", negation.part); }
  std::string operator()(const FieldIn& condition) const {
    std::string text = std::string(model::to_string(condition.field)) + "{";
    for (const auto& value : condition.values) text += (text.back() == '{' ? "" : "|") + value;
    return text + "}";
  }
  std::string operator()(const NumberRange& range) const {
    std::string text(model::to_string(range.field));
    return text + shown_bounds(range);
  }
  std::string operator()(const MetadataRange& range) const {
    return "metadata." + range.path + shown_bounds(range);
  }
  std::string operator()(const MetadataEquals& condition) const {
    return "metadata." + condition.path + "=" + condition.value;
  }
  std::string operator()(const JsonMatches& condition) const {
    static constexpr std::array kRelations = {" present", "=",  "<",  "<=", ">",
                                              ">=",       "^=", "*=", "~="};
    return std::string(model::to_string(condition.part)) + "." + condition.path +
           kRelations.at(static_cast<std::size_t>(condition.relation)) + condition.operand;
  }
  std::string operator()(const DecayAtLeast& condition) const {
    return "decay>=" + shown_number(condition.score);
  }
};

std::string shown(const Filter& filter) { return std::visit(Shower(), filter.node); }

std::string parsed(std::string_view json) {
  const auto filter = parse_filter(json);
  return filter ? shown(*filter) : "refused: " + filter.error().message;
}

TEST(ParseFilter, ReadsTheExampleOfTheCommandLine) {
  EXPECT_EQ(parsed(R"({"and": [{"tags": {"any": ["work"]}}, {"priority": {"gte": 3}},
                      {"not": {"memory_type": "context"}}]})"),
            "all(tags{work}, priority>=3, not(memory_type{context}))");
}

TEST(ParseFilter, ReadsWhatJsonIsComparedBy) {
  EXPECT_EQ(parsed(R"({"metadata.a.b": {"present": true}})"), "metadata.a.b present");
  EXPECT_EQ(parsed(R"({"content.a": {"present": false}})"), "not(content.a present)");
  EXPECT_EQ(parsed(R"({"content.a": 3})"), "content.a=3");
  EXPECT_EQ(parsed(R"({"content.a": {"ne": null}})"), "not(content.a=null)");
  EXPECT_EQ(parsed(R"({"content.a": {"in": [1, "x"]}})"), "any(content.a=1, content.a=\"x\")");
  EXPECT_EQ(parsed(R"({"content.a": {"gt": 1, "lte": 2.5}})"), "all(content.a>1, content.a<=2.5)");
  EXPECT_EQ(parsed(R"({"metadata.a": {"gte": "m", "lt": "n"}})"),
            "all(metadata.a>=\"m\", metadata.a<\"n\")");
  EXPECT_EQ(parsed(R"({"metadata.a": {"starts_with": "x", "contains": "y", "icontains": "Z"}})"),
            "all(metadata.a^=\"x\", metadata.a*=\"y\", metadata.a~=\"Z\")");
  for (const char* refused :
       {R"({"metadata.a": {"contains": 3}})", R"({"content.a": {"gt": true}})",
        R"({"metadata.a": {"present": "yes"}})", R"({"content.a": {"like": "x"}})",
        R"({"content.a": [1]})", R"({"content.": 1})"}) {
    EXPECT_THAT(parsed(refused), ::testing::StartsWith("refused: ")) << refused;
  }
}

TEST(ParseFilter, ReadsEveryOperator) {
  const struct {
    const char* json;
    const char* filter;
  } cases[] = {
      {R"({})", "all()"},
      {R"({"and": []})", "all()"},
      {R"({"or": []})", "any()"},
      {R"({"or": [{"layer": "working"}, {}]})", "any(layer{working}, all())"},
      {R"({"agent_id": "tim", "user_id": "u"})", "all(agent_id{tim}, user_id{u})"},
      {R"({"agent_id": {"eq": "tim"}})", "agent_id{tim}"},
      {R"({"agent_id": {"ne": "tim"}})", "not(agent_id{tim})"},
      {R"({"agent_id": {"in": ["a", "b"]}})", "agent_id{a|b}"},
      {R"({"agent_id": {"in": []}})", "agent_id{}"},
      {R"({"agent_id": {"in": ["a", "b"], "ne": "a"}})", "all(agent_id{a|b}, not(agent_id{a}))"},
      {R"({"tags": "a"})", "tags{a}"},
      {R"({"tags": {"any": ["a", "b"]}})", "tags{a|b}"},
      {R"({"tags": {"all": ["a", "b"]}})", "all(tags{a}, tags{b})"},
      {R"({"tags": {"none": ["a", "b"]}})", "not(tags{a|b})"},
      {R"({"tags": {"all": ["a"], "none": ["b"]}})", "all(all(tags{a}), not(tags{b}))"},
      {R"({"entities": {"all": ["x"]}})", "all(entities{x})"},
      {R"({"priority": 5})", "priority>=5<=5"},
      {R"({"priority": {"ne": 5}})", "not(priority>=5<=5)"},
      {R"({"priority": {"gt": 3, "lte": 7}})", "all(priority>3, priority<=7)"},
      {R"({"priority": {"in": [1, 2]}})", "any(priority>=1<=1, priority>=2<=2)"},
      {R"({"strength": {"lt": 0.5}})", "strength<0.5"},
      {R"({"strength": 1.2})", "strength>=1.2<=1.2"},
      {R"({"use_count": 12345678901234567890123})",
       "use_count>=12345678901234567890123<=12345678901234567890123"},
      {R"({"relevance_score": {"gt": -1e400}})", "relevance_score>-1e400"},
      {R"({"promoted_at": "1970-01-02"})", "promoted_at>=86400000000<=86400000000"},
      {R"({"expires_at": {"lte": "9999-12-31T23:59:59.999999Z"}})",
       "expires_at<=253402300799999999"},
      {R"({"is_critical": true})", "is_critical{true}"},
      {R"({"success": {"ne": false}})", "not(success{false})"},
      {R"({"success": {"in": [false]}})", "any(success{false})"},
      {R"({"keywords": {"all": ["a", "b"]}})", "all(keywords{a}, keywords{b})"},
      {R"({"id": "9D6C1C4E-5C4B-4E0F-8A3E-0123456789AB"})",
       "id{9D6C1C4E-5C4B-4E0F-8A3E-0123456789AB}"},
      {R"({"created_at": {"gte": "1970-01-01T00:00:01Z"}})", "created_at>=1000000"},
      {R"({"created_at": {"lt": 1000000}})", "created_at<1000000"},
      {R"({"expires_at": "1970-01-02"})", "expires_at>=86400000000<=86400000000"},
      {R"({"metadata.a.b": 1.50})", "metadata.a.b=1.50"},
      {R"({"metadata.a": "x"})", "metadata.a=\"x\""},
      {R"({"metadata.a": null})", "metadata.a=null"},
      {R"({"metadata.a": {"ne": true}})", "not(metadata.a=true)"},
      {R"({"metadata.a": {"in": [1, "x"]}})", "any(metadata.a=1, metadata.a=\"x\")"},
      {R"({"metadata": {"a": {"b": 1}, "c": "x"}})", "all(metadata.a.b=1, metadata.c=\"x\")"},
      {R"({"metadata": {}})", "all()"},
      {R"({"metadata.a.b": {"gt": 9007199254740993, "lte": 1e400}})",
       "all(metadata.a.b>9007199254740993, metadata.a.b<=1e400)"},
      {R"({"decay_score": {"gte": 0.15}})", "decay>=0.14999999999999999"},
      {R"({"and": [{"priority": {"gte": 2}}, {"priority": {"lte": 4}}]})",
       "all(priority>=2, priority<=4)"},
  };
  for (const auto& one : cases) EXPECT_EQ(parsed(one.json), one.filter) << one.json;
}

TEST(ParseFilter, RefusesWhatItDoesNotUnderstandAndNamesIt) {
  const struct {
    std::string json, field, message;
  } cases[] = {
      {"", "", "not valid JSON at byte 0"},
      {"[]", "", "must be a JSON object"},
      {R"({"colour": "x"})", "colour", "unknown field or operator \"colour\""},
      {R"({"tag": "x"})", "tag", "unknown field"},
      {R"({"text": "x"})", "text", "unknown field"},
      {R"({"tenant_id": "x"})", "tenant_id", "unknown field"},
      {R"({"and": {"agent_id": "x"}})", "and", "must be an array of filters"},
      {R"({"or": [3]})", "or", "or is 3; must be an object"},
      {R"({"not": []})", "not", "must be an object"},
      {R"({"agent_id": 3})", "agent_id", "agent_id is 3; must be a string"},
      {R"({"agent_id": null})", "agent_id", "must be a string"},
      {R"({"agent_id": ["a"]})", "agent_id", "must be a string"},
      {R"({"agent_id": {}})", "agent_id", "must be a value or an object"},
      {R"({"agent_id": {"gte": "a"}})", "agent_id", "unknown operator gte; must be eq, ne or in"},
      {R"({"agent_id": {"any": ["a"]}})", "agent_id", "unknown operator any"},
      {R"({"agent_id": {"in": "a"}})", "agent_id", "must be an array"},
      {R"({"agent_id": {"in": [1]}})", "agent_id", "must be a string"},
      {R"({"tags": ["a"]})", "tags", "must be a string"},
      {R"({"tags": {"some": ["a"]}})", "tags", "must be any, all, none, eq, ne or in"},
      {R"({"tags": {"any": "a"}})", "tags", "must be an array"},
      {R"({"layer": "Working"})", "layer", "must be one of working, episodic"},
      {R"({"status": {"in": ["active", "x"]}})", "status", "must be one of active"},
      {R"({"priority": "5"})", "priority", "must be a number"},
      {R"({"priority": {"between": [1, 2]}})", "priority", "unknown operator between"},
      {R"({"priority": {"in": 3}})", "priority", "must be an array"},
      {R"({"priority": {"in": ["3"]}})", "priority", "must be a number"},
      {R"({"priority": {"gte": null}})", "priority", "must be a number"},
      {R"({"created_at": {"gte": "yesterday"}})", "created_at", "RFC 3339"},
      {R"({"created_at": {"gte": 1.5}})", "created_at", "integer of microseconds"},
      {R"({"created_at": {"gte": true}})", "created_at", "integer of microseconds"},
      {R"({"metadata": "x"})", "metadata", "must be an object"},
      {R"({"metadata": {"a": [1]}})", "metadata", "must be a string, number, boolean or null"},
      {R"({"metadata.a": [1]})", "metadata.a", "must be a string, number, boolean or null"},
      {R"({"metadata.a": {"between": 1}})", "metadata.a", "unknown operator between"},
      {R"({"metadata.a": {"gte": true}})", "metadata.a", "metadata.a is true; must be a number"},
      {R"({"metadata.": {"gte": 1}})", "metadata", "without a path"},
      {R"({"success": "true"})", "success", "must be true or false"},
      {R"({"pattern_type": "bad"})", "pattern_type", "must be one of success, failure"},
      {R"({"id": "tea"})", "id", "id is compared with \"tea\"; must be a UUID"},
      {R"({"priority": 3, "priority": 3})", "priority", "priority is given twice"},
      {R"({"not": {"user_id": "a"}, "not": {"user_id": "b"}})", "not", "not is given twice"},
      {R"({"or": [{"layer": "working", "la\u0079er": "semantic"}]})", "layer",
       "layer is given twice"},
      {R"({"priority": {"gte": 2, "gte": 3}})", "priority", "priority: gte is given twice"},
      {R"({"tags": {"any": ["a"], "any": ["b"]}})", "tags", "tags: any is given twice"},
      {R"({"metadata": {"a": 1, "a": 1}})", "metadata", "metadata: a is given twice"},
      {R"({"metadata": {"a": {"b": 1, "b": 2}}})", "metadata", "metadata: b is given twice"},
      {R"({"metadata.a": 1, "metadata.a": 2})", "metadata.a", "metadata.a is given twice"},
      {R"({"metadata.a": {"in": [[1]]}})", "metadata.a", "must be a string"},
      {R"({"metadata.": 1})", "metadata", "without a path"},
      {R"({"decay_score": 0.5})", "decay_score", "must be {\"gte\""},
      {R"({"decay_score": {"lte": 0.5}})", "decay_score", "unknown operator lte; must be gte"},
      {R"({"decay_score": {"gte": 1.5}})", "decay_score", "must be 0..1"},
  };
  for (const auto& bad : cases) {
    const auto filter = parse_filter(bad.json);

    ASSERT_FALSE(filter) << bad.json;
    EXPECT_EQ(filter.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(filter.error().field, bad.field) << bad.json;
    EXPECT_THAT(filter.error().message, HasSubstr(bad.message)) << bad.json;
  }
}

TEST(ParseFilter, BoundsDepthAndSize) {
  const auto nested = [](std::size_t depth, const std::string& open, const std::string& close) {
    std::string json;
    for (std::size_t i = 0; i < depth; ++i) json += open;
    json += R"({"agent_id": "a"})";
    for (std::size_t i = 0; i < depth; ++i) json += close;
    return json;
  };

  EXPECT_TRUE(parse_filter(nested(31, R"({"not": )", "}")));
  EXPECT_THAT(parsed(nested(32, R"({"not": )", "}")), HasSubstr("deeper than 32"));
  EXPECT_THAT(parsed(nested(240, R"({"and": [)", "]}")), HasSubstr("deeper than 32"));
  std::string many = R"({"or": [{})";
  for (int i = 0; i < 10'000; ++i) many += ",{}";
  EXPECT_THAT(parsed(many + "]}"), HasSubstr("more than 10000"));
}

// What is compared: one memory's priority and agent, as the two evaluators see it.
struct Subject {
  std::int64_t priority;
  std::string agent;
};

bool by_conditions(const Filter& filter, const Subject& subject) {
  const auto& node = filter.node;
  const auto matches = [&](const Filter& part) { return by_conditions(part, subject); };
  if (const auto* all = std::get_if<AllOf>(&node)) return std::ranges::all_of(all->parts, matches);
  if (const auto* any = std::get_if<AnyOf>(&node)) return std::ranges::any_of(any->parts, matches);
  if (const auto* negation = std::get_if<Not>(&node)) return !matches(negation->part.at(0));
  if (const auto* field = std::get_if<FieldIn>(&node)) {
    return std::ranges::find(field->values, subject.agent) != field->values.end();
  }
  const auto& range = std::get<NumberRange>(node);
  const Number value = subject.priority;
  return (!range.low || (range.low_strict ? value > *range.low : value >= *range.low)) &&
         (!range.high || (range.high_strict ? value < *range.high : value <= *range.high));
}

template <class T>
bool compares(const std::string& name, const T& value, const nlohmann::json& operand) {
  if (name == "in") {
    return std::ranges::any_of(operand, [&](const auto& one) { return one == value; });
  }
  const T other = operand.get<T>();
  if (name == "eq") return value == other;
  if (name == "ne") return value != other;
  if (name == "gt") return value > other;
  if (name == "gte") return value >= other;
  if (name == "lt") return value < other;
  return value <= other;
}

bool by_json(const nlohmann::json& json, const Subject& subject) {
  return std::ranges::all_of(json.items(), [&](const auto& member) {
    const auto matches = [&](const nlohmann::json& part) { return by_json(part, subject); };
    const nlohmann::json& value = member.value();
    if (member.key() == "and") return std::ranges::all_of(value, matches);
    if (member.key() == "or") return std::ranges::any_of(value, matches);
    if (member.key() == "not") return !matches(value);
    const nlohmann::json operators = value.is_object() ? value : nlohmann::json({{"eq", value}});
    return std::ranges::all_of(operators.items(), [&](const auto& one) {
      return member.key() == "priority" ? compares(one.key(), subject.priority, one.value())
                                        : compares(one.key(), subject.agent, one.value());
    });
  });
}

nlohmann::json random_filter(std::mt19937& random, int depth) {
  const auto agent = [&] { return std::string(1, static_cast<char>('a' + random() % 3)); };
  switch (depth > 0 ? random() % 5 : 3 + random() % 2) {
    case 0:
    case 1: {
      auto parts = nlohmann::json::array();
      for (auto i = random() % 4; i > 0; --i) parts.push_back(random_filter(random, depth - 1));
      return {{random() % 2 == 0 ? "and" : "or", parts}};
    }
    case 2:
      return {{"not", random_filter(random, depth - 1)}};
    case 3: {
      const char* const names[] = {"eq", "ne", "gt", "gte", "lt", "lte"};
      if (random() % 4 == 0) return {{"priority", {{"in", {random() % 10, random() % 10}}}}};
      return {{"priority", {{names[random() % 6], random() % 10}, {"ne", random() % 10}}}};
    }
    default:
      if (random() % 2 == 0) return {{"agent_id", agent()}, {"priority", {{"gte", random() % 10}}}};
      return {{"agent_id", {{"in", {agent(), agent()}}}}};
  }
}

TEST(ParseFilter, MeansWhatItsWordsMean) {
  constexpr unsigned kSeed = 53;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  int matched = 0;
  for (int round = 0; round < 2000; ++round) {
    const auto json = random_filter(random, 4);
    const auto filter = parse_filter(json.dump());
    ASSERT_TRUE(filter) << filter.error().message << json;
    for (std::int64_t priority = 0; priority < 10; ++priority) {
      for (const char* agent : {"a", "b", "c"}) {
        const Subject subject{priority, agent};
        ASSERT_EQ(by_conditions(*filter, subject), by_json(json, subject)) << json;
        matched += by_json(json, subject) ? 1 : 0;
      }
    }
  }
  EXPECT_GT(matched, 10'000);
  EXPECT_LT(matched, 50'000);
}

}  // namespace
}  // namespace tulving
