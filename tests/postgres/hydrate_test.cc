// What hydrate_store() promises: a tenant filled from a schema says what the schema says; what no
// record can be made of is listed; what is there already is left; and a schema that was taken over
// is not changed by the next sync.

#include <cmath>

#include "tests/postgres/hydrate_testing.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::set<std::string> left_out(const PostgresSyncReport& report) {
  std::set<std::string> rows;
  for (const auto& row : report.skipped) rows.insert(row.kind + " " + row.id);
  return rows;
}

class HydrateSchema : public HydrateTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(HydrateSchema, BringsBackWhatTheSchemaHolds) {
  const std::string schema = GetParam();
  Store live = open_store("live");
  fill(live, 1);
  const auto sent = send(live, schema);
  Store fresh = open_store("fresh");

  const auto report = hydrate(fresh, schema);

  EXPECT_EQ(reasons(report), "");
  EXPECT_THAT(report.differences, IsEmpty());
  expect_same_rows(schema, records_of(live), records_of(fresh), left_out(sent));
  for (const auto& [table, rows] : report.rows) EXPECT_EQ(rows, count(schema + "." + table));
  EXPECT_THAT(value_of(fresh.verify()).problems, IsEmpty());
}

TEST_P(HydrateSchema, ChangesNothingTheSecondTime) {
  const std::string schema = GetParam();
  Store live = open_store("live");
  fill(live, 2);
  send(live, schema);
  Store fresh = open_store("fresh");
  hydrate(fresh, schema);
  const auto before = records_of(fresh);

  const auto again = hydrate(fresh, schema);

  std::uint64_t records = 0;
  for (const auto& [kind, count] : again.records) records += count;
  EXPECT_EQ(again.unchanged, records);
  EXPECT_GT(records, 0U);
  EXPECT_EQ(records_of(fresh), before);
}

TEST_P(HydrateSchema, TakesOverSoThatTheNextSyncChangesNoRow) {
  const std::string schema = GetParam();
  Store live = open_store("live");
  fill(live, 3);
  send(live, schema);
  Store fresh = open_store("fresh");
  const auto before = rows_of(schema);
  const auto ledger = count("tulving.sync_rows");

  // guild keeps no strength of relations, by which it chose among them.
  const std::string owned =
      "SELECT table_name, id, tenant, row, slot, rank FROM tulving.sync_rows WHERE schema_name <> "
      "'guild' OR table_name <> 'memory_relationships' ORDER BY 1, 2";
  const auto owned_before = database().lines(owned);

  const auto report = hydrate(fresh, schema, true);
  const auto next = send(fresh, schema);

  EXPECT_EQ(rows_of(schema), before);
  EXPECT_EQ(database().lines(owned), owned_before);
  EXPECT_EQ(next.from_revision, fresh.revision());
  EXPECT_EQ(count("tulving.sync_rows"), ledger);
  EXPECT_EQ(count("tulving.sync_rows WHERE store_id = '" + fresh.id().to_string() + "'"), ledger);
  EXPECT_EQ(count("tulving.sync_state"), 1U);
  std::uint64_t taken = 0;
  for (const auto& [table, rows] : report.taken_over) taken += rows;
  EXPECT_EQ(taken, ledger);
}

