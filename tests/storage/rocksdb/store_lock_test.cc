// One writer at a time, by whatever path, in one process or two, and whatever else touches LOCK.
//
// The oracle: while a journal is open for writing, every other opening for writing is told kBusy,
// and what the journal wrote is there afterwards. Other processes are forked off; they inherit
// what the parent holds, which must not let them in either.

#include "storage/rocksdb/log/store_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <random>
#include <vector>

#include "storage/rocksdb/rocksdb_journal.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

namespace fs = std::filesystem;
using testing::SizeIs;

/// What `act` returns in a process of its own, 0 .. 255.
int in_another_process(const std::function<int()>& act) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(act());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Goes back to the working directory that there was.
class WorkingDirectory {
 public:
  explicit WorkingDirectory(const fs::path& path) { fs::current_path(path); }
  ~WorkingDirectory() { fs::current_path(before_); }

 private:
  const fs::path before_ = fs::current_path();
};

class OneWriter : public testing::Test {
 protected:
  static std::unique_ptr<Journal> open(const fs::path& path) {
    auto journal = open_rocksdb_journal(path, {});
    if (!journal) {
      ADD_FAILURE() << journal.error().message;
      std::abort();
    }
    return *std::move(journal);
  }
  /// 0: another process is told kBusy. 1: it gets in. 2: something else is told. It takes the lock
  /// alone: RocksDB's threads do not outlive a fork().
  static int told_elsewhere(const fs::path& path) {
    return in_another_process([&] {
      const auto lock = StoreLock::take(FileSystem::machine(), path);
      if (lock) return 1;
      return lock.error().code == ErrorCode::kBusy ? 0 : 2;
    });
  }

  TemporaryDirectory directory_;
  const fs::path store_ = directory_.path() / "a" / "store";
  const fs::path lock_ = store_ / "LOCK";
};

// The first test, so that RocksDB runs in the children alone: its threads do not outlive a fork().
TEST_F(OneWriter, IsAmongOpeningsThatRace) {
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    const auto path = directory_.path() / std::to_string(round);
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
      children.push_back(::fork());
      if (children.back() != 0) continue;
      auto journal = open_rocksdb_journal(path, {});
      if (!journal) ::_exit(journal.error().code == ErrorCode::kBusy ? 0 : 1);
      const auto batch = put(Table::kRecords, std::to_string(i), "");
      const bool is_written = (*journal)->append(batch) && (*journal)->make_durable();
      if (is_written && ::write(told[1], "w", 1) != 1) ::_exit(1);
      if (i % 2 == 0 && !(*journal)->close()) ::_exit(1);
      ::_exit(is_written ? 0 : 1);  // As killed, where it was not closed.
    }
    ::close(told[1]);
    for (const pid_t child : children) {
      int status = 0;
      ::waitpid(child, &status, 0);
      EXPECT_EQ(status, 0);
    }
    char byte = 0;
    int acknowledged = 0;
    while (::read(told[0], &byte, 1) == 1) ++acknowledged;
    ::close(told[0]);
    EXPECT_GE(acknowledged, 1);
    EXPECT_EQ(in_another_process([&] {
                const auto journal = open_rocksdb_journal(path, {});
                return journal ? static_cast<int>(rows_of(**journal, Table::kRecords).size()) : 100;
              }),
              acknowledged);
  }
}

TEST_F(OneWriter, IsHeldWhateverThePathIsSpelledLike) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  open(store_).reset();
  fs::create_directory_symlink(store_, directory_.path() / "link");
  fs::create_directory_symlink(directory_.path() / "a", directory_.path() / "b");
  fs::create_directory_symlink("link", directory_.path() / "link to a link");
  const WorkingDirectory here(directory_.path());
  const std::vector<fs::path> spellings = {store_,
                                           "a/store",
                                           "./a/store",
                                           "a/./store/",
                                           "a/../a/store",
                                           "b/store",
                                           "b/../a/store",
                                           "link",
                                           "link/",
                                           "link to a link",
                                           store_ / "",
                                           "a//store",
                                           "/proc/self/cwd/a/store"};
  constexpr int kCases = 100;
  for (int i = 0; i < kCases; ++i) {
    const auto& first = spellings[random() % spellings.size()];
    const auto& second = spellings[random() % spellings.size()];
    SCOPED_TRACE(first.string() + ", then " + second.string());
    auto journal = open(first);
    ASSERT_THAT(open_rocksdb_journal(second, {}), FailsWith(ErrorCode::kBusy, "is in use"));
    ASSERT_THAT(open_rocksdb_journal(second, {.read_only = true}), Succeeds());
    if (i % 10 == 0) {
      ASSERT_EQ(told_elsewhere(second), 0);
    }
    ASSERT_THAT(journal->append(put(Table::kRecords, std::to_string(i), "")), Succeeds());
    if (random() % 2 == 0) {
      ASSERT_THAT(journal->close(), Succeeds());
    }
  }
  EXPECT_THAT(rows_of(*open(store_), Table::kRecords), SizeIs(kCases));
}

