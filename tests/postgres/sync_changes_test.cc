// What a sync promises of changes: it touches the rows that differ and no other. "Touch" is asked
// of Postgres itself: xmin tells which transaction wrote a row version, xmax whether one so much as
// locked it, ctid where it lies.

#include <gmock/gmock.h>

#include "tests/postgres/postgres_testing.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class SyncChanges : public PostgresTest {
 protected:
  /// 40 memories in 4 sessions, each with two tags and a vector, and a chain of relations.
  void fill(const std::string& tenant = "acme") {
    for (int i = 0; i < 4; ++i) store().put_session(tenant, session_of("s" + std::to_string(i)));
    for (int i = 0; i < 40; ++i) {
      auto memory = numbered(i);
      memory.session_id = "s" + std::to_string(i % 4);
      store().put_memory(tenant, memory);
      if (i > 0) store().put_relation(tenant, relation_of(numbered(i - 1).id, memory.id));
    }
  }
  static Memory numbered(int i) {
    auto memory = memory_of("text " + std::to_string(i), "", "m" + std::to_string(i));
    memory.tags = {"even" + std::to_string(i % 2), "all"};
    memory.embeddings = {{"default", {1.0F, static_cast<float>(i)}}};
    return memory;
  }
  Memory stored(int i) { return store().model("acme").memories.at(numbered(i).id); }
};

TEST_F(SyncChanges, TheSameSnapshotAgainTouchesNoRow) {
  fill();
  const auto snapshot = store().snapshot();
  sync(snapshot);
  const auto before = stamps();

  const auto report = sync(snapshot);

  EXPECT_EQ(stamps(), before);
  EXPECT_THAT(nonzero(report.inserted), IsEmpty());
  EXPECT_THAT(nonzero(report.updated), IsEmpty());
  EXPECT_THAT(nonzero(report.deleted), IsEmpty());
  EXPECT_EQ(report.from_revision, store().revision());
}

TEST_F(SyncChanges, TheSameSnapshotAgainDrawsNoSerial) {
  fill();
  const auto snapshot = store().snapshot();
  sync(snapshot);
  const std::string drawn =
      "SELECT sum(last_value) FROM pg_sequences WHERE schemaname = 'orchestrator'";
  const auto before = database().value(drawn);

  sync(snapshot);

  EXPECT_EQ(database().value(drawn), before);
}

// The ten updates, ten forgets and ten erases of the acceptance, through either kind of snapshot.
class SyncOfChanges : public SyncChanges, public ::testing::WithParamInterface<bool> {};

TEST_P(SyncOfChanges, ChangeExactlyTheRowsThatDiffer) {
  const bool is_full = GetParam();
  fill();
  sync(store().snapshot());
  const auto synced = store().revision();
  const auto before = stamps();
  for (int i = 0; i < 10; ++i) {
    auto memory = stored(i);
    memory.text += ", changed";
    memory.tags[0] = "new";
    memory.embeddings[0].vector[0] = 2.0F;
    store().put_memory("acme", memory);
  }
  for (int i = 10; i < 20; ++i) store().forget("acme", numbered(i).id);
  for (int i = 20; i < 30; ++i) store().erase_memory("acme", numbered(i).id);

  const auto report = sync(store().snapshot(is_full ? std::nullopt : std::optional(synced)));

  expect_holds(store().model("acme"));
  EXPECT_THAT(nonzero(report.inserted), UnorderedElementsAre(Pair("memory_tags", 10)));
  EXPECT_THAT(nonzero(report.updated),
              UnorderedElementsAre(Pair("memory_entries", 20), Pair("vector_embeddings", 10)));
  EXPECT_THAT(
      nonzero(report.deleted),
      UnorderedElementsAre(Pair("memory_entries", 10), Pair("memory_tags", 30),
                           Pair("vector_embeddings", 10), Pair("memory_relationships", 11)));
  EXPECT_THAT(changed(before, stamps()),
              UnorderedElementsAre(
                  Pair("orchestrator.memory_entries", 20), Pair("orchestrator.memory_tags", 10),
                  Pair("orchestrator.vector_embeddings", 10), Pair("tulving.sync_state", 1)));
  EXPECT_EQ(report.from_revision, synced);
  EXPECT_EQ(report.to_revision, store().revision());
}

INSTANTIATE_TEST_SUITE_P(Kinds, SyncOfChanges, ::testing::Bool(),
                         [](const auto& kind) { return kind.param ? "Full" : "Incremental"; });

TEST_F(SyncChanges, AnErasedSessionTakesItsMemoriesAndAllThatHangsOnThem) {
  fill();
  sync(store().snapshot());
  const auto synced = store().revision();
  store().erase_session("acme", "s1");

  const auto report = sync(store().snapshot(synced));

  expect_holds(store().model("acme"));
  EXPECT_THAT(
      nonzero(report.deleted),
      UnorderedElementsAre(Pair("sessions", 1), Pair("memory_entries", 10), Pair("memory_tags", 20),
                           Pair("vector_embeddings", 10), Pair("memory_relationships", 20)));
  EXPECT_EQ(database().value("SELECT count(*) FROM tulving.sync_rows"), "52");  // 3 + 30 + 19.
}

