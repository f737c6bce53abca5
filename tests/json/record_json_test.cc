// A line of an import file becomes exactly the record it says, or is refused with the field at
// fault; and what export writes is read back as an equal record, floats to the last bit and JSON as
// it was written. The round trip runs over random valid records; nlohmann's parser is the oracle
// that lines are JSON.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/json/random_records.h"
#include "tulving/json.h"

namespace tulving {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::RandomRecords;

Memory memory_of(std::string_view json) {
  auto parsed = parse_record(json);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return parsed ? std::get<Memory>(parsed->record) : Memory{};
}

void expect_refused(std::string_view json, std::string_view field, std::string_view message) {
  const auto parsed = parse_record(json);
  ASSERT_FALSE(parsed) << json;
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(parsed.error().field, field) << json;
  EXPECT_THAT(parsed.error().message, HasSubstr(message)) << json;
}

TEST(ParseRecord, ReadsAMemoryByItsFields) {
  const auto parsed = parse_record(R"({"kind": "memory", "tenant_id": "maya",
      "id": "f47ac10b-58cc-4372-a567-0e02b2c3d479", "external_id": "m/1", "agent_id": "tim",
      "memory_type": "decision", "layer": "semantic", "text": "Tea, not coffee.",
      "content": {"lang": "en"}, "tags": ["home", "food"], "metadata": {"n": 1.50},
      "source_type": "document", "tool_usage": [1], "success": false, "is_critical": true,
      "priority": 7, "strength": 1.25, "status": "archived", "created_at": "2026-03-01T09:30:00Z",
      "abstraction_level": 2, "pattern_type": "gotcha", "confidence_score": 0.5,
      "consolidation_method": "llm", "revision": 18446744073709551615, "content_hash": "abc"})");

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->tenant_id, "maya");
  Memory expected;
  expected.id = *Uuid::parse("f47ac10b-58cc-4372-a567-0e02b2c3d479");
  expected.external_id = "m/1";
  expected.agent_id = "tim";
  expected.memory_type = "decision";
  expected.layer = Layer::kSemantic;
  expected.text = "Tea, not coffee.";
  expected.content = R"({"lang": "en"})";
  expected.tags = {"home", "food"};
  expected.metadata = R"({"n": 1.50})";
  expected.source_type = SourceType::kDocument;
  expected.tool_usage = "[1]";
  expected.success = false;
  expected.is_critical = true;
  expected.priority = 7;
  expected.strength = 1.25;
  expected.status = MemoryStatus::kArchived;
  expected.created_at = parse_time("2026-03-01T09:30:00Z").value();
  expected.abstraction_level = 2;
  expected.pattern_type = PatternType::kGotcha;
  expected.confidence_score = 0.5;
  expected.consolidation_method = ConsolidationMethod::kLlm;
  expected.revision = 18446744073709551615U;
  expected.content_hash = "abc";
  EXPECT_EQ(std::get<Memory>(parsed->record), expected);
}

TEST(ParseRecord, ReadsSessionsAndRelations) {
  const auto session = parse_record(
      R"({"tenant_id": "t", "session_id": "s1", "kind": "session", "is_archived": true,
          "ended_at": "2026-03-01T09:30:00Z"})");
  const auto relation = parse_record(
      R"({"kind": "relation", "tenant_id": "t", "source_id": "m/1", "relation_type": "supports",
          "target_id": "f47ac10b-58cc-4372-a567-0e02b2c3d479", "confidence": 0.25})");

  std::string name;  // In characters, as external_id is counted.
  for (int i = 0; i < 64; ++i) name += "ü";
  const auto named = parse_record(R"({"kind": "relation", "tenant_id": "t", "source_id": ")" +
                                  name + R"(", "target_id": "b"})");
  ASSERT_TRUE(named);
  EXPECT_EQ(std::get<Relation>(named->record).source_id, Uuid::derive("t", name));

  ASSERT_TRUE(session && relation);
  EXPECT_EQ(std::get<Session>(session->record).session_id, "s1");
  EXPECT_TRUE(std::get<Session>(session->record).is_archived);
  EXPECT_EQ(std::get<Relation>(relation->record).source_id, Uuid::derive("t", "m/1"));
  EXPECT_EQ(std::get<Relation>(relation->record).target_id,
            Uuid::parse("f47ac10b-58cc-4372-a567-0e02b2c3d479"));
  EXPECT_EQ(std::get<Relation>(relation->record).confidence, 0.25F);
}

