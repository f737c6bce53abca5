// What is promised: a tenant's tasks go out to a tracker's file and come back; what a person does
// there by hand is done here; what is not the tenant's is neither read nor touched; and a broken
// line costs nobody anything but itself. Lines are edited as a person would, by nlohmann, and
// compared byte by byte; stores are compared task by task.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/engine/plan_testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
namespace fs = std::filesystem;
using nlohmann::ordered_json;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class IssueTracker : public ::testing::Test {
 protected:
  IssueTracker() : store_(new_store()), acme_(tenant("acme")) {}

  Store new_store() {
    StoreOptions options;
    options.clock = clock_.clock();
    return value_of(Store::open_in_memory(options));
  }
  // Every tenant has memories of the same ids, as copies of one have.
  static Tenant filled(const Store& store, const std::string& id) {
    Tenant tenant = value_of(store.tenant(id));
    for (int i = 0; i < 4; ++i) {
      Memory memory = testing::memory("memory " + std::to_string(i));
      memory.id = memory_id(i);
      value_of(tenant.add(memory));
    }
    return tenant;
  }
  Tenant tenant(const std::string& id) const { return filled(store_, id); }
  static Uuid memory_id(int i) {
    return *Uuid::parse("0000000" + std::to_string(i) + "-0000-4000-8000-000000000000");
  }

  static std::string add(Tenant& tenant, int memory, const std::string& id = "",
                         Approval approval = Approval::kNotNeeded) {
    ConsolidationTask task = task_for({memory_id(memory)});
    task.task_id = id;
    task.approval = approval;
    return value_of(tenant.add_task(task)).task_id;
  }

  [[nodiscard]] fs::path path() const { return directory_ / "issues.jsonl"; }
  [[nodiscard]] std::string text() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text) const {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << text;
  }
  TaskExport exported(const Tenant& tenant, const TaskFilter& filter = {}) const {
    return value_of(export_tasks(tenant, path(), filter));
  }
  TaskImport imported(Tenant& tenant) const {
    return value_of(import_tasks(tenant, path(), {.now = clock_.now()}));
  }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  // Edits the line of a task, and says so in updated_at as the tracker does.
  void edit(const std::string& id, const std::function<void(ordered_json&, ordered_json&)>& change,
            bool touches = true) {
    std::string edited;
    for (const std::string& line : lines_of(text())) {
      ordered_json issue = ordered_json::parse(line);
      if (issue["id"] == id) {
        ordered_json notes = ordered_json::parse(issue["notes"].get<std::string>());
        if (touches) issue["updated_at"] = format_time(clock_.now());
        change(issue, notes);
        issue["notes"] = notes.dump();
      }
      edited += issue.dump() + "\n";
    }
    write(edited);
  }
  void close(const std::string& id) {
    edit(id, [&](auto& issue, auto&) {
      issue["status"] = "closed";
      issue["closed_at"] = format_time(clock_.now());
    });
  }
  void close_here(Tenant& tenant, const std::string& id) const {
    auto task = value_of(tenant.get_task(id));
    task.status = TaskStatus::kClosed;
    task.closed_at = task.updated_at = clock_.now();
    ASSERT_THAT(tenant.put_task(task, task.revision), Succeeds());
  }
  static std::vector<ConsolidationTask> tasks(const Tenant& tenant) {
    auto tasks = value_of(tenant.tasks());
    for (auto& task : tasks) task.revision = 0;
    return tasks;
  }
  static std::optional<ConsolidationTask> claim(Tenant& tenant) {
    return value_of(tenant.claim_task(claim_by("w")));
  }

  ManualClock clock_;
  TemporaryDirectory directory_;
  Store store_;
  Tenant acme_;
};

