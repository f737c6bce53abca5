// Readers share, writers exclude all, and a writer gets in though readers never leave a gap. The
// last hangs (and ctest's limit ends it) with a mutex that prefers readers.

#include "core/base/fair_shared_mutex.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tulving {
namespace {

TEST(FairSharedMutex, LetsReadersInTogether) {
  FairSharedMutex mutex;
  std::atomic<int> inside = 0;
  const auto read = [&] {
    const std::shared_lock lock(mutex);
    ++inside;
    while (inside < 2) std::this_thread::yield();  // Ends only with both inside.
  };

  std::thread first(read);
  std::thread second(read);
  first.join();
  second.join();

  EXPECT_EQ(inside, 2);
}

TEST(FairSharedMutex, KeepsWritersAlone) {
  FairSharedMutex mutex;
  int value = 0;  // Guarded by mutex; TSan sees a broken lock too.
  std::vector<std::thread> threads;
  std::atomic<bool> torn = false;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const std::unique_lock lock(mutex);
        ++value;
        ++value;
      }
    });
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const std::shared_lock lock(mutex);
        if (value % 2 != 0) torn = true;
      }
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_FALSE(torn);
  EXPECT_EQ(value, 12'000);
}

TEST(FairSharedMutex, AdmitsAWriterBetweenReadersThatOverlapWithoutAGap) {
  FairSharedMutex mutex;
  std::atomic<bool> written = false;
  std::atomic<int> readers = 0;
  // Each reader leaves only once another is inside, or the writer has been.
  const auto read = [&] {
    while (!written) {
      const std::shared_lock lock(mutex);
      ++readers;
      for (int spins = 0; readers < 2 && spins < 1000; ++spins) std::this_thread::yield();
      --readers;
    }
  };
  std::thread first(read);
  std::thread second(read);
  std::thread third(read);

  {
    const std::unique_lock lock(mutex);
    written = true;
  }

  first.join();
  second.join();
  third.join();
  EXPECT_TRUE(written);
}

}  // namespace
}  // namespace tulving
