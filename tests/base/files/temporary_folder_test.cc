// What is promised of a folder that comes as a whole: it has its name or nothing has changed,
// whatever fails; of many makers one gets the name and the others lose what is their own alone;
// what a killed maker left goes with the next, and neither a living one's nor a stranger's does.

#include "core/base/files/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/base/files/faults.h"
#include "tests/base/files/scratch_folder.h"

namespace tulving {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class TemporaryFolderTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<TemporaryFolder> make(const std::string& name = "place") const {
    auto folder = TemporaryFolder::create(FileSystem::machine(), scratch_.path(), name);
    EXPECT_TRUE(folder) << folder.error().message;
    write_bytes((*folder)->path() / "file", "words");
    return *std::move(folder);
  }
  /// Runs `act` in a process that is then killed.
  template <class Act>
  static void killed(const Act& act) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      act();
      kill(getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }

  ScratchFolder scratch_;
};

TEST_F(TemporaryFolderTest, HasItsNameOnceItIsCommittedAndIsGoneOtherwise) {
  { const auto dropped = make(); }
  EXPECT_THAT(scratch_.names(), IsEmpty());
  const auto folder = make();
  EXPECT_THAT(scratch_.names(), ElementsAre(StartsWith(".place.tulving-")));
  struct stat info {};
  ASSERT_EQ(stat(folder->path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);

  EXPECT_TRUE(folder->commit());

  EXPECT_THAT(scratch_.names(), ElementsAre("place"));
  EXPECT_EQ(read_bytes(scratch_ / "place" / "file"), "words");
}

TEST_F(TemporaryFolderTest, TakesThePlaceOfAnEmptyFolderAndItsMode) {
  fs::create_directory(scratch_ / "place");
  fs::permissions(scratch_ / "place", fs::perms(0750));
  EXPECT_TRUE(make()->commit());
  EXPECT_THAT(scratch_.names(), ElementsAre("place"));
  EXPECT_EQ(fs::status(scratch_ / "place").permissions(), fs::perms(0750));
}

TEST_F(TemporaryFolderTest, NeverTakesThePlaceOfSomethingElse) {
  const auto refused = [&] {
    const auto status = make()->commit();
    return !status && status.error().code == ErrorCode::kConflict;
  };
  scratch_.put("place", "a file");
  EXPECT_TRUE(refused());
  EXPECT_EQ(scratch_.text("place"), "a file");
  fs::remove(scratch_ / "place");
  fs::create_symlink("nowhere", scratch_ / "place");
  EXPECT_TRUE(refused());
  EXPECT_TRUE(fs::is_symlink(scratch_ / "place"));
  fs::remove(scratch_ / "place");
  fs::create_directory(scratch_ / "place");
  scratch_.put("place/letter", "dear Ada");
  EXPECT_TRUE(refused());
  EXPECT_EQ(scratch_.text("place/letter"), "dear Ada");
  EXPECT_THAT(scratch_.names(), ElementsAre("place"));
}

TEST_F(TemporaryFolderTest, OfManyMakersOneGetsTheName) {
  constexpr int kMakers = 8;
  for (int round = 0; round < 25; ++round) {
    std::atomic<int> done = 0;
    std::atomic<int> ready = 0;
    std::vector<std::thread> makers;
    for (int i = 0; i < kMakers; ++i) {
      makers.emplace_back([&, i] {
        const auto folder = make();
        write_bytes(folder->path() / ("by " + std::to_string(i)), "words");
        ++ready;
        while (ready < kMakers) std::this_thread::yield();
        const auto status = folder->commit();
        done += status ? 1 : 0;
        EXPECT_TRUE(status || status.error().code == ErrorCode::kConflict);
      });
    }
    for (auto& maker : makers) maker.join();
    EXPECT_EQ(done, 1);
    EXPECT_THAT(scratch_.names(), ElementsAre("place"));
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch_ / "place"), {}), 2);
    scratch_.clear();
  }
}

// More than one folder of a process, of several names, and one within another.
TEST_F(TemporaryFolderTest, WhatAKilledMakerLeftGoesWithTheNext) {
  killed([this] {
    static std::vector<std::unique_ptr<TemporaryFolder>> left;
    left.push_back(make("one"));
    left.push_back(make("two"));
    left.push_back(*TemporaryFolder::create(FileSystem::machine(), left[0]->path(), "inner"));
  });
  EXPECT_THAT(scratch_.names(), SizeIs(2));
  EXPECT_TRUE(make("three")->commit());
  EXPECT_THAT(scratch_.names(), ElementsAre("three"));
}