TEST_F(SyncChanges, AVectorThatChangesWithoutItsMemoryIsTaken) {
  fill();
  sync(store().snapshot());
  const auto synced = store().revision();
  store().put_embedding("acme", numbered(3).id, {"default", {9, 9}});

  const auto report = sync(store().snapshot(synced));

  expect_holds(store().model("acme"));
  EXPECT_THAT(nonzero(report.updated), UnorderedElementsAre(Pair("vector_embeddings", 1)));
}

TEST_F(SyncChanges, AVectorOfANewModelWithoutItsMemoryTakesTheMemorysTime) {
  auto memory = numbered(1);
  store().put_memory("acme", memory);
  sync(store().snapshot());
  const auto synced = store().revision();
  memory = stored(1);
  memory.embeddings.push_back({"second", {5, 6}});
  store().put_memory("acme", memory);  // In the journal both; the snapshot below starts after it.
  const auto between = store().revision();
  store().put_embedding("acme", memory.id, {"second", {7, 8}});
  sync(store().snapshot(synced));
  database().run(
      "DELETE FROM orchestrator.vector_embeddings WHERE embedding_model = 'second'; "
      "UPDATE tulving.sync_state SET revision = " +
      std::to_string(between));

  sync(store().snapshot(between));

  expect_holds(store().model("acme"));
}

TEST_F(SyncChanges, AnIncrementalSnapshotThatTheDatabaseHoldsChangesNothing) {
  fill();
  const auto early = store().snapshot(0);
  store().put_memory("acme", numbered(50));
  sync(store().snapshot());
  const auto before = stamps();

  const auto report = sync(early);

  EXPECT_EQ(stamps(), before);
  EXPECT_EQ(report.to_revision, store().revision());
  EXPECT_THAT(nonzero(report.updated), IsEmpty());
}

TEST_F(SyncChanges, AnIncrementalSnapshotThatStartsTooLateIsRefused) {
  fill();
  sync(store().snapshot());
  const auto synced = store().revision();
  store().put_memory("acme", numbered(50));
  store().put_memory("acme", numbered(51));
  const auto before = stamps();

  const auto refused = try_sync(store().snapshot(synced + 1));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("since revision " + std::to_string(synced)));
  EXPECT_EQ(stamps(), before);
}

TEST_F(SyncChanges, AnIncrementalSnapshotIntoAnEmptyDatabaseIsRefusedAndLeavesItEmpty) {
  fill();

  const auto refused = try_sync(store().snapshot(3));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_EQ(database().value("SELECT count(*) FROM pg_namespace WHERE nspname IN "
                             "('tulving', 'orchestrator')"),
            "0");
}

TEST_F(SyncChanges, AnOlderFullSnapshotIsRefused) {
  fill();
  const auto old = store().snapshot();
  store().put_memory("acme", numbered(50));
  sync(store().snapshot());
  const auto before = stamps();

  const auto refused = try_sync(old);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("older"));
  EXPECT_EQ(stamps(), before);
}

TEST_F(SyncChanges, AFullSyncRepairsWhatSomeoneChangedInTheDatabase) {
  fill();
  const auto snapshot = store().snapshot();
  sync(snapshot);
  database().run(
      "UPDATE orchestrator.memory_entries SET priority = 1 WHERE text_content = 'text 3'; "
      "DELETE FROM orchestrator.memory_tags WHERE tag = 'even1'; "
      "DELETE FROM orchestrator.sessions WHERE session_id = 's2'; "
      "INSERT INTO orchestrator.memory_tags (memory_id, tag) "
      "SELECT memory_id, 'foreign' FROM orchestrator.memory_entries");

  sync(snapshot);

  expect_holds(store().model("acme"));
}

