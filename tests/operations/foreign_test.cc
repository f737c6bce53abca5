// Files of other systems, small and by hand: each member goes where the README's table says, what
// is bad is one error with its place, and the rest goes in.

#include "core/json/foreign/foreign.h"

#include <algorithm>

#include "tests/operations/foreign.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The record of the kind whose member `name` is `value`; null: there is none.
Json one(const std::vector<Json>& records, const std::string& kind, const std::string& name,
         const Json& value) {
  for (const Json& record : records) {
    if (record["kind"] == kind && record.value(name, Json()) == value) return record;
  }
  return {};
}

/// Whether `record` has all of `members`.
void expect_has(const Json& record, const Json& members) {
  for (const auto& [name, value] : members.items()) {
    EXPECT_EQ(record.value(name, Json()), value) << name << " of " << record;
  }
}

void expect_done(const Json& summary, std::size_t imported, std::size_t rejected = 0) {
  EXPECT_EQ(summary["imported"], imported) << summary;
  EXPECT_EQ(summary["rejected"], rejected) << summary;
}

void expect_repeats(ForeignStore& store, const std::string& format, const std::string& file) {
  const auto before = store.records();
  const Json again = store.import(format, file, 3);
  EXPECT_EQ(again["imported"], 0) << again;
  EXPECT_EQ(again["updated"], 0) << again;
  EXPECT_EQ(store.records(), before);
}

TEST(ForeignMem0, MembersGoWhereTheyBelong) {
  const std::string file = R"({"count":2,"next":null,"results":[
    {"id":"9f1c2d3e-4b5a-4c6d-8e7f-0123456789aa","memory":"likes tea","hash":"x","user_id":"ana",
     "agent_id":"helper","app_id":"shop","run_id":"r1","actor_id":"bot","score":0.5,
     "metadata":{"a":1,"score":2},"categories":["food","food","drink"],"immutable":false,
     "created_at":"2024-07-20T01:30:36.275141-07:00","updated_at":null,
     "expiration_date":"2030-01-31"},
    {"id":"m-7","memory":"likes rain","created_at":1720000000.25,"expiration_date":null}]})";
  ForeignStore store;

  expect_done(store.import("mem0", file), 3);

  const auto records = store.records();
  expect_has(
      one(records, "memory", "text", "likes tea"),
      {{"id", "9f1c2d3e-4b5a-4c6d-8e7f-0123456789aa"},
       {"user_id", "ana"},
       {"agent_id", "helper"},
       {"project_id", "shop"},
       {"session_id", "r1"},
       {"source_agent", "bot"},
       {"tags", {"food", "drink"}},
       {"metadata", {{"a", 1}, {"score", 2}, {"immutable", false}, {"mem0", {{"score", 0.5}}}}},
       {"created_at", "2024-07-20T08:30:36.275141Z"},
       {"expires_at", "2030-02-01T00:00:00Z"}});
  expect_has(one(records, "memory", "text", "likes rain"),
             {{"external_id", "m-7"}, {"created_at", "2024-07-03T09:46:40.25Z"}});
  expect_has(one(records, "session", "session_id", "r1"), {{"user_id", "ana"}});
  expect_repeats(store, "mem0", file);
}

TEST(ForeignMem0, ASessionThatIsThereStaysAsItIs) {
  ForeignStore store;
  store.import("session_memory_agent",
               R"({"session_id":"r1","session_summary":"about tea","conversation_history":[]})");

  expect_done(store.import("mem0", R"([{"id":"m","memory":"x","run_id":"r1"}])"), 1);

  expect_has(one(store.records(), "session", "session_id", "r1"), {{"summary", "about tea"}});
}

TEST(ForeignMem0, EdgesOfItsGraphAreRefusedOnce) {
  ForeignStore store;
  const Json summary = store.import(
      "mem0",
      R"({"results":[{"id":"a","memory":"x"}],"relations":[{"source":"a"},{"source":"b"}]})");
  expect_done(summary, 1, 2);
  ASSERT_EQ(summary["errors"].size(), 1U);
  EXPECT_EQ(summary["errors"][0]["place"], "/relations/0");
  EXPECT_EQ(summary["errors"][0]["lines"], 2);
}

