// A filter that could never mean what its caller thinks is refused: an enumerator's name that is
// none, a bound that is no number, a metadata value that is no scalar, and what is too deep or too
// large to evaluate. The builders of filter.h say what they are documented to say.

#include "core/model/rules/filter_rules.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace tulving::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void expect_refused(const Filter& filter, std::string_view field, std::string_view message) {
  const Status status = check_filter(filter);
  ASSERT_FALSE(status) << message;
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(status.error().field, field);
  EXPECT_THAT(status.error().message, HasSubstr(message));
}

Filter nested(std::size_t depth) {
  Filter filter = equals(Field::kAgentId, "a");
  for (std::size_t level = 1; level < depth; ++level) filter = not_(std::move(filter));
  return filter;
}

TEST(FilterRules, TakeWhatTheBuildersMake) {
  EXPECT_TRUE(check_filter({}));
  EXPECT_TRUE(check_filter(
      all_of({tags_any({"work"}), tags_all({"a", "b"}), tags_none({"c"}), priority_between(3, 10),
              not_(equals(Field::kMemoryType, "my own type")), any_of({}),
              in(Field::kLayer, {"working", "procedural"}), equals(Field::kStatus, "archived"),
              equals(Field::kSourceType, "tool_output"), equals(Field::kAgentId, ""),
              time_between(NumberField::kCreatedAt, {}, Timestamp{}),
              MetadataEquals{"a.b", "\"x\""}, DecayAtLeast{0.5}})));
}

TEST(FilterRules, NameTheValidNamesOfAnEnumeratedField) {
  expect_refused(equals(Field::kLayer, "Working"), "layer",
                 "layer is compared with \"Working\"; must be one of working, episodic, semantic, "
                 "procedural");
  expect_refused(in(Field::kStatus, {"active", "gone"}), "status",
                 "must be one of active, promoted, archived, deleted");
  expect_refused(equals(Field::kSourceType, ""), "source_type", "tool_output");
}

TEST(FilterRules, RefuseFieldsThatAreNone) {
  expect_refused(equals(static_cast<Field>(34), "x"), "", "does not exist");
  expect_refused(NumberRange{.field = static_cast<NumberField>(18), .low = 1, .high = {}}, "",
                 "does not exist");
}

TEST(FilterRules, RefuseValuesThatNoRecordCanHold) {
  expect_refused(equals(Field::kTag, "\xFF"), "tags", "UTF-8");
  expect_refused(equals(Field::kIsCritical, "yes"), "is_critical", "must be one of true, false");
  expect_refused(in(Field::kSourceMemoryId, {"tea"}), "source_memory_ids", "must be a UUID");
  expect_refused(equals(Field::kAgentId, std::string(1, '\0')), "agent_id", "NUL");
}

TEST(FilterRules, RefuseBoundsThatAreNotNumbers) {
  const double nan = std::nan("");
  expect_refused(NumberRange{.field = NumberField::kStrength, .low = nan, .high = {}}, "strength",
                 "NaN");
  expect_refused(NumberRange{.field = NumberField::kStrength, .low = {}, .high = nan}, "strength",
                 "NaN");
  expect_refused(MetadataRange{.path = "a", .low = nan, .high = {}}, "metadata", "NaN");
  const auto json = [](JsonRelation relation, const char* operand, const char* path = "a") {
    return JsonMatches{JsonPart::kContent, path, relation, operand};
  };
  expect_refused(json(JsonRelation::kEquals, "1", ""), "content", "without a path");
  expect_refused(json(JsonRelation::kEquals, "[1]"), "content",
                 "must be a JSON string, number, boolean or null");
  expect_refused(json(JsonRelation::kLess, "true"), "content", "must be a JSON string or number");
  expect_refused(json(JsonRelation::kContains, "1"), "content", "must be a JSON string");
  expect_refused(json(JsonRelation::kPresent, "1"), "content", "must be nothing");
  expect_refused(json(static_cast<JsonRelation>(99), "1"), "", "does not exist");
  expect_refused(MetadataRange{.path = "", .low = 1, .high = {}}, "metadata", "without a path");
  EXPECT_TRUE(check_filter(NumberRange{.field = NumberField::kStrength,
                                       .low = -std::numeric_limits<double>::infinity(),
                                       .high = {}}));
  for (const double score : {-0.1, 1.1, nan}) {
    expect_refused(DecayAtLeast{score}, "decay_score", "must be 0..1");
  }
  EXPECT_TRUE(check_filter(all_of({DecayAtLeast{0}, DecayAtLeast{1}})));
}

TEST(FilterRules, RefuseMetadataComparedWithWhatIsNoScalar) {
  for (const char* value : {"", "blue", "{}", "[1]", "1 2", "\"\\u0000\""}) {
    expect_refused(MetadataEquals{"color", value}, "metadata", "must be a JSON string");
  }
  expect_refused(MetadataEquals{"", "1"}, "metadata", "without a path");
}

TEST(FilterRules, RefuseANotWithoutExactlyOnePart) {
  expect_refused(Not{}, "", "exactly 1");
  expect_refused(Not{{Filter(), Filter()}}, "", "exactly 1");
}

TEST(FilterRules, BoundDepthAndSize) {
  EXPECT_TRUE(check_filter(nested(kFilterDepthMax)));
  expect_refused(nested(kFilterDepthMax + 1), "", "deeper than 32");
  EXPECT_TRUE(check_filter(all_of(std::vector<Filter>(kFilterNodesMax - 1))));
  expect_refused(all_of(std::vector<Filter>(kFilterNodesMax)), "", "more than 10000");
}

TEST(FilterRules, SeeABrokenPartWhereverItStands) {
  const Filter broken = equals(Field::kLayer, "x");
  expect_refused(all_of({Filter(), broken}), "layer", "layer");
  expect_refused(any_of({broken, Filter()}), "layer", "layer");
  expect_refused(not_(any_of({all_of({broken})})), "layer", "layer");
}

TEST(FilterBuilders, SayWhatTheirNamesSay) {
  const auto all = std::get<AllOf>(tags_all({"a", "b"}).node);
  ASSERT_EQ(all.parts.size(), 2U);
  EXPECT_THAT(std::get<FieldIn>(all.parts[1].node).values, ElementsAre("b"));

  const auto none = std::get<Not>(tags_none({"a", "b"}).node);
  EXPECT_THAT(std::get<FieldIn>(none.part[0].node).values, ElementsAre("a", "b"));
  EXPECT_EQ(std::get<FieldIn>(none.part[0].node).field, Field::kTag);

  const auto priority = std::get<NumberRange>(priority_between(3, 7).node);
  EXPECT_EQ(priority.low, 3);
  EXPECT_EQ(priority.high, 7);
  EXPECT_FALSE(priority.low_strict || priority.high_strict);

  const auto strength = std::get<NumberRange>(number_equals(NumberField::kStrength, 1.2F).node);
  EXPECT_EQ(strength.low->text(), "1.2");
  EXPECT_EQ(strength.low, strength.high);

  const auto time = std::get<NumberRange>(time_between(NumberField::kLastUsed,
                                                       Timestamp(std::chrono::microseconds(5)),
                                                       Timestamp(std::chrono::microseconds(9)))
                                              .node);
  EXPECT_EQ(time.field, NumberField::kLastUsed);
  EXPECT_EQ(time.low, 5);
  EXPECT_EQ(time.high, 9);
  EXPECT_FALSE(time.low_strict);
  EXPECT_TRUE(time.high_strict);
}

}  // namespace
}  // namespace tulving::model
