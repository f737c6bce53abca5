// Every rule of records.h refuses what breaks it, naming the field, the value and the rule, and
// refuses nothing else: the bounds themselves pass, and so do random records that keep every rule.

#include "core/model/rules/rules.h"

#include <gmock/gmock.h>

#include <functional>
#include <limits>

#include "tests/json/random_records.h"

namespace tulving::model {
namespace {

using std::chrono::microseconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::RandomRecords;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::string bytes(std::size_t count) { return std::string(count, 'x'); }

Uuid version_1() {
  Uuid id = Uuid::derive("a", "b");
  id.bytes[6] = 0x10;
  return id;
}

Memory sound() {
  Memory memory;
  memory.text = "The boiler man comes on Tuesday.";
  return memory;
}

template <class Record>
struct Case {
  std::string field;
  std::string message;  // A part of it.
  std::function<void(Record&)> change;
};

void expect_refused(const Status& status, std::string_view field, std::string_view message) {
  ASSERT_FALSE(status) << field << ": " << message;
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(status.error().field, field);
  EXPECT_THAT(status.error().message, HasSubstr(message));
}

std::string why(const Status& status) { return status ? "" : status.error().message; }

using MemoryCase = Case<Memory>;

const std::vector<MemoryCase>& broken_memories() {
  static const Timestamp kTooEarly{microseconds(-62'135'596'800'000'001)};
  static const Timestamp kTooLate{microseconds(253'402'300'800'000'000)};
  static const std::vector<MemoryCase> kCases = {
      {"id", "version 4", [](Memory& m) { m.id = version_1(); }},
      {"external_id", "has 65 characters; at most 64 allowed",
       [](Memory& m) { m.external_id = bytes(65); }},
      {"external_id", "a UUID goes in id",
       [](Memory& m) { m.external_id = "F47AC10B-58CC-4372-A567-0E02B2C3D479"; }},
      {"agent_id", "has 256 characters; at most 255 allowed",
       [](Memory& m) { m.agent_id = bytes(256); }},
      {"user_id", "has 65 characters", [](Memory& m) { m.user_id = bytes(65); }},
      {"project_id", "has 65 characters", [](Memory& m) { m.project_id = bytes(65); }},
      {"session_id", "has 65 characters", [](Memory& m) { m.session_id = bytes(65); }},
      {"task_id", "has 65 characters", [](Memory& m) { m.task_id = bytes(65); }},
      {"stage_id", "has 65 characters", [](Memory& m) { m.stage_id = bytes(65); }},
      {"memory_type", "is empty; 1..32 characters", [](Memory& m) { m.memory_type = ""; }},
      {"memory_type", "has 33 characters", [](Memory& m) { m.memory_type = bytes(33); }},
      {"layer", "layer is 4", [](Memory& m) { m.layer = static_cast<Layer>(4); }},
      {"text", "needs a text or other content", [](Memory& m) { m.text = ""; }},
      {"text", "needs a text or other content",
       [](Memory& m) {
         m.text = "";
         m.content = " { } ";
       }},
      {"text", "has 1001 bytes; at most 1000 allowed", [](Memory& m) { m.text = bytes(1001); }},
      {"text", "UTF-8 without NUL at byte 4", [](Memory& m) { m.text = "full\xFF"; }},
      {"content", "has a member \"text\"",
       [](Memory& m) { m.content = R"({"a": 1, "text": "x"})"; }},
      {"content", "has a member \"text\"", [](Memory& m) { m.content = R"({"\u0074ext": "x"})"; }},
      {"content", "must be a JSON object", [](Memory& m) { m.content = "[1]"; }},
      {"content", "not valid JSON at byte 1", [](Memory& m) { m.content = "{'a': 1}"; }},
      {"summary", "NUL at byte 1", [](Memory& m) { m.summary = std::string("a\0b", 3); }},
      {"tags", "tags[3] has 65 characters; at most 64 allowed",
       [](Memory& m) {
         m.tags = {"a", "b", "c", bytes(65)};
       }},
      {"tags", "tags[1] is empty",
       [](Memory& m) {
         m.tags = {"a", ""};
       }},
      {"tags", "tags[0] is not UTF-8", [](Memory& m) { m.tags = {"\xC3"}; }},
      {"tags", "has \"b\" twice",
       [](Memory& m) {
         m.tags = {"a", "b", "c", "b"};
       }},
      {"tags", "has \"7\" twice",
       [](Memory& m) {
         for (int i = 0; i < 40; ++i) m.tags.push_back(std::to_string(i));
         m.tags.emplace_back("7");
       }},
      {"entities", "entities[0] is not UTF-8", [](Memory& m) { m.entities = {"\xFF"}; }},
      {"facts", "facts[1] has 1001 bytes",
       [](Memory& m) {
         m.facts = {"a", bytes(1001)};
       }},
      {"keywords", "keywords[0]", [](Memory& m) { m.keywords = {std::string(1, '\0')}; }},
      {"metadata", "metadata is \"7\"; must be a JSON object", [](Memory& m) { m.metadata = "7"; }},
      {"metadata", "u0000", [](Memory& m) { m.metadata = R"({"a": ["\u0000"]})"; }},
      {"metadata", "surrogate", [](Memory& m) { m.metadata = R"({"\uD83D": 1})"; }},
      {"metadata", "numeric holds", [](Memory& m) { m.metadata = R"({"a": 1e999999})"; }},
      {"source_type", "source_type is 5",
       [](Memory& m) { m.source_type = static_cast<SourceType>(5); }},
      {"source_agent", "has 65 characters", [](Memory& m) { m.source_agent = bytes(65); }},
      {"source_id", "has 65 characters", [](Memory& m) { m.source_id = bytes(65); }},
      {"goal", "UTF-8", [](Memory& m) { m.goal = "\xFF"; }},
      {"result", "UTF-8", [](Memory& m) { m.result = "\xFF"; }},
      {"feedback", "UTF-8", [](Memory& m) { m.feedback = "\xFF"; }},
      {"tool_usage", "not valid JSON", [](Memory& m) { m.tool_usage = "[1,]"; }},
      {"actions", "actions[0]", [](Memory& m) { m.actions = {"\xFF"}; }},
      {"outcome", "UTF-8", [](Memory& m) { m.outcome = "\xFF"; }},
      {"error_patterns", "not valid JSON", [](Memory& m) { m.error_patterns = "oops"; }},
      {"criticality_reason", "UTF-8", [](Memory& m) { m.criticality_reason = "\xFF"; }},
      {"priority", "priority is 0; must be 1..10", [](Memory& m) { m.priority = 0; }},
      {"priority", "priority is 11; must be 1..10", [](Memory& m) { m.priority = 11; }},
      {"strength", "strength is 2.5; must be 0..2", [](Memory& m) { m.strength = 2.5; }},
      {"strength", "strength is -0.1; must be 0..2", [](Memory& m) { m.strength = -0.1; }},
      {"strength", "strength is nan", [](Memory& m) { m.strength = kNan; }},
      {"use_count", "use_count is -1; must be 0 or more", [](Memory& m) { m.use_count = -1; }},
      {"review_count", "0 or more", [](Memory& m) { m.review_count = -1; }},
      {"cross_domain_count", "0 or more", [](Memory& m) { m.cross_domain_count = -1; }},
      {"relevance_score", "finite", [](Memory& m) { m.relevance_score = kNan; }},
      {"relevance_score", "finite", [](Memory& m) { m.relevance_score = -kInfinity; }},
      {"status", "status is 4", [](Memory& m) { m.status = static_cast<MemoryStatus>(4); }},
      {"created_at", "years 1 to 9999", [](Memory& m) { m.created_at = kTooEarly; }},
      {"updated_at", "years 1 to 9999", [](Memory& m) { m.updated_at = kTooLate; }},
      {"last_used", "years 1 to 9999", [](Memory& m) { m.last_used = kTooLate; }},
      {"expires_at", "years 1 to 9999", [](Memory& m) { m.expires_at = Timestamp::max(); }},
      {"promoted_at", "years 1 to 9999", [](Memory& m) { m.promoted_at = Timestamp::min(); }},
      {"archived_at", "years 1 to 9999", [](Memory& m) { m.archived_at = kTooLate; }},
      {"deleted_at", "years 1 to 9999", [](Memory& m) { m.deleted_at = kTooLate; }},
      {"ltm_path", "UTF-8", [](Memory& m) { m.ltm_path = "\xFF"; }},
      {"parent_memory_id", "version 4", [](Memory& m) { m.parent_memory_id = version_1(); }},
      {"consolidated_into_id", "version 4",
       [](Memory& m) { m.consolidated_into_id = version_1(); }},
      {"abstraction_level", "is 4; must be 0..3", [](Memory& m) { m.abstraction_level = 4; }},
      {"abstraction_level", "is -1; must be 0..3", [](Memory& m) { m.abstraction_level = -1; }},
      {"pattern_type", "pattern_type is 5",
       [](Memory& m) { m.pattern_type = static_cast<PatternType>(5); }},
      {"confidence_score", "is 1.5; must be 0..1", [](Memory& m) { m.confidence_score = 1.5; }},
      {"confidence_score", "is nan; must be 0..1", [](Memory& m) { m.confidence_score = kNan; }},
      {"source_memory_ids", "source_memory_ids[1]",
       [](Memory& m) {
         m.source_memory_ids = {Uuid::derive("a", "b"), Uuid{}};
       }},
      {"consolidation_method", "consolidation_method is 3",
       [](Memory& m) { m.consolidation_method = static_cast<ConsolidationMethod>(3); }},
      {"consolidated_at", "years 1 to 9999", [](Memory& m) { m.consolidated_at = kTooLate; }},
      {"reuse_count", "0 or more", [](Memory& m) { m.reuse_count = -1; }},
      {"embedding_model", "is empty; 1..64",
       [](Memory& m) {
         m.embeddings = {{"", {1}}};
       }},
      {"embedding_model", "has 65 characters",
       [](Memory& m) {
         m.embeddings = {{bytes(65), {1}}};
       }},
      {"embedding", "has 0 dimensions",
       [](Memory& m) {
         m.embeddings = {{"a", {}}};
       }},
      {"embedding", "has 4097 dimensions; must have 1..4096",
       [](Memory& m) {
         m.embeddings = {{"a", std::vector<float>(4097, 1.0F)}};
       }},
      {"embedding", "NaN",
       [](Memory& m) {
         m.embeddings = {{"a", {1, kNan}}};
       }},
      {"embedding", "infinity",
       [](Memory& m) {
         m.embeddings = {{"a", {1, -kInfinity}}};
       }},
      {"embedding", "all zero",
       [](Memory& m) {
         m.embeddings = {{"a", {0.0F, -0.0F}}};
       }},
      {"embedding", "has 0 passages; must have 1..64",
       [](Memory& m) {
         m.embeddings = {{"a", {1, 2}, 0}};
       }},
      {"embedding", "has 65 passages; must have 1..64",
       [](Memory& m) {
         m.embeddings = {{"a", std::vector<float>(65, 1.0F), 65}};
       }},
      {"embedding", "has 5 numbers, which 2 passages do not share equally",
       [](Memory& m) {
         m.embeddings = {{"a", std::vector<float>(5, 1.0F), 2}};
       }},
      {"embedding", "has 0 dimensions",
       [](Memory& m) {
         m.embeddings = {{"a", {}, 2}};
       }},
      {"embedding", "all zero",
       [](Memory& m) {
         m.embeddings = {{"a", {1, 2, 0, 0, 3, 4}, 3}};
       }},
      {"embedding", "NaN",
       [](Memory& m) {
         m.embeddings = {{"a", {1, 2, 3, kNan}, 2}};
       }},
      {"embeddings", "has model \"a\" twice",
       [](Memory& m) {
         m.embeddings = {{"a", {1}}, {"b", {1}}, {"a", {2}}};
       }},
      {"embeddings", "65 elements; at most 64",
       [](Memory& m) {
         for (int i = 0; i < 65; ++i) m.embeddings.push_back({std::to_string(i), {1}});
       }},
      {"", "the record has", [](Memory& m) { m.facts.assign(20, bytes(1000)); }},
  };
  return kCases;
}

TEST(MemoryRules, RefuseEachBrokenRuleByFieldValueAndRule) {
  for (const auto& broken : broken_memories()) {
    Memory memory = sound();
    broken.change(memory);

    expect_refused(check_record(memory, {.text_bytes_max = 1000}), broken.field, broken.message);
  }
}

TEST(MemoryRules, TakeTheBoundsThemselves) {
  Memory memory = sound();
  memory.text = bytes(1000);
  memory.external_id = bytes(64);
  memory.agent_id = bytes(255);
  memory.session_id = bytes(64);
  memory.memory_type = bytes(32);
  memory.tags = {bytes(64), "x"};
  memory.priority = 10;
  memory.strength = 2.0;
  memory.confidence_score = 1.0;
  memory.abstraction_level = 3;
  memory.created_at = *parse_time("0001-01-01");
  memory.expires_at = *parse_time("9999-12-31T23:59:59.999999Z");
  memory.embeddings = {{bytes(64), std::vector<float>(64 * 4096, -1.0F), 64}, {"b", {1e-45F}}};

  EXPECT_THAT(why(check_record(memory, {.text_bytes_max = 1000})), IsEmpty());

  memory.priority = 1;
  memory.strength = 0.0;
  memory.confidence_score = 0.0;

  EXPECT_THAT(why(check_record(memory, {.text_bytes_max = 1000})), IsEmpty());
}

TEST(MemoryRules, TakeContentInPlaceOfText) {
  Memory memory;
  memory.content = R"({"steps": [1, 2], "note": {"text": "deeper, so allowed"}})";

  EXPECT_THAT(why(check_record(memory, {})), IsEmpty());
}

TEST(MemoryRules, TakeAUuidOfAnotherVersionAsACallersOwnName) {
  Memory memory = sound();
  memory.external_id = "f47ac10b-58cc-1372-a567-0e02b2c3d479";

  EXPECT_THAT(why(check_record(memory, {})), IsEmpty());
}

TEST(MemoryRules, DoNotCompareTimes) {
  Memory memory = sound();
  memory.created_at = *parse_time("2026-01-01");
  memory.updated_at = memory.expires_at = *parse_time("2001-01-01");

  EXPECT_THAT(why(check_record(memory, {})), IsEmpty());
}

TEST(MemoryRules, TakeEveryRandomRecordThatKeepsThem) {
  constexpr unsigned kSeed = 5;
  SCOPED_TRACE(kSeed);
  RandomRecords random(kSeed);
  for (int i = 0; i < 3000; ++i) {
    ASSERT_THAT(why(check_record(random.memory(), {})), IsEmpty());
    ASSERT_THAT(why(check_record(random.session())), IsEmpty());
    ASSERT_THAT(why(check_record(random.relation())), IsEmpty());
  }
}

TEST(SessionRules, RefuseEachBrokenRule) {
  const std::vector<Case<Session>> cases = {
      {"session_id", "is empty; 1..64 characters", [](Session& s) { s.session_id = ""; }},
      {"session_id", "has 65 characters", [](Session& s) { s.session_id = bytes(65); }},
      {"user_id", "has 65 characters", [](Session& s) { s.user_id = bytes(65); }},
      {"session_type", "is empty", [](Session& s) { s.session_type = ""; }},
      {"session_type", "has 33 characters", [](Session& s) { s.session_type = bytes(33); }},
      {"summary", "UTF-8", [](Session& s) { s.summary = "\xFF"; }},
      {"metadata", "must be a JSON object", [](Session& s) { s.metadata = "null"; }},
      {"created_at", "years", [](Session& s) { s.created_at = Timestamp::max(); }},
      {"updated_at", "years", [](Session& s) { s.updated_at = Timestamp::max(); }},
      {"ended_at", "years", [](Session& s) { s.ended_at = Timestamp::max(); }},
  };
  for (const auto& broken : cases) {
    Session session;
    session.session_id = "s1";
    ASSERT_TRUE(check_record(session));
    broken.change(session);

    expect_refused(check_record(session), broken.field, broken.message);
  }
}

TEST(RelationRules, RefuseEachBrokenRule) {
  const std::vector<Case<Relation>> cases = {
      {"source_id", "is missing", [](Relation& r) { r.source_id = {}; }},
      {"source_id", "version 4", [](Relation& r) { r.source_id = version_1(); }},
      {"target_id", "is missing", [](Relation& r) { r.target_id = {}; }},
      {"target_id", "version 4", [](Relation& r) { r.target_id = version_1(); }},
      {"target_id", "cannot be related to itself", [](Relation& r) { r.target_id = r.source_id; }},
      {"relation_type", "is empty", [](Relation& r) { r.relation_type = ""; }},
      {"relation_type", "has 33 characters", [](Relation& r) { r.relation_type = bytes(33); }},
      {"strength", "is 1.1; must be 0..1", [](Relation& r) { r.strength = 1.1; }},
      {"strength", "is nan; must be 0..1", [](Relation& r) { r.strength = kNan; }},
      {"confidence", "is -1; must be 0..1", [](Relation& r) { r.confidence = -1.0; }},
      {"metadata", "not valid JSON", [](Relation& r) { r.metadata = "{"; }},
      {"created_at", "years", [](Relation& r) { r.created_at = Timestamp::max(); }},
  };
  for (const auto& broken : cases) {
    Relation relation;
    relation.source_id = Uuid::random();
    relation.target_id = Uuid::random();
    ASSERT_TRUE(check_record(relation));
    broken.change(relation);

    expect_refused(check_record(relation), broken.field, broken.message);
  }
}

TEST(TenantRules, TakeOneTo255BytesOfUtf8) {
  EXPECT_TRUE(check_tenant_id("a"));
  EXPECT_TRUE(check_tenant_id(bytes(255)));
  expect_refused(check_tenant_id(""), "tenant_id", "is empty");
  expect_refused(check_tenant_id(bytes(256)), "tenant_id", "has 256 characters");
  expect_refused(check_tenant_id("\xFF"), "tenant_id", "UTF-8");
}

TEST(EmbeddingRules, AreThoseOfAMemorysEmbeddings) {
  EXPECT_TRUE(check_embedding("m", std::vector<float>{0, 1}));
  expect_refused(check_embedding("m", std::vector<float>{0, 0}), "embedding", "all zero");
  expect_refused(check_embedding("", std::vector<float>{1}), "embedding_model", "is empty");
}

TEST(OptionRules, RefuseEachOptionOutsideItsRange) {
  const std::vector<Case<StoreOptions>> cases = {
      {"durability", "is 3", [](StoreOptions& o) { o.durability = static_cast<Durability>(3); }},
      {"sync_interval_ms", "is 0; must be 1..60000",
       [](StoreOptions& o) { o.sync_interval_ms = 0; }},
      {"sync_interval_ms", "is 60001", [](StoreOptions& o) { o.sync_interval_ms = 60'001; }},
      {"embedding_dim", "is 4097; must be 0..4096",
       [](StoreOptions& o) { o.embedding_dim = 4097; }},
      {"default_model", "is empty", [](StoreOptions& o) { o.default_model = ""; }},
      {"default_model", "has 65 characters", [](StoreOptions& o) { o.default_model = bytes(65); }},
      {"text_bytes_max", "is 0", [](StoreOptions& o) { o.text_bytes_max = 0; }},
      {"text_bytes_max", "is 64000001", [](StoreOptions& o) { o.text_bytes_max = 64'000'001; }},
      {"memories_max", "is 0", [](StoreOptions& o) { o.memories_max = 0; }},
      {"memory_max", "must be 0..", [](StoreOptions& o) { o.memory_max = ~std::uint64_t{0}; }},
      {"memories_max", "must be 1..4000000000",
       [](StoreOptions& o) { o.memories_max = std::numeric_limits<std::uint64_t>::max(); }},
      {"vectors.m", "is 3; must be 4..64", [](StoreOptions& o) { o.vectors.m = 3; }},
      {"vectors.m", "is 65; must be 4..64", [](StoreOptions& o) { o.vectors.m = 65; }},
      {"vectors.ef_construction", "is 15", [](StoreOptions& o) { o.vectors.ef_construction = 15; }},
      {"vectors.ef_construction", "is 2001",
       [](StoreOptions& o) { o.vectors.ef_construction = 2001; }},
      {"vectors.ef_search", "is 0", [](StoreOptions& o) { o.vectors.ef_search = 0; }},
      {"vectors.ef_search", "is 10001", [](StoreOptions& o) { o.vectors.ef_search = 10'001; }},
      {"vectors.build_threads", "is 257; must be 0..256",
       [](StoreOptions& o) { o.vectors.build_threads = 257; }},
      {"bm25.k1", "is 10.5; must be 0..10", [](StoreOptions& o) { o.bm25.k1 = 10.5F; }},
      {"bm25.k1", "is nan", [](StoreOptions& o) { o.bm25.k1 = kNan; }},
      {"bm25.b", "is 1.5; must be 0..1", [](StoreOptions& o) { o.bm25.b = 1.5F; }},
      {"decay_model", "is 3", [](StoreOptions& o) { o.decay_model = static_cast<DecayModel>(3); }},
  };
  EXPECT_TRUE(check_options({}));
  for (const auto& broken : cases) {
    StoreOptions options;
    broken.change(options);

    expect_refused(check_options(options), broken.field, broken.message);
  }
}

}  // namespace
}  // namespace tulving::model
