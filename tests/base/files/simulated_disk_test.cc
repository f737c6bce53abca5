// The simulated disk forgets what was not synced and nothing else. Every test of a power cut rests
// on that: a disk that kept too much would prove nothing.

#include "tests/base/files/simulated_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "core/base/files/directories.h"
#include "tests/base/files/scratch_folder.h"

namespace tulving {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class SimulatedDiskTest : public testing::Test {
 protected:
  [[nodiscard]] Descriptor directory() {
    return Descriptor::open(disk_, root_.path(), O_RDONLY | O_DIRECTORY);
  }
  [[nodiscard]] Descriptor create(const std::string& name, int flags = 0) {
    return directory().open(name, O_WRONLY | O_CREAT | flags, 0644);
  }
  void crash(std::size_t kept_bytes = 0) {
    disk_.crash(kept_bytes);
    disk_.revive();
  }

  ScratchFolder root_;
  SimulatedDisk disk_;
};

TEST_F(SimulatedDiskTest, ShowsWhatWasWrittenAndForgetsWhatWasNotSynced) {
  root_.put("file", "safe ");
  const auto file = create("file", O_APPEND);
  ASSERT_EQ(file.write("synced "), 0);
  ASSERT_EQ(file.fsync(), 0);
  ASSERT_EQ(file.write("unsynced"), 0);
  EXPECT_EQ(root_.text("file"), "safe synced unsynced");

  crash();

  EXPECT_EQ(root_.text("file"), "safe synced ");
}

TEST_F(SimulatedDiskTest, KeepsTheFirstUnsyncedBytesWhenToldTo) {
  root_.put("file", "safe ");
  ASSERT_EQ(create("file", O_APPEND).write("unsynced"), 0);
  crash(2);
  EXPECT_EQ(root_.text("file"), "safe un");
}

TEST_F(SimulatedDiskTest, GivesBackWhatWasCutOffOrWrittenOver) {
  root_.put("cut", "before");
  root_.put("truncated", "before");
  root_.put("written over", "before");
  ASSERT_EQ(create("cut").truncate(3), 0);
  ASSERT_EQ(create("truncated", O_TRUNC).write("new"), 0);
  ASSERT_EQ(create("written over").write("after!"), 0);
  EXPECT_EQ(root_.text("cut") + root_.text("truncated") + root_.text("written over"),
            "befnewafter!");

  crash();

  EXPECT_EQ(root_.text("cut"), "before");
  EXPECT_EQ(root_.text("truncated"), "before");
  EXPECT_EQ(root_.text("written over"), "before");
}

TEST_F(SimulatedDiskTest, UndoesNamesThatNoFsyncOfTheirDirectoryMadeSafe) {
  root_.put("replaced", "old");
  root_.put("removed", "precious");
  root_.put("moved", "mine");
  const auto change = [&] {
    const auto file = create("new");
    ASSERT_EQ(file.write("new"), 0);
    ASSERT_EQ(file.fsync(), 0);
    ASSERT_EQ(directory().rename("new", "replaced", true), 0);
    ASSERT_EQ(directory().remove("removed"), 0);
    ASSERT_EQ(directory().rename("moved", "elsewhere", false), 0);
    ASSERT_EQ(directory().create_directory("inner", 0755), 0);
  };
  change();
  EXPECT_THAT(root_.names(), ElementsAre("elsewhere", "inner", "replaced"));
  EXPECT_EQ(root_.text("replaced"), "new");

  crash();

  EXPECT_THAT(root_.names(), ElementsAre("moved", "removed", "replaced"));
  EXPECT_EQ(root_.text("replaced") + root_.text("removed") + root_.text("moved"),
            "oldpreciousmine");
  change();
  ASSERT_EQ(directory().fsync(), 0);
  crash();
  EXPECT_THAT(root_.names(), ElementsAre("elsewhere", "inner", "replaced"));
  EXPECT_EQ(root_.text("replaced") + root_.text("elsewhere"), "newmine");
}

TEST_F(SimulatedDiskTest, BringsBackAWholeDirectory) {
  fs::create_directory(root_ / "folder");
  root_.put("folder/a", "1");
  root_.put("folder/b", "2");
  ASSERT_TRUE(remove_all(disk_, root_ / "folder"));
  EXPECT_THAT(root_.names(), IsEmpty());

  crash();

  EXPECT_EQ(root_.text("folder/a") + root_.text("folder/b"), "12");
}

TEST_F(SimulatedDiskTest, ForgetsWhatWasInADirectoryWhoseRemovalIsSafe) {
  fs::create_directories(root_ / "folder/inner");
  root_.put("folder/inner/a", "1");
  ASSERT_TRUE(remove_all(disk_, root_ / "folder"));
  ASSERT_EQ(directory().fsync(), 0);

  crash();

  EXPECT_THAT(root_.names(), IsEmpty());
}

TEST_F(SimulatedDiskTest, FailsEveryCallWhileThePowerIsCut) {
  root_.put("file", "a");
  const auto file = create("file", O_APPEND);
  disk_.cut_power_at(2);
  EXPECT_EQ(file.write("b"), 0);
  EXPECT_EQ(file.fsync(), EIO);
  EXPECT_EQ(file.write("c"), EIO);
  EXPECT_EQ(directory().cause(), EIO);
  disk_.crash();
  EXPECT_EQ(file.fsync(), EIO);
  disk_.revive();
  EXPECT_EQ(root_.text("file"), "a");
  EXPECT_EQ(file.fsync(), 0);
}

TEST_F(SimulatedDiskTest, DropsTheBytesOfAFailedFsync) {
  const auto file = create("file");
  ASSERT_EQ(directory().fsync(), 0);
  ASSERT_EQ(file.write("lost"), 0);
  disk_.fail_sync(1);
  EXPECT_EQ(file.fsync(), EIO);
  EXPECT_EQ(file.fsync(), 0) << "as Linux has it: the second says nothing of the first";
  crash();
  EXPECT_EQ(root_.text("file"), "");
}

TEST_F(SimulatedDiskTest, TakesWhatFitsWhenItIsFull) {
  const auto file = create("file");
  disk_.fill_up(2);
  EXPECT_EQ(file.write("1234"), 0);
  EXPECT_EQ(file.write("5678"), ENOSPC);
  EXPECT_EQ(file.write("90"), ENOSPC);
  EXPECT_EQ(root_.text("file"), "1234569");
  disk_.heal();
  EXPECT_EQ(file.write("!"), 0);
}

TEST_F(SimulatedDiskTest, LeaksAnythingFromNothingToAllAtARandomPowerCut) {
  std::mt19937 random(7);
  std::set<std::string> contents;
  std::set<std::size_t> counts;
  for (int i = 0; i < 100; ++i) {
    root_.put("file", "");
    const auto file = create("file");
    ASSERT_EQ(file.write(std::string(20'000, 'x')), 0);
    for (const std::string name : {"1", "2", "3"}) ASSERT_TRUE(create(name).is_open());
    disk_.crash(random);
    disk_.revive();
    contents.insert(root_.text("file"));
    const auto names = root_.names();
    counts.insert(names.size());
    // What was made first is there first.
    for (std::size_t n = 1; n < names.size(); ++n) EXPECT_EQ(names[n - 1], std::to_string(n));
    for (const auto& name : names) fs::remove(root_ / name);
  }
  EXPECT_GT(contents.size(), 10U);
  EXPECT_THAT(counts, ElementsAre(1, 2, 3, 4));
}

}  // namespace
}  // namespace tulving