TEST_F(IssueTracker, BringsTasksIntoAnotherStoreAsTheyAre) {
  add(acme_, 0);
  add(acme_, 1, "waits", Approval::kWaiting);
  add(acme_, 2, "done");
  ASSERT_THAT(acme_.put_task([&] {
    auto task = value_of(acme_.get_task("done"));
    task.status = TaskStatus::kClosed;
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
  EXPECT_THAT(acme_.close_task(id, "w"), Succeeds());
}

TEST_F(IssueTracker, AddsOnlyWhatTheFilterLetsThroughAndUpdatesTheRest) {
  const std::string open = add(acme_, 0);
  exported(acme_);
  add(acme_, 1, "waits", Approval::kWaiting);
  clock_.advance(seconds(1));
  ASSERT_TRUE(claim(acme_));
  TaskFilter closed;
  closed.status = TaskStatus::kClosed;

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

  const auto task = value_of(acme_.get_task(id));
  EXPECT_EQ(task.status, TaskStatus::kClosed);
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
  EXPECT_EQ(value_of(acme_.get_task(id)).priority, 1);
  edit(
      id, [](auto& issue, auto&) { issue.erase("updated_at"); }, false);
  EXPECT_EQ(imported(acme_).unchanged, 1U);
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
  EXPECT_EQ(value_of(acme_.get_task("approve")).approval, Approval::kApproved);
  EXPECT_EQ(value_of(acme_.get_task("reject")).approval, Approval::kRejected);
  EXPECT_EQ(value_of(acme_.get_task("half")).approval, Approval::kWaiting);
  EXPECT_EQ(value_of(acme_.get_task("silent")).approval, Approval::kWaiting)
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
  EXPECT_EQ(value_of(acme_.get_task(id)).status, TaskStatus::kInProgress);
  clock_.advance(seconds(600));
  EXPECT_EQ(imported(acme_).updated, 1U) << "the worker died";
  EXPECT_EQ(value_of(acme_.get_task(id)).status, TaskStatus::kClosed);
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

  EXPECT_EQ(value_of(acme_.get_task(id)).claimed_by, "ann");
  EXPECT_THAT(value_of(acme_.get_task("stuck")).error, HasSubstr("tracker"));
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
  ASSERT_THAT(acme_.close_task(id, "w"), Succeeds());

  EXPECT_EQ(imported(acme_).older, 1U);

  EXPECT_EQ(value_of(acme_.get_task(id)).status, TaskStatus::kClosed);
  EXPECT_EQ(exported(acme_).written, 1U);
  EXPECT_NE(text(), old);
}

TEST_F(IssueTracker, RefusesAnUpdateFromTheFuture) {
  const std::string id = add(acme_, 0);
  exported(acme_);
  edit(id, [&](auto& issue, auto&) {
    issue["updated_at"] = format_time(clock_.now() + minutes(6));
    issue["title"] = "Changed";
  });

  const TaskImport report = imported(acme_);

  ASSERT_THAT(report.faults, SizeIs(1));
  EXPECT_EQ(report.faults[0].error.field, "updated_at");
  clock_.advance(minutes(1));
  EXPECT_EQ(imported(acme_).updated, 1U) << "clocks may differ by five minutes";
}

TEST_F(IssueTracker, PassesOverClosedTasksOfErasedMemories) {
  const std::string done = add(acme_, 0);
  const std::string open = add(acme_, 1);
  close_here(acme_, done);
  exported(acme_);
  ASSERT_THAT(acme_.erase(memory_id(0)), Succeeds());
  EXPECT_EQ(imported(acme_).unchanged, 2U);
  Store other_store = new_store();
  Tenant other = filled(other_store, "acme");
  ASSERT_THAT(other.erase(memory_id(0)), Succeeds());
  ASSERT_THAT(other.erase(memory_id(1)), Succeeds());

  const TaskImport report = imported(other);

  EXPECT_EQ(report.gone, 1U);
  ASSERT_THAT(report.faults, SizeIs(1)) << "what is open cannot be done";
  EXPECT_EQ(report.faults[0].error.field, "memory_ids");
  EXPECT_THAT(report.faults[0].error.message, HasSubstr(memory_id(1).to_string()));
  EXPECT_THAT(tasks(other), IsEmpty());
}

TEST_F(IssueTracker, TakesTheSoundLinesOfABrokenFile) {
  for (int i = 0; i < 4; ++i) add(acme_, i, "task-" + std::to_string(i));
  exported(acme_);
  const std::string sound = text();
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    auto lines = lines_of(sound);
    const std::size_t hit = random() % lines.size();
    for (unsigned i = 0; i < 1 + seed % 3; ++i) {
      lines[hit][random() % lines[hit].size()] = static_cast<char>(1 + random() % 255);
    }
    std::string broken;
    for (const std::string& line : lines) broken += line + "\n";
    write(broken);
    Store store = new_store();
    Tenant tenant = filled(store, "acme");

    const TaskImport report = imported(tenant);

    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i == hit) continue;
      const std::string id = "task-" + std::to_string(i);
      auto task = value_of(tenant.get_task(id));
      const auto original = value_of(acme_.get_task(id));
      task.revision = original.revision;
      ASSERT_EQ(task, original);
    }
    ASSERT_EQ(imported(tenant).added, 0U) << "the same file twice";
    ASSERT_THAT(value_of(store.verify()).problems, IsEmpty());
    exported(tenant);
    ASSERT_THAT(text(), ::testing::StartsWith(broken.substr(0, broken.find('\n'))));
    ASSERT_EQ(imported(tenant).faults.size(), report.faults.size());
  }
}

