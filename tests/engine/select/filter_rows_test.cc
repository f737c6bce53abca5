// Which rows a filter lets through, asked of a tenant's state directly: each condition by rows
// worked out by hand, and random combinations of them by the algebra of sets. A row that was erased
// belongs to no answer, not even to that of a Not. (What a merge answers: merge_filter_test.cc.
// Values at the edges of numbers and texts: filter_values_test.cc.)

#include "core/engine/select/filter_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tulving/decay.h"

namespace tulving::engine {
namespace {

using RowSet = std::set<std::uint32_t>;

Uuid id(std::uint8_t number) {
  Uuid id;
  id.bytes[0] = 0xAB;
  id.bytes[6] = 0x40;  // version 4
  id.bytes[8] = 0x80;
  id.bytes[15] = number;
  return id;
}

Timestamp at(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }
constexpr std::int64_t kDay = 86'400;
const Timestamp kNow = at(100 * kDay);

// Four memories in rows 0, 1, 3 and 4; row 2 was erased.
class FilterRows : public ::testing::Test {
 protected:
  FilterRows() {
    put(0, [](Memory& one) {
      one.user_id = "ana";
      one.tags = {"x", "y"};
      one.priority = 1;
      one.metadata = R"({"color":"blue","n":3,"sizes":[1,2],"in":{"deep":true}})";
      one.keywords = {"kettle"};
      one.success = false;
    });
    put(1, [](Memory& one) {
      one.user_id = "bo";
      one.tags = {"y"};
      one.priority = 10;
      one.expires_at = at(500 * kDay);
      one.metadata = R"({"color":"red","n":3.0,"gone":null})";
      one.use_count = 7;
      one.is_critical = true;
      one.success = true;
    });
    put(2, [](Memory& one) { one.user_id = "ana"; });
    put(3, [](Memory& one) {
      one.status = MemoryStatus::kArchived;
      one.external_id = "ours";
      one.strength = 0.5F;
      one.metadata = R"({"n":"3"})";
      one.confidence_score = 0.25F;
      one.parent_memory_id = id(0);
    });
    put(4, [](Memory& one) {
      one.user_id = "ana";
      one.abstraction_level = 2;
      one.goal = "tea";
      one.last_used = kNow;
      one.pattern_type = PatternType::kGotcha;
    });
    const RecordPtr erased = tenant_.memories.record(2);
    tenant_.apply({.before = erased, .after = nullptr, .vectors = {}});
  }

  template <class Spoil>
  void put(std::uint8_t row, const Spoil& with) {
    Memory memory;
    memory.id = id(row);
    memory.text = "memory " + std::to_string(row);
    memory.created_at = memory.updated_at = memory.last_used = at(row * kDay);
    memory.revision = 10U + row;
    with(memory);
    tenant_.apply(
        {.before = nullptr, .after = storage::MemoryRecord::encode(memory), .vectors = {}});
  }

  RowSet rows(const Filter& filter) const {
    const Roaring found = filter_rows(filter, {tenant_, kNow, DecayModel::kPowerLaw});
    return {found.begin(), found.end()};
  }

