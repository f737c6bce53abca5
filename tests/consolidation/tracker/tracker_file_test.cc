// What is promised: the tracker's file is replaced whole or not at all, and never over somebody
// else's change. What goes wrong is made to: another writer, between reading and writing; and, in a
// child process, a disk that is full.

#include "core/consolidation/tracker/tracker_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>

#include "tests/base/files/faults.h"

namespace tulving::consolidation {
namespace {

namespace fs = std::filesystem;

class TrackerFileTest : public testing::Test {
 protected:
  TrackerFileTest() {
    std::string pattern = (fs::temp_directory_path() / "tulving-tracker-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  ~TrackerFileTest() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  [[nodiscard]] fs::path path() const { return root_ / "issues.jsonl"; }
  void write(const std::string& text) const { std::ofstream(path()) << text; }
  [[nodiscard]] std::string text() const {
    std::ifstream in(path());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(root_), fs::directory_iterator());
  }

  fs::path root_;
};

TEST_F(TrackerFileTest, IsNotReplacedOverAnotherWritersChange) {
  write("old\n");
  auto file = TrackerFile::open(path());
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->text(), "old\n");
  write("theirs\n");

  const auto status = file->replace("ours\n");

  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kConflict);
  EXPECT_EQ(text(), "theirs\n");
  EXPECT_EQ(files(), 1);
}

TEST_F(TrackerFileTest, IsNotMadeOverOneThatCameMeanwhile) {
  auto file = TrackerFile::open(path());
  ASSERT_TRUE(file.has_value());
  write("theirs\n");
  EXPECT_EQ(file->replace("ours\n").error().code, ErrorCode::kConflict);
  EXPECT_EQ(text(), "theirs\n");
  fs::remove(path());
  EXPECT_TRUE(file->replace("ours\n").has_value());
  EXPECT_EQ(text(), "ours\n");
}

// flock(2) asks for no right but to read.
TEST_F(TrackerFileTest, ALockThatAStrangerHoldsHoldsNobody) {
  const int stranger = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(flock(stranger, LOCK_EX), 0);
  const auto file = TrackerFile::open(path());
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, ErrorCode::kBusy);
  EXPECT_THAT(file.error().message, testing::HasSubstr("locked by another program"));
  close(stranger);
  EXPECT_TRUE(TrackerFile::open(path()).has_value());
}

TEST_F(TrackerFileTest, StaysAsItWasWhenTheDiskIsFull) {
  write("old\n");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    auto file = TrackerFile::open(path());
    const auto status = file ? file->replace(std::string(100'000, 'x')) : Status();
    _exit(!status && status.error().code == ErrorCode::kIo ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(text(), "old\n");
  EXPECT_EQ(files(), 1);
}

TEST_F(TrackerFileTest, IsTheOldOneOrTheNewOneWhateverFails) {
  SimulatedDisk disk;
  const FaultTrial trial{.prepare =
                             [&] {
                               fs::remove(root_ / ".issues.jsonl.tulving-tmp");
                               write("old\n");
                             },
                         .act = [&]() -> Status {
                           auto file = TrackerFile::open(path(), disk);
                           return file ? file->replace("new\n") : Status(file.error());
                         },
                         .check =
                             [&](const Status& told) {
                               EXPECT_TRUE(text() == "new\n" || (!told && text() == "old\n"))
                                   << text();
                             }};
  EXPECT_GT(cut_power_at_each_operation(disk, trial), 10);
  for (const int cause : {EIO, ENOSPC}) {
    FaultTrial failing = trial;
    failing.check = [&](const Status& told) {
      trial.check(told);
      EXPECT_EQ(files(), 1) << "nothing half-written is left";
      if (!told) {
        EXPECT_THAT(told.error().message, testing::HasSubstr(root_.string()));
      }
    };
    EXPECT_GT(fail_each_operation(disk, cause, failing), 10);
  }
}

}  // namespace
}  // namespace tulving::consolidation
