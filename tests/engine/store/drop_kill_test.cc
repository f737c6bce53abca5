// A drop that is cut short leaves the tenant whole or gone, and nothing of any other: killed at
// each step and at moments of chance, and on a disk that loses power at each of its operations.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <iostream>
#include <optional>

#include "core/base/fault_points.h"
#include "core/engine/store/store_files.h"
#include "storage/rocksdb/rocksdb_journal_internal.h"
#include "tests/base/files/simulated_disk.h"
#include "tests/engine/testing.h"
#include "tests/storage/rocksdb/files_of_rocksdb.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

void fill(const Store& store, const std::string& id, int memories) {
  Tenant tenant = value_of(store.tenant(id));
  std::mt19937 random(7);
  std::vector<Record> records;
  for (int i = 0; i < memories; ++i) {
    Memory one = memory(id + " note " + std::to_string(i), random_vector(random, 8));
    one.external_id = "note/" + std::to_string(i);
    records.emplace_back(one);
  }
  value_of(tenant.write(records));
  MemoryPatch patch;
  patch.priority = 7;
  value_of(tenant.update(value_of(tenant.resolve("note/0")), patch));
}

/// What the two tenants are before, and whether that is what they are after.
struct Before {
  explicit Before(const Store& store)
      : acme(lines(store, "acme")), canary(lines(store, "canary")) {}
  static std::vector<std::string> lines(const Store& store, const char* id) {
    return exported_lines(value_of(store.tenant(id)));
  }
  /// Fails the test where it is half. True: it is gone.
  bool is_gone_in(const Store& store) const {
    EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
    EXPECT_EQ(lines(store, "canary"), canary);
    const auto left = lines(store, "acme");
    const auto tenants = store.tenants();
    const bool is_gone = std::ranges::count(tenants, "acme") == 0;
    EXPECT_EQ(left, is_gone ? std::vector<std::string>() : acme) << "half of it";
    return is_gone;
  }
  std::vector<std::string> acme, canary;
};

class DropKilled : public ::testing::Test {
 protected:
  // In a process of its own; `before` says what is there first.
  std::optional<Before> make(int memories) {
    fs::remove_all(directory_ / "db");
    Store store = value_of(Store::open(directory_ / "db"));
    fill(store, "canary", 20);
    fill(store, "acme", memories);
    EXPECT_THAT(store.purge(), Succeeds());  // With checkpoints.
    Before before(store);
    EXPECT_THAT(store.close(), Succeeds());
    return before;
  }
  /// Drops the tenant in a child, which ends as `prepare` has it. Its status.
  template <class Prepare>
  int drop_in_child(const Prepare& prepare, int told = -1) {
    const pid_t child = fork();
    if (child == 0) {
      auto store = Store::open(directory_ / "db");
      if (!store) _exit(2);
      prepare();
      const char ready = 'r', done = 'd';
      if (told >= 0) (void)!write(told, &ready, 1);
      if (!store->drop_tenant("acme")) _exit(3);
      if (told >= 0) (void)!write(told, &done, 1);
      _exit(0);  // Without a close.
    }
    child_ = child;
    return child;
  }
  static int status_of(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return status;
  }
  [[nodiscard]] Store open() const { return value_of(Store::open(directory_ / "db")); }

  TemporaryDirectory directory_;
  pid_t child_ = -1;
};

#ifdef TULVING_DCHECKS
const char* killed_at = nullptr;
void kill_there(const char* name) {
  if (std::strcmp(name, killed_at) == 0) kill(getpid(), SIGKILL);
}

TEST_F(DropKilled, AtEachStep) {
  const auto at_step = [&](const char* step, bool is_gone) {
    SCOPED_TRACE(step);
    const auto before = make(30);
    killed_at = step;
    const int status = status_of(drop_in_child([] { at_kill_point = &kill_there; }));
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    EXPECT_EQ(before->is_gone_in(open()), is_gone);
    EXPECT_EQ(fs::exists(directory_ / "db" / "index" / "1"), !is_gone);
    value_of(value_of(open().tenant("acme")).add(memory("It goes on.")));
    EXPECT_THAT(value_of(open().verify()).problems, IsEmpty());
  };
  at_step("write.staged", false);
  at_step("write.appended", true);
  at_step("write.applied", true);
  at_step("drop.checkpoint", true);
}
#endif

