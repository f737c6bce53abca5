// What is promised of index checkpoints: one that was made of another history than the log's, of
// another store, tenant or model, is left aside; answers are those of the log. And none is written
// that counts on what the log has not on disk.

#include <optional>
#include <random>

#include "core/engine/store/store_files.h"
#include "storage/rocksdb/rocksdb_journal_internal.h"
#include "tests/base/files/simulated_disk.h"
#include "tests/engine/testing.h"
#include "tests/storage/rocksdb/files_of_rocksdb.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

constexpr std::size_t kDim = 8;

class CheckpointOf : public ::testing::Test {
 protected:
  void open(const std::string& name = "db") {
    close();
    store_.emplace(value_of(Store::open(directory_ / name, options_)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  void close() {
    tenant_.reset();
    if (store_) {
      ASSERT_THAT(store_->close(), Succeeds());
    }
    store_.reset();
  }
  // After a purge the checkpoints are written anew by the next close, whatever little has changed.
  void close_with_checkpoint(const std::string& name = "db") {
    ASSERT_THAT(store_->purge(), Succeeds());
    close();
    ASSERT_TRUE(fs::exists(directory_ / name / "index" / "0" / "rows"));
  }
  void copy(const std::string& from, const std::string& to) {
    fs::remove_all(directory_ / to);
    fs::create_directories((directory_ / to).parent_path());
    fs::copy(directory_ / from, directory_ / to, fs::copy_options::recursive);
  }
  void add() {
    const auto vector = random_vector(random_, kDim);
    value_of(tenant_->add(memory(word() + " note " + std::to_string(++added_), vector)));
  }
  void change() {
    const auto all = memories_of(*tenant_);
    auto one = all.begin();
    std::advance(one, static_cast<std::ptrdiff_t>(random_() % all.size()));
    MemoryPatch patch;
    patch.text = word() + " changed " + std::to_string(++added_);
    patch.embedding = Embedding{"default", random_vector(random_, kDim)};
    ASSERT_THAT(tenant_->update(one->first, patch), Succeeds());
  }
  std::string word() { return "w" + std::to_string(random_() % 10'000) + "w"; }

  // Each memory of the log is found by its own vector and words, and by nothing that was.
  void expect_answers_of_the_log() {
    ASSERT_THAT(value_of(store_->verify()).problems, IsEmpty());
    for (const auto& [id, one] : memories_of(*tenant_)) {
      const auto by_vector =
          value_of(tenant_->search(vector_search(one.embeddings.at(0).vector, 1)));
      ASSERT_THAT(ids_of(by_vector), ElementsAre(id));
      EXPECT_GT(by_vector.hits[0].score, 0.999F);
      const auto by_text = value_of(tenant_->search(text_search(one.text, 50)));
      ASSERT_THAT(ids_of(by_text), ::testing::Contains(id)) << one.text;
    }
  }

  TemporaryDirectory directory_;
  StoreOptions options_ = [] {
    StoreOptions options;
    options.background_indexing = false;
    return options;
  }();
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
  const std::uint32_t seed_ = std::random_device{}();
  ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
  int added_ = 0;
};

TEST_F(CheckpointOf, ALaterRevisionThanTheLogsIsLeftAside) {
  open();
  for (int i = 0; i < 30; ++i) add();
  close();
  copy("db/log", "kept");
  open();
  for (int i = 0; i < 60; ++i) change();
  close_with_checkpoint();
  copy("kept", "db/log");

  open();
  expect_answers_of_the_log();
  // As many writes later the log is at that revision, in another history.
  for (int i = 0; i < 60; ++i) change();
  close();
  open();
  expect_answers_of_the_log();
}

TEST_F(CheckpointOf, AnyHistoryIsNotTakenForAnothers) {
  std::vector<std::string> kept;
  open();
  for (int i = 0; i < 8; ++i) add();
  for (int round = 0; round < 25; ++round) {
    for (auto left = random_() % 4; left > 0; --left) random_() % 3 == 0 ? add() : change();
    random_() % 2 == 0 ? close_with_checkpoint() : close();
    const bool is_all = random_() % 2 == 0;
    const std::string name = "kept" + std::to_string(round);
    copy("db/log", name);
    kept.push_back(name);
    // The log alone is put back, or a log is left to a checkpoint of another time.
    if (!is_all) copy(kept[random_() % kept.size()], "db/log");
    open();
    ASSERT_NO_FATAL_FAILURE(expect_answers_of_the_log()) << "round " << round;
  }
}

TEST_F(CheckpointOf, AnotherStoreTenantOrModelIsLeftAside) {
  open("other");
  for (int i = 0; i < 12; ++i) add();
  close_with_checkpoint("other");
  open();
  for (int i = 0; i < 12; ++i) {
    Memory one = memory(word(), random_vector(random_, kDim));
    one.embeddings.push_back({"second", random_vector(random_, kDim)});
    value_of(tenant_->add(one));
    value_of(value_of(store_->tenant("beta")).add(memory(word(), random_vector(random_, kDim))));
  }
  close_with_checkpoint();
  copy("db/index", "honest");
  const auto expect_sound = [this](const std::string& what) {
    SCOPED_TRACE(what);
    open();
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
    close();
    copy("honest", "db/index");
  };
  for (const char* file : {"rows", "text", "vectors-0"}) {
    copy(std::string("other/index/0/") + file, std::string("db/index/0/") + file);
    expect_sound(std::string(file) + " of another store");
    copy(std::string("db/index/1/") + file, std::string("db/index/0/") + file);
    expect_sound(std::string(file) + " of another tenant");
  }
  copy("db/index/1", "db/index/0");
  expect_sound("all of another tenant");
  copy("other/index/0", "db/index/0");
  expect_sound("all of another store");
  copy("db/index/0/vectors-1", "db/index/0/vectors-0");
  expect_sound("the vectors of another model");
}

// It would be believed after a power cut that takes the end of the log, were it not for its origin;
// but work that the log cannot vouch for is not even done.
TEST_F(CheckpointOf, TheLogIsOnDiskBeforeIt) {
  options_.durability = Durability::kNone;
  SimulatedDisk disk;
  const StoreFiles files(disk, [&](const fs::path& log, const auto& options) {
    return storage::open_rocksdb_journal(log, options, disk, storage::files_of_rocksdb(disk));
  });
  int checkpoints = 0;
  for (int nth = 1; nth < 120; ++nth) {
    fs::remove_all(directory_ / "db");
    store_.emplace(value_of(files.open(directory_ / "db", options_)));
    tenant_.emplace(value_of(store_->tenant("acme")));
    ASSERT_THAT(store_->purge(), Succeeds());
    for (int i = 0; i < 5; ++i) add();
    const Position last = store_->position();
    disk.cut_power_at(nth);
    (void)store_->close();
    disk.crash();
    tenant_.reset();
    store_.reset();
    disk.revive();
    disk.heal();
    const bool is_there = fs::exists(directory_ / "db" / "index" / "0" / "rows");
    checkpoints += is_there ? 1 : 0;
    const auto again = files.open(directory_ / "db", options_);
    ASSERT_THAT(again, Succeeds());
    if (is_there) {
      EXPECT_TRUE(again->contains(last)) << "power cut at " << nth;
    }
    EXPECT_THAT(value_of(again->verify()).problems, IsEmpty());
  }
  EXPECT_GT(checkpoints, 0);
  EXPECT_LT(checkpoints, 119);
}

}  // namespace
}  // namespace tulving