TEST(ForeignMcp, EntitiesBecomeMemoriesAndRelationsRelations) {
  const std::string long_type(40, 'r');
  const std::string long_name(70, 'n');
  const std::string file =
      R"({"type":"relation","from":"Ana","to":"York","relationType":"lives_in"}
{"type":"entity","name":"Ana","entityType":"person","observations":["likes \"tea\"","is 40"],"x":1}
{"type":"entity","name":"York","entityType":"","observations":[]}
{"type":"entity","name":")" +
      long_name + R"(","entityType":"city","observations":["far"]}
{"type":"relation","from":"York","to":")" +
      long_name + R"(","relationType":")" + long_type + "\"}\n";
  ForeignStore store;

  expect_done(store.import("mcp_memory", file), 5);

  const auto records = store.records();
  const Json ana = one(records, "memory", "external_id", "Ana");
  const Json york = one(records, "memory", "external_id", "York");
  expect_has(ana, {{"text", "Ana (person): likes \"tea\"; is 40"},
                   {"memory_type", "entity"},
                   {"layer", "semantic"},
                   {"entities", {"Ana"}},
                   {"facts", {"likes \"tea\"", "is 40"}},
                   {"metadata", {{"entityType", "person"}, {"x", 1}}}});
  expect_has(york, {{"text", "York"}});
  const Json far = one(records, "memory", "text", long_name + " (city): far");
  expect_has(far, {{"metadata", {{"entityType", "city"}, {"name", long_name}}}});
  expect_has(one(records, "relation", "relation_type", "lives_in"),
             {{"source_id", ana["id"]}, {"target_id", york["id"]}});
  expect_has(one(records, "relation", "target_id", far["id"]),
             {{"metadata", {{"relationType", long_type}}}});
  expect_repeats(store, "mcp_memory", file);
}

TEST(ForeignMcp, TheGraphAsOneDocumentIsTheSame) {
  ForeignStore lines;
  ForeignStore graph;
  const Json ana = {{"name", "Ana"}, {"entityType", "person"}, {"observations", {"a"}}};
  const Json york = {{"name", "York"}, {"entityType", "city"}, {"observations", {"b"}}};
  const Json lives = {{"from", "Ana"}, {"to", "York"}, {"relationType", "lives_in"}};
  const auto typed = [](Json object, const char* type) {
    object["type"] = type;
    return object.dump() + "\n";
  };
  lines.import("mcp_memory",
               typed(ana, "entity") + typed(york, "entity") + typed(lives, "relation"));
  const Json document = {{"entities", {ana, york}}, {"relations", {lives}}};

  expect_done(graph.import("mcp_memory", document.dump(2)), 3);

  EXPECT_EQ(graph.records(), lines.records());
}

TEST(ForeignCortex, TheLastVersionOfALogGoesIn) {
  const std::string file =
      R"({"id":"11111111-1111-4111-8111-111111111111","content":"old","meta":{"tags":["x"]},"created_at":1700000000,"last_used":1700000000,"use_count":0}
{"id":"gone","content":"gone","meta":{},"created_at":1700000000,"last_used":1700000000}
{"id":"22222222-2222-4222-8222-222222222222","content":"second","meta":{},"created_at":1700000000,"last_used":1700000000,"embed":[1,0.5],"status":"promoted","promoted_at":1700000500,"promoted_to":"notes/a.md"}
{"id":"11111111-1111-4111-8111-111111111111","content":"new","meta":{"tags":["x","y"],"source":"chat","context":null,"extra":{"k":[1]}},"created_at":1700000000,"last_used":1700000100,"use_count":3,"strength":1.3,"status":"active","promoted_at":null,"promoted_to":null,"embed":null,"entities":["Ana"],"review_priority":0.25,"last_review_at":1700000050,"review_count":2,"cross_domain_count":1}
{"id":"gone","_deleted":true}
{"id":"r1","from_memory_id":"11111111-1111-4111-8111-111111111111","to_memory_id":"22222222-2222-4222-8222-222222222222","relation_type":"references","strength":0.87,"created_at":1700000200,"metadata":{"why":"said"}}
)";
  ForeignStore store;

  expect_done(store.import("cortexgraph", file), 3);

  const auto records = store.records();
  EXPECT_EQ(records.size(), 3U);
  expect_has(one(records, "memory", "text", "new"), {{"id", "11111111-1111-4111-8111-111111111111"},
                                                     {"tags", {"x", "y"}},
                                                     {"entities", {"Ana"}},
                                                     {"created_at", "2023-11-14T22:13:20Z"},
                                                     {"last_used", "2023-11-14T22:15:00Z"},
                                                     {"use_count", 3},
                                                     {"strength", 1.3},
                                                     {"review_count", 2},
                                                     {"cross_domain_count", 1},
                                                     {"metadata",
                                                      {{"k", {1}},
                                                       {"source", "chat"},
                                                       {"review_priority", 0.25},
                                                       {"last_review_at", 1700000050}}}});
  expect_has(one(records, "memory", "text", "second"), {{"status", "promoted"},
                                                        {"ltm_path", "notes/a.md"},
                                                        {"promoted_at", "2023-11-14T22:21:40Z"},
                                                        {"embedding", {1, 0.5}}});
  expect_has(one(records, "relation", "relation_type", "references"),
             {{"strength", 0.87}, {"metadata", {{"why", "said"}, {"id", "r1"}}}});
  expect_repeats(store, "cortexgraph", file);
}

