// Tables in other hands and in parts: partitions, an application's own projects and tasks, and the
// comparison that writes nothing.

#include <gmock/gmock.h>

#include "tests/postgres/postgres_testing.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SyncTables : public PostgresTest {
 protected:
  static Timestamp on(int year, unsigned month, unsigned day) {
    return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                                 static_cast<int>(day));
  }
  Memory put(const std::string& text, Timestamp at) {
    auto memory = memory_of(text, "", text);
    memory.created_at = at;
    memory.tags = {"a", "b"};
    memory.embeddings = {{"default", {1, 2, 3}}};
    store().put_memory("acme", memory);
    return memory;
  }
  static PostgresSyncOptions into(const std::string& projection) {
    PostgresSyncOptions options;
    options.projections = {projection};
    return options;
  }
  std::vector<std::string> partitions() {
    return database().lines(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'orchestrator' AND c.relispartition AND c.relkind = 'r' "
        "AND c.relname LIKE 'memory_entries%' ORDER BY 1");
  }
};

TEST_F(SyncTables, PartitionsAreMadeAsRowsNeedThem) {
  const auto first = put("one", on(2026, 1, 31));
  const auto second = put("two", on(2026, 2, 1));
  store().put_relation("acme", relation_of(first.id, second.id));
  auto options = into("orchestrator");
  options.partitions = PartitionSpan::kMonth;

  sync(store().snapshot(), options);

  EXPECT_THAT(partitions(), ElementsAre("memory_entries_2026_01", "memory_entries_2026_02"));
  expect_holds(store().model("acme"));

  // The next sync need not be told, and takes what hangs on a memory along without foreign keys.
  const auto since = store().revision();
  put("three", on(2027, 5, 5));
  store().erase_memory("acme", first.id);
  sync(store().snapshot(since), into("orchestrator"));
  EXPECT_THAT(partitions(), ElementsAre("memory_entries_2026_01", "memory_entries_2026_02",
                                        "memory_entries_2027_05"));
  expect_holds(store().model("acme"));
}

TEST_F(SyncTables, QuartersAreASpanToo) {
  put("one", on(2026, 1, 31));
  put("two", on(2026, 3, 31));
  put("three", on(2026, 4, 1));
  auto options = into("orchestrator");
  options.partitions = PartitionSpan::kQuarter;

  sync(store().snapshot(), options);
  EXPECT_THAT(partitions(), ElementsAre("memory_entries_2026_q1", "memory_entries_2026_q2"));

  put("four", on(2026, 6, 30));
  sync(store().snapshot(), into("orchestrator"));
  EXPECT_THAT(partitions(), ElementsAre("memory_entries_2026_q1", "memory_entries_2026_q2"));
  expect_holds(store().model("acme"));
}

TEST_F(SyncTables, UnpartitionedOnesAreNotTakenForPartitioned) {
  put("one", on(2026, 1, 31));
  sync(store().snapshot());
  auto options = into("orchestrator");
  options.partitions = PartitionSpan::kMonth;

  const auto refused = try_sync(store().snapshot(), options);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("memory_entries"));
}

TEST_F(SyncTables, AComparisonTellsMissingDifferentAndExtraRowsAndWritesNothing) {
  for (const char* text : {"one", "two", "three"}) put(text, on(2026, 1, 1));
  sync(store().snapshot());
  database().run(
      "DELETE FROM orchestrator.memory_tags WHERE tag = 'a' AND memory_id IN (SELECT memory_id "
      "FROM orchestrator.memory_entries WHERE content->>'text' = 'one'); "
      "UPDATE orchestrator.memory_entries SET priority = 9 WHERE content->>'text' = 'two'; "
      "INSERT INTO orchestrator.memory_tags (memory_id, tag) SELECT memory_id, 'c' "
      "FROM orchestrator.memory_entries WHERE content->>'text' = 'three'");
  const auto rows = [this] {  // A statement that was undone leaves no row another version.
    return database().lines(
        "SELECT 'entry', xmin, memory_id, priority::text FROM orchestrator.memory_entries "
        "UNION ALL SELECT 'tag', xmin, memory_id, tag FROM orchestrator.memory_tags "
        "UNION ALL SELECT 'ledger', xmin, id, table_name FROM tulving.sync_rows "
        "UNION ALL SELECT 'state', xmin, projection, revision::text FROM tulving.sync_state "
        "ORDER BY 1, 3, 4");
  };
  const auto before = rows();
  auto options = into("orchestrator");
  options.verify = true;

  const auto report = sync(store().snapshot(), options);

  EXPECT_EQ(nonzero(report.inserted), (Counts{{"memory_tags", 1}}));
  EXPECT_EQ(nonzero(report.updated), (Counts{{"memory_entries", 1}}));
  EXPECT_EQ(nonzero(report.deleted), (Counts{{"memory_tags", 1}}));
  EXPECT_EQ(rows(), before);

  sync(store().snapshot());
  EXPECT_THAT(nonzero(sync(store().snapshot(), options).updated), IsEmpty());
  const auto since = store().revision();
  put("four", on(2026, 1, 1));
  EXPECT_FALSE(try_sync(store().snapshot(since), options)) << "it does not say what else is there";
}

