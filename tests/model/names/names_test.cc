// Names reach files, filters and Postgres. The expected ones are written out here from the CHECK
// constraints of the schemas, in the order of the enumerators' numbers, so that renumbering goes
// red.

#include "core/model/names/names.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "core/kinds/enumerators.h"
#include "core/model/names/enum_names.h"
#include "tulving/json.h"

namespace tulving::model {
namespace {

template <class Enum, class Parse>
void expect_names(const std::vector<std::string>& names, const Parse& parse) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto value = static_cast<Enum>(i);
    EXPECT_EQ(to_string(value), names[i]);
    EXPECT_EQ(parse(names[i]), value);
  }
  EXPECT_EQ(to_string(static_cast<Enum>(names.size())), "unknown");
  EXPECT_FALSE(parse("unknown"));
  EXPECT_FALSE(parse(""));
}

template <class Enum>
std::optional<Enum> parse_of(std::string_view name) {
  return value_of<Enum>(kinds::kNames<Enum>, name);
}

TEST(Names, AreThoseOfTheSchemas) {
  expect_names<Layer>({"working", "episodic", "semantic", "procedural"}, parse_of<Layer>);
  expect_names<SourceType>({"conversation", "tool_output", "document", "observation", "external"},
                           parse_of<SourceType>);
  expect_names<MemoryStatus>({"active", "promoted", "archived", "deleted"}, parse_of<MemoryStatus>);
  expect_names<PatternType>({"success", "failure", "decision", "workflow", "gotcha"},
                            parse_of<PatternType>);
  expect_names<ConsolidationMethod>({"llm", "heuristic", "hybrid"}, parse_of<ConsolidationMethod>);
}

TEST(Names, OfFieldsAreThoseOfTheRecords) {
  expect_names<Field>({"agent_id",
                       "user_id",
                       "project_id",
                       "session_id",
                       "task_id",
                       "stage_id",
                       "memory_type",
                       "layer",
                       "source_type",
                       "source_agent",
                       "source_id",
                       "status",
                       "external_id",
                       "tags",
                       "entities",
                       "consolidated_into_id",
                       "id",
                       "keywords",
                       "facts",
                       "actions",
                       "summary",
                       "goal",
                       "result",
                       "feedback",
                       "outcome",
                       "success",
                       "is_critical",
                       "criticality_reason",
                       "ltm_path",
                       "parent_memory_id",
                       "source_memory_ids",
                       "pattern_type",
                       "consolidation_method",
                       "content_hash"},
                      parse_field);
  expect_names<NumberField>(
      {"priority", "abstraction_level", "strength", "use_count", "created_at", "updated_at",
       "last_used", "expires_at", "review_count", "cross_domain_count", "reuse_count",
       "relevance_score", "confidence_score", "promoted_at", "archived_at", "deleted_at",
       "consolidated_at", "revision"},
      parse_number_field);
}

TEST(Names, OfTasksAreThoseOfTheTracker) {
  expect_names<UpkeepAgent>({"decay", "cluster", "merge", "promote", "relations"},
                            parse_upkeep_agent);
  expect_names<Urgency>({"low", "medium", "high"}, parse_urgency);
  expect_names<ConsolidationTaskStatus>({"open", "in_progress", "blocked", "closed"},
                                        parse_consolidation_task_status);
  expect_names<Approval>({"not_needed", "waiting", "approved", "rejected"}, parse_approval);
}

// Nothing reads these back.
template <class Enum>
void expect_written(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(to_string(static_cast<Enum>(i)), names[i]);
  }
  EXPECT_EQ(to_string(static_cast<Enum>(names.size())), "unknown");
}

TEST(Names, OfPlansAndJobsAreThoseOfTheSchemas) {
  expect_written<Decision>({"auto", "log", "wait"});
  expect_written<PlanStatus>({"proposed", "applied", "undone", "dropped"});
  expect_written<ItemOutcome>({"reported", "planned", "waiting", "deferred", "failed"});
  expect_written<JobStatus>({"pending", "running", "completed", "failed", "cancelled"});
  expect_written<JobTrigger>({"manual", "scheduled", "threshold", "urgent"});
  expect_written<JobPhase>({"pattern_extraction", "memory_merging", "hierarchy_creation"});
}

TEST(Names, OfWriteEffectsAreWords) {
  EXPECT_EQ(to_string(WriteEffect::kAdded), "added");
  EXPECT_EQ(to_string(WriteEffect::kKept), "kept");
}

TEST(Names, OfSearchesAndListsAreThoseOfTheCommandLine) {
  expect_names<SearchMode>({"auto", "hybrid", "vector", "text", "recent"}, parse_search_mode);
  expect_names<ListSort>({"created", "updated", "last_used", "priority", "decay"}, parse_list_sort);
  expect_names<ListOrder>({"asc", "desc"}, parse_list_order);
}

TEST(Names, AreExact) {
  EXPECT_FALSE(parse_of<Layer>("Working"));
  EXPECT_FALSE(parse_of<Layer>("working "));
  EXPECT_FALSE(parse_field("tag"));
}

TEST(Names, KnowWhichFieldsHaveAListOfValuesAndWhichAreTimes) {
  EXPECT_EQ(value_names(Field::kLayer).size(), 4U);
  EXPECT_EQ(value_names(Field::kStatus).size(), 4U);
  EXPECT_EQ(value_names(Field::kSourceType).size(), 5U);
  EXPECT_TRUE(value_names(Field::kMemoryType).empty());
  EXPECT_TRUE(is_time(NumberField::kExpiresAt));
  EXPECT_TRUE(is_time(NumberField::kLastUsed));
  EXPECT_FALSE(is_time(NumberField::kUseCount));
  EXPECT_FALSE(is_time(NumberField::kRevision));
}

}  // namespace
}  // namespace tulving::model
