// What is promised: searches, builders and a writer may run at once (searches share a lock that
// set, erase and reclaim take alone; builders take none), each search sees every row set before it
// began, and none that was erased before; the graph that comes of it is sound, and finds what it
// holds.
//
// The test can tell because each row's vector says which version it is, and a reader notes the
// versions that were acknowledged before its search. Run under ThreadSanitizer it also shows that
// nothing races.

#include <array>
#include <atomic>
#include <chrono>
#include <shared_mutex>
#include <thread>

#include "core/base/mutex.h"
#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Vector;

constexpr std::uint32_t kDim = 16;
constexpr std::uint32_t kRows = 3000;
constexpr std::uint32_t kEf = 8;  // Narrow, so that walking is cheaper than scanning.
constexpr std::uint32_t kVersions = 8;

// A direction of its own for each row and version.
Vector vector_of(std::uint32_t row, std::uint32_t version) {
  return Generator(kDim, row * kVersions + version % kVersions + 1, 0).noise(kDim);
}

class ConcurrentIndex : public ::testing::Test {
 protected:
  // Even: version / 2 is stored. Odd: erased. Set only under the writer's lock.
  std::array<std::atomic<std::uint32_t>, kRows> acknowledged_{};
  FairSharedMutex mutex_;
  VectorIndex index_{kDim, {.m = 6, .ef_construction = 24, .exact_rows_max = 100}};
  std::atomic<bool> stop_{false};
  std::atomic<int> failures_{0};
  std::atomic<int> misses_{0};  // Of a walk, which may miss what the graph holds.
  std::atomic<int> misses_of_writer_{0};
  std::atomic<int> walks_{0};
  std::atomic<int> searches_{0};

  // Every row's first version, in the graph.
  void prepare() {
    for (std::uint32_t row = 0; row < kRows; ++row) {
      index_.set(row, vector_of(row, 1));
      acknowledged_[row].store(2);
    }
    testing::build_all(index_);
  }

  void write(std::uint32_t operations) {
    Generator generator(kDim, 1);
    for (std::uint32_t i = 0; i < operations; ++i) {
      const std::uint32_t row = generator.below(kRows);
      const std::uint32_t state = acknowledged_[row].load();
      {
        const std::unique_lock lock(mutex_);
        if (state % 2 == 0 && generator.chance(0.3)) {
          index_.erase(row);
          acknowledged_[row].store(state + 1);
        } else {
          const std::uint32_t next = (state / 2 + 1) * 2;
          index_.set(row, vector_of(row, next / 2));
          acknowledged_[row].store(next);
        }
        if (i % 100 == 0) index_.reclaim();
        // Waiting rows are scanned: no walk can miss what was set this moment.
        if (acknowledged_[row].load() % 2 == 0) {
          const Vector written = vector_of(row, acknowledged_[row].load() / 2);
          const auto matches = testing::search(index_, written, 1, nullptr, false, kEf);
          if (matches.rows.empty() || matches.rows[0].row != row) ++misses_of_writer_;
        }
      }
      std::this_thread::sleep_for(std::chrono::microseconds(100));  // For the builder to keep up.
    }
  }

  void read(std::uint32_t seed) {
    Generator generator(kDim, seed);
    while (!stop_.load()) {
      const std::uint32_t row = generator.below(kRows);
      const std::shared_lock lock(mutex_);
      const std::uint32_t state = acknowledged_[row].load();
      const Vector wanted = vector_of(row, state / 2);
      const auto matches = testing::search(index_, wanted, 3, nullptr, false, kEf);
      const bool present = state % 2 == 0 && state != 0;
      const bool found =
          !matches.rows.empty() && matches.rows[0].row == row && matches.rows[0].score > 0.999F;
      const bool walked = matches.approximate;
      if (walked && present && !found) ++misses_;
      if (found && !present) ++failures_;
      if (present && !found && !walked) ++failures_;
      if (index_.contains(row) != present) ++failures_;
      if (walked) ++walks_;
      ++searches_;
    }
  }

  void build() {
    while (!stop_.load()) {
      if (!index_.build_step(4)) std::this_thread::yield();
      static_cast<void>(index_.counts());
      static_cast<void>(index_.wants_reclaim());
    }
  }

  void run(int builders) {
    prepare();
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < builders; ++i) threads.emplace_back([&] { build(); });
      threads.emplace_back([&] { read(2); });
      threads.emplace_back([&] { read(3); });
      write(3000);
      stop_ = true;
    }
    EXPECT_EQ(failures_.load(), 0) << "of " << searches_.load() << " searches";
    // A builder may have taken the row into the graph between set() and the writer's search.
    EXPECT_LE(misses_of_writer_.load(), 30) << "of 3000 writes";
    EXPECT_LE(misses_.load(), walks_.load() / 10);
    EXPECT_GT(walks_.load(), 100) << "the graph hardly answered: little was tested";
    testing::build_all(index_);
    EXPECT_EQ(index_.check_invariants().broken, "");
    expect_all_found();
  }

  // By a scan every live row, by walks nearly all.
  void expect_all_found() {
    std::uint32_t live = 0;
    std::uint32_t walked_to = 0;
    for (std::uint32_t row = 0; row < kRows; ++row) {
      const std::uint32_t state = acknowledged_[row].load();
      EXPECT_EQ(index_.contains(row), state % 2 == 0);
      if (state % 2 != 0) continue;
      ++live;
      const Vector vector = vector_of(row, state / 2);
      EXPECT_EQ(testing::search(index_, vector, 1, nullptr, true).rows[0].row, row);
      walked_to += testing::search(index_, vector, 1, nullptr, false, kEf).rows[0].row == row;
    }
    EXPECT_EQ(index_.counts().vectors, live);
    EXPECT_GE(walked_to, live / 10 * 9);
  }
};

TEST_F(ConcurrentIndex, ShowsEachSearchWhatWasAcknowledgedBeforeIt) { run(1); }

TEST_F(ConcurrentIndex, DoesSoWhileFourThreadsBuild) { run(4); }

}  // namespace
}  // namespace tulving::index
