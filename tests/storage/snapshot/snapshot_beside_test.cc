// What a snapshot promises beside others that are made for the same directory at once, and after
// ones that were killed: one is told that it is done, and what it told of is there and whole.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>

#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "storage/memory/memory_journal.h"
#include "storage/snapshot/snapshot_files.h"
#include "tests/storage/codec/random_records.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

namespace fs = std::filesystem;

class SnapshotBeside : public testing::Test {
 protected:
  /// A store with as many memories as its number says.
  static std::unique_ptr<Journal> journal_of(std::uint64_t memories) {
    auto journal = open_memory_journal();
    RandomRecords random(static_cast<std::uint32_t>(memories));
    for (std::uint64_t i = 1; i <= memories; ++i) {
      Memory memory = random.memory();
      memory.revision = i;
      EXPECT_THAT(
          journal->append(put(Table::kRecords, record_key(1, RecordKind::kMemory, random.id()),
                              std::string(MemoryRecord::encode(memory)->bytes()))),
          Succeeds());
    }
    return journal;
  }
  Result<SnapshotInfo> take(const Journal& journal, std::uint64_t revision) const {
    return write_snapshot(*journal.snapshot(), {Uuid::random(), revision, {}}, to());
  }
  [[nodiscard]] fs::path to() const { return directory_.path() / "at night"; }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  TemporaryDirectory directory_;
};

TEST_F(SnapshotBeside, OfManyForOneDirectoryOneIsThereAndTheOthersAreToldSo) {
  constexpr std::uint64_t kStores = 6;
  std::vector<std::unique_ptr<Journal>> journals;
  for (std::uint64_t i = 1; i <= kStores; ++i) journals.push_back(journal_of(i * 10));
  for (int round = 0; round < 20; ++round) {
    if (round % 2 == 1) fs::create_directory(to());  // Empty: it may be taken.
    std::atomic<std::uint64_t> winner = 0;
    std::atomic<int> winners = 0;
    std::vector<std::thread> takers;
    for (std::uint64_t i = 1; i <= kStores; ++i) {
      takers.emplace_back([&, i] {
        const auto info = take(*journals[i - 1], i * 10);
        if (info) {
          ++winners;
          winner = i * 10;
        } else {
          EXPECT_THAT(info, FailsWith(ErrorCode::kConflict, "not empty"));
        }
      });
    }
    for (auto& taker : takers) taker.join();
    EXPECT_EQ(winners, 1);
    const auto there = inspect_snapshot(to());
    ASSERT_THAT(there, Succeeds());
    EXPECT_EQ(there->counts.at("memory"), winner.load());
    EXPECT_THAT(names(), testing::ElementsAre("at night"));
    fs::remove_all(to());
  }
}

// Another that fails beside one that is done used to take it away.
TEST_F(SnapshotBeside, AFailedOneTakesNothingOfAnother) {
  const auto sound = journal_of(20);
  const auto damaged = journal_of(20);
  ASSERT_THAT(damaged->append(put(Table::kRecords, record_key(1, RecordKind::kPlan, Uuid{}), "x")),
              Succeeds());
  for (int round = 0; round < 30; ++round) {
    std::thread failing([&] { EXPECT_FALSE(take(*damaged, 20)); });
    const auto info = take(*sound, 20);
    failing.join();
    ASSERT_THAT(info, Succeeds());
    ASSERT_THAT(inspect_snapshot(to()), Succeeds());
    fs::remove_all(to());
  }
}

TEST_F(SnapshotBeside, KilledAtAnyMomentIsInNobodysWay) {
  std::mt19937 random(std::random_device{}());
  const auto journal = journal_of(400);
  int left = 0;
  for (int round = 0; round < 40; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      (void)take(*journal, 400).has_value();
      _exit(0);
    }
    usleep(static_cast<useconds_t>(random() % 4000));
    kill(child, SIGKILL);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    const bool is_there = fs::exists(to());
    left += names().empty() || is_there ? 0 : 1;
    if (is_there) {
      ASSERT_THAT(inspect_snapshot(to()), Succeeds());
      fs::remove_all(to());
    }
    ASSERT_THAT(take(*journal, 400), Succeeds());
    EXPECT_THAT(names(), testing::ElementsAre("at night"));
    fs::remove_all(to());
  }
  RecordProperty("left_behind", left);
}

TEST_F(SnapshotBeside, GoesWhereALinkLeadsAndUnderAnySpelling) {
  const auto journal = journal_of(3);
  fs::create_directory(directory_.path() / "far");
  fs::create_directory_symlink("far", to());
  ASSERT_THAT(take(*journal, 3), Succeeds());
  EXPECT_THAT(inspect_snapshot(directory_.path() / "far"), Succeeds());
  EXPECT_TRUE(fs::is_symlink(to()));
  const SnapshotSource source{Uuid::random(), 3, {}};
  const auto spelled = directory_.path() / "x/y/../z/";
  ASSERT_THAT(write_snapshot(*journal->snapshot(), source, spelled), Succeeds());
  EXPECT_THAT(inspect_snapshot(directory_.path() / "x/z"), Succeeds());
  for (const char* none : {"", "/"}) {
    EXPECT_FALSE(write_snapshot(*journal->snapshot(), source, none)) << none;
  }
}

}  // namespace
}  // namespace tulving::storage
