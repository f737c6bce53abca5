// A store on a disk that loses power, under RocksDB and under our own files at once: the log, the
// index checkpoints, snapshots, notes in a vault, the tracker's file. Whatever was acknowledged is
// there afterwards, and everything that hangs together still does. The oracle lives beside the
// store; the disk leaks what it likes of the unsynced bytes and names.

#include <fstream>
#include <iterator>
#include <map>
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
namespace fs = std::filesystem;

class StoreOnADisk : public ::testing::Test {
 protected:
  StoreOnADisk() {
    options_.background_indexing = false;
    options_.durability = Durability::kDurable;
    consolidation_.vault = directory_ / "vault";
    consolidation_.rate_limit = 0;
  }

  void open() {
    store_.emplace(value_of(files_.open(directory_ / "db", options_)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }

  // What the workload does, and what it was told. Each returns false once the power is gone.
  bool add() {
    const auto vector = random_vector(random_, 8);
    Memory one = memory("memory " + std::to_string(++added_), vector);
    one.review_count = added_ % 5 == 0 ? 3 : 0;  // Some are to be promoted.
    const auto result = tenant_->add(one);
    if (result) acknowledged_[result->id] = vector;
    return result.has_value();
  }
  bool take_snapshot() {
    const fs::path to = directory_ / ("snapshot " + std::to_string(snapshots_.size()));
    const auto info = store_->snapshot(to);
    snapshots_.emplace_back(to, info.has_value());
    return info.has_value();
  }
  bool promote() {
    auto consolidator = Consolidator::create(*store_, "acme", consolidation_);
    if (!consolidator) return false;
    ConsolidationRun run;
    run.agents = {UpkeepAgent::kPromote};
    return consolidator->run(run).has_value();
  }
  bool export_tracker() {
    if (acknowledged_.empty()) return true;
    ConsolidationTask task;
    task.title = "task " + std::to_string(added_);
    task.action = "merge";
    task.memory_ids = {acknowledged_.begin()->first};
    if (acknowledged_.size() > 1) task.memory_ids.push_back(acknowledged_.rbegin()->first);
    if (!tenant_->queue().add(task)) return false;
    const bool is_told = export_tasks(*tenant_, directory_ / "issues.jsonl", {}).has_value();
    if (is_told) issues_told_ = issues();
    return is_told;
  }
  [[nodiscard]] std::string issues() const {
    std::ifstream file(directory_ / "issues.jsonl", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Purge makes the close after it write the index checkpoints.
  bool purge_and_reopen() {
    if (!store_->purge() || !store_->close()) return false;
    tenant_.reset();
    store_.reset();
    auto again = files_.open(directory_ / "db", options_);
    if (!again) return false;
    store_.emplace(*std::move(again));
    tenant_.emplace(value_of(store_->tenant("acme")));
    return true;
  }

  void work_until_the_power_is_gone() {
    for (bool goes_on = true; goes_on;) {
      switch (random_() % 12) {
        case 0:
          goes_on = take_snapshot();
          break;
        case 1:
          goes_on = promote();
          break;
        case 2:
          goes_on = export_tracker();
          break;
        case 3:
          goes_on = purge_and_reopen();
          break;
        default:
          goes_on = add();
      }
      // A run that met the failure in one finding alone may yet say that it is done.
      goes_on = goes_on && !disk_.is_dead();
    }
  }

  void crash() {
    disk_.crash(random_);
    tenant_.reset();
    store_.reset();
    disk_.revive();
    disk_.heal();
  }

  void check_store() {
    for (const auto& [id, vector] : acknowledged_) {
      const auto found = tenant_->get(id);
      ASSERT_THAT(found, Succeeds());
      const auto by_text = tenant_->search(text_search(found->text, 10));
      ASSERT_THAT(by_text, Succeeds());
      EXPECT_THAT(ids_of(*by_text), ::testing::Contains(id)) << found->text;
      const auto by_vector = tenant_->search(vector_search(vector, 1));
      ASSERT_THAT(by_vector, Succeeds());
      EXPECT_THAT(ids_of(*by_vector), ::testing::ElementsAre(id));
    }
    EXPECT_THAT(value_of(store_->verify()).problems, ::testing::IsEmpty());
  }
  // The note comes before the plan that says so.
  void check_notes() {
    for (const auto& [id, one] : memories_of(*tenant_)) {
      if (one.status != MemoryStatus::kPromoted) continue;
      std::ifstream note(consolidation_.vault / one.ltm_path, std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(note), {}};
      EXPECT_THAT(text, ::testing::HasSubstr(one.text)) << one.ltm_path;
    }
  }
  // A line is added or nothing is: what was told is at its start.
  void check_tracker() {
    const std::string text = issues();
    EXPECT_THAT(text, ::testing::StartsWith(issues_told_));
    EXPECT_TRUE(text.empty() || text.ends_with("}\n")) << text;
    issues_told_ = text;
  }
  void check_snapshots() {
    for (const auto& [path, is_told] : snapshots_) {
      const auto info = inspect_snapshot(path);
      if (is_told) {
        EXPECT_THAT(info, Succeeds());
      }
      if (!info) {
        EXPECT_EQ(info.error().code, ErrorCode::kNotFound) << info.error().message;
      }
      fs::remove_all(path);
    }
    snapshots_.clear();
  }

  TemporaryDirectory directory_;
  SimulatedDisk disk_;
  const StoreFiles files_{disk_, [this](const fs::path& log, const auto& options) {
                            return storage::open_rocksdb_journal(log, options, disk_,
                                                                 storage::files_of_rocksdb(disk_));
                          }};
  StoreOptions options_;
  ConsolidationOptions consolidation_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
  const std::uint32_t seed_ = std::random_device{}();
  std::mt19937 random_{seed_};
  int added_ = 0;
  std::map<Uuid, std::vector<float>> acknowledged_;
  std::vector<std::pair<fs::path, bool>> snapshots_;
  std::string issues_told_;
};

TEST_F(StoreOnADisk, KeepsWhatItAcknowledgedThroughPowerCuts) {
  SCOPED_TRACE(::testing::Message() << "seed " << seed_);
  for (int round = 0; round < 40; ++round) {
    open();
    if (HasFatalFailure()) return;
    disk_.cut_power_at(static_cast<int>(1 + random_() % 600));
    work_until_the_power_is_gone();
    SCOPED_TRACE(::testing::Message() << "round " << round << ", before: " << disk_.stopped_at());
    crash();
    check_snapshots();

    open();
    check_store();
    check_notes();
    check_tracker();
    if (HasFailure()) return;
    ASSERT_THAT(store_->close(), Succeeds());
  }
  EXPECT_GT(acknowledged_.size(), 40U);
}

// Or the trials above would prove nothing of them.
TEST_F(StoreOnADisk, HasSnapshotsNotesAndTheTrackersFileThereToo) {
  open();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(add());
  ASSERT_TRUE(promote());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(add());
  ASSERT_TRUE(export_tracker());
  fs::remove(directory_ / "issues.jsonl");
  const auto notes = [this] {
    return std::distance(fs::directory_iterator(consolidation_.vault), fs::directory_iterator());
  };
  const auto notes_before = notes();
  ASSERT_GT(notes_before, 0);
  disk_.cut_power_at(1);

  EXPECT_FALSE(take_snapshot());
  (void)promote();
  EXPECT_FALSE(export_tasks(*tenant_, directory_ / "issues.jsonl", {}));

  EXPECT_FALSE(fs::exists(snapshots_.at(0).first));
  EXPECT_EQ(notes(), notes_before);
  EXPECT_FALSE(fs::exists(directory_ / "issues.jsonl"));
}

// Neither an index checkpoint's nor the log's. (What a removed file's blocks hold is the file
// system's matter: they have no name.)
TEST_F(StoreOnADisk, NoPowerCutAfterAPurgeBringsAnErasedWordBack) {
  constexpr std::string_view kSecret = "xyzzyplugh";
  const auto files_with_it = [&] {
    std::vector<std::string> names;
    for (const auto& file : fs::recursive_directory_iterator(directory_ / "db")) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      if (bytes.find(kSecret) != std::string::npos) names.push_back(file.path());
    }
    return names;
  };
  for (const bool has_vectors : {false, true}) {
    SCOPED_TRACE(has_vectors);
    open();
    if (has_vectors) {
      for (int i = 0; i < 5; ++i) ASSERT_TRUE(add());
    }
    const Uuid secret = value_of(tenant_->add(memory(std::string(kSecret)))).id;
    ASSERT_TRUE(purge_and_reopen());  // Its word is in an index checkpoint, and in a table.
    ASSERT_GE(files_with_it().size(), 2U);
    ASSERT_THAT(tenant_->erase(secret), Succeeds());
    ASSERT_THAT(store_->purge(), Succeeds());

    disk_.crash();
    tenant_.reset();
    store_.reset();
    disk_.revive();

    EXPECT_THAT(files_with_it(), ::testing::IsEmpty());
    open();
    check_store();
    ASSERT_THAT(store_->close(), Succeeds());
    fs::remove_all(directory_ / "db");
    disk_.settle();
  }
}

// The control: what durability does not promise, the disk does take.
TEST_F(StoreOnADisk, LosesWhatWasNotMadeDurable) {
  options_.durability = Durability::kNone;
  open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(add());
  disk_.crash();
  tenant_.reset();
  store_.reset();
  disk_.revive();
  open();
  EXPECT_EQ(memories_of(*tenant_).size(), 0U);
}

TEST_F(StoreOnADisk, IsRestoredFromASnapshotThere) {
  open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(add());
  ASSERT_TRUE(take_snapshot());
  ASSERT_THAT(files_.restore(snapshots_[0].first, directory_ / "copy"), Succeeds());
  disk_.crash();
  tenant_.reset();
  store_.reset();
  disk_.revive();

  store_.emplace(value_of(files_.open(directory_ / "copy", options_)));
  tenant_.emplace(value_of(store_->tenant("acme")));

  check_store();
}

}  // namespace
}  // namespace tulving
