// What a sync promises of shapes: the tables it makes are the ones that orchestrator.sql makes, to
// the last index; tables that are there are taken if they have that shape, and if not, nothing is
// changed and the message says what differs.
//
// The catalog listing under golden/ was taken from tables that the SQL file made. Where
// TULVING_SPEC names the folder that holds postgres/orchestrator.sql, the file itself is run, too.

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/postgres/postgres_testing.h"

namespace tulving::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// All that psql's \d shows of the tables of a schema, in lines.
constexpr auto kCatalog = R"(
  SELECT rtrim(c.relname || ' column ' || a.attnum || ' ' || a.attname || ' '
    || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') || ' ' || a.attgenerated::text
    || a.attidentity::text) AS line
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0
  UNION ALL
  SELECT c.relname || ' index ' || replace(pg_get_indexdef(i.indexrelid),
                                           ' ON ' || current_schema() || '.', ' ON ')
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  WHERE c.relnamespace = current_schema()::regnamespace
  UNION ALL
  SELECT c.relname || ' constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  WHERE c.relnamespace = current_schema()::regnamespace
  UNION ALL
  SELECT 'sequence ' || sequencename || ' ' || data_type || ' ' || max_value
  FROM pg_sequences WHERE schemaname = current_schema())";

std::string read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class SyncShape : public PostgresTest {
 protected:
  std::string catalog(const std::string& schema) {
    database().run("SET search_path TO " + schema + ", public");
    std::string listing;
    auto lines = database().lines(kCatalog);
    std::sort(lines.begin(), lines.end());
    for (const auto& line : lines) listing += line + "\n";
    database().run("RESET search_path");
    return listing;
  }
  void put_vector(std::uint32_t dim) {
    auto memory = memory_of("with a vector");
    memory.embeddings = {{"default", std::vector<float>(dim, 0.5F)}};
    store().put_memory("acme", memory);
  }
  /// Runs orchestrator.sql into a schema. False: TULVING_SPEC is not set.
  bool run_specification(const std::string& schema, const std::string& dim) {
    const char* folder = std::getenv("TULVING_SPEC");
    if (folder == nullptr) return false;
    std::string sql = read(std::filesystem::path(folder) / "postgres" / "orchestrator.sql");
    for (std::size_t at = 0; (at = sql.find("(:dim)", at)) != sql.npos;) {
      sql.replace(at, 6, "(" + dim + ")");
    }
    database().run("CREATE EXTENSION IF NOT EXISTS vector; CREATE SCHEMA " + schema +
                   "; SET search_path TO " + schema +
                   ", public; SET client_min_messages = error; " + sql + "; RESET search_path");
    return true;
  }
};

TEST_F(SyncShape, TheTablesMadeAreTheGoldenOnes) {
  put_vector(1536);

  sync(store().snapshot());

  EXPECT_EQ(catalog("orchestrator"),
            read(TULVING_SOURCE_DIR "/tests/postgres/golden/orchestrator_catalog.txt"));
}

TEST_F(SyncShape, TheTablesMadeAreThoseOfTheSpecification) {
  if (!run_specification("specified", "1536")) GTEST_SKIP() << "TULVING_SPEC is not set";
  put_vector(1536);

  sync(store().snapshot());

  EXPECT_EQ(catalog("orchestrator"), catalog("specified"));
}

TEST_F(SyncShape, TheTablesOfTheSpecificationAreTaken) {
  if (!run_specification("orchestrator", "4")) GTEST_SKIP() << "TULVING_SPEC is not set";
  const auto before = catalog("orchestrator");
  put_vector(4);

  const auto report = sync(store().snapshot());

  expect_holds(store().model("acme"));
  EXPECT_THAT(report.skipped, IsEmpty());
  EXPECT_EQ(catalog("orchestrator"), before);
}

TEST_F(SyncShape, WithoutVectorsTheDimensionIs1536) {
  store().put_memory("acme", memory_of("no vector"));

  sync(store().snapshot());

  EXPECT_THAT(catalog("orchestrator"), HasSubstr("vector(1536)"));
}

TEST_F(SyncShape, TheDimensionIsThatOfMostVectors) {
  put_vector(2);
  for (int i = 0; i < 3; ++i) {
    auto memory = memory_of(std::to_string(i));
    memory.embeddings = {{"larger", {1, 2, 3}}};
    store().put_memory("acme", memory);
  }

  sync(store().snapshot());

  EXPECT_THAT(catalog("orchestrator"), HasSubstr("vector(3)"));
}

TEST_F(SyncShape, AbovePgvectorsLimitTheIndexIsOfHalfPrecision) {
  put_vector(2001);

  sync(store().snapshot());

  EXPECT_THAT(catalog("orchestrator"), HasSubstr("USING ivfflat (((embedding)::halfvec(2001)) "
                                                 "halfvec_cosine_ops)"));
  expect_holds(store().model("acme"));
}

