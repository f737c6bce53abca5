// What a sync promises of tenants that were dropped: their rows go with the next one, in every
// schema, also where the id is a new tenant's by then; what others have stays, and what waited for
// a row of theirs gets it.

#include <gmock/gmock.h>

#include "tests/postgres/live_store_test.h"
#include "tulving/tulving.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SyncDropped : public LiveStoreTest {
 protected:
  [[nodiscard]] PostgresSyncOptions options(const std::string& tenant) {
    PostgresSyncOptions options;
    options.uri = database().uri();
    options.projections = schemas_;
    options.all_tenants = tenant == "*";
    options.tenant = options.all_tenants ? "" : tenant;
    return options;
  }
  /// "*": all tenants; empty: the only one.
  std::vector<PostgresSyncReport> sync_live(const std::string& tenant) {
    return value_of(sync_store(*live_, options(tenant)));
  }
  std::uint64_t deleted_by(const std::vector<PostgresSyncReport>& reports) {
    std::uint64_t rows = 0;
    for (const auto& report : reports) {
      for (const auto& entry : report.deleted) rows += entry.second;
    }
    return rows;
  }

  /// Memories, the first ones related, with a session and a task. `richly`: with more of all.
  void fill(const std::string& id, const std::string& word, bool richly = true) {
    Tenant tenant = value_of(live_->tenant(id));
    Session session;
    session.session_id = id + " monday";
    session.summary = word;
    value_of(tenant.put(session));
    std::vector<Uuid> ids;
    for (int i = 0; i < (richly ? 4 : 2); ++i) {
      Memory memory;
      memory.text = word + " of " + id + " " + std::to_string(i);
      memory.external_id = id + "/note/" + std::to_string(i);
      memory.session_id = session.session_id;
      memory.agent_id = "agent";
      memory.content = R"({"said": ")" + word + "\"}";
      if (richly) memory.tags = {"one", "two"};
      if (richly) memory.embeddings = {{"default", {1, 2}}, {"other", {1, 2, 3}}};
      ids.push_back(value_of(tenant.add(memory)).id);
    }
    Relation relation;
    relation.source_id = ids[0];
    relation.target_id = richly ? ids[2] : ids[1];
    relation.relation_type = "related";
    value_of(tenant.put(relation));
    if (!richly) return;
    ConsolidationTask task;
    task.task_id = id + " look";
    task.title = "Look";
    task.action = "merge";
    task.memory_ids = {ids[0]};
    value_of(tenant.queue().add(task));
    AccessLogEntry entry;  // Of a table with serials.
    entry.log_id = id + " entry";
    entry.operation = "read";
    entry.memory_id = ids[0];
    value_of(tenant.put(entry));
  }

  std::uint64_t rows_of(const std::string& tenant) {
    std::uint64_t rows = 0;
    for (const char* table : {"sync_rows", "sync_waiting", "sync_links", "sync_names"}) {
      rows += std::stoull(database().value(std::string("SELECT count(*) FROM tulving.") + table +
                                           " WHERE tenant = '" + tenant + "'"));
    }
    return rows;
  }
  std::vector<std::string> tables_of(const std::string& schema) {
    return database().lines(
        "SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = '" +
        schema + "' AND table_type = 'BASE TABLE' ORDER BY 1");
  }
  /// Rows of any table of ours in which the word is.
  std::vector<std::string> rows_with(const std::string& word) {
    std::vector<std::string> found;
    for (const std::string& schema : schemas_) {
      for (const std::string& table : tables_of(schema)) {
        const auto rows = database().value("SELECT count(*) FROM " + schema + "." + table +
                                           " t WHERE t::text LIKE '%" + word + "%'");
        if (rows != "0") found.push_back(schema + "." + table + " " + rows);
      }
    }
    return found;
  }
  /// Every row of the schemas and of the ledger, with the transaction that wrote it.
  std::vector<std::string> all_stamps() {
    std::vector<std::string> all;
    std::vector<std::string> tables = {"tulving.sync_rows", "tulving.sync_waiting",
                                       "tulving.sync_links", "tulving.sync_names"};
    for (const std::string& schema : schemas_) {
      for (const std::string& table : tables_of(schema)) tables.push_back(schema + "." + table);
    }
    for (const std::string& table : tables) {
      for (const std::string& line : database().lines(
               "SELECT ctid, xmin, xmax, md5(t::text) FROM " + table + " t ORDER BY 1")) {
        all.push_back(table + " " + line);
      }
    }
    return all;
  }
  /// A full snapshot finds nothing to change.
  void expect_current(const std::string& tenant = "*") {
    const auto before = all_stamps();
    const auto full = directory_ / ("full" + std::to_string(++snapshots_));
    value_of(live_->snapshot(full));
    value_of(sync_snapshot(full, options(tenant)));
    EXPECT_EQ(before, all_stamps());
  }

  /// One whose keys are the callers' names, and one of UUIDs with columns that must follow.
  std::vector<std::string> schemas_ = {"orchestrator", "compass"};
  int snapshots_ = 0;
};

