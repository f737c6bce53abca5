// What is promised of each way in which a whole file is written: a power cut at any moment leaves
// what was there, whole, or what was to come, whole, and the latter once it was told to be there;
// an error of any operation leaves what was there and nothing beside it, and says what could not be
// done to which file, and why. Each operation of a write is made to fail in turn.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <numeric>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/files/atomic_file.h"
#include "core/base/files/directories.h"
#include "tests/base/files/faults.h"
#include "tests/base/files/scratch_folder.h"

namespace tulving {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsSubsetOf;

// Larger than any buffer on the way.
std::string text_of(char letter) { return std::string(200'000, letter); }

Status write_atomic(FileSystem& files, const fs::path& path, char letter) {
  auto file = AtomicFile::create(path, files);
  if (!file) return file.error();
  for (int i = 0; i < 4; ++i) {
    if (auto status = file->write(std::string(50'000, letter)); !status) return status;
  }
  return file->commit();
}

Status write_through_link(FileSystem& files, const fs::path& path, char letter) {
  fs::remove(path.parent_path() / "link");
  fs::create_symlink(path.filename(), path.parent_path() / "link");
  return write_atomic(files, path.parent_path() / "link", letter);
}

Status write_checkpoint(FileSystem& files, const fs::path& path, char letter) {
  auto writer = CheckpointWriter::open(path, {"TEST", 1, {.revision = 1}}, files);
  if (!writer) return writer.error();
  const std::string text = text_of(letter);
  if (auto status = writer->write_array(std::span<const char>(text)); !status) return status;
  return writer->finish();
}

std::string read_plain(const fs::path& path) { return read_bytes(path); }
std::string read_checkpoint(const fs::path& path) {
  const auto reader = CheckpointReader::open(path, "TEST", 1);
  if (!reader) return reader.error().code == ErrorCode::kNotFound ? "" : reader.error().message;
  const auto text = reader->read_array<char>(0);
  return text ? std::string(text->begin(), text->end()) : text.error().message;
}

struct Writer {
  std::string_view name;
  Status (*write)(FileSystem& files, const fs::path& path, char letter);
  std::string (*read)(const fs::path& path);
};
std::ostream& operator<<(std::ostream& out, const Writer& writer) { return out << writer.name; }

class FileFaults : public testing::TestWithParam<Writer> {
 protected:
  [[nodiscard]] fs::path path() const { return root_ / "file"; }
  /// A trial that writes over a file, or where there is none.
  FaultTrial trial(bool is_there) {
    const auto prepare = [this, is_there] {
      root_.clear();
      if (is_there) {
        ASSERT_TRUE(GetParam().write(FileSystem::machine(), path(), 'a'));
      }
    };
    const auto act = [this] { return GetParam().write(disk_, path(), 'b'); };
    const auto check = [this, is_there](const Status& told) {
      const std::string before = is_there ? text_of('a') : "";
      if (told) {
        EXPECT_EQ(GetParam().read(path()), text_of('b'));
      } else {
        EXPECT_THAT(GetParam().read(path()), AnyOf(before, text_of('b')));
      }
    };
    return {prepare, act, check};
  }

  ScratchFolder root_;
  SimulatedDisk disk_;
};

TEST_P(FileFaults, APowerCutLeavesTheOldFileOrTheNewOne) {
  for (const bool is_there : {true, false}) {
    EXPECT_GT(cut_power_at_each_operation(disk_, trial(is_there)), 5);
  }
}

TEST_P(FileFaults, APowerCutThatLeaksLeavesTheOldFileOrTheNewOne) {
  std::mt19937 random(std::random_device{}());
  for (int i = 0; i < 200; ++i) {
    const FaultTrial one = trial(i % 2 == 0);
    one.prepare();
    disk_.cut_power_at(static_cast<int>(1 + random() % 20));
    const Status told = one.act();
    disk_.crash(random);
    disk_.revive();
    SCOPED_TRACE(disk_.stopped_at());
    one.check(told);
    if (HasFailure()) return;
  }
}

TEST_P(FileFaults, TheFileThatAPowerCutLeftHalfWrittenIsInNobodysWay) {
  std::mt19937 random(1);
  for (int nth = 1; nth < 12; ++nth) {
    const FaultTrial one = trial(true);
    one.prepare();
    disk_.cut_power_at(nth);
    (void)one.act().has_value();
    disk_.crash(random);
    disk_.revive();
    disk_.heal();
    ASSERT_TRUE(GetParam().write(disk_, path(), 'c')) << nth;
    EXPECT_EQ(GetParam().read(path()), text_of('c'));
    EXPECT_THAT(root_.names(), IsSubsetOf({"file", "link"}));
  }
}

TEST_P(FileFaults, AnErrorLeavesTheOldFileAndNothingBeside) {
  for (const int cause : {EIO, ENOSPC}) {
    for (const bool is_there : {true, false}) {
      FaultTrial one = trial(is_there);
      const auto check = one.check;
      one.check = [&](const Status& told) {
        check(told);
        EXPECT_THAT(root_.names(), IsSubsetOf({"file", "link"}));
        if (told) return;
        EXPECT_THAT(told.error().message, HasSubstr(root_.path().string()));
        // Only the folder's fsync comes after the new file has the name.
        const bool has_come = told.error().message.starts_with("cannot fsync the folder of");
        EXPECT_EQ(GetParam().read(path()), has_come ? text_of('b') : is_there ? text_of('a') : "");
      };
      EXPECT_GT(fail_each_operation(disk_, cause, one), 5);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, FileFaults,
                         testing::Values(Writer{"Export", write_atomic, read_plain},
                                         Writer{"ExportThroughALink", write_through_link,
                                                read_plain},
                                         Writer{"Checkpoint", write_checkpoint, read_checkpoint}),
                         [](const auto& param) { return std::string(param.param.name); });

// The control: a writer that leaves out an fsync is found out.
TEST(FaultTrials, FindAWriterThatDoesNotSyncTheDirectory) {
  const ScratchFolder root;
  SimulatedDisk disk;
  const auto file = Descriptor::open(disk, root / "file", O_WRONLY | O_CREAT, 0644);
  ASSERT_EQ(file.write("all of it"), 0);
  ASSERT_EQ(file.fsync(), 0);
  disk.crash();
  EXPECT_FALSE(fs::exists(root / "file"));
}

TEST(Directories, AreThereOnceTheyWereToldToBe) {
  const ScratchFolder root;
  SimulatedDisk disk;
  const FaultTrial trial{.prepare = [&] { root.clear(); },
                         .act = [&]() -> Status {
                           const auto created = create_directories(disk, root / "a/b/c");
                           return created ? Status() : Status(created.error());
                         },
                         .check =
                             [&](const Status& told) {
                               if (told) {
                                 EXPECT_TRUE(fs::is_directory(root / "a/b/c"));
                               }
                             }};
  EXPECT_GT(cut_power_at_each_operation(disk, trial), 8);
  EXPECT_GT(fail_each_operation(disk, EIO, trial), 8);
  EXPECT_FALSE(*create_directories(disk, root / "a/b/c/"));
}

TEST(Directories, HaveTheirFilesSyncedButForTheOneNamed) {
  const ScratchFolder root;
  SimulatedDisk disk;
  const auto written = [&](const std::string& name) {
    root.put(name, "");
    ASSERT_EQ(Descriptor::open(disk, root / name, O_WRONLY).write("bytes"), 0);
  };
  for (const std::string name : {"000001.log", "CURRENT", "LOCK"}) written(name);
  ASSERT_TRUE(sync_files(disk, root.path(), "LOCK"));

  disk.crash();
  disk.revive();

  EXPECT_EQ(root.text("000001.log") + root.text("CURRENT"), "bytesbytes");
  EXPECT_EQ(root.text("LOCK"), "");
  written("CURRENT");
  disk.fail_sync(1);
  EXPECT_EQ(sync_files(disk, root.path(), "LOCK").error().code, ErrorCode::kIo);
  EXPECT_EQ(sync_files(disk, root / "none", "LOCK").error().code, ErrorCode::kIo);
}

TEST(Directories, AreRemovedAsFarAsTheyCanBeAndNoLinkIsFollowed) {
  const ScratchFolder root;
  SimulatedDisk disk;
  fs::create_directories(root / "outside");
  root.put("outside/precious", "p");
  const FaultTrial trial{.prepare =
                             [&] {
                               fs::remove_all(root / "a");
                               fs::create_directories(root / "a/b/c");
                               root.put("a/b/file", "x");
                               root.put("a/other", "y");
                               fs::create_directory_symlink(root / "outside", root / "a/link");
                             },
                         .act = [&] { return remove_all(disk, root / "a"); },
                         .check =
                             [&](const Status& told) {
                               EXPECT_EQ(fs::exists(root / "a"), !told);
                               EXPECT_EQ(root.text("outside/precious"), "p");
                             }};
  EXPECT_GT(fail_each_operation(disk, EIO, trial), 8);
  EXPECT_TRUE(remove_all(disk, root / "a")) << "there is none";
}

}  // namespace
}  // namespace tulving
