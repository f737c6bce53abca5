// What the columns of a projection make of a record, and that they give it back, without a server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/base/hash.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/postgres/projection.h"
#include "tulving/json.h"

namespace tulving::storage::postgres {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kTenant = "home";

Record record_of(std::string_view json) {
  auto read = parse_record(json);
  EXPECT_TRUE(read) << json << (read ? "" : read.error().message);
  return read ? std::move(read->record) : Record();
}

SourceRecord source_of(const Record& record) {
  return std::visit(
      [&]<class Kind>(const Kind& /*kind*/) {
        return SourceRecord{
            .tenant = 1, .tenant_id = kTenant, .kind = kinds::Kind<Kind>::number, .value = &record};
      },
      record);
}

// As a database would give it back; the name behind a reference's UUID is not looked up.
Field value_of(const Column& column, const SourceRecord& record) {
  if (column.get == nullptr) {
    const auto id = column.reference.id(record);
    return id.empty() ? Field() : Field(NamedUuid{Uuid::parse(id).value(), {}});
  }
  auto value = column.get({record});
  if (const auto* const view = std::get_if<std::span<const float>>(&value)) {
    return std::vector<float>(view->begin(), view->end());
  }
  return value;
}

class ProjectionColumns : public ::testing::Test {
 protected:
  const TableSpec& table(PostgresSchema schema, std::string_view name) {
    projection_ = make_projection(schema, {.dim = 2, .models = {"default"}});
    EXPECT_NE(projection_.table(name), nullptr);
    return *projection_.table(name);
  }

  Field shown(PostgresSchema schema, std::string_view name, std::string_view column,
              const Record& record) {
    for (const Column& one : table(schema, name).columns) {
      if (one.name == column) return value_of(one, source_of(record));
    }
    ADD_FAILURE() << column;
    return {};
  }

  // The record that a hydrate makes of its row.
  Record back(PostgresSchema schema, std::string_view name, const SourceRecord& record) {
    Record read =
        std::visit([]<class Kind>(const Kind& /*kind*/) { return Record(Kind()); }, *record.value);
    Reading to{read, kTenant};
    for (const Column& column : table(schema, name).columns) {
      if (column.set == nullptr) continue;
      EXPECT_EQ(column.set(value_of(column, record), to), "") << column.name;
    }
    return read;
  }

  void expect_back(PostgresSchema schema, std::string_view name, std::string_view json) {
    const Record record = record_of(json);
    EXPECT_EQ(to_json_line(kTenant, back(schema, name, source_of(record))),
              to_json_line(kTenant, record));
  }

  // Why the column takes no such value.
  std::string refusal(PostgresSchema schema, std::string_view name, std::string_view column,
                      Record into, Field value) {
    Reading to{into, kTenant};
    for (const Column& one : table(schema, name).columns) {
      if (one.name == column) return one.set(std::move(value), to);
    }
    return "there is no such column";
  }

 private:
  Projection projection_;
};

using enum PostgresSchema;

TEST_F(ProjectionColumns, OfGuildGiveBackWhatTheyHold) {
  expect_back(kGuild, "memory_records",
              R"({"kind":"memory","id":"7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b","external_id":"tea",
                  "agent_id":"tim","source_type":"tool_output","text":"Tea","metadata":{"a":1},
                  "created_at":"2026-11-28T01:02:03Z","updated_at":"2026-11-28T01:02:04Z"})");
  expect_back(kGuild, "data_sources",
              R"({"kind":"data_source","source_id":"d","source_name":"crm","source_type":"webhook",
                  "source_uri":"u","is_active":false,"created_at":"2026-11-28T01:02:03Z",
                  "last_ingestion_at":"2026-11-28T01:02:04Z","metadata":{"a":1}})");
  expect_back(kGuild, "memory_access_policies",
              R"({"kind":"access_policy","policy_id":"p","policy_name":"all","policy_rules":[1],
                  "is_active":false,"created_at":"2026-11-28T01:02:03Z",
                  "updated_at":"2026-11-28T01:02:04Z"})");
}

TEST_F(ProjectionColumns, OfGuildTellTextFromContentAndArchivedFromDeleted) {
  for (const char* said : {R"("text":"{\"text\": \"Tea\"}")", R"("text":"{}")", R"("text":"{a")",
                           R"("content":{"b": 1.50})"}) {
    expect_back(kGuild, "memory_records",
                R"({"kind":"memory","id":"7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b",)" +
                    std::string(said) + "}");
  }
  for (const char* status :
       {R"("status":"archived")", R"("status":"deleted","deleted_at":"2026-11-28T01:02:04Z")"}) {
    expect_back(kGuild, "memory_records",
                R"({"kind":"memory","id":"7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b","text":"a",)" +
                    std::string(status) + "}");
  }
}

TEST_F(ProjectionColumns, OfGuildShowNoDeletedAtOfAnArchivedMemory) {
  const Record record = record_of(
      R"({"kind":"memory","text":"a","status":"archived","deleted_at":"2026-11-28T01:02:04Z"})");
  const Record read = back(kGuild, "memory_records", source_of(record));
  EXPECT_EQ(std::get<Memory>(read).status, MemoryStatus::kArchived);
}

