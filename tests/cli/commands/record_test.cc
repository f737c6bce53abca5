// `record put|get|list|update|erase KIND` does what the operations of the kind do; `holdable` says
// what a Postgres schema could not take.

#include <array>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class CliRecord : public Cli {
 protected:
  Arguments record(const std::string& verb, Arguments rest) const {
    Arguments all = {"record", verb, "--tenant", "acme"};
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
  }
};

TEST_F(CliRecord, EveryKindIsPutGotListedChangedAndErased) {
  const std::string memory = add("acme", "tea", "green tea");
  add("acme", "coffee", "black coffee");
  // In an order in which each finds what it names; KIND, its key, its record, a patch of it.
  const std::vector<std::array<std::string, 4>> kinds = {
      {"project", "project_id", R"({"project_id":"p","name":"Pond"})", R"({"name":"Lake"})"},
      {"task", "task_id", R"({"task_id":"t","project_id":"p","goal":"Dig"})", R"({"goal":"Fill"})"},
      {"stage", "stage_id", R"({"stage_id":"g","task_id":"t"})", R"({"stage_type":"reflection"})"},
      {"session", "session_id", R"({"session_id":"s"})", R"({"summary":"short"})"},
      {"user_profile", "user_id", R"({"user_id":"ana"})", R"({"preferences":{"tea":true}})"},
      {"data_source", "source_id", R"({"source_id":"d","source_name":"wiki"})",
       R"({"is_active":false})"},
      {"access_policy", "policy_id", R"({"policy_id":"q","policy_name":"open","policy_rules":{}})",
       R"({"policy_rules":{"allow":"all"}})"},
      {"agent_state", "state_id", R"({"state_id":"x","agent_id":"tim"})",
       R"({"state_data":{"n":1}})"},
      {"access_log_entry", "log_id", R"({"log_id":"l","operation":"read"})",
       R"({"success":false})"},
      {"error_record", "error_id", R"({"error_id":"e","task_id":"t","severity":0.5})",
       R"({"severity":0.25})"},
      {"compression_metric", "metric_id",
       R"({"metric_id":"m","compression_type":"stage","model_used":"none"})",
       R"({"input_tokens":7})"},
      {"consolidation_task", "task_id",
       R"({"task_id":"c","title":"Look","action":"merge","memory_ids":[")" + memory +
           R"("],"created_at":"2026-01-01T00:00:00Z"})",
       R"({"priority":1})"},
      {"consolidation_job", "id",
       R"({"id":"9d0f5a3e-3c39-4a3c-8c35-2a1d6a3b7c11","project_id":"p"})",
       R"({"triggered_by":"ana"})"},
      {"agent_result", "result_id", R"({"result_id":"r","agent":"decay","result":{}})",
       R"({"confidence":0.5})"},
  };
  for (const auto& [kind, key, made, patch] : kinds) {
    SCOPED_TRACE(kind);
    const Json put = json(record("put", {kind, made}));
    EXPECT_EQ(put["effect"], "added");
    const std::string id = put[key];
    EXPECT_EQ(json(record("put", {kind, made}))["effect"], "unchanged");
    EXPECT_EQ(json(record("update", {kind, id, patch}))["effect"], "updated");
    const Json got = json(record("get", {kind, id}));
    const Json changes = Json::parse(patch);
    for (const auto& [name, value] : changes.items()) EXPECT_EQ(got[name], value) << name;
    EXPECT_THAT(run(record("list", {kind})).out, HasSubstr(id));
    EXPECT_THAT(run(record("update", {kind, id, patch, "--revision", "1"})), Failed(1));
  }
  EXPECT_EQ(json(record("list", {"stage", "--where", "stage_type=reflection"}))["stages"].size(),
            1U);
  EXPECT_THAT(run(record("list", {"stage", "--where", "colour=red"})), Failed(2));
  for (const auto& [kind, id] : std::vector<std::pair<std::string, std::string>>{
           {"user_profile", "ana"}, {"agent_result", "r"}, {"project", "p"}}) {
    json(record("erase", {kind, id}));
    EXPECT_THAT(run(record("get", {kind, id})), Failed(1));
  }
  EXPECT_THAT(run(record("get", {"task", "t"})), Failed(1)) << "gone with its project";
  EXPECT_THAT(run(record("get", {"stage", "g"})), Failed(1)) << "gone with its task";
}