// Its record did not change, so it is not in the snapshot that brings what it waits for.
TEST_F(SyncTables, WhatWaitedIsListedWhereAnIncrementalSnapshotCannotBringIt) {
  auto merge = memory_of("merged");
  merge.memory_type = "learning";
  merge.abstraction_level = 1;
  auto source = memory_of("source");
  source.memory_type = "learning";
  source.task_id = "beds";
  source.success = true;
  source.consolidated_into_id = merge.id;
  store().put_memory("acme", merge);  // Without a project it has no row.
  store().put_memory("acme", source);
  sync(store().snapshot(), into("consolidation"));
  const auto since = store().revision();
  merge.project_id = "garden";
  store().put_memory("acme", merge);
  const auto named = [this] {
    return database().value("SELECT consolidated_into_id FROM consolidation.task_memories");
  };

  const auto report = sync(store().snapshot(since), into("consolidation"));

  EXPECT_EQ(named(), "~");
  ASSERT_EQ(report.skipped.size(), 1U);
  EXPECT_EQ(report.skipped[0].id, source.id.to_string());
  EXPECT_THAT(report.skipped[0].reason, HasSubstr("a full one brings it"));
  EXPECT_THAT(sync(store().snapshot(), into("consolidation")).skipped, IsEmpty());
  EXPECT_EQ(named(), merge.id.to_string());
}

TEST_F(SyncTables, AnApplicationsOwnProjectsAndTasksAreReferredToAndNeverWritten) {
  const std::string project = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
  database().run(
      "CREATE SCHEMA consolidation; SET search_path TO consolidation; "
      "CREATE TABLE projects (id uuid PRIMARY KEY, owner text NOT NULL); "
      "CREATE TABLE tasks (id uuid PRIMARY KEY, project_id uuid REFERENCES projects (id), "
      "due date NOT NULL); INSERT INTO projects VALUES ('" +
      project + "', 'somebody'); RESET search_path");
  for (const std::string& name : {project, std::string("nobody's")}) {
    auto memory = memory_of(name, "", name);
    memory.memory_type = "learning";
    memory.abstraction_level = 2;
    memory.project_id = name;
    store().put_memory("acme", memory);
  }

  const auto report = sync(store().snapshot(), into("consolidation"));

  EXPECT_THAT(
      database().lines("SELECT project_id, content FROM consolidation.consolidated_memories"),
      ElementsAre(project + "|" + project));
  EXPECT_THAT(database().lines("SELECT * FROM consolidation.projects"),
              ElementsAre(project + "|somebody"));
  ASSERT_EQ(report.skipped.size(), 1U);
  EXPECT_THAT(report.skipped[0].reason, HasSubstr("projects"));
}

TEST_F(SyncTables, ATaskMemoriesOfOldGetsWhatItLacks) {
  database().run(
      "CREATE SCHEMA consolidation; SET search_path TO consolidation; "
      "CREATE TABLE projects (id uuid PRIMARY KEY, name text NOT NULL, "
      "created_at timestamptz NOT NULL DEFAULT now()); "
      "CREATE TABLE tasks (id uuid PRIMARY KEY, project_id uuid REFERENCES projects (id) "
      "ON DELETE CASCADE, title text, created_at timestamptz NOT NULL DEFAULT now()); "
      "CREATE TABLE task_memories (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "
      "task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE, "
      "execution_summary text NOT NULL, memory_type varchar(50) NOT NULL, goal text, result text, "
      "feedback text, tool_usage jsonb, context_embedding real[], success boolean NOT NULL, "
      "error_patterns jsonb, learned_at timestamptz NOT NULL, "
      "reused_count integer NOT NULL DEFAULT 0); RESET search_path");
  auto memory = memory_of("learnt");
  memory.memory_type = "learning";
  memory.task_id = "beds";
  memory.success = true;
  store().put_memory("acme", memory);

  sync(store().snapshot(), into("consolidation"));

  EXPECT_THAT(database().lines("SELECT is_consolidated, consolidated_into_id "
                               "FROM consolidation.task_memories"),
              ElementsAre("f|~"));
}

}  // namespace
}  // namespace tulving::testing