TEST_F(SyncDropped, RowsGoWithTheNextSync) {
  schemas_ = {"orchestrator", "guild", "consolidation", "compass", "cortex"};
  fill("acme", "secret");
  fill("canary", "stays");
  sync_live("*");
  ASSERT_GT(rows_of("acme"), 20U);
  const auto with_secret = rows_with("secret");
  ASSERT_GE(with_secret.size(), 5U);
  const auto kept = rows_with("stays");
  const auto rows_of_canary = rows_of("canary");
  const auto revision = live_->revision();
  value_of(live_->drop_tenant("acme"));

  const auto reports = sync_live("*");

  EXPECT_EQ(reports.front().from_revision, revision);  // By the changes alone.
  EXPECT_GE(deleted_by(reports), 30U);
  EXPECT_EQ(rows_of("acme"), 0U);
  EXPECT_THAT(rows_with("secret"), IsEmpty());
  EXPECT_EQ(rows_with("stays"), kept);
  EXPECT_EQ(rows_of("canary"), rows_of_canary);
  expect_current();
  EXPECT_EQ(deleted_by(sync_live("*")), 0U);
}

TEST_F(SyncDropped, ANewTenantOfItsIdHasItsOwnRowsAlone) {
  fill("acme", "secret");
  fill("canary", "stays");
  sync_live("*");
  const auto kept = rows_with("stays");
  value_of(live_->drop_tenant("acme"));
  fill("acme", "fresh", false);  // With ids of the old one's, and less to each.

  sync_live("*");

  EXPECT_THAT(rows_with("secret"), IsEmpty());
  EXPECT_EQ(rows_with("stays"), kept);
  EXPECT_FALSE(rows_with("fresh").empty());
  EXPECT_EQ(
      database().value("SELECT count(*) FROM orchestrator.memory_tags t JOIN "
                       "tulving.sync_rows r ON r.id = t.memory_id::text AND r.tenant = 'acme'"),
      "0");
  EXPECT_EQ(database().value("SELECT count(*) FROM compass.memories WHERE embedding IS NOT NULL"),
            "4");
  EXPECT_EQ(database().value("SELECT count(*) FROM compass.memories WHERE "
                             "cardinality(related_memory_ids) > 0"),
            "4");
  expect_current();
  // And the new one goes, too, synced or not.
  value_of(live_->drop_tenant("acme"));
  fill("acme", "never sent");
  value_of(live_->drop_tenant("acme"));
  sync_live("*");
  EXPECT_EQ(rows_of("acme"), 0U);
  EXPECT_THAT(rows_with("fresh"), IsEmpty());
  expect_current();
}

TEST_F(SyncDropped, ByASyncOfItselfAlone) {
  fill("acme", "secret");
  fill("canary", "stays");
  sync_live("acme");
  sync_live("canary");
  value_of(live_->drop_tenant("acme"));

  sync_live("acme");

  EXPECT_EQ(rows_of("acme"), 0U);
  EXPECT_THAT(rows_with("secret"), IsEmpty());
  EXPECT_FALSE(rows_with("stays").empty());
  EXPECT_EQ(deleted_by(sync_live("acme")), 0U);  // Again and again.
  fill("acme", "fresh", false);
  sync_live("acme");
  EXPECT_FALSE(rows_with("fresh").empty());
  expect_current("acme");
}