TEST_F(IssueTracker, RefusesWhatIsNoFile) {
  add(acme_, 0);
  EXPECT_THAT(import_tasks(acme_, path()), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(export_tasks(acme_, directory_ / "none" / "f"), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(export_tasks(acme_, directory_.path()), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(export_tasks(acme_, ""), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(import_tasks(acme_, directory_.path()), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(export_tasks(acme_, directory_ / std::string("a\0b", 3)),
              FailsWith(ErrorCode::kInvalidArgument));
  ASSERT_EQ(::mkfifo((directory_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(export_tasks(acme_, directory_ / "pipe"), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(import_tasks(acme_, directory_ / "pipe"), FailsWith(ErrorCode::kInvalidArgument));
  write("mine\n");
  fs::create_symlink(path(), directory_ / "link");
  EXPECT_THAT(export_tasks(acme_, directory_ / "link"), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_EQ(text(), "mine\n");
  EXPECT_THAT(value_of(import_tasks(acme_, directory_ / "link")).faults, SizeIs(1));
}

TEST_F(IssueTracker, LeavesNothingBehindAndKeepsTheMode) {
  add(acme_, 0);
  write("");
  ASSERT_EQ(::chmod(path().c_str(), 0640), 0);
  std::ofstream(directory_ / ".issues.jsonl.tulving-tmp") << "a killed export's";

  exported(acme_);

  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory_.path())) {
    names.push_back(entry.path().filename().string());
  }
  EXPECT_THAT(names, ElementsAre("issues.jsonl"));
  EXPECT_EQ(fs::status(path()).permissions(), fs::perms(0640));
}

TEST_F(IssueTracker, RefusesAFileThatMayNotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write to any file";
  add(acme_, 0);
  write("");
  ASSERT_EQ(::chmod(path().c_str(), 0440), 0);
  EXPECT_THAT(export_tasks(acme_, path()), FailsWith(ErrorCode::kIo));
  EXPECT_EQ(text(), "");
}

TEST_F(IssueTracker, TakesTurnsWithOtherExports) {
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    Tenant tenant = this->tenant("tenant-" + std::to_string(i));
    for (int j = 0; j < 4; ++j) ids.push_back(add(tenant, j));
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const Tenant tenant = value_of(store_.tenant("tenant-" + std::to_string(i)));
      EXPECT_EQ(exported(tenant).written, 4U);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> found;
  for (const auto& line : lines_of(text())) found.push_back(ordered_json::parse(line)["id"]);
  EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(ids));
}

}  // namespace
}  // namespace tulving