TEST(ParseRecord, DerivesIdsFromNamesWithinTheTenantWhereverItStands) {
  const Memory memory = memory_of(R"({"kind": "memory", "text": "x", "parent_memory_id": "p",
      "consolidated_into_id": "c", "source_memory_ids":
      ["a", "f47ac10b-58cc-4372-a567-0e02b2c3d479"], "tenant_id": "t"})");

  EXPECT_EQ(memory.parent_memory_id, Uuid::derive("t", "p"));
  EXPECT_EQ(memory.consolidated_into_id, Uuid::derive("t", "c"));
  EXPECT_THAT(
      memory.source_memory_ids,
      ElementsAre(Uuid::derive("t", "a"), *Uuid::parse("f47ac10b-58cc-4372-a567-0e02b2c3d479")));
}

TEST(ParseRecord, TakesTenantAndModelFromTheDefaultsWhereTheLineNamesNone) {
  const RecordDefaults defaults{.tenant_id = "d", .embedding_model = "ada"};
  const std::string_view line =
      R"({"kind": "memory", "text": "x", "parent_memory_id": "p", "embedding": [1]})";

  const auto parsed = parse_record(line, defaults);

  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->tenant_id, "d");
  const auto& memory = std::get<Memory>(parsed->record);
  EXPECT_EQ(memory.parent_memory_id, Uuid::derive("d", "p"));
  EXPECT_THAT(memory.embeddings, ElementsAre(Embedding{"ada", {1}}));
  EXPECT_EQ(parse_record(R"({"kind": "session", "tenant_id": "own"})", defaults)->tenant_id, "own");
}

TEST(ParseRecord, ReadsEmbeddingsInBothForms) {
  EXPECT_THAT(memory_of(R"({"kind": "memory", "embedding": [1, -2.5e-3]})").embeddings,
              ElementsAre(Embedding{"default", {1.0F, -0.0025F}}));
  EXPECT_THAT(
      memory_of(R"({"kind": "memory", "embedding_model": "ada", "embedding": [0.1]})").embeddings,
      ElementsAre(Embedding{"ada", {0.1F}}));
  EXPECT_THAT(memory_of(R"({"kind": "memory", "embeddings":
                  [{"model": "a", "vector": [1]}, {"vector": [2], "model": "b"}]})")
                  .embeddings,
              ElementsAre(Embedding{"a", {1}}, Embedding{"b", {2}}));
}

TEST(ParseRecord, ReadsPassagesInBothForms) {
  const Embedding three{"a", {1, 2, 3, 4, 5, 6}, 3};
  for (const char* vector :
       {R"("vector": [1, 2, 3, 4, 5, 6], "passages": 3)",
        R"("passages": 3, "vector": [1, 2, 3, 4, 5, 6])", R"("vector": [[1, 2], [3, 4], [5, 6]])",
        R"("passages": 3, "vector": [[1, 2], [3, 4], [5, 6]])"}) {
    EXPECT_THAT(memory_of(std::string(R"({"kind": "memory", "embeddings": [{"model": "a", )") +
                          vector + "}]}")
                    .embeddings,
                ElementsAre(three));
  }
  EXPECT_THAT(memory_of(R"({"kind": "memory", "embeddings": [{"model": "a", "vector": [[1, 2]]}]})")
                  .embeddings,
              ElementsAre(Embedding{"a", {1, 2}}));
}

