// A patch sets exactly the fields it names: what it leaves out stays empty, null clears expires_at
// and nothing else.

#include <gmock/gmock.h>

#include "tulving/json.h"

namespace tulving {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void expect_refused(std::string_view json, std::string_view field, std::string_view message) {
  const auto patch = parse_patch(json);
  ASSERT_FALSE(patch) << json;
  EXPECT_EQ(patch.error().field, field) << json;
  EXPECT_THAT(patch.error().message, HasSubstr(message)) << json;
}

TEST(ParsePatch, SetsWhatItNames) {
  const auto patch = parse_patch(R"({"text": "new", "content": {"a": 1}, "summary": "", "tags": [],
      "entities": ["e"], "facts": ["f"], "keywords": ["k"], "memory_type": "decision",
      "layer": "working", "metadata": {"b": 2}, "user_id": "u", "project_id": "p", "task_id": "t",
      "stage_id": "s", "goal": "g", "result": "r", "feedback": "fb", "outcome": "o",
      "success": true, "is_critical": false, "criticality_reason": "c", "priority": 9,
      "strength": 0.5, "expires_at": "2026-03-01T09:30:00Z", "embedding": [1, 2]})");

  ASSERT_TRUE(patch) << patch.error().message;
  EXPECT_EQ(patch->text, "new");
  EXPECT_EQ(patch->content, R"({"a": 1})");
  EXPECT_EQ(patch->summary, "");
  EXPECT_TRUE(patch->tags && patch->tags->empty());
  EXPECT_THAT(*patch->entities, ElementsAre("e"));
  EXPECT_THAT(*patch->facts, ElementsAre("f"));
  EXPECT_THAT(*patch->keywords, ElementsAre("k"));
  EXPECT_EQ(patch->memory_type, "decision");
  EXPECT_EQ(patch->layer, Layer::kWorking);
  EXPECT_EQ(patch->metadata, R"({"b": 2})");
  EXPECT_EQ(patch->user_id, "u");
  EXPECT_EQ(patch->project_id, "p");
  EXPECT_EQ(patch->task_id, "t");
  EXPECT_EQ(patch->stage_id, "s");
  EXPECT_EQ(patch->goal, "g");
  EXPECT_EQ(patch->result, "r");
  EXPECT_EQ(patch->feedback, "fb");
  EXPECT_EQ(patch->outcome, "o");
  EXPECT_EQ(patch->success, true);
  EXPECT_EQ(patch->is_critical, false);
  EXPECT_EQ(patch->criticality_reason, "c");
  EXPECT_EQ(patch->priority, 9);
  EXPECT_EQ(patch->strength, 0.5F);
  EXPECT_EQ(patch->expires_at->value(), parse_time("2026-03-01T09:30:00Z").value());
  EXPECT_EQ(patch->embedding, (Embedding{"default", {1, 2}}));
}

TEST(ParsePatch, LeavesTheRestEmpty) {
  const auto patch = parse_patch("{}");

  ASSERT_TRUE(patch);
  EXPECT_FALSE(patch->text || patch->content || patch->summary || patch->tags || patch->metadata ||
               patch->priority || patch->expires_at || patch->embedding || patch->success);
}

TEST(ParsePatch, ClearsTheExpiryWithNull) {
  const auto patch = parse_patch(R"({"expires_at": null})");

  ASSERT_TRUE(patch && patch->expires_at);
  EXPECT_FALSE(patch->expires_at->has_value());
  expect_refused(R"({"summary": null})", "summary", "must be a string");
  expect_refused(R"({"metadata": null})", "metadata", "must be an object");
  expect_refused(R"({"success": null})", "success", "must be true or false");
}

TEST(ParsePatch, TakesTheTextFromContentAndReplacesTheOthers) {
  const auto patch = parse_patch(R"({"content": {"text": "new"}})");

  ASSERT_TRUE(patch);
  EXPECT_EQ(patch->text, "new");
  EXPECT_EQ(patch->content, "");
}

TEST(ParsePatch, NamesTheModelOfAnEmbedding) {
  EXPECT_EQ(parse_patch(R"({"embedding": [1], "embedding_model": "ada"})")->embedding,
            (Embedding{"ada", {1}}));
  EXPECT_EQ(
      parse_patch(R"({"embedding": [1]})", {.tenant_id = "", .embedding_model = "own"})->embedding,
      (Embedding{"own", {1}}));
}

TEST(ParsePatch, RefusesWhatIsNotPatched) {
  for (const char* field : {"id", "external_id", "status", "use_count", "agent_id", "session_id",
                            "created_at", "embeddings", "revision", "kind", "tenant_id", "typo"}) {
    expect_refused(std::string("{\"") + field + "\": 1}", field, "unknown field");
  }
  expect_refused(R"({"priority": 1, "priority": 2})", "priority", "given twice");
  expect_refused(R"({"priority": 1.5})", "priority", "must be an integer");
  expect_refused("[]", "", "must be a JSON object");
  expect_refused("{", "", "not valid JSON");
}

}  // namespace
}  // namespace tulving