TEST_F(TemporaryFolderTest, ALivingMakersFolderIsLeftAlone) {
  const auto mine = make();
  killed([this] { EXPECT_TRUE(make("other")->commit()); });
  const auto again = make();
  EXPECT_EQ(read_bytes(mine->path() / "file"), "words");
  EXPECT_TRUE(mine->commit());
  EXPECT_FALSE(again->commit());
}

TEST_F(TemporaryFolderTest, AStrangersFolderIsLeftAlone) {
  const std::string uuid = "01234567-89ab-cdef-0123-456789abcdef";
  const std::vector<std::string> strangers = {".place.tulving-",
                                              ".place.tulving-1",
                                              "place.tulving-" + uuid,
                                              ".tulving-" + uuid + ".place",
                                              ".place.tulving-01234567-89AB-CDEF-0123-456789ABCDEF",
                                              ".place.other-" + uuid};
  for (const std::string& name : strangers) fs::create_directories(scratch_ / name / "in it");
  scratch_.put(".place.tulving-" + uuid, "a file");
  const auto before = scratch_.names();
  { const auto folder = make(); }
  EXPECT_EQ(scratch_.names(), before);
  if (geteuid() != 0) return;
  fs::remove(scratch_ / (".place.tulving-" + uuid));
  fs::create_directory(scratch_ / (".place.tulving-" + uuid));
  ASSERT_EQ(chown((scratch_ / (".place.tulving-" + uuid)).c_str(), 12345, 12345), 0);
  { const auto folder = make(); }
  EXPECT_EQ(scratch_.names(), before) << "it is another user's";
}

// What a signal does: the folders go while they are being filled, and their maker stops.
TEST_F(TemporaryFolderTest, AnEndingProcessRemovesThemUnderTheirMakersHands) {
  for (int round = 0; round < 10; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto outer = make();
      std::thread maker([&] {
        for (int i = 0;; ++i) {
          const auto inner =
              TemporaryFolder::create(FileSystem::machine(), outer->path(), std::to_string(i));
          if (inner) write_bytes((*inner)->path() / "file", "words");
          if (inner) (void)(*inner)->commit().has_value();
        }
      });
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      remove_temporary_folders_and_stop();
      _exit(7);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    EXPECT_THAT(scratch_.names(), IsEmpty());
  }
}

class TemporaryFolderFaults : public TemporaryFolderTest {
 protected:
  Status act() {
    auto folder = TemporaryFolder::create(disk_, scratch_.path(), "place");
    if (!folder) return folder.error();
    const auto file =
        Descriptor::open(disk_, (*folder)->path() / "file", O_WRONLY | O_CREAT | O_EXCL, 0600);
    const auto in = Descriptor::open(disk_, (*folder)->path(), O_RDONLY | O_DIRECTORY);
    for (const Descriptor* one : {&file, &in}) {
      if (!one->is_open()) return io_error("open", "file", one->cause());
      if (one == &file) {
        if (const int cause = file.write("words"); cause != 0) return io_error("write", "", cause);
      }
      if (const int cause = one->fsync(); cause != 0) return io_error("fsync", "file", cause);
    }
    return (*folder)->commit();
  }
  FaultTrial trial(const std::function<void(const Status&)>& check) {
    return {
        .prepare = [this] { scratch_.clear(); }, .act = [this] { return act(); }, .check = check};
  }

  SimulatedDisk disk_;
};

TEST_F(TemporaryFolderFaults, APowerCutLeavesAllOfItOrNoneAndWhatIsLeftGoesWithTheNext) {
  cut_power_at_each_operation(disk_, trial([this](const Status& told) {
                                const bool is_there = fs::exists(scratch_ / "place");
                                EXPECT_TRUE(is_there || !told);
                                if (is_there) {
                                  EXPECT_EQ(read_bytes(scratch_ / "place" / "file"), "words");
                                }
                                fs::remove_all(scratch_ / "place");
                                { const auto next = make(); }
                                EXPECT_THAT(scratch_.names(), IsEmpty());
                              }));
}

TEST_F(TemporaryFolderFaults, AnErrorLeavesNothing) {
  for (const int cause : {EIO, ENOSPC}) {
    FaultTrial failing = trial([this](const Status& told) {
      if (told) return;
      EXPECT_THAT(scratch_.names(), IsEmpty());
    });
    // A removal that fails is the next one's to make good.
    failing.says_why = true;
    fail_each_operation(disk_, cause, failing);
  }
}

}  // namespace
}  // namespace tulving