TEST(ParseRecord, RefusesPassagesThatAreNone) {
  struct Case {
    const char* members;
    const char* message;
  };
  std::string many = R"("vector": [)";
  for (int i = 0; i < 65; ++i) many += i == 0 ? "[1]" : ", [1]";
  many += "]";
  const Case cases[] = {
      {R"("vector": [[1, 2], [3]])", "passages of one length"},
      {R"("vector": [[1], [3, 2]])", "passages of one length"},
      {R"("vector": [[], []])", "passages of one length"},
      {R"("vector": [[1], 2])", "must be an array"},
      {R"("vector": [1, [2]])", "must be a number"},
      {R"("vector": [[[1]]])", "must be a number"},
      {R"("vector": [[1], [2]], "passages": 3)", "as many passages as its vector has arrays"},
      {R"("vector": [1, 2], "passages": -1)", "must be"},
      {R"("vector": [1, 2], "passages": 1.5)", "must be"},
      {R"("vector": [1, 2], "passages": "2")", "must be"},
      {R"("vector": [1, 2], "passages": null)", "must be"},
      {R"("vector": [1, 2], "passages": 4294967296)", "must be"},
      {R"("vector": [1, 2], "passages": 2, "passages": 2)", "nothing else"},
      {many.c_str(), "at most 64 passages"},
  };
  for (const auto& wrong : cases) {
    expect_refused(
        std::string(R"({"kind": "memory", "embeddings": [{"model": "a", )") + wrong.members + "}]}",
        "embeddings", wrong.message);
  }
}

TEST(ToJsonLine, WritesPassagesInAList) {
  Memory memory;
  memory.text = "x";
  memory.embeddings = {{"a", {1, 2, 3, 4}, 2}};
  const std::string line = to_json_line("t", memory);
  EXPECT_THAT(line, HasSubstr(R"("embeddings":[{"model":"a","vector":[1,2,3,4],"passages":2}])"));
  EXPECT_THAT(memory_of(line).embeddings, ElementsAre(memory.embeddings.front()));
}

TEST(ParseRecord, RoundsNumbersToFloatsAndRefusesThoseTooLarge) {
  EXPECT_THAT(memory_of(R"({"kind": "memory", "embedding":
                  [1e-50, -1e-400, 0.00000000000000000000000000000000000000000000000001, 16777217]})")
                  .embeddings.at(0)
                  .vector,
              ElementsAre(0.0F, 0.0F, 0.0F, 16777216.0F));
  for (const char* large : {"1e39", "-1e39", "1e400", "3.5e38"}) {
    expect_refused(std::string(R"({"kind": "memory", "embedding": [)") + large + "]}", "embedding",
                   "must be a number of at most");
  }
}

TEST(ParseRecord, TakesTheTextFromContent) {
  const Memory alone = memory_of(R"({"kind": "memory", "content": {"text": "a\nb"}})");
  EXPECT_EQ(alone.text, "a\nb");
  EXPECT_EQ(alone.content, "");

  const Memory more =
      memory_of(R"({"kind": "memory", "content": {"x": 1.0, "text": "a", "y": [ ]}})");
  EXPECT_EQ(more.text, "a");
  EXPECT_EQ(more.content, R"({"x":1.0,"y":[ ]})");

  const Memory both = memory_of(R"({"kind": "memory", "text": "a", "content": {"text": "a"}})");
  EXPECT_EQ(both.text, "a");

  expect_refused(R"({"kind": "memory", "text": "a", "content": {"text": "b"}})", "text", "differ");
  expect_refused(R"({"kind": "memory", "content": {"text": 1}})", "content.text",
                 "must be a string");
  expect_refused(R"({"kind": "memory", "content": {"text": "a", "text": "a"}})", "content", "two");
  expect_refused(R"({"kind": "memory", "content": "a"})", "content", "must be an object");
}

TEST(ParseRecord, TakesNullWhereAFieldCanBeEmpty) {
  const Memory memory = memory_of(R"({"kind": "memory", "text": "x", "expires_at": null,
      "summary": null, "success": null, "metadata": null, "parent_memory_id": null, "id": null,
      "tool_usage": null})");

  Memory expected;
  expected.text = "x";
  expected.tool_usage = "null";  // JSON of any kind, so null is a value.
  EXPECT_EQ(memory, expected);
  expect_refused(R"({"kind": "memory", "priority": null})", "priority", "must be an integer");
  EXPECT_EQ(memory_of(R"({"kind": "memory", "tags": null, "text": null, "content": null})"),
            Memory());
}