TEST_F(SyncDropped, BySyncsOfOthersWhereItIsNotThere) {
  fill("acme", "secret");
  fill("canary", "stays");
  sync_live("acme");
  sync_live("canary");
  value_of(live_->drop_tenant("acme"));
  sync_live("canary");
  EXPECT_EQ(rows_of("acme"), 0U);
  EXPECT_THAT(rows_with("secret"), IsEmpty());

  // One that is there again is left to syncs of its own.
  fill("acme", "fresh", false);
  sync_live("acme");
  const auto sent = rows_of("acme");
  value_of(live_->drop_tenant("acme"));
  fill("acme", "fresher", false);
  sync_live("canary");
  EXPECT_EQ(rows_of("acme"), sent);
  sync_live("acme");
  EXPECT_THAT(rows_with("fresh of"), IsEmpty());
  sync_live("canary");
  EXPECT_FALSE(rows_with("fresher of").empty());
  expect_current("acme");
}

TEST_F(SyncDropped, WhereTheOnlyTenantIsSentUnnamed) {
  fill("acme", "secret");
  sync_live("");
  value_of(live_->drop_tenant("acme"));
  sync_live("");  // Of none at all.
  EXPECT_EQ(rows_of("acme"), 0U);
  EXPECT_THAT(rows_with("secret"), IsEmpty());

  fill("acme", "fresh", false);
  sync_live("");
  value_of(live_->drop_tenant("acme"));
  fill("canary", "stays");
  sync_live("");  // Of another.
  EXPECT_EQ(rows_of("acme"), 0U);
  EXPECT_THAT(rows_with("fresh"), IsEmpty());
  EXPECT_FALSE(rows_with("stays").empty());
  const auto at = live_->revision();
  Session later;
  later.session_id = "canary tuesday";
  value_of(value_of(live_->tenant("canary")).put(later));
  EXPECT_EQ(sync_live("").front().from_revision, at);  // Goes on from there.
}

TEST_F(SyncDropped, WhatWaitedForARowOfItsGetsIt) {
  const auto put = [&](const std::string& tenant) {
    Session session;
    session.session_id = "shared";
    session.summary = tenant + "'s";
    value_of(value_of(live_->tenant(tenant)).put(session));
  };
  const auto summary = [&] {
    return database().value(
        "SELECT summary FROM orchestrator.sessions WHERE session_id = 'shared'");
  };
  put("acme");
  put("zeta");
  sync_live("*");
  ASSERT_EQ(summary(), "acme's");
  value_of(live_->drop_tenant("acme"));
  sync_live("*");
  EXPECT_EQ(summary(), "zeta's");
  expect_current();
}

TEST_F(SyncDropped, BySnapshotFiles) {
  fill("acme", "secret");
  fill("canary", "stays");
  const auto snapshot = [&](const char* name, std::optional<std::uint64_t> since) {
    const auto to = directory_ / name;
    value_of(live_->snapshot(to, since ? std::optional(Position(*since, Uuid())) : std::nullopt));
    return to;
  };
  const auto first = snapshot("first", {});
  value_of(sync_snapshot(first, options("*")));
  const auto since = live_->revision();
  value_of(live_->drop_tenant("acme"));
  fill("acme", "fresh", false);
  const auto changes = snapshot("changes", since);
  const auto full = snapshot("second", {});
  value_of(sync_snapshot(changes, options("*")));
  EXPECT_THAT(rows_with("secret"), IsEmpty());
  EXPECT_FALSE(rows_with("fresh").empty());
  const auto before = all_stamps();
  value_of(sync_snapshot(full, options("*")));
  EXPECT_EQ(before, all_stamps());
  // The older one does not bring it back.
  EXPECT_FALSE(sync_snapshot(first, options("*")).has_value());
}

TEST_F(SyncDropped, RowsOfApplicationsStay) {
  fill("acme", "secret");
  sync_live("*");
  database().run(
      "INSERT INTO orchestrator.sessions (session_id, session_type) VALUES "
      "('theirs', 'chat')");
  value_of(live_->drop_tenant("acme"));
  sync_live("*");
  EXPECT_THAT(database().lines("SELECT session_id FROM orchestrator.sessions"),
              ElementsAre("theirs"));
}

}  // namespace
}  // namespace tulving::testing