TEST_P(HydrateSchema, AFullComparisonFindsNoDifferenceAfterwards) {
  const std::string schema = GetParam();
  Store live = open_store("live");
  fill(live, 4);
  send(live, schema);
  Store fresh = open_store("fresh");
  hydrate(fresh, schema, true);

  const auto report = send(fresh, schema, true);

  EXPECT_THAT(nonzero(report.inserted), IsEmpty());
  EXPECT_THAT(nonzero(report.deleted), IsEmpty());
  auto updated = nonzero(report.updated);
  if (schema == "compass") updated.erase("memories");  // Relations are not read back.
  EXPECT_THAT(updated, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(, HydrateSchema,
                         ::testing::Values("orchestrator", "guild", "consolidation", "compass",
                                           "cortex"),
                         [](const auto& param) { return std::string(param.param); });

TEST_F(HydrateTest, RefusesATenantThatHoldsSomethingElse) {
  Store live = open_store("live");
  fill(live, 5);
  send(live, "cortex");
  Store other = open_store("other");
  Tenant tenant = value_of(other.tenant("acme"));
  value_of(tenant.add(memory_of("mine")));
  const auto before = records_of(other);

  const auto refused = try_hydrate(other, "cortex");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_EQ(records_of(other), before);
}

TEST_F(HydrateTest, RefusesATenantWhoseRecordIsNotAsItsRow) {
  Store live = open_store("live");
  fill(live, 5);
  send(live, "cortex");
  Store fresh = open_store("fresh");
  hydrate(fresh, "cortex");
  Tenant tenant = value_of(fresh.tenant("acme"));
  const Uuid id = value_of(tenant.list()).memories.front().id();
  MemoryPatch patch;
  patch.text = "another";
  value_of(tenant.update(id, patch));

  const auto refused = try_hydrate(fresh, "cortex");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr(id.to_string()));
}

TEST_F(HydrateTest, CompletesWhatAnEarlierOneLeftHalfFull) {
  Store live = open_store("live");
  fill(live, 6);
  send(live, "orchestrator");
  Store whole = open_store("whole");
  hydrate(whole, "orchestrator");
  Store half = open_store("half");
  Tenant tenant = value_of(half.tenant("acme"));
  std::size_t written = 0;  // In the order in which a hydrate writes.
  auto status = value_of(whole.tenant("acme"))
                    .export_records(
                        [&](const Record& record) -> Status {
                          if (++written > 40) return {};
                          return tenant.write(std::span(&record, 1)) ? Status() : Status(Error{});
                        },
                        true);
  ASSERT_TRUE(status.has_value());
  ASSERT_GT(written, 40U);

  const auto report = hydrate(half, "orchestrator");

  EXPECT_EQ(report.unchanged, 40U);
  EXPECT_EQ(records_of(half).size(), records_of(whole).size());
}

TEST_F(HydrateTest, ReadsOfSeveralTenantsOnlyTheirOwn) {
  for (const std::string schema : {"guild", "compass"}) {
    Store live = open_store("live" + schema);
    fill(live, 7, "acme");
    fill(live, 8, "other");
    send(live, schema, false, "acme");
    send(live, schema, false, "other");
    Store fresh = open_store("fresh" + schema);

    const auto report = hydrate(fresh, schema);

    EXPECT_EQ(reasons(report), "");
    const std::string table = schema == "guild" ? "memory_records" : "memories";
    EXPECT_EQ(report.rows.at(table), count("tulving.sync_rows WHERE tenant = 'acme' AND "
                                           "schema_name = '" +
                                           schema + "' AND table_name = '" + table + "'"));
    EXPECT_LT(report.rows.at(table), count(schema + "." + table));
  }
}

TEST_F(HydrateTest, ListsRowsThatOnlyItsOwnRulesRefuseAndWhatHangsOnThem) {
  Store live = open_store("live");
  value_of(value_of(live.tenant("acme")).put(session_of("s")));  // Makes the tables.
  send(live, "cortex");
  database().run(
      "INSERT INTO cortex.memories (memory_id, content, created_at, last_used) VALUES "
      "('00000000-0000-1000-8000-000000000001', 'version 1', now(), now()), "
      "('00000000-0000-4000-8000-000000000002', 'late', '20000-01-01', now()), "
      "('00000000-0000-4000-8000-000000000003', 'sound', now(), now()), "
      "('00000000-0000-4000-8000-000000000004', '', now(), now()), "
      "('00000000-0000-4000-8000-000000000005', 'sound too', now(), now()); "
      "INSERT INTO cortex.relations (relation_id, from_memory_id, to_memory_id, relation_type, "
      "created_at) VALUES (gen_random_uuid(), '00000000-0000-4000-8000-000000000002', "
      "'00000000-0000-4000-8000-000000000003', 'x', now()), (gen_random_uuid(), "
      "'00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000005', 'x', "
      "now())");
  Store fresh = open_store("fresh");

  const auto report = hydrate(fresh, "cortex");

  EXPECT_EQ(report.rows.at("memories"), 2U);
  EXPECT_EQ(report.rows.at("relations"), 1U);
  ASSERT_EQ(report.refused.size(), 4U) << reasons(report);
  EXPECT_THAT(reasons(report), HasSubstr("000000000002 created_at cannot be read: it is outside"));
  EXPECT_THAT(reasons(report), HasSubstr("what it belongs to was refused: memories 00000000-0000-"
                                         "4000-8000-000000000002"));
  EXPECT_EQ(refused_by_reason(report).at("the store refuses it"), 2U);
}

TEST_F(HydrateTest, BringsVectorsBitForBitAndTagsInTheirOrder) {
  Store live = open_store("live");
  fill(live, 10);
  send(live, "orchestrator");
  Store fresh = open_store("fresh");

  const auto report = hydrate(fresh, "orchestrator");

  EXPECT_EQ(report.rows.at("memory_entries"), count("orchestrator.memory_entries"));
  const auto sent = records_of(live);
  const auto read = records_of(fresh);
  std::size_t vectors = 0, tags = 0;
  for (const auto& [key, record] : read) {
    const auto* const memory = std::get_if<Memory>(&record);
    if (memory == nullptr) continue;
    const auto& was = std::get<Memory>(sent.at(key));
    EXPECT_EQ(memory->embeddings, was.embeddings);
    EXPECT_EQ(memory->tags, was.tags);
    EXPECT_EQ(memory->session_id, was.session_id);
    vectors += memory->embeddings.size();
    tags += memory->tags.size();
  }
  EXPECT_GT(vectors, 9U);
  EXPECT_GT(tags, 3U);
}

TEST_F(HydrateTest, GivesBackNamesAndMakesTheSessionsThatMemoriesUse) {
  Store live = open_store("live");
  Tenant tenant = value_of(live.tenant("acme"));
  value_of(tenant.put(session_of("monday")));
  Memory memory = memory_of("tea at five", "monday");
  memory.external_id = "the tea";
  memory.agent_id = "tim";
  memory.user_id = "ada";
  memory.embeddings = {{"default", {0.1F, -0.0F}}};
  const Uuid id = value_of(tenant.add(memory)).id;
  send(live, "compass");
  Store fresh = open_store("fresh");

  const auto report = hydrate(fresh, "compass", true);

  const Tenant read = value_of(fresh.tenant("acme"));
  const Memory found = value_of(read.get(id, true));
  EXPECT_EQ(found.external_id, "the tea");
  EXPECT_EQ(found.agent_id, "tim");
  EXPECT_EQ(found.user_id, "ada");
  EXPECT_EQ(found.session_id, "monday");
  EXPECT_TRUE(std::signbit(found.embeddings.at(0).vector.at(1)));
  EXPECT_EQ(report.made.at("session"), 1U);
  const std::string names = "tulving.sync_names WHERE store_id ";
  EXPECT_EQ(count(names + "<> '" + fresh.id().to_string() + "'"), 0U);
  EXPECT_EQ(count(names + "= '" + fresh.id().to_string() + "'"), 4U);
}

TEST_F(HydrateTest, ListsALabelOfANewerReleaseAndMakesTasksThatStagesName) {
  Store live = open_store("live");
  value_of(value_of(live.tenant("acme")).put(session_of("s")));
  send(live, "compass");
  database().run("ALTER TYPE compass.memorylayer ADD VALUE 'cosmic'");
  database().run(
      "INSERT INTO compass.memories (memory_layer, content, summary, timestamp, agent_id) VALUES "
      "('cosmic', 'a', 'b', now(), gen_random_uuid()), ('working', 'a', 'b', now(), "
      "gen_random_uuid()); INSERT INTO compass.stage_memories (task_id, agent_id, stage_type, "
      "stage_summary, relevance_score) VALUES (gen_random_uuid(), gen_random_uuid(), 'planning', "
      "'', 1), (gen_random_uuid(), gen_random_uuid(), 'planning', '', 'NaN')");
  Store fresh = open_store("fresh");

  const auto report = hydrate(fresh, "compass", true);

  EXPECT_EQ(report.rows.at("memories"), 1U);
  EXPECT_EQ(report.rows.at("stage_memories"), 1U);
  EXPECT_EQ(report.made.at("task"), 1U);
  ASSERT_EQ(report.refused.size(), 2U) << reasons(report);
  EXPECT_THAT(reasons(report), HasSubstr("memory_layer cannot be read: \"cosmic\" is none of"));
  EXPECT_THAT(reasons(report), HasSubstr("relevance_score cannot be read: it is NaN"));
  const auto before = rows_of("compass");
  send(fresh, "compass");
  EXPECT_EQ(rows_of("compass"), before);
  EXPECT_EQ(hydrate(fresh, "compass").unchanged, 2U);  // The made ones are no hindrance.
}

// Not of our making: another encoding, other types, a column more and some less.
TEST_F(HydrateTest, ReadsTablesOfAnotherShape) {
  TestDatabase other(server_uri(), "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  other.run(
      "CREATE SCHEMA mine; CREATE TABLE mine.memories (memory_id text, content varchar(99), tags "
      "varchar(9)[], use_count bigint, created_at timestamp, embedding double precision[], more "
      "int); INSERT INTO mine.memories VALUES ('00000000-0000-4000-8000-000000000001', 'caf\u00e9',"
      " '{a,b}', 7, '2026-01-02 03:04:05', '{0.5,1}', 1)");
  Store fresh = open_store("fresh");

  const auto report = value_of(hydrate_store(
      fresh, {.uri = other.uri(), .schema = "cortex", .tenant = "t", .schema_name = "mine"}));

  const Memory memory = value_of(
      value_of(fresh.tenant("t")).get(*Uuid::parse("00000000-0000-4000-8000-000000000001"), true));
  EXPECT_EQ(memory.text, "caf\u00e9");
  EXPECT_THAT(memory.tags, ::testing::ElementsAre("a", "b"));
  EXPECT_EQ(memory.use_count, 7);
  EXPECT_EQ(memory.created_at, Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) +
                                         std::chrono::seconds(11'045)));
  EXPECT_THAT(memory.embeddings.at(0).vector, ::testing::ElementsAre(0.5F, 1.0F));
  EXPECT_EQ(memory.strength, 1);
  EXPECT_THAT(report.differences, ::testing::Contains("memories.strength is not there"));
  EXPECT_THAT(report.differences, ::testing::Contains("relations is not there"));
}

}  // namespace
}  // namespace tulving::testing
