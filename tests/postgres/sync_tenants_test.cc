// What a sync promises where a store has several tenants: none is sent unasked, and an id that two
// of them use goes to one, stays with it, and the other's is listed with all that hangs on it.

#include <gmock/gmock.h>

#include "tests/postgres/postgres_testing.h"

namespace tulving::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class SyncTenants : public PostgresTest {
 protected:
  static PostgresSyncOptions all() {
    PostgresSyncOptions options;
    options.all_tenants = true;
    return options;
  }
  static PostgresSyncOptions only(const std::string& tenant) {
    PostgresSyncOptions options;
    options.tenant = tenant;
    return options;
  }
  static auto skipped(const std::string& tenant, const std::string& kind, const std::string& id) {
    return AllOf(Field(&SkippedRow::tenant_id, tenant), Field(&SkippedRow::kind, kind),
                 Field(&SkippedRow::id, id), Field(&SkippedRow::reason, Not(IsEmpty())));
  }
  std::string summary_of(const std::string& session) {
    return database().value("SELECT summary FROM orchestrator.sessions WHERE session_id = '" +
                            session + "'");
  }
  void put_session(const std::string& tenant, const std::string& id) {
    auto session = session_of(id);
    session.summary = tenant + "'s";
    store().put_session(tenant, session);
  }
};

TEST_F(SyncTenants, SeveralAndNoneNamedIsRefusedWithTheirNames) {
  for (int i = 0; i < 12; ++i) {
    store().put_memory("tenant" + std::to_string(i), memory_of("x", "", std::to_string(i)));
  }

  const auto refused = try_sync(store().snapshot());

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().field, "tenant");
  EXPECT_THAT(refused.error().message, HasSubstr("\"tenant10\""));
  EXPECT_THAT(refused.error().message, HasSubstr("and 2 more"));
}

TEST_F(SyncTenants, ATenantThatIsNotThereIsRefused) {
  store().put_memory("acme", memory_of("x"));

  const auto refused = try_sync(store().snapshot(), only("umbrella"));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("\"acme\""));
}

TEST_F(SyncTenants, OneTenantIsSentAlone) {
  store().put_memory("acme", memory_of("ours"));
  store().put_memory("umbrella", memory_of("theirs"));

  sync(store().snapshot(), only("acme"));

  expect_holds(store().model("acme"));
}

TEST_F(SyncTenants, TwoSyncedOneAfterTheOtherKeepEachOthersRows) {
  store().put_memory("acme", memory_of("ours"));
  store().put_memory("umbrella", memory_of("theirs"));
  sync(store().snapshot(), only("acme"));
  sync(store().snapshot(), only("umbrella"));
  store().erase_memory("acme", memory_of("ours").id);

  sync(store().snapshot(), only("acme"));

  expect_holds(store().model("umbrella"));
}

TEST_F(SyncTenants, AllGoIntoOneSchema) {
  TenantModel both;
  for (const std::string tenant : {"acme", "umbrella"}) {
    put_session(tenant, "of " + tenant);
    store().put_memory(tenant, memory_of("by " + tenant, "of " + tenant));
    both.sessions.merge(TenantModel(store().model(tenant)).sessions);
    both.memories.merge(TenantModel(store().model(tenant)).memories);
  }

  const auto report = sync(store().snapshot(), all());

  EXPECT_THAT(report.skipped, IsEmpty());
  expect_holds(both);
}

TEST_F(SyncTenants, ASharedIdGoesToTheFirstByNameWhateverTheOrderOfMaking) {
  put_session("zeta", "shared");
  put_session("alpha", "shared");
  auto hanging = memory_of("zeta's", "shared");
  hanging.embeddings = {{"default", {1, 2}}};
  store().put_memory("zeta", hanging);
  store().put_memory("zeta", memory_of("zeta's other"));
  store().put_relation("zeta", relation_of(memory_of("zeta's other").id, hanging.id));
  store().put_memory("alpha", memory_of("alpha's", "shared"));
  store().put_memory("alpha", memory_of("explicit id"));
  store().put_memory("zeta", memory_of("explicit id"));

  const auto report = sync(store().snapshot(), all());

  EXPECT_EQ(summary_of("shared"), "alpha's");
  EXPECT_EQ(report.skipped.size(), 5U);
  EXPECT_THAT(report.skipped, Contains(skipped("zeta", "session", "shared")));
  EXPECT_THAT(report.skipped, Contains(skipped("zeta", "memory", hanging.id.to_string())));
  EXPECT_THAT(report.skipped,
              Contains(skipped("zeta", "embedding", hanging.id.to_string() + "/default")));
  EXPECT_THAT(report.skipped,
              Contains(skipped("zeta", "memory", memory_of("explicit id").id.to_string())));
  EXPECT_EQ(database().value("SELECT count(*) FROM orchestrator.memory_entries"), "3");
}