TEST(ForeignSessions, ARowIsASessionAndItsTurns) {
  // The history stands before what its turns need, and once more as a text, as from a column.
  const std::string file =
      R"([{"conversation_history":[{"role":"user","content":"Shall I?","timestamp":"2026-05-01 10:00:05"},
        "Yes.","Yes.",{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"tokens":7},
        {"speaker":"user","said":"no text here","n":1}],
       "session_id":"s1","user_id":17,"session_data":{"topic":"tea"},"session_summary":"of tea",
       "created_at":"2026-05-01 10:00:00","last_interaction":1777629700,"mood":"fine"},
       {"session_id":"s2","session_data":"{\"k\":[1]}","created_at":"2026-05-02T00:00:00Z",
        "conversation_history":"[{\"content\":\"from a column\"}]"}])";
  ForeignStore store;

  expect_done(store.import("session_memory_agent", file), 8);

  const auto records = store.records();
  expect_has(one(records, "session", "session_id", "s1"),
             {{"user_id", "17"},
              {"summary", "of tea"},
              {"metadata", {{"topic", "tea"}, {"mood", "fine"}}},
              {"created_at", "2026-05-01T10:00:00Z"},
              {"updated_at", "2026-05-01T10:01:40Z"}});
  expect_has(one(records, "session", "session_id", "s2"), {{"metadata", {{"k", {1}}}}});
  expect_has(one(records, "memory", "text", "Shall I?"), {{"session_id", "s1"},
                                                          {"memory_type", "conversation"},
                                                          {"source_type", "conversation"},
                                                          {"source_agent", "user"},
                                                          {"created_at", "2026-05-01T10:00:05Z"}});
  expect_has(one(records, "memory", "created_at", "2026-05-01T10:00:00.000001Z"),
             {{"text", "Yes."}});
  expect_has(one(records, "memory", "created_at", "2026-05-01T10:00:00.000002Z"),
             {{"text", "Yes."}});
  expect_has(one(records, "memory", "text", "a\nb"), {{"metadata", {{"tokens", 7}}}});
  expect_has(one(records, "memory", "text", "speaker: user\nsaid: no text here"),
             {{"content", {{"speaker", "user"}, {"said", "no text here"}, {"n", 1}}}});
  expect_has(one(records, "memory", "text", "from a column"), {{"session_id", "s2"}});
  expect_repeats(store, "session_memory_agent", file);
}

TEST(ForeignSessions, TurnsThatAreEqualAreAsManyAsThereAre) {
  const std::string row = R"({"session_id":"s","conversation_history":["Yes.","Yes.","No."]})";
  ForeignStore store;

  expect_done(store.import("session_memory_agent", row + "\n" + row), 4);

  expect_repeats(store, "session_memory_agent", row);
}

