// Rows that become another store's: the next sync sends what changed since, and nothing else.

#include "tests/postgres/hydrate_testing.h"

namespace tulving::testing {
namespace {

using ::testing::IsEmpty;

using HydrateTakeOver = HydrateTest;

TEST_F(HydrateTakeOver, TakesOverRowsThatNoSyncWrote) {
  Store live = open_store("live");
  fill(live, 9);
  send(live, "orchestrator");
  database().run("DROP SCHEMA tulving CASCADE");
  const auto before = rows_of("orchestrator");
  Store fresh = open_store("fresh");

  hydrate(fresh, "orchestrator");
  const auto records = records_of(fresh);
  hydrate(fresh, "orchestrator", true);  // Gives the rows that show no id the same ones again.
  EXPECT_EQ(records_of(fresh), records);
  send(fresh, "orchestrator");

  EXPECT_EQ(rows_of("orchestrator"), before);
  EXPECT_EQ(count("tulving.sync_rows WHERE table_name = 'memory_access_logs'"),
            count("orchestrator.memory_access_logs"));
  EXPECT_EQ(count("tulving.sync_rows WHERE table_name = 'memory_entries'"),
            count("orchestrator.memory_entries"));
}

TEST_F(HydrateTakeOver, AfterATakeOverASyncSendsWhatChangedAndDeletesWhatIsGone) {
  Store live = open_store("live");
  fill(live, 11);
  send(live, "orchestrator");
  Store fresh = open_store("fresh");
  hydrate(fresh, "orchestrator", true);
  Tenant tenant = value_of(fresh.tenant("acme"));
  const auto memories = value_of(tenant.list()).memories;
  const auto rows = count("orchestrator.memory_entries");
  MemoryPatch patch;
  patch.priority = memories[0].priority() == 1 ? 2 : 1;
  value_of(tenant.update(memories[0].id(), patch));
  ASSERT_TRUE(tenant.erase(memories[1].id()));

  const auto report = send(fresh, "orchestrator");

  EXPECT_EQ(report.updated.at("memory_entries"), 1U);
  EXPECT_EQ(report.deleted.at("memory_entries"), 1U);
  EXPECT_EQ(count("orchestrator.memory_entries"), rows - 1);
  EXPECT_THAT(report.skipped, IsEmpty());
}

TEST_F(HydrateTakeOver, DoesNotTakeOverWhatIsAnotherTenants) {
  Store live = open_store("live");
  fill(live, 12, "other");
  send(live, "cortex", false, "other");
  Store fresh = open_store("fresh");

  const auto refused = try_hydrate(fresh, "cortex", true);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(records_of(fresh), IsEmpty());
  EXPECT_GT(hydrate(fresh, "cortex").rows.at("memories"), 0U);
}

TEST_F(HydrateTakeOver, PartitionedTablesAreReadAndTakenOverAsOthersAre) {
  Store live = open_store("live");
  fill(live, 13);
  value_of(sync_store(live, {.uri = database().uri(), .partitions = PartitionSpan::kMonth}));
  const auto before = rows_of("orchestrator");
  Store fresh = open_store("fresh");

  const auto report = hydrate(fresh, "orchestrator", true);

  EXPECT_EQ(reasons(report), "");
  EXPECT_EQ(report.rows.at("memory_entries"), count("orchestrator.memory_entries"));
  EXPECT_EQ(send(fresh, "orchestrator").from_revision, fresh.revision());
  EXPECT_THAT(nonzero(send(fresh, "orchestrator", true).updated), IsEmpty());
  EXPECT_EQ(rows_of("orchestrator"), before);
}

// One lock a schema, so that no two write into it at once.
TEST_F(HydrateTakeOver, AHydrateHoldsTheLockThatASyncHolds) {
  Store live = open_store("live");
  fill(live, 14);
  std::vector<std::string> held;
  const auto look = [&](std::uint64_t, std::uint64_t) {
    held = database().lines(
        "SELECT classid, objid, objsubid, granted FROM pg_locks WHERE locktype = 'advisory' AND "
        "database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1, "
        "2");
  };
  value_of(sync_store(live, {.uri = database().uri(), .progress = look}));
  const auto by_sync = std::exchange(held, {});
  ASSERT_FALSE(by_sync.empty());
  Store fresh = open_store("fresh");

  value_of(hydrate_store(fresh, {.uri = database().uri(),
                                 .schema = "orchestrator",
                                 .tenant = "acme",
                                 .take_over = true,
                                 .progress = look}));

  ASSERT_EQ(held.size(), 1U);
  EXPECT_THAT(by_sync, ::testing::Contains(held[0]));
}

}  // namespace
}  // namespace tulving::testing
