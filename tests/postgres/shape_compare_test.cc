// Which differences of tables that are there a sync takes, and which it refuses: each table is
// altered by one step, and the report says so in one line.

#include "storage/postgres/target/shape_compare.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "storage/postgres/target/shape_parts.h"
#include "tests/postgres/shape_testing.h"

namespace tulving::testing {
namespace {

using namespace storage::postgres;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Strings = std::vector<std::string>;

class EachSchemasShape : public ShapeCompare,
                         public ::testing::WithParamInterface<PostgresSchema> {};

INSTANTIATE_TEST_SUITE_P(Schemas, EachSchemasShape, ::testing::ValuesIn(kPostgresSchemas),
                         [](const auto& each) { return std::string(to_string(each.param)); });

TEST_P(EachSchemasShape, IsTheOneWeMake) {
  make(GetParam());

  const auto report = compare(GetParam());

  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_THAT(report.taken, IsEmpty());
  EXPECT_THAT(report.external, IsEmpty());
  EXPECT_THAT(report.alterations, IsEmpty());
  EXPECT_THAT(report.missing_types, IsEmpty());
}

TEST_P(EachSchemasShape, IsNoneWhereThereIsNoSchema) {
  run_in("other", {});

  const auto report = compare(GetParam());

  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_THAT(report.taken, IsEmpty());
  EXPECT_THAT(report.missing_types, SizeIs(read_ddl(GetParam(), {}).types.size()));
}

struct Step {
  const char* name;
  PostgresSchema kind;
  const char* sql;
  const char* line;
  friend void PrintTo(const Step& step, std::ostream* out) { *out << step.sql; }
};

class AStep : public ShapeCompare, public ::testing::WithParamInterface<Step> {};

class Refused : public AStep {};

TEST_P(Refused, StepIsTheOneLineThatIsRefused) {
  make(GetParam().kind);
  alter(GetParam().sql);

  const auto report = compare(GetParam().kind);

  EXPECT_THAT(report.refused, ElementsAre(HasSubstr(GetParam().line)));
  EXPECT_THAT(report.taken, IsEmpty());
  EXPECT_THAT(report.external, IsEmpty());
  EXPECT_THAT(report.alterations, IsEmpty());
}

constexpr auto kO = PostgresSchema::kOrchestrator;
constexpr auto kG = PostgresSchema::kGuild;
constexpr auto kC = PostgresSchema::kCompass;
constexpr auto kL = PostgresSchema::kConsolidation;

constexpr Step kRefused[] = {
    {"AMissingColumn", kO, "ALTER TABLE sessions DROP metadata",
     "table The target.sessions: column metadata: expected jsonb, found none"},
    {"AnotherType", kO, "ALTER TABLE sessions ALTER user_id TYPE text",
     "column user_id: expected character varying(64), found text"},
    {"AnotherLength", kO, "ALTER TABLE sessions ALTER user_id TYPE varchar(63)",
     "found character varying(63)"},
    {"AnotherDimension", kO,
     "DROP INDEX idx_vector_embeddings_embedding; "
     "ALTER TABLE vector_embeddings ALTER embedding TYPE vector(4)",
     "expected vector(3) not null, found vector(4) not null"},
    {"ADomain", kG,
     "CREATE DOMAIN name AS varchar(255); "
     "ALTER TABLE data_sources ALTER source_name TYPE \"The target\".name",
     "found name not null"},
    {"AnExtraNotNull", kO, "ALTER TABLE sessions ADD extra integer NOT NULL",
     "column extra: expected none, found integer not null"},
    {"ANotNullWhereWeMaySendNull", kO, "ALTER TABLE sessions ALTER user_id SET NOT NULL",
     "column user_id: expected character varying(64), found character varying(64) not null"},
    {"ANotNullThatItsDefaultDoesNotSave", kO,
     "ALTER TABLE sessions ALTER user_id SET DEFAULT 'x', ALTER user_id SET NOT NULL",
     "column user_id"},
    {"ASerialWithoutSequence", kO, "ALTER TABLE memory_tags ALTER tag_id DROP DEFAULT",
     "column tag_id: expected integer not null default"},
    {"AGeneratedColumnThatIsNone", kO,
     "ALTER TABLE memory_entries ALTER text_content DROP EXPRESSION", "column text_content"},
    {"AnotherKey", kG, "ALTER TABLE data_sources DROP CONSTRAINT data_sources_pkey",
     "primary key: expected (source_id), found none"},
    {"AMissingUnique", kO, "ALTER TABLE memory_tags DROP CONSTRAINT unique_memory_tag",
     "unique: expected (memory_id, tag), found none"},
    {"AnExtraUnique", kO, "ALTER TABLE sessions ADD UNIQUE (user_id)",
     "unique: expected none, found (user_id)"},
    {"AnExtraUniqueIndex", kO, "CREATE UNIQUE INDEX ON sessions (user_id) WHERE NOT is_archived",
     "unique: expected none, found (user_id) WHERE (NOT is_archived)"},
    {"AMissingForeignKey", kC, "ALTER TABLE memories DROP CONSTRAINT memories_stage_id_fkey",
     "foreign key: expected FOREIGN KEY (stage_id) REFERENCES stage_memories(stage_id) ON DELETE "
     "SET NULL, found none"},
    {"AnExtraForeignKey", kC,
     "ALTER TABLE memories ADD FOREIGN KEY (parent_memory_id) REFERENCES memories (memory_id)",
     "foreign key: expected none, found FOREIGN KEY (parent_memory_id)"},
    {"AView", kO, "DROP TABLE user_profiles; CREATE VIEW user_profiles AS SELECT 1 AS user_id",
     "table The target.user_profiles: kind: expected a table, found a view"},
    {"AMissingLabel", kC,
     "ALTER TYPE errortype RENAME TO was; "
     "CREATE TYPE errortype AS ENUM ('hallucination', 'incorrect_action', 'context_degradation'); "
     "ALTER TABLE error_records ALTER error_type TYPE errortype USING NULL::errortype; "
     "DROP TYPE was",
     "type The target.errortype: expected label missing_info, found none"},
    {"AMissingColumnBesideTaskMemories", kL, "ALTER TABLE consolidated_memories DROP source_count",
     "table The target.consolidated_memories: column source_count"},
    {"AMissingColumnOfTaskMemories", kL, "ALTER TABLE task_memories DROP tool_usage",
     "table The target.task_memories: column tool_usage"},
};
INSTANTIATE_TEST_SUITE_P(Steps, Refused, ::testing::ValuesIn(kRefused),
                         [](const auto& each) { return each.param.name; });

class Taken : public AStep {};

TEST_P(Taken, StepIsTheOneLineThatIsTaken) {
  make(GetParam().kind);
  alter(GetParam().sql);

  const auto report = compare(GetParam().kind);

  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_THAT(report.taken, ElementsAre(HasSubstr(GetParam().line)));
  EXPECT_THAT(report.external, IsEmpty());
  EXPECT_THAT(report.alterations, IsEmpty());
}

constexpr Step kTaken[] = {
    {"AnotherDefault", kO, "ALTER TABLE memory_entries ALTER priority SET DEFAULT 6",
     "table The target.memory_entries: column priority: expected integer not null default 5, found "
     "integer not null default 6"},
    {"NoDefault", kO, "ALTER TABLE memory_entries ALTER priority DROP DEFAULT",
     "found integer not null"},
    {"ANullableColumn", kO, "ALTER TABLE memory_entries ALTER priority DROP NOT NULL",
     "expected integer not null default 5, found integer default 5"},
    {"ANotNullWithOurDefault", kG, "ALTER TABLE memory_records ALTER metadata SET NOT NULL",
     "column metadata: expected jsonb default '{}'::jsonb, found jsonb not null default"},
    {"AnIdentity", kO,
     "ALTER TABLE memory_tags ALTER tag_id DROP DEFAULT; "
     "DROP SEQUENCE memory_tags_tag_id_seq; "
     "ALTER TABLE memory_tags ALTER tag_id ADD GENERATED ALWAYS AS IDENTITY",
     "found integer not null identity"},
    {"AnExtraColumn", kO, "ALTER TABLE sessions ADD extra integer",
     "column extra: expected none, found integer"},
    {"AnExtraColumnWithDefault", kO, "ALTER TABLE sessions ADD extra integer NOT NULL DEFAULT 3",
     "column extra: expected none, found integer not null default 3"},
    {"AnotherGeneration", kO,
     "ALTER TABLE memory_entries DROP text_content, ADD text_content text "
     "GENERATED ALWAYS AS (content->>'body') STORED",
     "column text_content"},
    {"ARenamedCheck", kO, "ALTER TABLE memory_entries RENAME CONSTRAINT valid_priority TO other",
     "expected valid_priority, found other"},
    {"ARenamedKey", kO, "ALTER TABLE sessions RENAME CONSTRAINT sessions_pkey TO other",
     "name of primary key (session_id): expected sessions_pkey, found other"},
    {"ARenamedUnique", kO, "ALTER TABLE memory_tags RENAME CONSTRAINT unique_memory_tag TO other",
     "name of unique (memory_id, tag): expected unique_memory_tag, found other"},
    {"AUniqueIndexForTheConstraint", kO,
     "ALTER TABLE memory_tags DROP CONSTRAINT unique_memory_tag; "
     "CREATE UNIQUE INDEX other ON memory_tags (memory_id, tag)",
     "found other"},
    {"ARenamedForeignKey", kO,
     "ALTER TABLE memory_tags RENAME CONSTRAINT memory_tags_memory_id_fkey TO other",
     "expected memory_tags_memory_id_fkey, found other"},
    {"AForeignKeyThatIsNotValidated", kO,
     "ALTER TABLE memory_tags DROP CONSTRAINT memory_tags_memory_id_fkey, ADD CONSTRAINT other "
     "FOREIGN KEY (memory_id) REFERENCES memory_entries ON DELETE CASCADE NOT VALID",
     "found other"},
    {"AnExtraCheck", kO, "ALTER TABLE memory_entries ADD CONSTRAINT low CHECK (priority < 9)",
     "check: expected none, found low CHECK ((priority < 9))"},
    {"AMissingCheck", kO, "ALTER TABLE memory_entries DROP CONSTRAINT valid_priority",
     "check: expected valid_priority CHECK (((priority >= 1) AND (priority <= 10))), found none"},
    {"AnExtraLabel", kC, "ALTER TYPE errortype ADD VALUE 'other'",
     "type The target.errortype: expected none, found label other"},
    {"AnExtraColumnOfProjects", kL, "ALTER TABLE projects ADD owner text",
     "table The target.projects: column owner"},
};
INSTANTIATE_TEST_SUITE_P(Steps, Taken, ::testing::ValuesIn(kTaken),
                         [](const auto& each) { return each.param.name; });

TEST_F(ShapeCompare, SaysAllThatIsRefusedAtOnce) {
  make(kO);
  alter(
      "ALTER TABLE memory_tags DROP CONSTRAINT memory_tags_memory_id_fkey, "
      "ADD FOREIGN KEY (memory_id) REFERENCES memory_entries (memory_id), DROP tag; "
      "ALTER TABLE sessions ALTER summary TYPE varchar(10), ADD extra integer");

  const auto report = compare(kO);

  EXPECT_THAT(report.refused,
              ElementsAre(AllOf(HasSubstr("sessions: column summary"),
                                HasSubstr("found character varying")),
                          HasSubstr("memory_tags: column tag"),
                          HasSubstr("memory_tags: unique: expected (memory_id, tag), found none"),
                          HasSubstr("ON DELETE CASCADE, found none"),
                          HasSubstr("expected none, found FOREIGN KEY (memory_id) REFERENCES "
                                    "memory_entries(memory_id)")));
  EXPECT_THAT(report.taken, ElementsAre(HasSubstr("column extra")));
}

// An id that the database makes may be left to it, but then it has to.
TEST_F(ShapeCompare, WantsADefaultWhereNoValueIsSent) {
  make(kG);
  alter("ALTER TABLE data_sources ALTER source_id DROP DEFAULT");

  EXPECT_THAT(compare(kG).refused, IsEmpty());
  EXPECT_THAT(compare(kG, {.dim = 3}, {.not_sent = {{"data_sources", "source_id"}}}).refused,
              ElementsAre(HasSubstr("column source_id")));
}

TEST_F(ShapeCompare, TakesATypeOfAnotherSchemaThatHasTheLabels) {
  make(kC);
  alter("ALTER TYPE errortype SET SCHEMA public");

  auto report = compare(kC);
  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_THAT(report.missing_types, ElementsAre(StartsWith("CREATE TYPE errortype")));

  alter("ALTER TYPE public.errortype RENAME VALUE 'hallucination' TO 'dream'");
  report = compare(kC);
  EXPECT_THAT(
      report.refused,
      ElementsAre(HasSubstr("column error_type: expected label hallucination, found none")));
  EXPECT_THAT(report.taken, ElementsAre(HasSubstr("found label dream")));
}

TEST_F(ShapeCompare, RefusesAForeignKeyIntoAnotherSchema) {
  make(kC);
  alter(
      "CREATE TABLE public.stage_memories (stage_id uuid PRIMARY KEY); "
      "ALTER TABLE memories DROP CONSTRAINT memories_stage_id_fkey, ADD FOREIGN KEY (stage_id) "
      "REFERENCES public.stage_memories ON DELETE SET NULL");

  EXPECT_THAT(compare(kC).refused,
              Contains(HasSubstr("REFERENCES public.stage_memories(stage_id)")));
}

TEST_F(ShapeCompare, RefusesPartitionsWhereThereAreNone) {
  make(kO);
  EXPECT_THAT(compare(kO, {.dim = 3, .partitions = Partitions{}}).refused,
              Contains(HasSubstr("memory_entries: kind: expected a table partitioned by RANGE "
                                 "(created_at), found a table")));
}

TEST_F(ShapeCompare, TakesThePartitionedTablesItMakes) {
  const DdlSettings settings{.dim = 3, .partitions = Partitions{.hash_count = 2}};
  make(kO, settings);
  const auto ddl = read_ddl(kO, settings);
  for (const auto& partition : hash_partitions(*ddl.find("vector_embeddings"), 2)) {
    alter(partition.create);
  }

  const auto report = compare(kO, settings);

  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_THAT(report.taken, IsEmpty());
}

TEST_F(ShapeCompare, FindsHowTablesArePartitioned) {
  auto connection = Connection::open(database().uri());
  ASSERT_TRUE(connection);
  const auto found = [&] { return *found_partitions(*connection, "The target"); };
  EXPECT_FALSE(found());
  const DdlSettings settings{.dim = 3, .partitions = Partitions{}};
  make(kO, settings);
  const auto ddl = read_ddl(kO, settings);
  ASSERT_TRUE(found());
  EXPECT_EQ(found()->span, Partitions::Span::kMonth);

  for (const auto& partition : hash_partitions(*ddl.find("vector_embeddings"), 3)) {
    alter(partition.create);
  }
  alter(partition_for(*ddl.find("memory_entries"), Timestamp{}, Partitions::Span::kQuarter).create);

  ASSERT_TRUE(found());
  EXPECT_EQ(found()->span, Partitions::Span::kQuarter);
  EXPECT_EQ(found()->hash_count, 3U);
}

TEST_F(ShapeCompare, FindsNoPartitionsOfPlainTables) {
  make(kO);
  auto connection = Connection::open(database().uri());
  ASSERT_TRUE(connection);
  EXPECT_FALSE(*found_partitions(*connection, "The target"));
}

}  // namespace
}  // namespace tulving::testing