TEST(ForeignContexts, ARowIsAMemory) {
  const std::string file =
      R"({"context_id":7,"session_id":"s9","context_data":{"text":"a plan","steps":[1,2]},"embedding":"[0.5,1]","created_at":"2026-05-01 10:00:00","expires_at":"2027-01-01T00:00:00+01:00","source_agent":"planner","tags":["a","b","a"],"weight":2}
{"context_id":"c-8","context_data":"{\"goal\":\"tea\",\"n\":1}","embedding":null,"tags":null}
)";
  ForeignStore store;

  expect_done(store.import("contextual_memory_pc2", file, 5), 3);

  const auto records = store.records();
  expect_has(one(records, "memory", "external_id", "7"), {{"text", "a plan"},
                                                          {"content", {{"steps", {1, 2}}}},
                                                          {"session_id", "s9"},
                                                          {"embedding", {0.5, 1}},
                                                          {"created_at", "2026-05-01T10:00:00Z"},
                                                          {"expires_at", "2026-12-31T23:00:00Z"},
                                                          {"source_agent", "planner"},
                                                          {"tags", {"a", "b"}},
                                                          {"metadata", {{"weight", 2}}}});
  expect_has(one(records, "memory", "external_id", "c-8"),
             {{"text", "goal: tea"}, {"content", {{"goal", "tea"}, {"n", 1}}}});
  expect_has(one(records, "session", "session_id", "s9"), {{"created_at", "2026-05-01T10:00:00Z"}});
  expect_repeats(store, "contextual_memory_pc2", file);
}

TEST(ForeignJarvis, ARowIsAProfileAndWhatItsUserIsKnownBy) {
  const std::string file =
      R"({"users":{"ana":{"preferences":{"tone":"dry"},"plan":"pro","created_at":1700000000,
      "entity_knowledge":{"York":"a city","tea":{"text":"a drink","hot":true},"Bo":["tall","kind"],"nil":null},
      "interaction_history":[{"text":"hello","session_id":"s1"},"bye"],
      "skill_states":{"cooking":{"level":3},"chess":0.5}},
      "bo":{"user_id":"bo","preferences":null,"skill_states":[{"name":"cooking","level":1}]}}})";
  ForeignStore store;

  expect_done(store.import("jarvis_memory_pc2", file), 12);

  const auto records = store.records();
  expect_has(one(records, "user_profile", "user_id", "ana"),
             {{"preferences", {{"tone", "dry"}}}, {"profile_data", {{"plan", "pro"}}}});
  expect_has(one(records, "memory", "text", "York: a city"),
             {{"user_id", "ana"},
              {"memory_type", "entity"},
              {"layer", "semantic"},
              {"entities", {"York"}},
              {"created_at", "2023-11-14T22:13:20Z"}});
  expect_has(one(records, "memory", "text", "tea: a drink"), {{"content", {{"hot", true}}}});
  expect_has(one(records, "memory", "text", "Bo: tall; kind"), {{"user_id", "ana"}});
  expect_has(one(records, "memory", "text", "nil"), {{"user_id", "ana"}});
  expect_has(one(records, "memory", "text", "hello"),
             {{"memory_type", "interaction"}, {"user_id", "ana"}, {"session_id", "s1"}});
  expect_has(one(records, "agent_state", "agent_id", "chess"),
             {{"state_data", {{"state", 0.5}, {"user_id", "ana"}}}});
  std::vector<Json> cooks;
  for (const Json& record : records) {
    if (record.value("agent_id", "") == "cooking") cooks.push_back(record["state_data"]);
  }
  EXPECT_THAT(cooks, ::testing::UnorderedElementsAre(
                         Json{{"level", 3}, {"user_id", "ana"}},
                         Json{{"name", "cooking"}, {"level", 1}, {"user_id", "bo"}}));
  expect_repeats(store, "jarvis_memory_pc2", file);
}

TEST(ForeignMcp, ARelationToNothingIsToldAtItsPlaceThoughItWaited) {
  ForeignStore store;
  const Json summary = store.import("mcp_memory", R"({"entities":[{"name":"Ana"}],"relations":[
    {"from":"Ana","to":"Bo","relationType":"knows"}]})");
  expect_done(summary, 1, 1);
  EXPECT_EQ(summary["errors"][0]["place"], "/relations/0");
  EXPECT_EQ(summary["errors"][0]["line"], 2);
  EXPECT_EQ(summary["errors"][0]["field"], "target_id");
}