TEST_F(CliRecord, MemoriesAndRelationsToo) {
  const std::string tea =
      json(record("put", {"memory", R"({"external_id":"tea","text":"tea"})"}))["id"];
  json(record("put", {"memory", R"({"external_id":"milk","text":"milk"})"}));
  const Json link = json(record("put", {"relation", R"({"source_id":"tea","target_id":"milk"})"}));
  EXPECT_EQ(json(record("get", {"memory", "tea"}))["id"], tea);
  EXPECT_EQ(json(record("update", {"memory", "tea", R"({"priority":9})"}))["id"], tea);
  EXPECT_EQ(json(record("get", {"memory", "tea"}))["priority"], 9);
  EXPECT_EQ(json(record("get", {"relation", link["id"]}))["source_id"], tea);
  json(record("erase", {"relation", link["id"]}));
  EXPECT_THAT(run(record("get", {"relation", link["id"]})), Failed(1));
  json(record("erase", {"memory", "tea"}));
  EXPECT_THAT(run(record("get", {"memory", "tea"})), Failed(1));
}

TEST_F(CliRecord, WhatIsWrongIsNamed) {
  EXPECT_THAT(run(record("put", {"cloud", "{}"})), Failed(2));
  EXPECT_THAT(run(record("put", {"task", "{"})).err, HasSubstr("RECORD"));
  EXPECT_THAT(run(record("put", {"stage", R"({"stage_id":"g"})"})).err, HasSubstr("task_id"));
  EXPECT_THAT(run(record("put", {"stage", R"({"stage_id":"g","task_id":"none"})"})).err,
              HasSubstr("none"));
  EXPECT_THAT(run(record("get", {"task", "none"})), Failed(1));
  for (const char* rules : {"", R"(,"policy_rules":null)"}) {
    const std::string policy = R"({"policy_name":"open")" + std::string(rules) + "}";
    EXPECT_THAT(run(record("put", {"access_policy", policy})).err,
                HasSubstr("policy_rules is missing"));
  }
}

TEST_F(CliRecord, HoldableListsWhatASchemaCouldNotTake) {
  add("acme", "tea", "green tea");
  json(record("put", {"memory", R"({"external_id":"milk","text":"milk","agent_id":"tim"})"}));
  json(record("put", {"session", R"({"session_id":"s"})"}));
  const Json guild = json({"holdable", "--tenant", "acme", "--schema", "guild"});
  EXPECT_EQ(guild["held"], 1);
  ASSERT_THAT(guild["reasons"], SizeIs(1));
  EXPECT_EQ(guild["reasons"][0]["records"], 1);
  EXPECT_EQ(guild["reasons"][0]["field"], "agent_id");
  ASSERT_THAT(guild["unheld"], SizeIs(1));
  EXPECT_EQ(guild["unheld"][0]["id"], "tea");
  EXPECT_EQ(json({"holdable", "--tenant", "acme", "--schema", "orchestrator"})["held"], 3);
  EXPECT_THAT(
      json({"holdable", "--tenant", "acme", "--schema", "consolidation", "--limit", "1"})["unheld"],
      SizeIs(1));
  EXPECT_THAT(run({"holdable", "--tenant", "acme", "--schema", "guild"}).out,
              HasSubstr("1 records can be held"));
  EXPECT_THAT(run({"holdable", "--tenant", "acme", "--schema", "guilds"}), Failed(2));
}

}  // namespace
}  // namespace tulving::testing
