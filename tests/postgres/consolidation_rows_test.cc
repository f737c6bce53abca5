// What rows of "consolidation" and "cortex" show where it is not a field as it is. columns_test.cc
// has the way back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/postgres/projection.h"

namespace tulving::storage::postgres {
namespace {

using enum PostgresSchema;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ShownRows {
 public:
  explicit ShownRows(PostgresSchema schema)
      : projection_(make_projection(schema, {.dim = 4, .models = {"default"}})) {}

  // Names of the tables that have a row of it.
  [[nodiscard]] std::vector<std::string> tables(const Record& record) const {
    std::vector<std::string> names;
    for (const TableSpec& table : projection_.tables) {
      if (table.takes(source(record))) names.emplace_back(table.name);
    }
    return names;
  }
  // Empty: the column shows nothing.
  template <class Value>
  [[nodiscard]] std::optional<Value> at(std::string_view table_name, std::string_view column_name,
                                        const Record& record) const {
    const TableSpec& table = *projection_.table(table_name);
    const auto column = std::ranges::find(table.columns, column_name, &Column::name);
    const Field value = column->get(Row{source(record)});
    if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
    return std::get<Value>(value);
  }
  [[nodiscard]] std::string text(std::string_view table, std::string_view column,
                                 const Record& record) const {
    return at<std::string>(table, column, record).value_or("nothing");
  }
  // "TABLE NAME".
  [[nodiscard]] std::vector<std::string> placeholders(const Record& record) const {
    std::vector<std::string> names;
    for (const Placeholder& one : projection_.placeholders(source(record))) {
      names.push_back(std::string(one.table) + ' ' + one.name);
    }
    return names;
  }

 private:
  static SourceRecord source(const Record& record) {
    SourceRecord source{.tenant = 1, .tenant_id = "tenant", .value = &record};
    source.kind =
        std::visit([]<class Kind>(const Kind&) { return kinds::Kind<Kind>::number; }, record);
    return source;
  }

  Projection projection_;
};

Memory memory_of_level(std::int32_t level) {
  Memory memory;
  memory.id = Uuid::derive("a", "memory");
  memory.project_id = "project";
  memory.task_id = "task";
  memory.abstraction_level = level;
  memory.created_at = Timestamp();
  return memory;
}

Timestamp second(std::int64_t count) { return Timestamp(std::chrono::seconds(count)); }

TEST(ConsolidationRows, AreOfTheTableThatTheLevelSays) {
  const ShownRows rows(kConsolidation);
  EXPECT_THAT(rows.tables(memory_of_level(0)), ElementsAre("task_memories"));
  for (const std::int32_t level : {1, 2, 3}) {
    EXPECT_THAT(rows.tables(memory_of_level(level)), ElementsAre("consolidated_memories"));
  }
}

TEST(ConsolidationRows, WantRowsForTheNamesThatAreUsed) {
  const ShownRows rows(kConsolidation);
  EXPECT_THAT(rows.placeholders(memory_of_level(0)), ElementsAre("tasks task"));
  EXPECT_THAT(rows.placeholders(memory_of_level(2)), ElementsAre("projects project"));
  EXPECT_THAT(rows.placeholders(Memory()), IsEmpty());
  Task task;
  task.task_id = "task";
  EXPECT_THAT(rows.placeholders(task), IsEmpty());
  task.project_id = "project";
  EXPECT_THAT(rows.placeholders(task), ElementsAre("projects project"));
  ConsolidationJob job;
  job.project_id = "project";
  EXPECT_THAT(rows.placeholders(job), ElementsAre("projects project"));
  Project project;
  project.project_id = "project";
  EXPECT_THAT(rows.placeholders(project), IsEmpty());
}

TEST(ConsolidationRows, OfANameAloneShowTheName) {
  const ShownRows rows(kConsolidation);
  Project project;
  project.project_id = "project";
  EXPECT_EQ(rows.text("projects", "name", project), "project");
  EXPECT_EQ(rows.at<Timestamp>("projects", "created_at", project), std::nullopt);
  project.name = "Apollo";
  EXPECT_EQ(rows.text("projects", "name", project), "Apollo");
}

TEST(ConsolidationRows, CountSourcesAndFallBackOnTheTimeOfCreation) {
  const ShownRows rows(kConsolidation);
  Memory memory = memory_of_level(1);
  memory.source_memory_ids = {Uuid::derive("a", "1"), Uuid::derive("a", "2")};
  EXPECT_EQ(rows.at<std::int32_t>("consolidated_memories", "source_count", memory), 2);
  EXPECT_EQ(rows.at<Timestamp>("consolidated_memories", "consolidated_at", memory), Timestamp());
  memory.consolidated_at = second(5);
  EXPECT_EQ(rows.at<Timestamp>("consolidated_memories", "consolidated_at", memory), second(5));
}

TEST(ConsolidationRows, OfTaskMemoriesSayWhetherTheyAreConsolidated) {
  const ShownRows rows(kConsolidation);
  Memory memory = memory_of_level(0);
  memory.text = "all of it";
  memory.summary = "the gist";
  EXPECT_EQ(rows.at<bool>("task_memories", "is_consolidated", memory), false);
  EXPECT_EQ(rows.text("task_memories", "execution_summary", memory), "the gist");
  memory.consolidated_into_id = Uuid::derive("a", "merge");
  EXPECT_EQ(rows.at<bool>("task_memories", "is_consolidated", memory), true);
}

TEST(ConsolidationRows, OfJobsHaveJsonAndWholeSeconds) {
  const ShownRows rows(kConsolidation);
  ConsolidationJob job;
  job.trigger = JobTrigger::kUrgent;
  job.errors = {"pattern_extraction: no", "memory_merging: neither"};
  EXPECT_EQ(rows.text("consolidation_jobs", "trigger_type", job), "threshold");
  EXPECT_EQ(rows.text("consolidation_jobs", "error_message", job),
            "pattern_extraction: no\nmemory_merging: neither");
  EXPECT_EQ(rows.text("consolidation_jobs", "scope", job),
            R"({"date_range":null,"memory_types":[],"unconsolidated_only":true})");
  EXPECT_EQ(rows.text("consolidation_jobs", "metrics", job),
            R"({"memories_processed":0,"patterns_extracted":0,"memories_merged":0,)"
            R"("merges_made":0,"principles_created":0,"progress":0,"plan_ids":[]})");
  job.scope.created_until = second(0);
  EXPECT_EQ(rows.text("consolidation_jobs", "scope", job),
            R"({"date_range":{"from":null,"until":"1970-01-01T00:00:00Z"},"memory_types":[],)"
            R"("unconsolidated_only":true})");

  EXPECT_EQ(rows.at<std::int32_t>("consolidation_jobs", "duration_seconds", job), std::nullopt);
  job.started_at = second(10);
  EXPECT_EQ(rows.at<std::int32_t>("consolidation_jobs", "duration_seconds", job), std::nullopt);
  job.completed_at = second(73) + std::chrono::milliseconds(900);
  EXPECT_EQ(rows.at<std::int32_t>("consolidation_jobs", "duration_seconds", job), 63);
  job.completed_at = second(10 + (std::int64_t{1} << 31));
  EXPECT_EQ(rows.at<std::int32_t>("consolidation_jobs", "duration_seconds", job), std::nullopt)
      << "an integer does not hold it";
}

TEST(CortexRows, OfTasksHaveTheTrackersNotesAndLabels) {
  const ShownRows rows(kCortex);
  ConsolidationTask task;
  task.agent = UpkeepAgent::kDecay;
  task.urgency = Urgency::kHigh;
  task.labels = {"mine"};
  task.action = "gc";
  task.memory_ids = {Uuid::derive("a", "memory")};
  task.score = 0.08;
  task.approval = Approval::kWaiting;
  EXPECT_EQ(rows.text("consolidation_tasks", "notes", task),
            "{\"tenant_id\":\"tenant\",\"memory_ids\":[\"" + task.memory_ids[0].to_string() +
                "\"],\"agent\":\"decay\",\"action\":\"gc\",\"scores\":[0.08],"
                "\"approval\":\"waiting\"}");
  EXPECT_EQ(rows.at<std::vector<std::string>>("consolidation_tasks", "labels", task),
            (std::vector<std::string>{"consolidation:decay", "urgency:high", "mine"}));
}

}  // namespace
}  // namespace tulving::storage::postgres
