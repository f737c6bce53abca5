// What is promised: a task's notes, in its line in the tracker and in Postgres, have what Cortex's
// readers look for, and are read back as they were written; `scores` lie beside their memories.

#include <gmock/gmock.h>

#include "tests/consolidation/tracker/beads_testing.h"

namespace tulving::consolidation {
namespace {

TEST(TaskNotes, WritesAndReadsScoresBesideTheMemories) {
  ConsolidationTask task = *task_of(good_line());
  task.memory_ids = {*Uuid::parse(kFirst)};
  task.score = 0.08;
  const json notes = json::parse(to_task_notes(kTenant, task));
  EXPECT_EQ(notes["scores"], json::parse("[0.08]"));
  EXPECT_FALSE(notes.contains("score"));
  EXPECT_EQ(task_of(json::parse(to_beads_line(kTenant, task)))->score, 0.08);
  // As earlier versions wrote it.
  json old = with_note("score", 0.25);
  EXPECT_EQ(task_of(old)->score, 0.25);
  const auto both = task_of(with_note("scores", {0.1, 0.2}, old));
  ASSERT_FALSE(both.has_value());
  EXPECT_EQ(both.error().field, "notes.score");
}

TEST(TaskNotes, KeepsTheScoresOfSeveralMemoriesBesideTheirIds) {
  const auto task = task_of(with_note("scores", json::parse("[0.2, 0.10]")));

  ASSERT_TRUE(task.has_value()) << task.error().message;
  EXPECT_FALSE(task->score.has_value());
  const json notes = json::parse(to_task_notes(kTenant, *task));
  EXPECT_EQ(notes["memory_ids"], json({kFirst, kSecond})) << "ascending";
  EXPECT_EQ(notes["scores"], json::parse("[0.10, 0.2]")) << "each beside its memory";
  EXPECT_EQ(*task_of(json::parse(to_beads_line(kTenant, *task))), *task);
  EXPECT_TRUE(task_of(with_note("scores", json::array())).has_value()) << "none were given";
}

TEST(TaskNotes, AreReadAsTheyAreWritten) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    testing_support::RandomRecords random(seed);
    ConsolidationTask task = random_task(random);
    if (task.action.empty()) task.action = "look";
    const std::string notes = to_task_notes(random.coin() ? kTenant : "", task);
    // What notes do not hold.
    ConsolidationTask again = task;
    again.agent = UpkeepAgent::kDecay;
    again.action.clear();
    again.memory_ids.clear();
    again.score = again.cohesion = again.confidence = std::nullopt;
    again.notes = "{}";
    again.approval = Approval::kNotNeeded;
    again.retry_count = 0;
    again.error.clear();
    again.retry_at.reset();
    again.claimed_by.clear();
    again.claimed_until.reset();
    const auto status = read_task_notes(notes, again);
    ASSERT_TRUE(status.has_value()) << status.error().message << "\n" << notes;
    ASSERT_EQ(again, task) << notes;
  }
}

TEST(TaskNotes, NeedMemoriesAndAnAgentAndChangeNothingOtherwise) {
  ConsolidationTask task = *task_of(good_line());
  const ConsolidationTask before = task;
  const std::string ids = R"("memory_ids":[")" + kFirst + R"("])";
  EXPECT_EQ(read_task_notes("{" + ids + "}", task).error().field, "notes.agent");
  EXPECT_EQ(read_task_notes(R"({"agent":"decay"})", task).error().field, "notes.memory_ids");
  EXPECT_EQ(read_task_notes(R"({"agent":"tim",)" + ids + "}", task).error().field, "notes.agent");
  EXPECT_EQ(read_task_notes("[]", task).error().field, "notes");
  EXPECT_EQ(task, before);
  task.action.clear();
  ASSERT_TRUE(read_task_notes(R"({"agent":"decay",)" + ids + "}", task));
  EXPECT_EQ(task.action, "reinforce");
}

}  // namespace
}  // namespace tulving::consolidation