TEST_F(SyncTenants, AnIdStaysWithTheTenantThatHasItsRow) {
  put_session("zeta", "shared");
  sync(store().snapshot(), all());
  const auto first = store().revision();
  put_session("alpha", "shared");
  store().put_memory("alpha", memory_of("alpha's", "shared"));

  const auto incremental = sync(store().snapshot(first), all());
  const auto before = stamps();
  const auto full = sync(store().snapshot(), all());

  EXPECT_EQ(summary_of("shared"), "zeta's");
  EXPECT_EQ(incremental.skipped.size(), 2U);
  EXPECT_THAT(incremental.skipped, Contains(skipped("alpha", "session", "shared")));
  EXPECT_EQ(full.skipped.size(), 2U);
  EXPECT_EQ(stamps(), before);
}

TEST_F(SyncTenants, WhatArrivesLaterInASkippedSessionIsSkipped) {
  put_session("alpha", "shared");
  put_session("zeta", "shared");
  sync(store().snapshot(), all());
  const auto first = store().revision();
  store().put_memory("zeta", memory_of("late", "shared"));

  const auto report = sync(store().snapshot(first), all());

  EXPECT_THAT(report.skipped,
              Contains(skipped("zeta", "memory", memory_of("late").id.to_string())));
  EXPECT_EQ(database().value("SELECT count(*) FROM orchestrator.memory_entries"), "0");
}

TEST_F(SyncTenants, ATombstoneOfOneTenantDoesNotDeleteAnothersRow) {
  put_session("alpha", "shared");
  put_session("zeta", "shared");
  sync(store().snapshot(), all());
  const auto first = store().revision();
  store().erase_session("zeta", "shared");

  sync(store().snapshot(first), all());

  EXPECT_EQ(summary_of("shared"), "alpha's");
}

TEST_F(SyncTenants, AnIdThatItsOwnerErasedIsFreeAtTheNextFullSync) {
  put_session("alpha", "shared");
  put_session("zeta", "shared");
  sync(store().snapshot(), all());
  store().erase_session("alpha", "shared");

  const auto report = sync(store().snapshot(), all());

  EXPECT_THAT(report.skipped, IsEmpty());
  EXPECT_EQ(summary_of("shared"), "zeta's");
}

TEST_F(SyncTenants, AnotherStoresRowsAreNeitherTakenNorDeleted) {
  put_session("acme", "shared");
  put_session("acme", "first store's");
  sync(store().snapshot());
  StoreWriter other;
  auto session = session_of("shared");
  session.summary = "the other store's";
  other.put_session("acme", session);
  other.put_session("acme", session_of("second store's"));

  const auto report = sync(other.snapshot());

  EXPECT_EQ(summary_of("shared"), "acme's");
  EXPECT_THAT(report.skipped, Contains(skipped("acme", "session", "shared")));
  EXPECT_EQ(database().value("SELECT count(*) FROM orchestrator.sessions"), "3");
}

TEST_F(SyncTenants, ARevisionOfAllTenantsStandsForEach) {
  store().put_memory("acme", memory_of("ours"));
  store().put_memory("umbrella", memory_of("theirs"));
  sync(store().snapshot(), all());
  const auto first = store().revision();
  store().put_memory("acme", memory_of("ours, later"));

  const auto report = sync(store().snapshot(first), only("acme"));
  const auto older = try_sync(store().snapshot(), all());

  EXPECT_EQ(report.from_revision, first);
  ASSERT_TRUE(older) << older.error().message;  // Of the same revision: not older.
  EXPECT_EQ(database().value("SELECT string_agg(tenant, ',') FROM tulving.sync_state"), "");
}

TEST_F(SyncTenants, ASnapshotOfAllThatIsOlderThanOneTenantsRowsIsRefused) {
  store().put_memory("acme", memory_of("ours"));
  store().put_memory("umbrella", memory_of("theirs"));
  const auto old = store().snapshot();
  store().put_memory("acme", memory_of("ours, later"));
  sync(store().snapshot(), only("acme"));

  const auto refused = try_sync(old, all());

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace tulving::testing
