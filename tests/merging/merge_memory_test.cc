// What is promised: a merged memory holds what its sources held (SPEC section 5), whatever their
// order, crosses no border, and keeps every rule of records.h. merge_memory_random_test.cc holds it
// against random memories.

#include "core/merging/merge_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/text/same_text.h"
#include "core/merging/fields/merge_json.h"
#include "core/merging/text/merge_text.h"
#include "tests/merging/merge_testing.h"

namespace tulving::merging {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<Memory> memories(std::size_t count) {
  std::vector<Memory> memories(count);
  for (std::size_t i = 0; i < count; ++i) {
    memories[i].id = Uuid::derive("test", std::to_string(i));
    memories[i].text = "Text number " + std::string(1, static_cast<char>('a' + i));
    memories[i].created_at = kMay1 + std::chrono::days(i);
  }
  return memories;
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
  sources[0].strength = 1.2;
  sources[1].strength = 0.4;
  sources[0].use_count = 3;
  sources[2].use_count = 4;
  sources[1].priority = 9;
  sources[1].last_used = kMay1 + std::chrono::days(50);
  sources[2].last_used = kMay1 + std::chrono::days(40);
  sources[1].is_critical = true;
  sources[1].criticality_reason = "law";
  for (auto& source : sources) source.expires_at = kMay1 + std::chrono::days(11);

  const Memory merge = merged(sources);