TEST_F(SyncShape, Above4000DimensionsThereIsNoVectorIndex) {
  put_vector(4096);

  sync(store().snapshot());

  EXPECT_THAT(catalog("orchestrator"), ::testing::Not(HasSubstr("ivfflat")));
  expect_holds(store().model("acme"));
}

// More vectors than the index has lists: then it is built by k-means, which wants more memory than
// the server's default allows.
TEST_F(SyncShape, TheVectorIndexIsMadeWhateverTheServersMemorySetting) {
  for (std::uint32_t i = 0; i < 150; ++i) {
    auto memory = memory_of(std::to_string(i));
    memory.embeddings = {{"default", std::vector<float>(1999, 0.5F)}};
    memory.embeddings[0].vector[i] = 2.0F;
    store().put_memory("acme", memory);
  }

  sync(store().snapshot());

  EXPECT_THAT(catalog("orchestrator"), HasSubstr("ivfflat"));
}

TEST_F(SyncShape, AMissingTableIsMadeBesideThoseThatAreThere) {
  put_vector(4);
  sync(store().snapshot());
  const auto before = catalog("orchestrator");
  database().run("DROP TABLE orchestrator.vector_embeddings; DROP TABLE orchestrator.agent_states");

  sync(store().snapshot());

  EXPECT_EQ(catalog("orchestrator"), before);
  expect_holds(store().model("acme"));
}

TEST_F(SyncShape, ExtraIndexesAreTheirOwnersMatter) {
  put_vector(4);
  sync(store().snapshot());
  database().run(
      "CREATE INDEX ON orchestrator.sessions (summary); "
      "DROP INDEX orchestrator.idx_memory_tags_tag");

  EXPECT_TRUE(try_sync(store().snapshot()));
}

struct Alteration {
  const char* name;
  const char* sql;
  const char* table;
  const char* what;
  friend void PrintTo(const Alteration& alteration, std::ostream* out) { *out << alteration.sql; }
};

class SyncIntoAnotherShape : public SyncShape, public ::testing::WithParamInterface<Alteration> {};

TEST_P(SyncIntoAnotherShape, IsRefusedWithNothingChanged) {
  put_vector(4);
  store().put_session("acme", session_of("s"));
  sync(store().snapshot());
  database().run(std::string("SET search_path TO orchestrator, public; ") + GetParam().sql +
                 "; RESET search_path");
  const auto shape = catalog("orchestrator");
  const auto before = database().lines("SELECT xmin, xmax, * FROM tulving.sync_rows ORDER BY id");
  store().put_memory("acme", memory_of("another"));

  const auto refused = try_sync(store().snapshot());

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr(std::string("orchestrator.") + GetParam().table),
                    HasSubstr(GetParam().what), HasSubstr("expected"), HasSubstr("found")));
  EXPECT_EQ(catalog("orchestrator"), shape);
  EXPECT_EQ(database().lines("SELECT xmin, xmax, * FROM tulving.sync_rows ORDER BY id"), before);
}

constexpr Alteration kAlterations[] = {
    {"AColumnOfAnotherType", "ALTER TABLE sessions ALTER user_id TYPE text", "sessions",
     "column user_id: expected character varying(64), found text"},
    {"AMissingColumn", "ALTER TABLE memory_tags DROP tag", "memory_tags", "tag"},
    {"AMissingUnique", "ALTER TABLE memory_tags DROP CONSTRAINT unique_memory_tag", "memory_tags",
     "unique: expected (memory_id, tag), found none"},
    {"AnotherDeleteRule",
     "ALTER TABLE memory_tags DROP CONSTRAINT memory_tags_memory_id_fkey, "
     "ADD FOREIGN KEY (memory_id) REFERENCES memory_entries (memory_id)",
     "memory_tags", "FOREIGN KEY (memory_id)"},
    {"AView", "DROP TABLE user_profiles; CREATE VIEW user_profiles AS SELECT 1 AS user_id",
     "user_profiles", "expected a table, found a view"},
    {"AVectorThatIsNone", "ALTER TABLE vector_embeddings DROP embedding, ADD embedding real[]",
     "vector_embeddings", "vector("},
};

// What does not matter is named.
TEST_F(SyncShape, WhatDoesNotMatterIsTakenAndNamed) {
  put_vector(4);
  sync(store().snapshot());
  database().run(
      "SET search_path TO orchestrator, public; ALTER TABLE sessions ADD extra integer; "
      "ALTER TABLE memory_entries ALTER priority SET DEFAULT 6; "
      "ALTER TABLE memory_entries ALTER priority DROP NOT NULL; "
      "ALTER TABLE memory_entries ADD CHECK (priority < 99); RESET search_path");
  store().put_memory("acme", memory_of("another"));

  const auto report = sync(store().snapshot());

  std::string differences;
  for (const auto& line : report.differences) differences += line + "\n";
  EXPECT_THAT(differences, AllOf(HasSubstr("extra"), HasSubstr("default 6"), HasSubstr("99")));
  expect_holds(store().model("acme"));
}

INSTANTIATE_TEST_SUITE_P(Alterations, SyncIntoAnotherShape, ::testing::ValuesIn(kAlterations),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace tulving::testing
