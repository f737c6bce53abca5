// What is promised: a tenant's tasks go out to a tracker's file and come back; what a person does
// there by hand is done here; what is not the tenant's is neither read nor touched; and a broken
// line costs nobody anything but itself. Lines are edited as a person would, by nlohmann, and
// compared byte by byte; stores are compared task by task.

#include "tests/consolidation/tracker/issue_tracker_testing.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(IssueTracker, BringsTasksIntoAnotherStoreAsTheyAre) {
  add(acme_, 0);
  add(acme_, 1, "waits", Approval::kWaiting);
  add(acme_, 2, "done");
  ASSERT_THAT(acme_.put([&] {
    auto task = value_of(acme_.get<ConsolidationTask>("done"));
    task.status = ConsolidationTaskStatus::kClosed;
    task.closed_at = clock_.now();
    task.score = 0.25;
    task.tracker_fields = R"({"assignee":"ann"})";
    return task;
  }()),
              Succeeds());
  ASSERT_TRUE(claim(acme_));
  EXPECT_EQ(exported(acme_).written, 3U);
  const std::string file = text();
  Store other_store = new_store();
  Tenant other = filled(other_store, "acme");

  EXPECT_EQ(imported(other).added, 3U);

  EXPECT_EQ(tasks(other), tasks(acme_));
  EXPECT_EQ(exported(other).unchanged, 3U);
  EXPECT_EQ(text(), file);
}

TEST_F(IssueTracker, ChangesNothingTheSecondTime) {
  add(acme_, 0);
  add(acme_, 1);
  exported(acme_);
  const auto written = fs::last_write_time(path());
  const std::uint64_t revision = store_.revision();

  EXPECT_EQ(imported(acme_).unchanged, 2U);
  EXPECT_EQ(imported(acme_).unchanged, 2U);
  EXPECT_EQ(exported(acme_).unchanged, 2U);

  EXPECT_EQ(store_.revision(), revision);
  EXPECT_EQ(fs::last_write_time(path()), written);
}

TEST_F(IssueTracker, LeavesOtherIssuesByteForByte) {
  const std::string other = R"({ "id" : "x-1",  "title": "Fix it", "zz": 1e400 })";
  write(other + "\r\n\n" + other);
  const std::string id = add(acme_, 0);

  const TaskExport report = exported(acme_);

  EXPECT_EQ(report.others, 2U);
  EXPECT_EQ(report.written, 1U);
  EXPECT_THAT(text(), ::testing::StartsWith(other + "\r\n\n" + other + "\n{\"id\":\"" + id));
  EXPECT_EQ(imported(acme_).others, 2U);
}

TEST_F(IssueTracker, KeepsWhatThePersonAddedWhenTheTaskChangesLater) {
  const std::string id = add(acme_, 0);
  exported(acme_);
  edit(id, [](auto& issue, auto&) { issue["assignee"] = "ann"; });
  clock_.advance(seconds(1));
  ASSERT_TRUE(claim(acme_));

  EXPECT_EQ(imported(acme_).older, 1U);
  EXPECT_EQ(exported(acme_).written, 1U);

  const auto line = ordered_json::parse(lines_of(text())[0]);
  EXPECT_EQ(line["assignee"], "ann");
  EXPECT_EQ(line["status"], "in_progress");
  EXPECT_EQ(imported(acme_).updated, 1U) << "the worker does not mind";
  EXPECT_THAT(acme_.queue().close(id, "w"), Succeeds());
}

TEST_F(IssueTracker, AddsOnlyWhatTheFilterLetsThroughAndUpdatesTheRest) {
  const std::string open = add(acme_, 0);
  exported(acme_);
  add(acme_, 1, "waits", Approval::kWaiting);
  clock_.advance(seconds(1));
  ASSERT_TRUE(claim(acme_));
  ConsolidationTaskFilter closed;
  closed.status = ConsolidationTaskStatus::kClosed;

  EXPECT_EQ(exported(acme_, closed).written, 1U);

  ASSERT_THAT(lines_of(text()), SizeIs(1));
  EXPECT_EQ(ordered_json::parse(text())["status"], "in_progress");
}

TEST_F(IssueTracker, KeepsTenantsApart) {
  Tenant umbrella = tenant("umbrella");
  add(acme_, 0);
  add(umbrella, 0);
  add(umbrella, 1);
  exported(acme_);
  const std::string first = text();

  const TaskExport report = exported(umbrella);

  EXPECT_EQ(report.others, 1U);
  EXPECT_EQ(report.written, 2U) << "the same work of another tenant has an id of its own";
  EXPECT_THAT(text(), ::testing::StartsWith(first));
  Store other_store = new_store();
  Tenant again = filled(other_store, "umbrella");
  EXPECT_EQ(imported(again).others, 1U);
  EXPECT_EQ(tasks(again), tasks(umbrella));
  Tenant stranger = filled(other_store, "stranger");
  EXPECT_EQ(imported(stranger).others, 3U);
  EXPECT_THAT(tasks(stranger), IsEmpty());
}

