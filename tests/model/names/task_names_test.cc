// Names of tasks reach labels, files and Postgres. They are written out here in the order of the
// enumerators' numbers, so that renumbering goes red.

#include <gtest/gtest.h>

#include <string>
#include <vector>

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

}  // namespace
}  // namespace tulving
