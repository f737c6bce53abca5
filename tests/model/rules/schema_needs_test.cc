// What a schema needs of a record beyond the rules of all records. The reference says it once more,
// of the memory's members; that Postgres agrees is tested where the schemas are.

#include "core/model/rules/schema_needs.h"

#include <gmock/gmock.h>

#include <random>
#include <set>

#include "tulving/schemas.h"

namespace tulving {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string field_of(const Record& record, PostgresSchema schema) {
  const Status status = holdable(record, schema);
  if (status) return "";
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(status.error().message, testing::Not(IsEmpty()));
  return status.error().field;
}

template <class Kind>
Kind with_agent() {
  Kind record;
  record.agent_id = "a";
  return record;
}

TEST(SchemaNames, AreReadAndWritten) {
  for (const PostgresSchema schema : kPostgresSchemas) {
    EXPECT_EQ(parse_postgres_schema(to_string(schema)), schema);
  }
  EXPECT_EQ(parse_postgres_schema("Guild"), std::nullopt);
  EXPECT_EQ(parse_postgres_schema(""), std::nullopt);
}

TEST(SchemaNeeds, OfAMemoryAreThoseOfTheReference) {
  std::mt19937 random(9);
  const auto coin = [&] { return random() % 2 == 0; };
  const std::set<std::string> six = {"error_fix", "discovery", "decision",
                                     "learning",  "warning",   "codebase_knowledge"};
  const std::vector<std::string> types = {"error_fix", "decision", "context", "Learning",
                                          "warning"};
  for (int i = 0; i < 5000; ++i) {
    Memory memory;
    memory.memory_type = types[random() % types.size()];
    if (coin()) memory.agent_id = "a";
    if (coin()) memory.session_id = "s";
    if (coin()) memory.user_id = "u";
    if (coin()) memory.task_id = "t";
    if (coin()) memory.project_id = "p";
    if (coin()) memory.success = coin();
    memory.abstraction_level = static_cast<int>(random() % 4);

    const bool has_agent = !memory.agent_id.empty(), has_task = !memory.task_id.empty();
    const bool is_task_memory = has_task && memory.success.has_value();
    const bool is_raw = memory.abstraction_level == 0;
    const bool has_scope =
        has_agent || has_task || !memory.session_id.empty() || !memory.user_id.empty();
    EXPECT_EQ(field_of(memory, PostgresSchema::kOrchestrator), "");
    EXPECT_EQ(field_of(memory, PostgresSchema::kCortex), "");
    EXPECT_EQ(field_of(memory, PostgresSchema::kGuild).empty(), has_agent);
    EXPECT_EQ(field_of(memory, PostgresSchema::kCompass).empty(), has_scope);
    EXPECT_EQ(
        field_of(memory, PostgresSchema::kConsolidation).empty(),
        six.contains(memory.memory_type) && (is_raw ? is_task_memory : !memory.project_id.empty()));
  }
}

TEST(SchemaNeeds, NameWhatIsMissing) {
  Memory memory;
  memory.memory_type = "decision";
  EXPECT_EQ(field_of(memory, PostgresSchema::kGuild), "agent_id");
  EXPECT_EQ(field_of(memory, PostgresSchema::kConsolidation), "task_id");
  memory.task_id = "t";
  EXPECT_EQ(field_of(memory, PostgresSchema::kConsolidation), "success");
  memory.abstraction_level = 2;
  EXPECT_EQ(field_of(memory, PostgresSchema::kConsolidation), "project_id");
  memory.memory_type = "context";
  EXPECT_EQ(field_of(memory, PostgresSchema::kConsolidation), "memory_type");
}

TEST(SchemaNeeds, OfTasksStagesAndErrorsIsTheirAgent) {
  EXPECT_EQ(field_of(Task{}, PostgresSchema::kCompass), "agent_id");
  EXPECT_EQ(field_of(Stage{}, PostgresSchema::kCompass), "agent_id");
  EXPECT_EQ(field_of(ErrorRecord{}, PostgresSchema::kCompass), "agent_id");
  EXPECT_EQ(field_of(with_agent<Task>(), PostgresSchema::kCompass), "");
  EXPECT_EQ(field_of(with_agent<Stage>(), PostgresSchema::kCompass), "");
  EXPECT_EQ(field_of(with_agent<ErrorRecord>(), PostgresSchema::kCompass), "");
  EXPECT_EQ(field_of(Task{}, PostgresSchema::kConsolidation), "");
}

TEST(SchemaNeeds, AKindWithoutATableIsSaidToHaveNone) {
  const Status status = holdable(Session{}, PostgresSchema::kGuild);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().field, "kind");
  EXPECT_THAT(status.error().message, HasSubstr("guild has no table for a session"));
  EXPECT_EQ(field_of(AccessPolicy{}, PostgresSchema::kGuild), "");
  EXPECT_EQ(field_of(AccessPolicy{}, PostgresSchema::kCortex), "kind");
  EXPECT_EQ(field_of(ConsolidationTask{}, PostgresSchema::kCortex), "");
}

TEST(SchemaNeeds, EachIsMetByNothingThatIsEmpty) {
  std::set<std::string_view> reasons;
  for (const model::SchemaNeed& need : model::schema_needs()) {
    EXPECT_THAT(std::string(need.reason), HasSubstr(std::string(need.field)));
    EXPECT_FALSE(need.table.empty() || need.rule.empty());
    reasons.insert(need.reason);
  }
  EXPECT_EQ(reasons.size(), model::schema_needs().size() - 1) << "both tables take the six types";
}

}  // namespace
}  // namespace tulving
