// What hydrate_store() promises: a tenant filled from a schema says what the schema says; what no
// record can be made of is listed; what is there already is left; and a schema that was taken over
// is not changed by the next sync.

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

std::string reasons(const PostgresHydrateReport& report) {
  std::string text;
  for (const auto& row : report.refused) {
    text += row.table + " " + row.key + " " + row.reason + "\n";
  }
  return text;
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

  const auto report = hydrate(fresh, schema, true);
  const auto next = send(fresh, schema);

  EXPECT_EQ(rows_of(schema), before);
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
  auto status = value_of(whole.tenant("acme")).export_records(
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
                                           "schema_name = '" + schema + "' AND table_name = '" +
                                           table + "'"));
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
      "'00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000005', 'x', now())");
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

TEST_F(HydrateTest, TakesOverRowsThatNoSyncWrote) {
  Store live = open_store("live");
  fill(live, 9);
  send(live, "orchestrator");
  database().run("DROP SCHEMA tulving CASCADE");
  const auto before = rows_of("orchestrator");
  Store fresh = open_store("fresh");

  hydrate(fresh, "orchestrator", true);
  send(fresh, "orchestrator");

  EXPECT_EQ(rows_of("orchestrator"), before);
  EXPECT_EQ(count("tulving.sync_rows WHERE table_name = 'memory_access_logs'"),
            count("orchestrator.memory_access_logs"));
  EXPECT_EQ(count("tulving.sync_rows WHERE table_name = 'memory_entries'"),
            count("orchestrator.memory_entries"));
}

TEST_F(HydrateTest, SaysWhatIsNotThere) {
  Store fresh = open_store("fresh");
  EXPECT_EQ(try_hydrate(fresh, "cortex").error().code, ErrorCode::kNotFound);
  database().run("CREATE SCHEMA cortex");
  EXPECT_EQ(try_hydrate(fresh, "cortex").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(try_hydrate(fresh, "telepathy").error().field, "schema");
  EXPECT_EQ(try_hydrate(fresh, "cortex", false, "").error().field, "tenant");
}

}  // namespace
}  // namespace tulving::testing
