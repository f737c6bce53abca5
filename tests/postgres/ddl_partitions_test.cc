// A partitioned schema is the specified one but for primary keys, foreign keys and partitions; and
// its partitions take the rows of their time and no others.

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "storage/postgres/schemas/schema_texts.h"
#include "tests/postgres/ddl_testing.h"
#include "tulving/time.h"

namespace tulving::testing {
namespace {

using namespace storage::postgres;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Strings = std::vector<std::string>;
using Span = Partitions::Span;

constexpr DdlSettings kPartitionedSettings{.dim = 3, .partitions = Partitions{.hash_count = 4}};

Timestamp at(std::string_view text) { return *parse_time(text, TimeZone{}); }

class DdlPartitions : public DdlTest {
 protected:
  void make() { run_in("parted", statements_of(ddl_)); }
  const Ddl::Table& table(std::string_view name) { return *ddl_.find(name); }
  void add_partition(std::string_view name, std::string_view time, Span span) {
    run_in("parted", {partition_for(table(name), at(time), span).create});
  }
  Ddl ddl_ = read_ddl(PostgresSchema::kOrchestrator, kPartitionedSettings);
};

Strings only_in(const Strings& all, const Strings& others) {
  Strings left;
  std::set_difference(all.begin(), all.end(), others.begin(), others.end(),
                      std::back_inserter(left));
  return left;
}

TEST_F(DdlPartitions, DifferInKeysAndForeignKeysAlone) {
  run_in("specified",
         {replaced(std::string(schema_text(PostgresSchema::kOrchestrator)), "(:dim)", "(3)")});
  make();
  run_in("parted", {hash_partitions(table("vector_embeddings"), 4)[0].create});
  add_partition("memory_entries", "2026-03-01", Span::kMonth);

  const auto specified = catalog("specified");
  const auto parted = catalog("parted");

  EXPECT_THAT(
      only_in(specified, parted),
      ElementsAre(
          "memory_access_logs constraint memory_access_logs_memory_id_fkey FOREIGN KEY (memory_id) "
          "REFERENCES memory_entries(memory_id) ON DELETE SET NULL",
          "memory_access_logs constraint memory_access_logs_pkey PRIMARY KEY (log_id)",
          "memory_access_logs index CREATE UNIQUE INDEX memory_access_logs_pkey ON "
          "memory_access_logs USING btree (log_id)",
          "memory_entries constraint memory_entries_pkey PRIMARY KEY (memory_id)",
          "memory_entries index CREATE UNIQUE INDEX memory_entries_pkey ON memory_entries USING "
          "btree (memory_id)",
          "memory_relationships constraint memory_relationships_source_memory_id_fkey FOREIGN KEY "
          "(source_memory_id) REFERENCES memory_entries(memory_id) ON DELETE CASCADE",
          "memory_relationships constraint memory_relationships_target_memory_id_fkey FOREIGN KEY "
          "(target_memory_id) REFERENCES memory_entries(memory_id) ON DELETE CASCADE",
          "memory_tags constraint memory_tags_memory_id_fkey FOREIGN KEY (memory_id) REFERENCES "
          "memory_entries(memory_id) ON DELETE CASCADE",
          "vector_embeddings constraint vector_embeddings_memory_id_fkey FOREIGN KEY (memory_id) "
          "REFERENCES memory_entries(memory_id) ON DELETE CASCADE",
          "vector_embeddings constraint vector_embeddings_pkey PRIMARY KEY (embedding_id)",
          "vector_embeddings index CREATE UNIQUE INDEX vector_embeddings_pkey ON "
          "vector_embeddings USING btree (embedding_id)"));
  EXPECT_THAT(
      only_in(parted, specified),
      ElementsAre(
          "memory_access_logs constraint memory_access_logs_pkey PRIMARY KEY (log_id, "
          "\"timestamp\")",
          "memory_access_logs index CREATE UNIQUE INDEX memory_access_logs_pkey ON "
          "memory_access_logs USING btree (log_id, \"timestamp\")",
          "memory_entries constraint memory_entries_pkey PRIMARY KEY (memory_id, created_at)",
          "memory_entries index CREATE UNIQUE INDEX memory_entries_pkey ON memory_entries USING "
          "btree (memory_id, created_at)",
          "vector_embeddings constraint vector_embeddings_pkey PRIMARY KEY (embedding_id, "
          "memory_id)",
          "vector_embeddings index CREATE UNIQUE INDEX vector_embeddings_pkey ON "
          "vector_embeddings USING btree (embedding_id, memory_id)"));
}

TEST_F(DdlPartitions, AreNoMatterOfTheOtherSchemas) {
  for (const auto schema : kPostgresSchemas) {
    if (schema == PostgresSchema::kOrchestrator) continue;
    const auto statements = statements_of(read_ddl(schema, {.dim = 3}));
    EXPECT_EQ(statements_of(read_ddl(schema, kPartitionedSettings)), statements);
  }
}

TEST_F(DdlPartitions, HoldTheRowsOfTheirTime) {
  make();
  const Strings times = {"0001-01-01 00:00:00",        "1969-12-31 23:59:59.999999",
                         "1970-01-01 00:00:00",        "2024-02-29 23:59:59.999999",
                         "2026-03-31 23:59:59.999999", "2026-04-01 00:00:00",
                         "9999-12-31 23:59:59.999999"};
  for (const auto& time : times) add_partition("memory_entries", time, Span::kMonth);
  for (const auto& time : {times[0], times[2], times[4], times[5], times[6]}) {
    add_partition("memory_access_logs", time, Span::kQuarter);
  }
  run_in("parted",
         {"INSERT INTO memory_entries (memory_id, memory_type, content, created_at) "
          "SELECT t, 'semantic', '{\"text\": \"green tea\"}', t::timestamp FROM unnest('{" +
          [&] {
            std::string list;
            for (const auto& time : times) list += (list.empty() ? "" : ",") + time;
            return list;
          }() +
          "}'::text[]) t"});
  for (const auto& time : {times[0], times[2], times[4], times[5], times[6]}) {
    run_in("parted", {"INSERT INTO memory_access_logs (operation, success, timestamp) VALUES "
                      "('read', true, '" +
                      time + "')"});
  }

  EXPECT_THAT(
      database().lines("SELECT tableoid::regclass::text, memory_id FROM "
                       "parted.memory_entries ORDER BY created_at"),
      ElementsAre(
          "parted.memory_entries_0001_01|" + times[0], "parted.memory_entries_1969_12|" + times[1],
          "parted.memory_entries_1970_01|" + times[2], "parted.memory_entries_2024_02|" + times[3],
          "parted.memory_entries_2026_03|" + times[4], "parted.memory_entries_2026_04|" + times[5],
          "parted.memory_entries_9999_12|" + times[6]));
  EXPECT_THAT(database().lines("SELECT tableoid::regclass::text FROM parted.memory_access_logs "
                               "ORDER BY timestamp"),
              ElementsAre("parted.memory_access_logs_0001_q1", "parted.memory_access_logs_1970_q1",
                          "parted.memory_access_logs_2026_q1", "parted.memory_access_logs_2026_q2",
                          "parted.memory_access_logs_9999_q4"));
}

// The generated column and its index work in each partition.
TEST_F(DdlPartitions, AreSearchedByTheirText) {
  make();
  for (const auto* month : {"2026-03-05", "2026-04-05"}) {
    add_partition("memory_entries", month, Span::kMonth);
    run_in("parted", {std::string("INSERT INTO memory_entries (memory_id, memory_type, content, "
                                  "created_at) VALUES ('") +
                      month + "', 'semantic', '{\"text\": \"green tea\"}', '" + month + "')"});
  }
  database().run("SET enable_seqscan = off");
  const std::string query =
      "SELECT memory_id FROM parted.memory_entries "
      "WHERE to_tsvector('english', text_content) @@ to_tsquery('english', 'teas') ORDER BY 1";

  EXPECT_THAT(database().lines(query), ElementsAre("2026-03-05", "2026-04-05"));

  const auto plan = database().lines("EXPLAIN " + query);
  EXPECT_EQ(
      std::count_if(plan.begin(), plan.end(),
                    [](const auto& line) { return line.find("Bitmap Index Scan") != line.npos; }),
      2)
      << ::testing::PrintToString(plan);
}

TEST_F(DdlPartitions, ByHashTakeEveryRow) {
  make();
  const auto partitions = hash_partitions(table("vector_embeddings"), 4);
  ASSERT_EQ(partitions.size(), 4U);
  for (const auto& partition : partitions) run_in("parted", {partition.create});

  run_in("parted", {"INSERT INTO vector_embeddings (memory_id, embedding, embedding_model) "
                    "SELECT i::text, '[1,2,3]', 'default' FROM generate_series(1, 100) i"});

  EXPECT_THAT(database().lines("SELECT DISTINCT tableoid::regclass::text FROM "
                               "parted.vector_embeddings ORDER BY 1"),
              ElementsAre("parted.vector_embeddings_p0", "parted.vector_embeddings_p1",
                          "parted.vector_embeddings_p2", "parted.vector_embeddings_p3"));
}

TEST(DdlPartition, OfATimeHasTheBoundsOfItsMonthOrQuarter) {
  const auto ddl = read_ddl(PostgresSchema::kOrchestrator, kPartitionedSettings);
  const auto& table = *ddl.find("memory_access_logs");
  EXPECT_EQ(partition_for(table, at("2025-12-31T23:59:59.999999Z"), Span::kMonth).create,
            "CREATE TABLE memory_access_logs_2025_12 PARTITION OF memory_access_logs FOR VALUES "
            "FROM ('2025-12-01') TO ('2026-01-01')");
  EXPECT_EQ(partition_for(table, at("2025-11-30T00:00:00Z"), Span::kQuarter).create,
            "CREATE TABLE memory_access_logs_2025_q4 PARTITION OF memory_access_logs FOR VALUES "
            "FROM ('2025-10-01') TO ('2026-01-01')");
}

}  // namespace
}  // namespace tulving::testing
