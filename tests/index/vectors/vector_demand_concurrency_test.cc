// What is promised of an index that still comes in from its file: searches, writes and building may
// run beside that, on a file of which parts are damaged, without a race (under ThreadSanitizer) and
// without losing a vector.

#include <shared_mutex>
#include <thread>

#include "core/base/mutex.h"
#include "tests/index/vectors/vector_demand.h"

namespace tulving::index {
namespace {

using testing::kNarrowEf;
using testing::Vector;
using testing::VectorDemand;

TEST_F(VectorDemand, ServesSearchesAndWritesWhileTheRestComesIn) {
  auto bytes = file_bytes();
  const std::size_t nodes = offset_of(kNodes);
  for (int i = 0; i < 4; ++i) bytes[nodes + generator_.below(100'000)] ^= 0x10;
  bytes[offset_of(kResiduals) + 99] ^= 1;
  write_bytes(bytes);
  auto loaded = load();
  ASSERT_TRUE(loaded.has_value());
  VectorIndex& index = **loaded;
  FairSharedMutex tenant;
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::uint32_t n = 0; n < 2; ++n) {
    threads.emplace_back([&, n] {
      for (std::size_t i = n; !stop; ++i) {
        const std::shared_lock lock(tenant);
        const auto found = testing::search(index, queries_[i % queries_.size()], 10, nullptr,
                                           i % 5 == 0, kNarrowEf);
        if (found.rows.size() != 10) ++wrong;
      }
    });
  }
  for (int n = 0; n < 2; ++n) {
    threads.emplace_back([&, n] {
      while (!stop) {
        if (index.build_step(8)) continue;
        if (n == 0) {
          const std::unique_lock lock(tenant);
          index.reclaim();
        }
        std::this_thread::yield();
      }
    });
  }
  for (std::uint32_t row = 0; row < 400; ++row) {
    const Vector vector = generator_.vector();
    const std::unique_lock lock(tenant);
    if (row % 4 == 0) {
      index.erase(row);
      vectors_.erase(row);
    } else {
      vectors_[row] = vector;
      index.set(row, vector);
    }
  }
  while (index.is_damaged() || index.wants_building()) std::this_thread::yield();
  stop = true;
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(wrong, 0);
  testing::build_all(index);
  EXPECT_EQ(index.check_invariants().broken, "");
  EXPECT_GE(index.counts().damaged, 1U);
  for (const auto& [row, vector] : vectors_) ASSERT_TRUE(index.holds(row, vector)) << row;
  EXPECT_EQ(index.rows().cardinality(), vectors_.size());
}

}  // namespace
}  // namespace tulving::index