TEST_F(OneWriter, IsHeldThoughDescriptorsOfLockAreClosed) {
  const auto journal = open(store_);
  ASSERT_EQ(told_elsewhere(store_), 0);

  read_file(lock_);
  write_file(lock_, "");
  fs::copy(store_, directory_.path() / "backup");
  ASSERT_THAT(open_rocksdb_journal(store_, {.read_only = true}), Succeeds());
  ASSERT_TRUE(StoreLock::is_held(FileSystem::machine(), store_));

  EXPECT_EQ(told_elsewhere(store_), 0);
  EXPECT_THAT(open_rocksdb_journal(directory_.path() / "backup", {}), Succeeds());
}

TEST_F(OneWriter, IsHeldThoughLockIsRemoved) {
  const auto journal = open(store_);
  fs::remove(lock_);

  EXPECT_EQ(told_elsewhere(store_), 0);
  EXPECT_THAT(open_rocksdb_journal(store_, {}), FailsWith(ErrorCode::kBusy));
}

TEST_F(OneWriter, KeepsEarlierReleasesOutAndIsKeptOutByThem) {
  auto journal = open(store_);
  // As they lock, and RocksDB does.
  const auto lock_as_before = [&] {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return ::fcntl(::open(lock_.c_str(), O_RDWR), F_SETLK, &lock) == 0;
  };
  EXPECT_EQ(in_another_process([&] { return lock_as_before() ? 1 : 0; }), 0);

  journal.reset();
  int ready[2];
  int done[2];
  ASSERT_EQ(::pipe(ready) + ::pipe(done), 0);
  const pid_t former = ::fork();
  if (former == 0) {
    char byte = lock_as_before() ? '1' : '0';
    if (::write(ready[1], &byte, 1) != 1 || ::close(done[1]) != 0) ::_exit(1);
    ::_exit(static_cast<int>(::read(done[0], &byte, 1)));
  }
  char has_it = '0';
  ASSERT_EQ(::read(ready[0], &has_it, 1), 1);
  EXPECT_EQ(has_it, '1');
  EXPECT_TRUE(StoreLock::is_held(FileSystem::machine(), store_));
  EXPECT_THAT(open_rocksdb_journal(store_, {}), FailsWith(ErrorCode::kBusy));
  for (const int end : {ready[0], ready[1], done[0], done[1]}) ::close(end);
  ::waitpid(former, nullptr, 0);
  EXPECT_FALSE(StoreLock::is_held(FileSystem::machine(), store_));
  EXPECT_THAT(open_rocksdb_journal(store_, {}), Succeeds());
}

TEST_F(OneWriter, LeavesNothingHeldInAProcessForkedOff) {
  auto journal = open(store_);
  int done[2];
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();  // It has every descriptor, and the list of what is held.
  if (child == 0) {
    ::close(done[1]);
    char byte = 0;
    (void)!::read(done[0], &byte, 1);
    ::_exit(told_elsewhere(store_));
  }
  journal.reset();

  EXPECT_THAT(open_rocksdb_journal(store_, {}), Succeeds());

  ::close(done[0]);
  ::close(done[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 1) << "the child, which holds nothing itself, gets in";
}

TEST_F(OneWriter, StaysWhereItIsThoughTheWorkingDirectoryChanges) {
  const auto elsewhere = directory_.path() / "elsewhere";
  fs::create_directories(elsewhere / "store");
  std::unique_ptr<Journal> journal;
  {
    fs::create_directories(store_.parent_path());
    const WorkingDirectory here(store_.parent_path());
    journal = open("store");
  }
  const WorkingDirectory there(elsewhere);
  ASSERT_THAT(journal->append(put(Table::kRecords, "a", "")), Succeeds());
  ASSERT_THAT(journal->purge(), Succeeds());
  ASSERT_THAT(journal->append(put(Table::kRecords, "b", "")), Succeeds());
  ASSERT_THAT(journal->close(), Succeeds());

  EXPECT_TRUE(fs::is_empty(elsewhere / "store"));
  EXPECT_THAT(rows_of(*open(store_), Table::kRecords), SizeIs(2));
}

}  // namespace
}  // namespace tulving::storage