TEST_F(SyncChanges, RowsOfAnotherOriginStay) {
  fill();
  sync(store().snapshot());
  database().run(
      "INSERT INTO orchestrator.sessions (session_id, session_type) VALUES ('theirs', 'x'); "
      "INSERT INTO orchestrator.memory_entries (memory_id, session_id, memory_type, content) "
      "VALUES ('m-theirs', 'theirs', 'x', '{}'); "
      "INSERT INTO orchestrator.memory_tags (memory_id, tag) VALUES ('m-theirs', 't'); "
      "INSERT INTO orchestrator.vector_embeddings (memory_id, embedding, embedding_model) "
      "VALUES ('m-theirs', '[1,2]', 'default'); "
      "INSERT INTO orchestrator.vector_embeddings (memory_id, embedding, embedding_model) "
      "VALUES ('" +
      numbered(1).id.to_string() +
      "', '[1,2]', 'their model'); "
      "INSERT INTO orchestrator.memory_relationships (source_memory_id, target_memory_id, "
      "relationship_type) VALUES ('m-theirs', '" +
      numbered(1).id.to_string() + "', 'theirs'), ('" + numbered(1).id.to_string() + "', '" +
      numbered(5).id.to_string() +
      "', 'theirs'); "
      "INSERT INTO orchestrator.user_profiles (user_id) VALUES ('theirs')");
  store().erase_memory("acme", numbered(30).id);

  const auto report = sync(store().snapshot());

  EXPECT_THAT(report.skipped, IsEmpty());
  const auto count = [this](const std::string& from_where) {
    return database().value("SELECT count(*) FROM orchestrator." + from_where);
  };
  EXPECT_EQ(count("sessions WHERE session_id = 'theirs'"), "1");
  EXPECT_EQ(count("memory_entries WHERE memory_id = 'm-theirs'"), "1");
  EXPECT_EQ(count("memory_tags WHERE memory_id = 'm-theirs'"), "1");
  EXPECT_EQ(count("vector_embeddings WHERE memory_id = 'm-theirs'"), "1");
  EXPECT_EQ(count("vector_embeddings WHERE embedding_model = 'their model'"), "1");
  EXPECT_EQ(count("memory_relationships WHERE relationship_type = 'theirs'"), "2");
  EXPECT_EQ(count("user_profiles"), "1");
  EXPECT_EQ(count("memory_entries"), "40");
}

TEST_F(SyncChanges, ARowOfTheSameIdFromElsewhereIsListedAndStays) {
  sync(store().snapshot());  // Makes the tables.
  database().run(
      "INSERT INTO orchestrator.sessions (session_id, session_type, summary) "
      "VALUES ('s1', 'theirs', 'do not touch')");
  fill();

  const auto report = sync(store().snapshot());

  EXPECT_EQ(database().value("SELECT summary FROM orchestrator.sessions WHERE session_id = 's1'"),
            "do not touch");
  ASSERT_FALSE(report.skipped.empty());
  EXPECT_EQ(report.skipped[0].kind, "session");
  EXPECT_THAT(report.skipped[0].reason, HasSubstr("no sync wrote"));
  EXPECT_EQ(database().value("SELECT count(*) FROM orchestrator.memory_entries"), "30");
  const auto before = stamps();
  sync(store().snapshot());
  EXPECT_EQ(stamps(), before);
}

TEST_F(SyncChanges, ASchemaMadeAnewIsFilledAnew) {
  fill();
  sync(store().snapshot());
  const auto synced = store().revision();
  database().run("DROP SCHEMA orchestrator CASCADE");
  PostgresSyncOptions options;
  options.uri = database().uri();
  EXPECT_EQ(synced_revision(store().store_id(), "orchestrator", options).value(), 0U);
  store().put_memory("acme", numbered(50));

  EXPECT_FALSE(try_sync(store().snapshot(synced)));
  sync(store().snapshot());

  expect_holds(store().model("acme"));
}

TEST_F(SyncChanges, TheRevisionHeldIsKnownByTenantAndByStore) {
  PostgresSyncOptions options;
  options.uri = database().uri();
  const auto held = [&](const std::string& tenant) {
    options.tenant = tenant;
    return synced_revision(store().store_id(), "orchestrator", options).value();
  };
  EXPECT_EQ(held(""), 0U);
  fill();
  sync(store().snapshot());

  EXPECT_EQ(held(""), store().revision());
  EXPECT_EQ(held("acme"), store().revision());
  EXPECT_EQ(held("other"), 0U);
  EXPECT_EQ(synced_revision(Uuid::random().to_string(), "orchestrator", options).value(), 0U);
  EXPECT_EQ(synced_revision("no uuid", "orchestrator", options).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(SyncChanges, ASchemaOfAnotherNameIsTakenWhereNamed) {
  fill();
  PostgresSyncOptions options;
  options.namespaces = {{"orchestrator", "Voice \"memory\""}};

  const auto report = sync(store().snapshot(), options);

  EXPECT_EQ(report.schema, "Voice \"memory\"");
  expect_holds(store().model("acme"), "\"Voice \"\"memory\"\"\"");
  const auto before = stamps("\"Voice \"\"memory\"\"\"");
  sync(store().snapshot(), options);
  EXPECT_EQ(stamps("\"Voice \"\"memory\"\"\""), before);
}

TEST_F(SyncChanges, TheSchemaPublicWillDo) {
  fill();
  PostgresSyncOptions options;
  options.namespaces = {{"orchestrator", "public"}};

  sync(store().snapshot(), options);
  sync(store().snapshot(), options);

  expect_holds(store().model("acme"), "public");
}

}  // namespace
}  // namespace tulving::testing