TEST_F(IssueTracker, DoesNotWriteATaskWhoseIdIsTaken) {
  Tenant umbrella = tenant("umbrella");
  add(acme_, 0, "same");
  add(umbrella, 0, "same");
  exported(acme_);
  const std::string before = text();

  const TaskExport report = exported(umbrella);

  EXPECT_EQ(text(), before);
  ASSERT_THAT(report.faults, SizeIs(1));
  EXPECT_EQ(report.faults[0].line, 1U);
  EXPECT_EQ(report.faults[0].error.field, "id");
  EXPECT_THAT(report.faults[0].error.message, HasSubstr("same"));
  write(R"({"id":"same","title":"An issue"})");
  EXPECT_THAT(exported(umbrella).faults, SizeIs(1));
  EXPECT_EQ(text(), R"({"id":"same","title":"An issue"})");
}

TEST_F(IssueTracker, GivesALineWithoutATenantToTheOneThatTakesIt) {
  const std::string id = add(acme_, 0);
  exported(acme_);
  edit(
      id, [](auto&, auto& notes) { notes.erase("tenant_id"); }, false);
  Store other_store = new_store();
  Tenant other = filled(other_store, "other");

  EXPECT_EQ(imported(other).added, 1U);
  EXPECT_EQ(exported(other).written, 1U) << "now it names its tenant";

  EXPECT_EQ(imported(acme_).others, 1U);
}

TEST_F(IssueTracker, ClosesWhatAPersonClosed) {
  const std::string id = add(acme_, 0);
  exported(acme_);
  clock_.advance(seconds(1));
  close(id);

  EXPECT_EQ(exported(acme_).newer, 1U) << "a person's edit is not written over";
  EXPECT_EQ(imported(acme_).updated, 1U);

  const auto task = value_of(acme_.get<ConsolidationTask>(id));
  EXPECT_EQ(task.status, ConsolidationTaskStatus::kClosed);
  EXPECT_EQ(task.closed_at, clock_.now());
  EXPECT_FALSE(claim(acme_));
  EXPECT_EQ(imported(acme_).unchanged, 1U);
  EXPECT_EQ(exported(acme_).unchanged, 1U);
}

TEST_F(IssueTracker, TakesAnEditThatLeftUpdatedAtAlone) {
  const std::string id = add(acme_, 0);
  exported(acme_);
  edit(
      id, [](auto& issue, auto&) { issue["priority"] = 1; }, false);
  EXPECT_EQ(exported(acme_).newer, 1U);
  EXPECT_EQ(imported(acme_).updated, 1U);
  EXPECT_EQ(value_of(acme_.get<ConsolidationTask>(id)).priority, 1);
  edit(
      id, [](auto& issue, auto&) { issue.erase("updated_at"); }, false);
  EXPECT_EQ(imported(acme_).unchanged, 1U);
}

// As Cortex' own agents write an issue: memory_ids and agent, and no more of ours.
TEST_F(IssueTracker, TakesALineWithMemoriesAndAnAgentAlone) {
  const std::vector<std::pair<std::string, std::string>> usual = {{"decay", "reinforce"},
                                                                  {"cluster", "link"},
                                                                  {"merge", "merge"},
                                                                  {"promote", "promote"},
                                                                  {"relations", "relate"}};
  std::string lines;
  for (const auto& [agent, action] : usual) {
    const ordered_json notes = {
        {"memory_ids", {memory_id(0).to_string(), memory_id(1).to_string()}},
        {"agent", agent},
        {"scores", {0.08, 0.31}}};
    const ordered_json line = {{"id", "cortex-" + agent},
                               {"title", agent + ": 2 memories"},
                               {"notes", notes.dump()},
                               {"status", "open"},
                               {"priority", 2}};
    lines += line.dump() + "\n";
  }
  write(lines);

  const TaskImport report = imported(acme_);

  EXPECT_THAT(report.faults, IsEmpty());
  EXPECT_EQ(report.added, 5U);
  for (const auto& [agent, action] : usual) {
    const auto task = value_of(acme_.get<ConsolidationTask>("cortex-" + agent));
    EXPECT_EQ(to_string(task.agent), agent);
    EXPECT_EQ(task.action, action);
    EXPECT_EQ(task.notes, R"({"scores":[0.08,0.31]})");
  }
  EXPECT_EQ(imported(acme_).unchanged, 5U);
  EXPECT_EQ(exported(acme_).written, 5U) << "with their tenant, action and labels";
  EXPECT_EQ(imported(acme_).unchanged, 5U);
}

