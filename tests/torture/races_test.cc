// Everything at once: readers, writers, adders, erasers, purges and rebuilt graphs, consolidation,
// snapshots, verify(), and close() in the midst of it. To each reader the versions of a key only
// grow, and are no older than what was acknowledged before it asked; what was erased no search that
// starts later returns; what was acknowledged is there when the store is opened again. Under
// ThreadSanitizer the same test shows that nothing races.

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;

constexpr int kKeys = 6;
constexpr std::size_t kDim = 8;
constexpr int kUpdates = 120;  // Then the store is closed.

std::string text_of(int key, int version) {
  return fmt::format("key{}key version {}", key, version);
}
int version_of(std::string_view text) {
  return std::atoi(std::string(text.substr(text.rfind(' ') + 1)).c_str());
}

class Races : public ::testing::TestWithParam<unsigned> {
 protected:
  Races() {
    options_.vectors.exact_rows_max = 16;  // So that graphs are built and reclaimed.
    options_.vectors.m = 8;
    options_.vectors.ef_construction = 32;
    options_.sync_interval_ms = 1;
    options_.durability = GetParam() % 2 == 0 ? Durability::kProcess : Durability::kDurable;
    store_.emplace(value_of(Store::open(directory_ / "db", options_)));
    Tenant tenant = value_of(store_->tenant("keys"));
    for (int key = 0; key < kKeys; ++key) {
      Memory one = memory(text_of(key, 0), vector_of(key));
      one.external_id = fmt::format("k{}", key);
      value_of(tenant.add(one));
      known_[static_cast<std::size_t>(key)] = 0;
    }
  }

  static std::vector<float> vector_of(int key) {
    std::mt19937 random(static_cast<unsigned>(key) + 77);
    return random_vector(random, kDim);
  }
  static Uuid id_of(int key) { return Uuid::derive("keys", fmt::format("k{}", key)); }

  // A call of a closed store is refused, and its thread has done its work. Anything else is a
  // fault.
  template <class Result>
  bool goes_on(const Result& result) {
    if (result.has_value()) return true;
    if (!is_closing_ || result.error().code != ErrorCode::kInvalidArgument) {
      ADD_FAILURE() << to_string(result.error().code) << ": " << result.error().message;
    }
    return false;
  }

  void write_keys(Tenant tenant, int first) {
    for (int version = 1;; ++version) {
      for (int key = first; key < kKeys; key += 2) {
        MemoryPatch patch;
        patch.text = text_of(key, version);
        patch.embedding = {"default", vector_of(key)};
        if (!goes_on(tenant.update(id_of(key), patch))) return;
        known_[static_cast<std::size_t>(key)] = version;
        ++updates_;
      }
    }
  }

  void read_keys(Tenant tenant, unsigned seed) {
    std::mt19937 random(seed);
    std::array<int, kKeys> seen{};
    for (int turn = 0;; ++turn) {
      const auto key = static_cast<int>(random() % kKeys);
      const auto at = static_cast<std::size_t>(key);
      const int known = known_[at];
      std::optional<int> version;
      if (turn % 3 == 0) {
        const auto found = tenant.get(id_of(key));
        if (!goes_on(found)) return;
        version = version_of(found->text);
      } else {
        SearchRequest request = turn % 3 == 1 ? text_search(fmt::format("key{}key", key), 1)
                                              : vector_search(vector_of(key), 1);
        request.exact = turn % 3 == 2;
        const auto found = tenant.search(request);
        if (!goes_on(found)) return;
        if (found->hits.size() == 1) version = version_of(found->hits[0].memory.text());
      }
      ASSERT_TRUE(version.has_value()) << "key " << key << " is not found, way " << turn % 3;
      ASSERT_GE(*version, known) << "older than what was acknowledged before";
      ASSERT_GE(*version, seen[at]) << "older than what this reader has seen";
      seen[at] = *version;
    }
  }