// By chance, so that the log's own writing is cut, too.
TEST_F(DropKilled, AtAnyMoment) {
  const unsigned seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  const auto before = make(1000);
  fs::rename(directory_ / "db", directory_ / "kept");
  int gone = 0, whole = 0, told = 0;
  std::int64_t most_us = 0;  // What one takes that nobody kills: the first.
  for (int round = 0; round < 8; ++round) {
    fs::remove_all(directory_ / "db");
    fs::copy(directory_ / "kept", directory_ / "db", fs::copy_options::recursive);
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const int child = drop_in_child([] {}, ends[1]);
    close(ends[1]);
    char said = 0;
    ASSERT_EQ(read(ends[0], &said, 1), 1);
    const auto began = std::chrono::steady_clock::now();
    if (round > 0) {
      usleep(static_cast<unsigned>(static_cast<std::int64_t>(random()) % most_us));
      kill(child, SIGKILL);
    }
    const bool is_done = read(ends[0], &said, 1) == 1 && said == 'd';
    if (round == 0) {
      const auto took = std::chrono::steady_clock::now() - began;
      most_us = 1 + std::chrono::duration_cast<std::chrono::microseconds>(took).count() * 5 / 4;
    }
    status_of(child);
    close(ends[0]);
    const bool is_gone = before->is_gone_in(open());
    EXPECT_TRUE(is_gone || !is_done) << "it was told that it is gone";
    gone += is_gone ? 1 : 0;
    whole += is_gone ? 0 : 1;
    told += is_done ? 1 : 0;
  }
  std::cout << gone << " gone, of which " << told << " were told so; " << whole << " whole\n";
}

class DropOnADisk : public ::testing::Test {
 protected:
  void open() { store_.emplace(value_of(files_.open(directory_ / "db", options_))); }
  void close() {
    ASSERT_THAT(store_->close(), Succeeds());
    store_.reset();
  }

  TemporaryDirectory directory_;
  SimulatedDisk disk_;
  const StoreFiles files_{disk_, [this](const fs::path& log, const auto& options) {
                            return storage::open_rocksdb_journal(log, options, disk_,
                                                                 storage::files_of_rocksdb(disk_));
                          }};
  StoreOptions options_ = [] {
    StoreOptions options;
    options.background_indexing = false;
    options.durability = Durability::kDurable;
    return options;
  }();
  std::optional<Store> store_;
};

TEST_F(DropOnADisk, ThatLosesPowerAtEachOfItsOperations) {
  const unsigned seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  int gone = 0, whole = 0;
  for (int nth = 1, is_told = 0; is_told == 0; ++nth) {
    ASSERT_LT(nth, 1000);
    fs::remove_all(directory_ / "db");
    disk_.settle();
    open();
    fill(*store_, "canary", 5);
    fill(*store_, "acme", 10);
    ASSERT_THAT(store_->purge(), Succeeds());
    const Before before(*store_);
    close();
    open();  // Reads its checkpoints.
    disk_.cut_power_at(nth);
    is_told = store_->drop_tenant("acme").has_value() && !disk_.is_dead() ? 1 : 0;
    SCOPED_TRACE(::testing::Message() << nth << ", before: " << disk_.stopped_at());
    disk_.crash(random);
    store_.reset();
    disk_.revive();
    disk_.heal();

    open();
    const bool is_gone = before.is_gone_in(*store_);
    EXPECT_TRUE(is_gone || is_told == 0);
    (is_gone ? gone : whole) += 1;
    if (HasFailure()) return;
    close();
  }
  std::cout << gone << " gone, " << whole << " whole\n";
  EXPECT_GT(whole, 0);
  EXPECT_GT(gone, 0);
}

}  // namespace
}  // namespace tulving
