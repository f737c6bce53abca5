// What merge_memory_test.cc promises, of random memories with awkward texts, numbers and JSON: an
// oracle that was written from the header's list looks for each part of each source in the merge,
// reading JSON with nlohmann.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/text/same_text.h"
#include "core/merging/fields/merge_json.h"
#include "core/merging/merge_memory.h"
#include "core/model/rules/rules.h"
#include "tests/json/random_records.h"
#include "tests/merging/merge_testing.h"

namespace tulving::merging {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

// Everything in `parts` is in `whole`.
void expect_all(const std::vector<std::string>& parts, const std::vector<std::string>& whole) {
  for (const auto& part : parts) EXPECT_THAT(whole, Contains(part));
}

// Likewise, perhaps with a date.
void expect_all_dated(const std::vector<std::string>& parts,
                      const std::vector<std::string>& whole) {
  std::vector<std::string> bare;
  for (const auto& one : whole) bare.push_back(same_text_form(without_dates(one)));
  for (const auto& part : parts) EXPECT_THAT(bare, Contains(same_text_form(part)));
}

// The values a member stands for in a merge: its own, or those of the list that holds several.
std::vector<json> values_of(const json& member) {
  std::vector<json> values = {member};
  if (!member.is_array()) return values;
  for (const auto& one : member) {
    if (one.is_object() && one.contains("value")) values.push_back(one["value"]);
  }
  return values;
}

// 1e400, which nlohmann refuses, as a text.
json read(std::string text) {
  for (auto at = text.find("1e400"); at != std::string::npos; at = text.find("1e400")) {
    text.replace(at, 5, "\"big\"");
  }
  return json::parse(text);
}

void expect_members(const std::string& part, const std::string& whole) {
  if (part.empty()) return;
  ASSERT_FALSE(whole.empty());
  const json all = read(whole);
  const json own = read(part);
  for (const auto& [key, value] : own.items()) {
    ASSERT_TRUE(all.contains(key)) << key;
    EXPECT_THAT(values_of(all[key]), Contains(value)) << key;
  }
}

TEST(MergeMemories, HoldAllThatRandomMemoriesHeld) {
  for (unsigned seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE(seed);
    testing_support::RandomRecords random(seed);
    std::vector<Memory> sources(2 + random.below(11));
    for (auto& source : sources) {
      source = random.memory();
      source.id = random.id();
      source.user_id = sources[0].user_id;
      source.agent_id = sources[0].agent_id;
      source.project_id = sources[0].project_id;
      source.expires_at = sources[0].expires_at;
      source.embeddings.clear();
      if (random.coin()) source.metadata = R"({"key1": 0, "key2": [1]})";
    }
    const auto result = merge_memories(sources, options());
    ASSERT_TRUE(result.has_value()) << result.error().message;
    const Memory& merge = *result;

    ASSERT_TRUE(model::check_record(merge, {}).has_value());
    std::int64_t uses = 0;
    for (const Memory& source : sources) {
      expect_all(source.tags, merge.tags);
      expect_all(source.entities, merge.entities);
      expect_all_dated(source.facts, merge.facts);
      expect_all(source.keywords, merge.keywords);
      expect_all(source.actions, merge.actions);
      expect_members(source.metadata, merge.metadata);
      expect_members(source.content, merge.content);
      EXPECT_THAT(merge.source_memory_ids, Contains(source.id));
      EXPECT_LE(source.priority, merge.priority);
      EXPECT_LE(source.strength, merge.strength);
      EXPECT_TRUE(merge.is_critical || !source.is_critical);
      EXPECT_THAT(merge.criticality_reason, HasSubstr(source.criticality_reason));
      EXPECT_LE(merge.created_at, source.created_at ? source.created_at : merge.created_at);
      EXPECT_GE(merge.last_used, source.last_used);
      uses += source.use_count;
    }
    EXPECT_EQ(merge.use_count, std::min<std::int64_t>(uses, 2'147'483'647));
    EXPECT_TRUE(std::ranges::is_sorted(merge.tags));
    EXPECT_TRUE(std::ranges::is_sorted(merge.source_memory_ids));
    EXPECT_EQ(merge.status, MemoryStatus::kActive);

    std::ranges::reverse(sources);
    EXPECT_EQ(*merge_memories(sources, options()), merge);
  }
}

TEST(MergeJson, OfValuesOfAnyKindKeepsThemAll) {
  const auto merge = [](std::vector<std::string_view> values) {
    std::vector<TimedJson> timed;
    for (const auto value : values) timed.push_back({value, std::nullopt});
    return merge_json_values(timed);
  };
  EXPECT_EQ(merge({}), "");
  EXPECT_EQ(merge({"", " 1 ", ""}), " 1 ");
  EXPECT_EQ(merge({"1", "1.0"}), "1");
  EXPECT_EQ(merge({"\"a\"", "\"\\u0061\""}), "\"a\"");
  EXPECT_EQ(merge({"1", "[2]"}), R"([{"value":1},{"value":[2]}])");
  EXPECT_EQ(merge({"[]", "[]  "}), "[]");
  EXPECT_EQ(merge({"{}", "{ }"}), "{}");
  EXPECT_EQ(merge({R"({"a":{"b":1}})", R"({"a":{"b":2}})"}),
            R"({"a":[{"value":{"b":1}},{"value":{"b":2}}]})");
  EXPECT_EQ(merge({R"({"a":1,"a":2})", R"({"b":1})"}), R"({"a":2,"b":1})");
}

}  // namespace
}  // namespace tulving::merging
