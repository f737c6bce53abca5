// Files, lines and moments that give trouble: what of them is refused, and that nothing else is.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "tests/consolidation/tracker/issue_tracker_testing.h"

namespace tulving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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
      auto task = value_of(tenant.get<ConsolidationTask>(id));
      const auto original = value_of(acme_.get<ConsolidationTask>(id));
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
