// Names of tasks reach labels, files and Postgres. They are written out here in the order of the
// enumerators' numbers, so that renumbering goes red.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/model/names/task_title.h"
#include "tulving/consolidation_tasks.h"

namespace tulving {
namespace {

template <class Enum, class Named>
void expect_names(const std::vector<std::string>& names, const Named& named) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto value = static_cast<Enum>(i);
    EXPECT_EQ(to_string(value), names[i]);
    EXPECT_EQ(named(names[i]), value);
  }
  EXPECT_EQ(to_string(static_cast<Enum>(names.size())), "unknown");
  EXPECT_FALSE(named("unknown"));
  EXPECT_FALSE(named(""));
  EXPECT_FALSE(named(names[0] + " "));
}

TEST(TaskNames, AreThoseOfTheSpecAndTheSchema) {
  expect_names<UpkeepAgent>({"decay", "cluster", "merge", "promote", "relations"},
                            parse_upkeep_agent);
  expect_names<Urgency>({"low", "medium", "high"}, parse_urgency);
  expect_names<ConsolidationTaskStatus>({"open", "in_progress", "blocked", "closed"},
                                        parse_consolidation_task_status);
  expect_names<Approval>({"not_needed", "waiting", "approved", "rejected"}, parse_approval);
}

TEST(TaskTitles, NameTheMemoryAndTheFigure) {
  ConsolidationTask task;
  task.agent = UpkeepAgent::kDecay;
  task.memory_ids = {*Uuid::parse("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed")};
  task.score = 0.0811;
  EXPECT_EQ(model::task_title(task), "Decay: Memory 1b9d6bcd at 0.08");
  task.agent = UpkeepAgent::kMerge;
  task.score.reset();
  task.cohesion = 0.906;
  task.confidence = 0.7;
  task.memory_ids.push_back(*Uuid::parse("2b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"));
  task.memory_ids.push_back(*Uuid::parse("3b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"));
  EXPECT_EQ(model::task_title(task), "Merge: Memory 1b9d6bcd and 2 more at 0.91");
  task.cohesion.reset();
  EXPECT_EQ(model::task_title(task), "Merge: Memory 1b9d6bcd and 2 more at 0.70");
  task.confidence.reset();
  EXPECT_EQ(model::task_title(task), "Merge: Memory 1b9d6bcd and 2 more");
}

}  // namespace
}  // namespace tulving
