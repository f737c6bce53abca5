// What is promised: whatever happens to a writer, the file is what it was or all of what was to be
// written; and what is no file is never replaced or removed. Faults are real ones: a file size
// limit, SIGKILL, a folder that is swapped under the writer.

#include "core/base/files/atomic_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace tulving {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AtomicFileTest : public testing::Test {
 protected:
  AtomicFileTest() {
    std::string pattern = (fs::temp_directory_path() / "tulving-atomic-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  ~AtomicFileTest() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  [[nodiscard]] fs::path path() const { return root_ / "file"; }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_))
      names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }

  fs::path root_;
};

std::optional<std::string> contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

AtomicFile create(const fs::path& path) {
  auto file = AtomicFile::create(path);
  EXPECT_TRUE(file.has_value()) << file.error().message;
  return *std::move(file);
}

// The error of writing `text` to `path`; empty: it was written.
std::string write(const fs::path& path, const std::string& text) {
  auto file = AtomicFile::create(path);
  if (!file) return file.error().message;
  if (auto status = file->write(text); !status) return status.error().message;
  if (auto status = file->commit(); !status) return status.error().message;
  return {};
}

unsigned mode_of(const fs::path& path) {
  struct stat info {};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info.st_mode;
}

// Random old files, by their own name or behind links, in random pieces, committed or not: the
// oracle is what was there and what was written.
TEST_F(AtomicFileTest, IsWhatItWasUntilItIsAllOfWhatWasWritten) {
  std::mt19937 random(7);
  const auto below = [&random](unsigned limit) { return random() % limit; };
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(round);
    const fs::path folder = root_ / std::to_string(round);
    fs::create_directory(folder);
    const fs::path target = folder / "target";
    std::optional<std::string> old;
    if (below(3) > 0) put(target, *(old = std::string(below(200'000), 'o')));
    const unsigned mode = below(2) == 0 ? 0600 : 0644;
    if (old) ::chmod(target.c_str(), mode);
    fs::path name = target;
    for (auto links = below(3); links > 0; --links) {
      const fs::path link = folder / ("link" + std::to_string(links));
      fs::create_symlink(below(2) == 0 ? name : name.filename(), link);
      name = link;
    }
    std::string written;
    {
      AtomicFile file = create(name);
      for (auto pieces = below(6); pieces > 0; --pieces) {
        const std::string piece(below(100'000), static_cast<char>('a' + pieces));
        ASSERT_TRUE(file.write(piece).has_value());
        written += piece;
        EXPECT_EQ(contents(target), old) << "seen before it was whole";
      }
      if (below(3) == 0) {
        written.clear();
      } else {
        ASSERT_TRUE(file.commit().has_value());
        old = written;
      }
    }
    EXPECT_EQ(contents(target), old);
    EXPECT_TRUE(name == target || fs::is_symlink(name)) << "the link itself was replaced";
    if (old && old != written) {
      EXPECT_EQ(mode_of(target) & 07777U, mode);
    }
    EXPECT_FALSE(fs::exists(folder / ".target.tulving-tmp"));
    fs::remove_all(folder);
  }
}

TEST_F(AtomicFileTest, KeepsTheModeAndTheOwner) {
  put(path(), "old");
  ::chmod(path().c_str(), 0640);
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::chown(path().c_str(), 1234, 4321), 0);
  }
  EXPECT_THAT(write(path(), "new"), IsEmpty());
  struct stat info {};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0640U);
  if (is_root) {
    EXPECT_EQ(info.st_uid, 1234U);
    EXPECT_EQ(info.st_gid, 4321U);
  }
  EXPECT_EQ(contents(path()), "new");
}

// What a shell's > writes through, and a rename would remove: as root, /dev/null itself.
TEST_F(AtomicFileTest, IsAStreamWhereThereIsNoFile) {
  fs::create_symlink("/dev/null", root_ / "link");
  for (const fs::path& device : {fs::path("/dev/null"), root_ / "link"}) {
    EXPECT_THAT(write(device, "gone"), IsEmpty());
    AtomicFile left = create(device);
    EXPECT_TRUE(left.write("gone").has_value());
  }
  EXPECT_TRUE(S_ISCHR(mode_of("/dev/null")));
  EXPECT_TRUE(fs::is_symlink(root_ / "link"));

  const fs::path pipe = root_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = contents(pipe).value_or("nothing"); });
  EXPECT_THAT(write(pipe, std::string(300'000, 'p')), IsEmpty());
  reader.join();
  EXPECT_EQ(read, std::string(300'000, 'p'));
  EXPECT_TRUE(S_ISFIFO(mode_of(pipe)));
  EXPECT_THAT(names(), ElementsAre("link", "pipe"));
}

// A file that is open already is written on, from where it stands: > file, then /dev/stdout.
TEST_F(AtomicFileTest, WritesThroughTheNamesOfDescriptors) {
  const int file = ::open(path().c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_GE(file, 0);
  ASSERT_EQ(::write(file, "before ", 7), 7);
  const std::string number = std::to_string(file);
  fs::create_symlink("/dev/fd/" + number, root_ / "link");
  EXPECT_THAT(write("/dev/fd/" + number, "a"), IsEmpty());
  EXPECT_THAT(write("/proc/self/fd/" + number, "b"), IsEmpty());
  EXPECT_THAT(write(root_ / "link", "c"), IsEmpty());
  ASSERT_EQ(::write(file, " after", 6), 6);
  ::close(file);
  EXPECT_EQ(contents(path()), "before abc after");
  EXPECT_THAT(write("/dev/fd/" + number, "x"), HasSubstr("cannot write"));
}

TEST_F(AtomicFileTest, RefusesWhatCannotBeAFile) {
  fs::create_directory(root_ / "folder");
  fs::create_symlink(root_ / "b", root_ / "a");
  fs::create_symlink(root_ / "a", root_ / "b");
  EXPECT_THAT(write(root_ / "folder", "x"), HasSubstr("is a folder"));
  EXPECT_THAT(write("", "x"), HasSubstr("empty"));
  EXPECT_THAT(write(std::string("a\0b", 3), "x"), HasSubstr("NUL"));
  EXPECT_THAT(write(root_ / "missing/file", "x"), HasSubstr("there is no folder"));
  EXPECT_THAT(write(root_ / "a", "x"), HasSubstr("links"));
  if (::geteuid() == 0 && ::mknod((root_ / "disk").c_str(), S_IFBLK | 0600, 0x7FF) == 0) {
    EXPECT_THAT(write(root_ / "disk", "x"), HasSubstr("is a disk"));
    EXPECT_TRUE(S_ISBLK(mode_of(root_ / "disk")));
    fs::remove(root_ / "disk");
  }
  EXPECT_THAT(names(), ElementsAre("a", "b", "folder"));
}

TEST_F(AtomicFileTest, HasOneWriterAtATime) {
  AtomicFile first = create(path());
  ASSERT_TRUE(first.write("first").has_value());
  const auto second = AtomicFile::create(path());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  ASSERT_TRUE(first.commit().has_value());
  EXPECT_EQ(contents(path()), "first");
  EXPECT_THAT(write(path(), "then the second"), IsEmpty());
  EXPECT_EQ(contents(path()), "then the second");
}

TEST_F(AtomicFileTest, TakesNothingThatLiesInItsWay) {
  put(root_ / "precious", "precious");
  fs::create_symlink(root_ / "precious", root_ / ".file.tulving-tmp");
  EXPECT_THAT(write(path(), "x"), HasSubstr("cannot create"));
  fs::remove(root_ / ".file.tulving-tmp");
  fs::create_hard_link(root_ / "precious", root_ / ".file.tulving-tmp");
  EXPECT_THAT(write(path(), "x"), HasSubstr("in the way"));
  EXPECT_EQ(contents(root_ / "precious"), "precious");
}

TEST_F(AtomicFileTest, StaysWhenItMayNotBeReplaced) {
  put(path(), "old");
  {
    AtomicFile file = create(path());
    ASSERT_TRUE(file.write("new").has_value());
    const auto status = file.commit([] { return Status(Error{ErrorCode::kConflict, "no"}); });
    EXPECT_EQ(status.error().message, "no");
  }
  EXPECT_EQ(contents(path()), "old");
  EXPECT_THAT(names(), ElementsAre("file"));
}

// Runs `body` in a child; its exit code, or -1 when a signal ended it.
template <class Body>
int in_child(const Body& body, std::optional<std::chrono::microseconds> kill_after = {}) {
  const pid_t child = fork();
  EXPECT_GE(child, 0);
  if (child == 0) _exit(body());
  if (kill_after) {
    std::this_thread::sleep_for(*kill_after);
    ::kill(child, SIGKILL);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(AtomicFileTest, StaysWhenTheDiskIsFull) {
  put(path(), "old");
  EXPECT_EQ(in_child([this] {
              std::signal(SIGXFSZ, SIG_IGN);
              const rlimit limit{150'000, 150'000};
              setrlimit(RLIMIT_FSIZE, &limit);
              return write(path(), std::string(400'000, 'x')).find("too large") != std::string::npos
                         ? 0
                         : 1;
            }),
            0);
  EXPECT_EQ(contents(path()), "old");
  EXPECT_THAT(names(), ElementsAre("file"));
}

TEST_F(AtomicFileTest, IsOldOrNewWhenItsWriterIsKilled) {
  std::mt19937 random(11);
  std::string old = "old";
  put(path(), old);
  int killed = 0;
  for (int round = 0; round < 60; ++round) {
    const std::string text(300'000, static_cast<char>('a' + round % 26));
    const int code = in_child([&] { return write(path(), text).empty() ? 0 : 1; },
                              std::chrono::microseconds(random() % 6'000));
    killed += code == -1 ? 1 : 0;
    const auto now = contents(path());
    ASSERT_TRUE(now == old || now == text) << "round " << round;
    if (code == 0) {
      EXPECT_EQ(now, text);
    }
    old = *now;
  }
  std::cout << killed << " of 60 writers were killed in time\n";
  EXPECT_THAT(write(path(), "the next"), IsEmpty());
  EXPECT_EQ(contents(path()), "the next");
  EXPECT_THAT(names(), ElementsAre("file")) << "what they left was not taken over";
}

}  // namespace
}  // namespace tulving