  TenantState tenant_{"acme", {}};
};

TEST_F(FilterRows, AreThoseOfEachConditionOnAField) {
  EXPECT_EQ(rows(equals(Field::kUserId, "ana")), (RowSet{0, 4})) << "row 2 is erased";
  EXPECT_EQ(rows(in(Field::kUserId, {"bo", "ana", "nobody"})), (RowSet{0, 1, 4}));
  EXPECT_EQ(rows(in(Field::kUserId, {})), RowSet{});
  EXPECT_EQ(rows(equals(Field::kUserId, "")), RowSet{}) << "what is empty equals nothing";
  EXPECT_EQ(rows(equals(Field::kUserId, "Ana")), RowSet{});
  EXPECT_EQ(rows(tags_any({"x", "z"})), RowSet{0});
  EXPECT_EQ(rows(tags_all({"x", "y"})), RowSet{0});
  EXPECT_EQ(rows(tags_all({})), (RowSet{0, 1, 3, 4}));
  EXPECT_EQ(rows(tags_none({"x"})), (RowSet{1, 3, 4}));
  EXPECT_EQ(rows(equals(Field::kStatus, "archived")), RowSet{3});
  EXPECT_EQ(rows(equals(Field::kExternalId, "ours")), RowSet{3});
  EXPECT_EQ(rows(equals(Field::kId, id(4).to_string())), RowSet{4});
  EXPECT_EQ(rows(equals(Field::kId, "AB000000-0000-4000-8000-000000000001")), RowSet{1});
  EXPECT_EQ(rows(equals(Field::kId, id(2).to_string())), RowSet{}) << "row 2 is erased";
}

TEST_F(FilterRows, AreThoseOfEachConditionThatReadsTheRecords) {
  EXPECT_EQ(rows(equals(Field::kKeyword, "kettle")), RowSet{0});
  EXPECT_EQ(rows(equals(Field::kGoal, "tea")), RowSet{4});
  EXPECT_EQ(rows(equals(Field::kSuccess, "true")), RowSet{1});
  EXPECT_EQ(rows(equals(Field::kSuccess, "false")), RowSet{0}) << "those without one are neither";
  EXPECT_EQ(rows(equals(Field::kIsCritical, "false")), (RowSet{0, 3, 4}));
  EXPECT_EQ(rows(equals(Field::kParentMemoryId, id(0).to_string())), RowSet{3});
  EXPECT_EQ(rows(equals(Field::kPatternType, "gotcha")), RowSet{4});
}

TEST_F(FilterRows, AreThoseOfEachRange) {
  const auto day = [](std::int64_t number) { return at(number * kDay); };
  EXPECT_EQ(rows(priority_between(1, 1)), RowSet{0});
  EXPECT_EQ(rows(priority_between(6, 10)), RowSet{1}) << "10 is kept by its last digit";
  EXPECT_EQ(rows(number_equals(NumberField::kAbstractionLevel, 2)), RowSet{4});
  EXPECT_EQ(rows(number_between(NumberField::kStrength, {}, 0.5F)), RowSet{3});
  EXPECT_EQ(rows(number_between(NumberField::kUseCount, 1, {})), RowSet{1});
  EXPECT_EQ(rows(number_equals(NumberField::kRevision, 13)), RowSet{3});
  EXPECT_EQ(rows(number_between(NumberField::kConfidenceScore, {}, {})), RowSet{3});
  EXPECT_EQ(rows(number_between(NumberField::kExpiresAt, {}, {})), RowSet{1});
  EXPECT_EQ(rows(time_between(NumberField::kCreatedAt, day(1), day(4))), (RowSet{1, 3}))
      << "from is within, to is not";
  EXPECT_EQ(rows(NumberRange{NumberField::kCreatedAt, day(1), day(4), true, false}),
            (RowSet{3, 4}));
  EXPECT_EQ(rows(number_between(NumberField::kCreatedAt, day(4), day(1))), RowSet{});
  EXPECT_EQ(rows(number_between(NumberField::kStrength, 1, 0)), RowSet{});
  EXPECT_EQ(rows(time_between(NumberField::kLastUsed, kNow, {})), RowSet{4});
}

TEST_F(FilterRows, AreThoseOfEachConditionOnMetadata) {
  const auto equal = [&](const char* path, const char* value) {
    return rows(MetadataEquals{path, value});
  };
  EXPECT_EQ(equal("color", "\"blue\""), RowSet{0});
  EXPECT_EQ(equal("n", "3.00"), (RowSet{0, 1})) << "by value, and no string";
  EXPECT_EQ(equal("n", "\"3\""), RowSet{3});
  EXPECT_EQ(equal("sizes", "2"), RowSet{0});
  EXPECT_EQ(equal("in.deep", "true"), RowSet{0});
  EXPECT_EQ(equal("gone", "null"), RowSet{1});
  EXPECT_EQ(equal("absent", "null"), RowSet{});
  EXPECT_EQ(rows(MetadataRange{"n", 2, 3}), (RowSet{0, 1}));
  EXPECT_EQ(rows(MetadataRange{"n", 2, 3, false, true}), RowSet{});
  EXPECT_EQ(rows(MetadataRange{"sizes", 2, {}}), RowSet{0});
}

TEST_F(FilterRows, AreThoseOfEachRelationInJson) {
  put(5, [](Memory& one) {
    one.metadata =
        R"({"s":"Stra\u00dfe 7","n":2.50,"list":["a","B",9007199254740993],"x":{"y":null}})";
    one.content = R"({"title":"Blue whale","tags":["sea"],"size":30})";
  });
  const auto in = [&](JsonPart part, const char* path, JsonRelation relation,
                      const char* operand = "") {
    return rows(JsonMatches{part, path, relation, operand}).contains(*tenant_.memories.find(id(5)));
  };
  using enum JsonRelation;
  constexpr auto kMetadata = JsonPart::kMetadata;
  constexpr auto kContent = JsonPart::kContent;
  EXPECT_TRUE(in(kMetadata, "x.y", kPresent)) << "null is there";
  EXPECT_FALSE(in(kMetadata, "x", kPresent)) << "an object is no scalar";
  EXPECT_FALSE(in(kMetadata, "title", kPresent)) << "that is of the content";
  EXPECT_TRUE(in(kContent, "title", kPresent));
  EXPECT_TRUE(in(kMetadata, "n", kEquals, "2.5"));
  EXPECT_TRUE(in(kContent, "tags", kEquals, "\"sea\""));
  EXPECT_FALSE(in(kContent, "size", kEquals, "\"30\"")) << "a number is no string";
  EXPECT_TRUE(in(kMetadata, "n", kLess, "2.51"));
  EXPECT_FALSE(in(kMetadata, "n", kLess, "2.5"));
  EXPECT_TRUE(in(kMetadata, "n", kLessOrEqual, "2.5"));
  EXPECT_TRUE(in(kMetadata, "list", kGreater, "9007199254740992")) << "beyond doubles";
  EXPECT_FALSE(in(kMetadata, "list", kGreater, "9007199254740993"));
  EXPECT_TRUE(in(kMetadata, "list", kGreaterOrEqual, "\"a\"")) << "one element is enough";
  EXPECT_FALSE(in(kMetadata, "list", kGreater, "\"a\"")) << "by bytes B comes before a";
  EXPECT_FALSE(in(kMetadata, "s", kGreater, "1")) << "a string and a number have no order";
  EXPECT_TRUE(in(kMetadata, "s", kStartsWith, "\"Stra\""));
  EXPECT_FALSE(in(kMetadata, "s", kStartsWith, "\"stra\""));
  EXPECT_TRUE(in(kMetadata, "s", kContains, "\"e 7\""));
  EXPECT_FALSE(in(kMetadata, "s", kContains, "\"STRASSE\""));
  EXPECT_TRUE(in(kMetadata, "s", kContainsCaseless, "\"STRASSE\"")) << "sharp s folds to ss";
  EXPECT_FALSE(in(kMetadata, "n", kContains, "\"2\"")) << "a number contains nothing";
  EXPECT_EQ(rows(JsonMatches{kContent, "size", kGreater, "1"}),
            RowSet{*tenant_.memories.find(id(5))});
}

TEST_F(FilterRows, AreThoseThatDecayLeaves) {
  RowSet expected;
  for (const std::uint32_t row : tenant_.memories.rows()) {
    const DecayInput input = decay_input(tenant_.memories.record(row)->to_memory(), kNow);
    if (decay_score_clamped(DecayModel::kPowerLaw, input) >= 0.05) expected.insert(row);
  }
  EXPECT_EQ(rows(DecayAtLeast{0.05}), expected);
  EXPECT_EQ(expected, (RowSet{1, 4}));
}

TEST_F(FilterRows, OfNothingAreAllAndOfNoAlternativeAreNone) {
  EXPECT_TRUE(matches_everything(Filter()));
  EXPECT_FALSE(matches_everything(all_of({Filter()})));
  EXPECT_FALSE(matches_everything(any_of({})));
  EXPECT_EQ(rows(Filter()), (RowSet{0, 1, 3, 4}));
  EXPECT_EQ(rows(any_of({})), RowSet{});
  EXPECT_EQ(rows(not_(any_of({}))), (RowSet{0, 1, 3, 4})) << "not the erased row";
}

TEST_F(FilterRows, OfCombinationsAreTheAlgebraOfTheirParts) {
  const std::vector<Filter> leaves = {equals(Field::kUserId, "ana"),
                                      tags_any({"y"}),
                                      equals(Field::kStatus, "archived"),
                                      priority_between(1, 5),
                                      MetadataEquals{"n", "3"},
                                      equals(Field::kIsCritical, "false"),
                                      number_between(NumberField::kUseCount, 1, {})};
  const RowSet all = rows(Filter());
  std::mt19937 random(9);
  using Pair = std::pair<Filter, RowSet>;
  const std::function<Pair(int)> combine = [&](int depth) -> Pair {
    if (depth == 0 || random() % 5 == 0) {
      const Filter& leaf = leaves[random() % leaves.size()];
      return {leaf, rows(leaf)};
    }
    if (random() % 3 == 0) {
      auto [part, inner] = combine(depth - 1);
      RowSet outside;
      std::ranges::set_difference(all, inner, std::inserter(outside, outside.end()));
      return {not_(std::move(part)), outside};
    }
    const bool any = random() % 2 == 0;
    std::vector<Filter> parts;
    RowSet joined = any ? RowSet{} : all;
    for (auto n = random() % 4; n > 0; --n) {
      auto [part, inner] = combine(depth - 1);
      parts.push_back(std::move(part));
      RowSet next;
      if (any) {
        std::ranges::set_union(joined, inner, std::inserter(next, next.end()));
      } else {
        std::ranges::set_intersection(joined, inner, std::inserter(next, next.end()));
      }
      joined = std::move(next);
    }
    return {any ? any_of(std::move(parts)) : all_of(std::move(parts)), joined};
  };
  for (int round = 0; round < 500; ++round) {
    const auto [filter, expected] = combine(4);
    ASSERT_EQ(rows(filter), expected) << "round " << round;
  }
}

}  // namespace
}  // namespace tulving::engine