TEST_F(ProjectionColumns, OfGuildHashWhatTheyShow) {
  const Record record = record_of(R"({"kind":"memory","content":{"b": 1.50},"agent_id":"tim"})");
  const auto text = std::get<std::string>(shown(kGuild, "memory_records", "content_text", record));
  const auto hash = std::get<std::string>(shown(kGuild, "memory_records", "content_hash", record));
  EXPECT_EQ(text, R"({"b": 1.50})");
  EXPECT_EQ(hash, to_hex(md5(text)));
  EXPECT_EQ(table(kGuild, "memory_records").slot(source_of(record)), "tim\nhome\n" + hash);
}

TEST_F(ProjectionColumns, OfGuildPutTheClosestOfOtherRelationsFirst) {
  Relation likes, hates;
  likes.source_id = hates.source_id = Uuid::random();
  likes.target_id = hates.target_id = Uuid::random();
  likes.relation_type = "likes";
  likes.strength = 0.5;
  hates.relation_type = "hates";
  hates.strength = 0.500001;
  const Record first = hates, second = likes;
  const auto& spec = table(kGuild, "memory_relationships");
  EXPECT_EQ(spec.slot(source_of(first)), spec.slot(source_of(second)));
  EXPECT_LT(spec.rank(source_of(first)), spec.rank(source_of(second)));
  EXPECT_EQ(
      std::get<std::string>(shown(kGuild, "memory_relationships", "relationship_type", first)),
      "related");
}

TEST_F(ProjectionColumns, OfCompassGiveBackWhatTheyHold) {
  expect_back(kCompass, "stage_memories",
              R"({"kind":"stage","stage_id":"sow","task_id":"beans","agent_id":"tim",
                  "stage_type":"reflection","summary":"Sown.","insights":["deep"],
                  "memory_refs":["7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b",
                                 "0f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b"],
                  "relevance_score":0.87,"compression_ratio":10.5,"compression_model":"m",
                  "quality_metrics":[1],"created_at":"2026-11-28T01:02:03Z",
                  "updated_at":"2026-11-28T01:02:04Z","completed_at":"2026-11-28T01:02:05Z"})");
  expect_back(kCompass, "task_contexts",
              R"({"kind":"task","task_id":"beans","agent_id":"tim","goal":"Grow them",
                  "current_stage_id":"7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b",
                  "progress_summary":"Dug.","critical_constraints":["no frost"],
                  "performance_metrics":{"days":3},"created_at":"2026-11-28T01:02:03Z",
                  "updated_at":"2026-11-28T01:02:04Z"})");
  expect_back(kCompass, "error_records",
              R"({"kind":"error_record","error_id":"e","task_id":"beans",
                  "stage_id":"7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b","agent_id":"tim",
                  "error_type":"context_degradation","description":"Rain","context":"June",
                  "recovery_action":"Wait","severity":0.87,"recorded_at":"2026-11-28T01:02:03Z"})");
  expect_back(kCompass, "compression_metrics",
              R"({"kind":"compression_metric","metric_id":"m","task_id":"beans",
                  "stage_id":"7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b","compression_type":"stage",
                  "input_tokens":1000,"output_tokens":100,"compression_ratio":10.5,
                  "critical_fact_retention_rate":0.99,"coherence_score":0.87,"cost_usd":0.0123,
                  "model_used":"x","recorded_at":"2026-11-28T01:02:03Z"})");
}

TEST_F(ProjectionColumns, OfCompassGiveBackAMemoryWithItsVector) {
  Record record = record_of(
      R"({"kind":"memory","id":"7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b","external_id":"tea",
          "agent_id":"tim","session_id":"talk","user_id":"ada","task_id":"beans",
          "stage_id":"1f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b","layer":"procedural","text":"Tea",
          "summary":"T","entities":["a"],"facts":["b"],"keywords":["c"],"actions":["d"],
          "outcome":"o","success":false,"is_critical":true,"criticality_reason":"r",
          "use_count":3,"relevance_score":0.87,"created_at":"2026-11-28T01:02:03Z",
          "last_used":"2026-11-28T01:02:04Z",
          "parent_memory_id":"2f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b","embedding":[0.25,1]})");
  auto source = source_of(record);
  source.vector = std::get<Memory>(record).embeddings.at(0).vector;
  EXPECT_EQ(to_json_line(kTenant, back(kCompass, "memories", source)),
            to_json_line(kTenant, record));
}

TEST_F(ProjectionColumns, OfCompassRefuseReferencesThatAreNone) {
  const auto why = [&](const char* refs) {
    return refusal(kCompass, "stage_memories", "raw_memory_refs", Stage(), std::string(refs));
  };
  EXPECT_EQ(why("[]"), "");
  EXPECT_EQ(why(R"(["7f4df6b7-3d7c-4bd0-9b3b-1c2d3e4f5a6b"])"), "");
  EXPECT_EQ(why("{}"), "it is no array");
  EXPECT_EQ(why("[7]"), "7 in it is no UUID of version 4");
  EXPECT_THAT(why(R"(["a", "b"])"), HasSubstr(R"("a" in it)"));
}

}  // namespace
}  // namespace tulving::storage::postgres