  EXPECT_DOUBLE_EQ(merge.strength, 1.47);
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
  EXPECT_DOUBLE_EQ(*merge.confidence_score, 0.8);
  EXPECT_EQ(merge.summary, merge.text);
}

TEST(MergeMemories, StopAtTheEndsOfTheRanges) {
  auto sources = memories(7);
  for (auto& source : sources) {
    source.use_count = std::numeric_limits<std::int32_t>::max();
    source.strength = 1.8;
  }
  EXPECT_EQ(merged(sources).use_count, std::numeric_limits<std::int32_t>::max());
  EXPECT_DOUBLE_EQ(merged(sources).strength, 2);
  for (auto& source : sources) source.strength = 1;
  EXPECT_DOUBLE_EQ(merged(sources).strength, 1.5);
}

TEST(MergeMemories, KeepTheScopeThatAllAgreeOn) {
  auto sources = memories(2);
  for (auto& source : sources) {
    source.agent_id = "tim";
    source.user_id = "ann";
    source.project_id = "web";
  }
  sources[1].session_id = "s1";
  sources[0].source_type = SourceType::kDocument;

  const Memory merge = merged(sources);

  EXPECT_EQ(merge.agent_id, "tim");
  EXPECT_EQ(merge.user_id, "ann");
  EXPECT_EQ(merge.project_id, "web");
  EXPECT_THAT(merge.session_id, IsEmpty());
  EXPECT_EQ(merge.source_type, SourceType::kObservation);
}

TEST(MergeMemories, CrossNoBorder) {
  const auto refused = [](const std::function<void(Memory&)>& edit, const std::string& field) {
    auto sources = memories(3);
    for (auto& source : sources) source.embeddings = {{"a", {1, 0}}};
    EXPECT_EQ(error_of(sources, options()), "");
    edit(sources[2]);
    const auto merge = merge_memories(sources, options());
    ASSERT_FALSE(merge.has_value()) << field;
    EXPECT_EQ(merge.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(merge.error().field, field);
  };
  refused([](Memory& m) { m.user_id = "bo"; }, "user_id");
  refused([](Memory& m) { m.agent_id = "tim"; }, "agent_id");
  refused([](Memory& m) { m.project_id = "web"; }, "project_id");
  refused([](Memory& m) { m.expires_at = kMay1; }, "expires_at");
  refused([](Memory& m) { m.embeddings = {{"b", {1, 0}}}; }, "embeddings");
  // One that has lost its vector, as an edit takes it, is on no other side.
  auto sources = memories(2);
  sources[0].embeddings = {{"a", {1, 0}}};
  EXPECT_EQ(error_of(sources, options()), "");
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
  EXPECT_EQ(merge.metadata, R"({"room":[{"value":6,"as_of":"2024-05-02T00:00:00Z"},)"
                            R"({"value":5,"as_of":"2024-05-03T00:00:00Z"}]})");
}

// A merge is as old as its oldest source, and what it says is not.
TEST(MergeMemories, TakeTheTimesOfWhatAMergeSaysFromItsOrigins) {
  auto origins = memories(2);
  origins[1].created_at = kMay1 + std::chrono::days(40);
  origins[1].goal = "Ship it";
  origins[1].metadata = R"({"room": 5})";
  origins[1].facts = {"Ana lives in York"};
  auto sources = memories(3);
  sources.erase(sources.begin(), sources.begin() + 2);
  sources[0].goal = "Drop it";
  sources[0].metadata = R"({"room": 6})";
  sources[0].facts = {"Ana lives in New York"};
  sources.push_back(merged(origins));
  auto with_origins = options();
  with_origins.origins = origins;

  const Memory merge = *merge_memories(sources, with_origins);

  EXPECT_EQ(merge.goal,
            "Drop it (as of 2024-05-03T00:00:00Z)\nShip it (as of 2024-06-10T00:00:00Z)");
  EXPECT_EQ(merge.metadata, R"({"room":[{"value":6,"as_of":"2024-05-03T00:00:00Z"},)"
                            R"({"value":5,"as_of":"2024-06-10T00:00:00Z"}]})");
  EXPECT_THAT(merge.facts, ElementsAre("Ana lives in New York (as of 2024-05-03)",
                                       "Ana lives in York (as of 2024-06-10)"));
}

TEST(MergeMemories, KeepNumbersAndStringsToTheLetter) {
  auto sources = memories(3);
  sources[0].metadata = R"({"n": 12345678901234567890123, "s": "Hunter2", "e": "caf\u00e9"})";
  sources[1].metadata = R"({"n": 12345678901234567890124, "s": "HUNTER2", "e": "cafe\u0301"})";
  sources[2].metadata = R"({"n": 1.2345678901234567890123e22, "s": "Hunter2"})";
  EXPECT_EQ(merged(sources).metadata,
            R"({"n":[{"value":12345678901234567890124,"as_of":"2024-05-02T00:00:00Z"},)"
            R"({"value":12345678901234567890123,"as_of":"2024-05-03T00:00:00Z"}],)"
            R"("s":[{"value":"HUNTER2","as_of":"2024-05-02T00:00:00Z"},)"
            R"({"value":"Hunter2","as_of":"2024-05-03T00:00:00Z"}],"e":"caf\u00e9"})");
}

TEST(MergeMemories, KeepSummariesThatCallersWrote) {
  auto sources = memories(2);
  sources[0].summary = sources[0].text;  // As the store makes it.
  EXPECT_EQ(merged(sources).summary, merged(sources).text);
  sources[1].summary = "In short: b.";
  EXPECT_EQ(merged(sources).summary, "In short: b.");
}

TEST(MergeMemories, TakeTheMeanOfTheVectorsOfEachModel) {
  auto sources = memories(2);
  sources[0].embeddings = {{"a", {10, 0}}, {"b", {1, 0}}, {"c", {-3}}};
  sources[1].embeddings = {{"b", {-3, 0}}, {"a", {0, 0.1F}}};
  const Memory merge = merged(sources);
  ASSERT_EQ(merge.embeddings.size(), 2U);  // Those of b cancel out.
  EXPECT_EQ(merge.embeddings[0].model, "a");
  EXPECT_THAT(merge.embeddings[0].vector,
              ElementsAre(testing::FloatEq(std::sqrt(0.5F)), testing::FloatEq(std::sqrt(0.5F))));
  // Who was found by it is found still.
  EXPECT_EQ(merge.embeddings[1].model, "c");
  EXPECT_THAT(merge.embeddings[1].vector, ElementsAre(testing::FloatEq(-1)));
}

TEST(MergeMemories, TakePassagesForTheirMean) {
  auto sources = memories(2);
  sources[0].embeddings = {{"a", {10, 0, 0, 1}, 2}};
  sources[1].embeddings = {{"a", {0, 0.1F}}};
  const Memory merge = merged(sources);
  ASSERT_EQ(merge.embeddings.size(), 1U);
  EXPECT_EQ(merge.embeddings[0].passages, 1U);
  const float x = std::sqrt(0.5F), y = 1 + x, length = std::sqrt(x * x + y * y);
  EXPECT_THAT(merge.embeddings[0].vector,
              ElementsAre(testing::FloatEq(x / length), testing::FloatEq(y / length)));
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

}  // namespace
}  // namespace tulving::merging