// What waits for the rest of its row, or for the end of a log, lies in a temporary file.
TEST(ForeignImport, MoreThanRamKeepsOfARowOrALogGoesInAllTheSame) {
  const std::string long_text(900, 'x');
  std::string turns;
  std::string log;
  for (int i = 0; i < 3000; ++i) {
    const std::string number = std::to_string(i);
    turns += (i == 0 ? "" : ",") + Json(number + " " + long_text).dump();
    const Json entry = {{"id", "m" + std::to_string(i % 1500)}, {"content", number + long_text}};
    log += entry.dump() + "\n";
  }
  ForeignStore sessions;
  ForeignStore logs;

  expect_done(sessions.import("session_memory_agent",
                              "{\"conversation_history\":[" + turns + "],\"session_id\":\"s\"}"),
              3001);
  expect_done(logs.import("cortexgraph", log), 1500);

  const auto turn = one(sessions.records(), "memory", "text", "2999 " + long_text);
  EXPECT_EQ(turn["session_id"], "s");
  EXPECT_EQ(one(logs.records(), "memory", "external_id", "m7")["text"], "1507" + long_text);
}

TEST(ForeignImport, OneThatWasStoppedIsRunAgain) {
  std::string file = "[";
  for (int i = 0; i < 700; ++i) {
    file += (i == 0 ? "\n" : ",\n") + Json{{"id", std::to_string(i)}, {"memory", "x"}}.dump();
  }
  file += "]";
  ForeignStore whole;
  ForeignStore stopped;
  whole.import("mem0", file);

  const Json first = stopped.import("mem0", file, 4, Json::object(), 3000);
  const Json rest = stopped.import("mem0", file);

  EXPECT_EQ(first["rejected"], 0) << first;
  EXPECT_LT(first["imported"], 700);
  EXPECT_GT(first["imported"], 0);
  EXPECT_EQ(first["imported"], rest["unchanged"]);
  EXPECT_EQ(stopped.records(), whole.records());
}

TEST(ForeignImport, StrictlyAllOrNothing) {
  ForeignStore store;
  const std::string file = R"([{"id":"a","memory":"x","run_id":"r"},{"id":"b","memory":7}])";
  expect_done(store.import("mem0", file, 9, {{"strict", true}}), 0, 1);
  EXPECT_THAT(store.records(), IsEmpty());

  expect_done(
      store.import("mem0", R"([{"id":"a","memory":"x","run_id":"r"}])", 9, {{"strict", true}}), 2);
}

TEST(ForeignImport, WhatTheArgumentsContradictIsRefused) {
  ForeignStore store;
  store.import("mem0", "[]", 9, {{"ack", true}});
  EXPECT_EQ(store.status().error().field, "ack");
  store.import("mem0", "[]", 9, {{"tenant_id", ""}});
  EXPECT_EQ(store.status().error().field, "tenant_id");
  store.import("records", R"({"kind":"memory","text":"x"})", 5);
  EXPECT_THAT(store.status().error().message, HasSubstr("came in parts"));
}

TEST(ForeignImport, TimesWithoutAZoneAreOfTheZoneThatIsGiven) {
  ForeignStore store;
  store.import("mem0", R"([{"id":"a","memory":"x","created_at":"2026-05-01 10:00:00"}])", 99,
               {{"zone", "+02:00"}});
  EXPECT_EQ(store.records()[0]["created_at"], "2026-05-01T08:00:00Z");
}

// The words that import takes are written where they can be a constant; the formats are elsewhere.
TEST(ForeignFormats, AreTheWordsThatImportTakes) {
  const auto params = find_operation("import")->params;
  const auto format = std::ranges::find(params, "format", &Param::name);
  ASSERT_NE(format, params.end());
  std::vector<std::string_view> known = {"records"};
  for (const json::ForeignFormat* one : json::foreign_formats()) known.push_back(one->name);
  EXPECT_THAT(std::vector(format->words.begin(), format->words.end()),
              ::testing::UnorderedElementsAreArray(known));
}

}  // namespace
}  // namespace tulving::testing
