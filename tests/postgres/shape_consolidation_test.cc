// Of consolidation, a database may have tables of its application's own: `projects` and `tasks`
// that are only referred to, and a `task_memories` that gets two columns and keeps the rest.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/postgres/shape_testing.h"

namespace tulving::testing {
namespace {

using namespace storage::postgres;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Lines = std::vector<std::string>;

constexpr auto kWanted = PostgresSchema::kConsolidation;

class ConsolidationShape : public ShapeCompare {};

TEST_F(ConsolidationShape, TakesProjectsAndTasksOfAnotherShapeForAnothers) {
  run_in(kTarget, {"CREATE TABLE projects (id uuid PRIMARY KEY, title text NOT NULL)",
                   "CREATE TABLE tasks (number serial PRIMARY KEY, id uuid NOT NULL UNIQUE)"});

  const auto report = compare(kWanted);

  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_THAT(report.external, ElementsAre("projects", "tasks"));
}

struct Unfit {
  const char* name;
  const char* sql;
  const char* reason;
  friend void PrintTo(const Unfit& unfit, std::ostream* out) { *out << unfit.sql; }
};

class UnfitProjects : public ConsolidationShape, public ::testing::WithParamInterface<Unfit> {};

TEST_P(UnfitProjects, AreRefusedWithTheReason) {
  run_in(kTarget, {GetParam().sql});

  const auto report = compare(kWanted);

  EXPECT_THAT(report.refused,
              Contains(std::string("table The target.projects is another application's, and cannot "
                                   "be referred to: ") +
                       GetParam().reason));
  EXPECT_THAT(report.external, IsEmpty());
}

constexpr Unfit kUnfit[] = {
    {"OfAnotherType", "CREATE TABLE projects (id bigint PRIMARY KEY)",
     "its id is of type bigint, not uuid"},
    {"WithoutId", "CREATE TABLE projects (name text PRIMARY KEY)", "it has no column id"},
    {"WithoutKey", "CREATE TABLE projects (id uuid)", "its id is no key"},
    {"AView", "CREATE VIEW projects AS SELECT gen_random_uuid() AS id", "it is a view"},
};
INSTANTIATE_TEST_SUITE_P(Tables, UnfitProjects, ::testing::ValuesIn(kUnfit),
                         [](const auto& each) { return each.param.name; });

class LackingTaskMemories : public ConsolidationShape,
                            public ::testing::WithParamInterface<std::vector<const char*>> {};

TEST_P(LackingTaskMemories, GetTheColumnsAndAreThenOurs) {
  make(kWanted);
  const auto made = catalog(kTarget);
  for (const auto* column : GetParam()) {
    alter(std::string("ALTER TABLE task_memories DROP ") + column);
  }

  const auto report = compare(kWanted);
  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_THAT(report.alterations, ::testing::Not(IsEmpty()));
  for (const auto& alteration : report.alterations) alter(alteration);

  const auto after = compare(kWanted);
  EXPECT_THAT(after.refused, IsEmpty());
  EXPECT_THAT(after.taken, IsEmpty());
  EXPECT_THAT(after.alterations, IsEmpty());
  // The same but for the order of the columns, and so all foreign keys and indexes.
  const auto without_columns = [](Lines lines) {
    std::erase_if(lines, [](const auto& line) { return line.find(" column ") != line.npos; });
    return lines;
  };
  EXPECT_EQ(without_columns(catalog(kTarget)), without_columns(made));
}

INSTANTIATE_TEST_SUITE_P(Columns, LackingTaskMemories,
                         ::testing::Values(std::vector{"consolidated_into_id"},
                                           std::vector{"is_consolidated"},
                                           std::vector{"consolidated_into_id", "is_consolidated"}));

TEST_F(ConsolidationShape, AltersNoTaskMemoriesThatLackMore) {
  make(kWanted);
  alter("ALTER TABLE task_memories DROP is_consolidated, DROP goal");

  const auto report = compare(kWanted);

  EXPECT_THAT(report.alterations, IsEmpty());
  EXPECT_THAT(report.refused,
              ElementsAre(HasSubstr("column goal"), HasSubstr("column is_consolidated")));
}

}  // namespace
}  // namespace tulving::testing