TEST(ParseRecord, RefusesALineThatIsNoRecord) {
  expect_refused("", "", "at byte 0");
  expect_refused("{\"kind\": \"memory\", }", "", "at byte 19");
  expect_refused("[1]", "", "the line is an array; must be a JSON object");
  expect_refused("{}", "kind", "kind is missing; must be project, task, stage, session, ");
  expect_refused(R"({"kind": "memo"})", "kind",
                 "kind is \"memo\"; must be project, task, stage, session, ");
  expect_refused(R"({"kind": 3})", "kind", "kind is 3; must be a string");
  expect_refused(R"({"kind": "memory", "tenant_id": 3})", "tenant_id", "must be a string");
  expect_refused(R"({"kind": "memory", "text": "\u0000"})", "text", "u0000");
}

TEST(ParseRecord, RefusesFieldsItDoesNotKnowOrSeesTwice) {
  expect_refused(R"({"kind": "memory", "priorty": 3})", "priorty", "unknown field \"priorty\"");
  expect_refused(R"({"kind": "memory", "memory_id": "x"})", "memory_id", "unknown field");
  expect_refused(R"({"kind": "session", "text": "x"})", "text", "unknown field");
  expect_refused(R"({"kind": "relation", "tags": []})", "tags", "unknown field");
  for (const char* member : {R"("priority": 3)", R"("text": "a")", R"("content": {})",
                             R"("embedding": [1])", R"("embeddings": [])", R"("kind": "memory")",
                             R"("tenant_id": "t")", R"("embedding_model": "a")"}) {
    const std::string line = std::string(R"({"kind": "memory", )") + member + ", " + member + "}";
    const auto parsed = parse_record(line);
    ASSERT_FALSE(parsed) << line;
    EXPECT_THAT(parsed.error().message, HasSubstr("is given twice")) << line;
  }
}

TEST(ParseRecord, RefusesWrongTypesWithTheValueAndWhatIsExpected) {
  const struct {
    std::string member, field, message;
  } cases[] = {
      {R"("text": 5)", "text", "text is 5; must be a string"},
      {R"("priority": "high")", "priority", "priority is \"high\"; must be an integer"},
      {R"("priority": 3.5)", "priority", "priority is 3.5; must be an integer"},
      {R"("priority": 1e400)", "priority", "must be an integer"},
      {R"("priority": 99999999999)", "priority", "must be an integer of -2147483648..2147483647"},
      {R"("revision": -1)", "revision", "must be an integer of 0.."},
      {R"("strength": "1")", "strength", "strength is \"1\"; must be a number"},
      {R"("strength": true)", "strength", "must be a number"},
      {R"("is_critical": 1)", "is_critical", "must be true or false"},
      {R"("is_critical": null)", "is_critical", "must be true or false"},
      {R"("tags": "a")", "tags", "must be an array"},
      {R"("tags": ["a", 3])", "tags", "tags is 3; must be a string"},
      {R"("metadata": [])", "metadata", "must be an object"},
      {R"("metadata": "{}")", "metadata", "must be an object"},
      {R"("layer": "Working")", "layer", "must be one of working, episodic, semantic, procedural"},
      {R"("layer": 0)", "layer", "must be one of"},
      {R"("source_type": "book")", "source_type", "must be one of conversation"},
      {R"("status": "gone")", "status", "must be one of active"},
      {R"("pattern_type": "x")", "pattern_type", "must be one of success"},
      {R"("consolidation_method": "x")", "consolidation_method", "must be one of llm"},
      {R"("created_at": 1700000000)", "created_at", "is not an RFC 3339 time"},
      {R"("created_at": "yesterday")", "created_at",
       "created_at: \"yesterday\" is not an RFC 3339"},
      {R"("id": "m/1")", "id", "a name of your own goes in external_id"},
      {R"("parent_memory_id": 3)", "parent_memory_id", "must be a UUID or a memory's own name"},
      {R"("parent_memory_id": "")", "parent_memory_id", "1..64 characters"},
      {R"("parent_memory_id": "p")", "parent_memory_id", "tenant_id is missing"},
      {R"("embedding": 1)", "embedding", "must be an array"},
      {R"("embedding": [1, "2"])", "embedding", "must be a number"},
      {R"("embedding": [1, null])", "embedding", "must be a number"},
      {R"("embedding_model": "a")", "embedding_model", "without embedding"},
      {R"("embedding": [1], "embeddings": [])", "embedding", "both given"},
      {R"("embeddings": [{"model": "a"}])", "embeddings", "a \"model\" and a \"vector\""},
      {R"("embeddings": [{"model": "a", "vector": [1], "x": 1}])", "embeddings", "nothing else"},
      {R"("embeddings": [[1]])", "embeddings", "must be an object"},
  };
  for (const auto& wrong : cases) {
    expect_refused(R"({"kind": "memory", )" + wrong.member + "}", wrong.field, wrong.message);
  }
}