  // Adds and erases by turns; of what it erased it searches at once.
  void add_and_erase(Tenant tenant, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<Uuid> mine;
    for (int i = 0;; ++i) {
      const std::string word = fmt::format("w{}x{}w", seed, i);
      const auto added = tenant.add(memory(word + " added", random_vector(random, kDim)));
      if (!goes_on(added)) return;
      mine.push_back(added->id);
      {
        const std::lock_guard lock(mutex_);
        added_.insert(added->id);
      }
      if (i % 3 != 2) continue;
      const Uuid gone = mine[random() % mine.size()];
      std::erase(mine, gone);
      {
        // Before: who sees it erased although nobody was told is right, too.
        const std::lock_guard lock(mutex_);
        added_.erase(gone);
      }
      if (!goes_on(tenant.erase(gone))) return;
      const std::lock_guard lock(mutex_);
      erased_.insert(gone);
    }
  }

  void look_for_erased(Tenant tenant) {
    while (true) {
      std::set<Uuid> erased;
      {
        const std::lock_guard lock(mutex_);
        erased = erased_;
      }
      const auto found = tenant.search(text_search("added", 200));
      if (!goes_on(found)) return;
      for (const Uuid& id : ids_of(*found)) ASSERT_FALSE(erased.contains(id)) << id.to_string();
    }
  }

  void consolidate() {
    ConsolidationOptions options;
    options.vault = directory_ / "vault";
    auto consolidator = Consolidator::create(*store_, "beta", options);
    if (!goes_on(consolidator)) return;
    ConsolidationRun run;
    run.agents = {UpkeepAgent::kDecay, UpkeepAgent::kPromote, UpkeepAgent::kRelations};
    while (!is_closing_) {
      // What a run meets when the store closes under it is its own affair.
      (void)consolidator->run(run).has_value();
    }
  }

  void take_snapshots() {
    for (int i = 0;; ++i) {
      const auto to = directory_ / fmt::format("snapshot{}", i);
      if (!goes_on(store_->snapshot(to))) return;
      EXPECT_THAT(inspect_snapshot(to), Succeeds());
      std::filesystem::remove_all(to);
    }
  }

  void look_after() {
    for (int i = 0;; ++i) {
      const auto report = store_->verify();
      if (!goes_on(report)) return;
      EXPECT_THAT(report->problems, IsEmpty());
      const Status purged = i % 4 == 3 ? store_->purge() : Status();
      // A snapshot that is being taken holds it up.
      if (!purged && purged.error().code != ErrorCode::kBusy && !goes_on(purged)) return;
      store_->wait_for_indexing();
    }
  }

  TemporaryDirectory directory_;
  StoreOptions options_;
  std::optional<Store> store_;
  std::array<std::atomic<int>, kKeys> known_;
  std::atomic<int> updates_ = 0;
  std::atomic<bool> is_closing_ = false;
  std::mutex mutex_;
  std::set<Uuid> added_, erased_;
};

TEST_P(Races, OfEverythingAtOnceLeaveASoundStore) {
  const Tenant keys = value_of(store_->tenant("keys"));
  const Tenant beta = value_of(store_->tenant("beta"));
  std::vector<std::thread> threads;
  for (const int first : {0, 1}) threads.emplace_back([=, this] { write_keys(keys, first); });
  for (const unsigned seed : {1U, 2U}) {
    threads.emplace_back([=, this] { read_keys(keys, seed); });
    threads.emplace_back([=, this] { add_and_erase(beta, seed); });
  }
  threads.emplace_back([=, this] { look_for_erased(beta); });
  threads.emplace_back([this] { consolidate(); });
  threads.emplace_back([this] { take_snapshots(); });
  threads.emplace_back([this] { look_after(); });
  while (updates_ < kUpdates && !HasFailure()) std::this_thread::yield();

  is_closing_ = true;
  EXPECT_THAT(store_->close(), Succeeds());
  for (auto& thread : threads) thread.join();
  store_.emplace(value_of(Store::open(directory_ / "db", options_)));

  const Tenant again = value_of(store_->tenant("keys"));
  for (int key = 0; key < kKeys; ++key) {
    EXPECT_GE(version_of(value_of(again.get(id_of(key))).text),
              known_[static_cast<std::size_t>(key)]);
  }
  const auto held = memories_of(value_of(store_->tenant("beta")));
  for (const Uuid& id : added_) EXPECT_TRUE(held.contains(id)) << id.to_string();
  for (const Uuid& id : erased_) EXPECT_FALSE(held.contains(id)) << id.to_string();
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Modes, Races, ::testing::Values(0U, 1U));

}  // namespace
}  // namespace tulving
