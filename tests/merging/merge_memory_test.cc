// What is promised: a merged memory holds what its sources held (SPEC section 5), whatever their
// order, and keeps every rule of records.h. Random memories with awkward texts, numbers and JSON
// are merged; an oracle that was written from the header's list looks for each part of each source
// in the merge, reading JSON with nlohmann.

#include "core/merging/merge_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/merging/merge_json.h"
#include "core/merging/merge_text.h"
#include "core/model/rules.h"
#include "tests/model/random_records.h"

namespace tulving::merging {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Timestamp kMay1 = std::chrono::sys_days(std::chrono::year(2024) / 5 / 1);

std::vector<Memory> memories(std::size_t count) {
  std::vector<Memory> memories(count);
  for (std::size_t i = 0; i < count; ++i) {
    memories[i].id = Uuid::derive("test", std::to_string(i));
    memories[i].text = "Text number " + std::string(1, static_cast<char>('a' + i));
    memories[i].created_at = kMay1 + std::chrono::days(i);
  }
  return memories;
}

MergeOptions options() {
  MergeOptions options;
  options.tenant_id = "acme";
  options.now = kMay1 + std::chrono::days(100);
  options.cohesion = 0.9;
  options.confidence = 0.8;
  return options;
}

Memory merged(const std::vector<Memory>& sources) {
  auto merged = merge_memories(sources, options());
  EXPECT_TRUE(merged.has_value()) << merged.error().message;
  return *merged;
}

std::string error_of(const std::vector<Memory>& sources, const MergeOptions& options) {
  const auto merged = merge_memories(sources, options);
  return merged ? "" : merged.error().message;
}

TEST(MergeMemories, CombineValuesAndTimes) {
  auto sources = memories(3);
  sources[0].strength = 1.2F;
  sources[1].strength = 0.4F;
  sources[0].use_count = 3;
  sources[2].use_count = 4;
  sources[1].priority = 9;
  sources[1].last_used = kMay1 + std::chrono::days(50);
  sources[2].last_used = kMay1 + std::chrono::days(40);
  sources[1].is_critical = true;
  sources[1].criticality_reason = "law";
  for (auto& source : sources) source.expires_at = *source.created_at + std::chrono::days(9);

  const Memory merge = merged(sources);

  EXPECT_FLOAT_EQ(merge.strength, 1.2F + 0.1F * 3 * 0.9F);
  EXPECT_EQ(merge.use_count, 7);
  EXPECT_EQ(merge.priority, 9);
  EXPECT_EQ(merge.created_at, kMay1);
  EXPECT_EQ(merge.last_used, kMay1 + std::chrono::days(50));
  EXPECT_EQ(merge.expires_at, kMay1 + std::chrono::days(11));
  EXPECT_TRUE(merge.is_critical);
  EXPECT_EQ(merge.criticality_reason, "law");
  EXPECT_EQ(merge.abstraction_level, 1);
  EXPECT_EQ(merge.consolidation_method, ConsolidationMethod::kHeuristic);
  EXPECT_EQ(merge.consolidated_at, options().now);
  EXPECT_FLOAT_EQ(*merge.confidence_score, 0.8F);
  EXPECT_EQ(merge.summary, merge.text);
}

TEST(MergeMemories, StopAtTheEndsOfTheRanges) {
  auto sources = memories(7);
  for (auto& source : sources) {
    source.use_count = std::numeric_limits<std::int32_t>::max();
    source.strength = 1.8F;
  }
  EXPECT_EQ(merged(sources).use_count, std::numeric_limits<std::int32_t>::max());
  EXPECT_FLOAT_EQ(merged(sources).strength, 2.0F);
  for (auto& source : sources) source.strength = 1;
  EXPECT_FLOAT_EQ(merged(sources).strength, 1.5F);
}

TEST(MergeMemories, NeverExpireWhereOneDoesNot) {
  auto sources = memories(2);
  sources[0].expires_at = kMay1 + std::chrono::days(1);
  EXPECT_FALSE(merged(sources).expires_at.has_value());
}

TEST(MergeMemories, KeepTheScopeThatAllAgreeOn) {
  auto sources = memories(2);
  for (auto& source : sources) source.agent_id = "tim";
  sources[0].user_id = "ann";
  sources[1].user_id = "bob";
  sources[1].session_id = "s1";
  sources[0].source_type = SourceType::kDocument;

  const Memory merge = merged(sources);

  EXPECT_EQ(merge.agent_id, "tim");
  EXPECT_THAT(merge.user_id, IsEmpty());
  EXPECT_THAT(merge.session_id, IsEmpty());
  EXPECT_EQ(merge.source_type, SourceType::kObservation);
}

TEST(MergeMemories, TakeTheCommonestTypeAndLayer) {
  auto sources = memories(4);
  sources[0].memory_type = "warning";
  sources[1].memory_type = "decision";
  sources[2].memory_type = "warning";
  sources[3].memory_type = "decision";
  sources[0].layer = Layer::kSemantic;
  sources[1].layer = Layer::kSemantic;
  EXPECT_EQ(merged(sources).memory_type, "decision");
  EXPECT_EQ(merged(sources).layer, Layer::kSemantic);
  sources[1].memory_type = "warning";
  sources[1].layer = Layer::kEpisodic;
  EXPECT_EQ(merged(sources).memory_type, "warning");
  EXPECT_EQ(merged(sources).layer, Layer::kEpisodic);
}

TEST(MergeMemories, KeepBothOfWhatDiffersWithItsTime) {
  auto sources = memories(2);
  sources[0].goal = "Ship it.";
  sources[1].goal = "Drop it.";
  sources[0].result = "done";
  sources[0].success = true;
  sources[1].success = false;
  sources[0].metadata = R"({"room": 5, "floor": 1.0})";
  sources[1].metadata = R"({"floor": 1, "room": 6, "key": null})";
  sources[0].tool_usage = R"(["grep", "sed"])";
  sources[1].tool_usage = R"(["sed" , "awk"])";

  const Memory merge = merged(sources);

  EXPECT_EQ(merge.goal,
            "Ship it (as of 2024-05-01T00:00:00Z).\nDrop it (as of 2024-05-02T00:00:00Z).");
  EXPECT_EQ(merge.result, "done");
  EXPECT_FALSE(merge.success.has_value());
  const json first = "2024-05-01T00:00:00Z";
  const json second = "2024-05-02T00:00:00Z";
  EXPECT_EQ(json::parse(merge.metadata),
            (json{{"room", {{{"value", 5}, {"as_of", first}}, {{"value", 6}, {"as_of", second}}}},
                  {"floor", 1.0},
                  {"key", nullptr},
                  {"success",
                   {{{"value", true}, {"as_of", first}}, {{"value", false}, {"as_of", second}}}}}));
  EXPECT_EQ(json::parse(merge.tool_usage), (json{"grep", "sed", "awk"}));
}

TEST(MergeMemories, AddToWhatAnEarlierMergeKept) {
  auto sources = memories(2);
  sources[0].goal = "One";
  sources[1].goal = "Two";
  sources[0].metadata = R"({"room": 5})";
  sources[1].metadata = R"({"room": 6})";
  auto again = memories(3);
  again.erase(again.begin(), again.begin() + 2);
  again[0].goal = "Three";
  again[0].metadata = R"({"room": 5.0})";
  again.push_back(merged(sources));

  const Memory merge = merged(again);

  EXPECT_EQ(merge.goal,
            "One (as of 2024-05-01T00:00:00Z)\nTwo (as of 2024-05-02T00:00:00Z)\n"
            "Three (as of 2024-05-03T00:00:00Z)");
  EXPECT_EQ(merge.metadata, R"({"room":[{"value":5,"as_of":"2024-05-03T00:00:00Z"},)"
                            R"({"value":6,"as_of":"2024-05-02T00:00:00Z"}]})");
}

TEST(MergeMemories, KeepSummariesThatCallersWrote) {
  auto sources = memories(2);
  sources[0].summary = sources[0].text;  // As the store makes it.
  EXPECT_EQ(merged(sources).summary, merged(sources).text);
  sources[1].summary = "In short: b.";
  EXPECT_EQ(merged(sources).summary, "In short: b.");
}

TEST(MergeMemories, TakeTheMeanOfVectorsThatAllHave) {
  auto sources = memories(2);
  sources[0].embeddings = {{"a", {10, 0}}, {"b", {1, 0}}, {"c", {1}}};
  sources[1].embeddings = {{"b", {-3, 0}}, {"a", {0, 0.1F}}};
  const Memory merge = merged(sources);
  ASSERT_EQ(merge.embeddings.size(), 1U);  // Those of b cancel out.
  EXPECT_EQ(merge.embeddings[0].model, "a");
  EXPECT_THAT(merge.embeddings[0].vector,
              ElementsAre(testing::FloatEq(std::sqrt(0.5F)), testing::FloatEq(std::sqrt(0.5F))));
}

TEST(MergeMemories, AreTheSameMemoryInAnyOrderOfSources) {
  auto sources = memories(5);
  const Memory merge = merged(sources);
  std::ranges::reverse(sources);
  EXPECT_EQ(merged(sources), merge);
  sources.pop_back();
  EXPECT_NE(merged(sources).id, merge.id);
  auto elsewhere = options();
  elsewhere.tenant_id = "other";
  EXPECT_NE(merge_memories(memories(5), elsewhere)->id, merge.id);
}

TEST(MergeMemories, AreRefusedWithTheReason) {
  EXPECT_THAT(error_of(memories(1), options()), HasSubstr("at least 2"));
  auto sources = memories(2);
  sources[1].id = sources[0].id;
  EXPECT_THAT(error_of(sources, options()), HasSubstr("with itself"));
  auto wrong = options();
  wrong.cohesion = std::nan("");
  EXPECT_THAT(error_of(memories(2), wrong), HasSubstr("cohesion"));
  wrong = options();
  wrong.confidence = 1.5;
  EXPECT_THAT(error_of(memories(2), wrong), HasSubstr("confidence_score"));
  wrong = options();
  wrong.text_bytes_max = 20;
  EXPECT_THAT(error_of(memories(2), wrong), AllOf(HasSubstr("text has"), HasSubstr("at most 20")));
}

// Everything in `parts` is in `whole`.
void expect_all(const std::vector<std::string>& parts, const std::vector<std::string>& whole) {
  for (const auto& part : parts) EXPECT_THAT(whole, Contains(part));
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
      if (random.coin()) source.metadata = R"({"key1": 0, "key2": [1]})";
    }
    const auto result = merge_memories(sources, options());
    ASSERT_TRUE(result.has_value()) << result.error().message;
    const Memory& merge = *result;

    ASSERT_TRUE(model::check_memory(merge, {}).has_value());
    std::int64_t uses = 0;
    for (const Memory& source : sources) {
      expect_all(source.tags, merge.tags);
      expect_all(source.entities, merge.entities);
      expect_all(source.facts, merge.facts);
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