TEST(ToJsonLine, LeavesOutWhatHasItsDefaultAndWhatOnlyTheStoreSets) {
  Memory memory;
  memory.text = "a \"b\"\n";
  memory.priority = 6;
  memory.content_hash = "abc";
  memory.revision = 7;

  EXPECT_EQ(to_json_line("t", memory),
            R"({"kind":"memory","tenant_id":"t","text":"a \"b\"\n","priority":6})");

  Session session;
  session.session_id = "s";
  session.revision = 3;
  EXPECT_EQ(to_json_line("", session), R"({"kind":"session","session_id":"s"})");
}

TEST(ToJsonLine, IsOneLineThoughMetadataHasMany) {
  Memory memory;
  memory.text = "x";
  memory.metadata = "{\n  \"a\": \"\\n\",\r\n  \"b\": 2\n}";

  const std::string line = to_json_line("t", memory);

  EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos);
  EXPECT_EQ(memory_of(line).metadata, R"({   "a": "\n",    "b": 2 })");
}

template <class Make>
void expect_round_trips(const Make& make) {
  for (int i = 0; i < 3000; ++i) {
    const Record record = make();

    const std::string line = to_json_line("tenant \"ä\"", record);
    const auto parsed = parse_record(line);

    ASSERT_TRUE(parsed) << parsed.error().message << "\n" << line;
    ASSERT_EQ(parsed->tenant_id, "tenant \"ä\"");
    ASSERT_TRUE(parsed->record == record) << line;
    ASSERT_EQ(line.find('\n'), std::string::npos);
    ASSERT_TRUE(nlohmann::json::accept(line) || line.find("1e400") != std::string::npos) << line;
  }
}

TEST(ToJsonLine, IsReadBackAsAnEqualRecord) {
  constexpr unsigned kSeed = 41;
  SCOPED_TRACE(kSeed);
  RandomRecords random(kSeed);

  expect_round_trips([&] { return random.memory(); });
  expect_round_trips([&] { return random.session(); });
  expect_round_trips([&] { return random.relation(); });
}

// Sound lines with bytes changed at random are refused or read, never a crash (the sanitizers
// watch).
TEST(ParseRecord, SurvivesRandomEditsOfALine) {
  constexpr unsigned kSeed = 43;
  SCOPED_TRACE(kSeed);
  RandomRecords random(kSeed);
  for (int i = 0; i < 3000; ++i) {
    std::string line = to_json_line("t", random.memory());
    for (std::size_t edits = 1 + random.below(3); edits > 0; --edits) {
      line[random.below(line.size())] = "{}[]\",:\\0e.-"[random.below(12)];
    }
    const auto parsed = parse_record(line);
    if (!parsed) {
      EXPECT_FALSE(parsed.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace tulving