TEST_F(IssueTracker, KeepsTheActionOfATaskWhoseLineLostIt) {
  const std::string id = add(acme_, 0);
  auto task = value_of(acme_.get<ConsolidationTask>(id));
  task.action = "gc";
  ASSERT_THAT(acme_.put(task), Succeeds());
  exported(acme_);
  edit(
      id,
      [](auto& issue, auto& notes) {
        notes.erase("action");
        issue["priority"] = 1;
      },
      false);

  EXPECT_EQ(imported(acme_).updated, 1U);

  EXPECT_EQ(value_of(acme_.get<ConsolidationTask>(id)).action, "gc");
}

TEST_F(IssueTracker, DecidesByNotesApproval) {
  for (const char* id : {"approve", "reject", "half", "silent"}) {
    add(acme_, 0, id, Approval::kWaiting);
  }
  exported(acme_);
  clock_.advance(seconds(1));
  edit("approve", [](auto&, auto& notes) { notes["approval"] = "approved"; });
  edit("reject", [](auto&, auto& notes) { notes["approval"] = "rejected"; });
  close("reject");
  edit("half", [](auto&, auto& notes) { notes["approval"] = "rejected"; });
  edit("silent", [](auto&, auto& notes) { notes.erase("approval"); });

  const TaskImport report = imported(acme_);

  EXPECT_EQ(report.updated, 3U);
  ASSERT_THAT(report.faults, SizeIs(1));
  EXPECT_EQ(report.faults[0].error.field, "notes.approval");
  EXPECT_THAT(report.faults[0].error.message, HasSubstr("a rejected task is closed"));
  EXPECT_EQ(value_of(acme_.get<ConsolidationTask>("approve")).approval, Approval::kApproved);
  EXPECT_EQ(value_of(acme_.get<ConsolidationTask>("reject")).approval, Approval::kRejected);
  EXPECT_EQ(value_of(acme_.get<ConsolidationTask>("half")).approval, Approval::kWaiting);
  EXPECT_EQ(value_of(acme_.get<ConsolidationTask>("silent")).approval, Approval::kWaiting)
      << "nobody said that it may be done";
  EXPECT_EQ(claim(acme_)->task_id, "approve");
}

TEST_F(IssueTracker, LeavesATaskToTheWorkerThatHoldsIt) {
  const std::string id = add(acme_, 0);
  ASSERT_TRUE(claim(acme_));
  exported(acme_);
  clock_.advance(seconds(1));
  close(id);

  const TaskImport report = imported(acme_);

  ASSERT_THAT(report.faults, SizeIs(1));
  EXPECT_EQ(report.faults[0].error.code, ErrorCode::kConflict);
  EXPECT_THAT(report.faults[0].error.message, HasSubstr("in the hands of \"w\""));
  EXPECT_EQ(value_of(acme_.get<ConsolidationTask>(id)).status,
            ConsolidationTaskStatus::kInProgress);
  clock_.advance(seconds(600));
  EXPECT_EQ(imported(acme_).updated, 1U) << "the worker died";
  EXPECT_EQ(value_of(acme_.get<ConsolidationTask>(id)).status, ConsolidationTaskStatus::kClosed);
}

TEST_F(IssueTracker, GivesWhatAPersonStartedToThemUntilTheyCloseIt) {
  const std::string id = add(acme_, 0);
  add(acme_, 1, "stuck");
  exported(acme_);
  clock_.advance(seconds(1));
  edit(id, [](auto& issue, auto&) {
    issue["status"] = "in_progress";
    issue["assignee"] = "ann";
  });
  edit("stuck", [](auto& issue, auto&) { issue["status"] = "blocked"; });

  EXPECT_EQ(imported(acme_).updated, 2U);

  EXPECT_EQ(value_of(acme_.get<ConsolidationTask>(id)).claimed_by, "ann");
  EXPECT_THAT(value_of(acme_.get<ConsolidationTask>("stuck")).error, HasSubstr("tracker"));
  EXPECT_EQ(imported(acme_).unchanged, 2U);
  EXPECT_EQ(exported(acme_).unchanged, 2U);
  clock_.advance(std::chrono::days(1));
  EXPECT_FALSE(claim(acme_));
  close(id);
  EXPECT_EQ(imported(acme_).updated, 1U);
}

TEST_F(IssueTracker, KeepsWhatChangedHereLater) {
  const std::string id = add(acme_, 0);
  exported(acme_);
  const std::string old = text();
  clock_.advance(seconds(1));
  ASSERT_TRUE(claim(acme_));
  ASSERT_THAT(acme_.queue().close(id, "w"), Succeeds());

  EXPECT_EQ(imported(acme_).older, 1U);

  EXPECT_EQ(value_of(acme_.get<ConsolidationTask>(id)).status, ConsolidationTaskStatus::kClosed);
  EXPECT_EQ(exported(acme_).written, 1U);
  EXPECT_NE(text(), old);
}

}  // namespace
}  // namespace tulving
