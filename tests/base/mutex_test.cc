// Readers share, writers exclude all, and a writer gets in though readers never leave a gap. The
// last hangs (and ctest's limit ends it) with a mutex that prefers readers.

#include "core/base/mutex.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
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

// True when a writer that began to wait while a reader was inside got in before a second reader.
// The pauses only make it likely that each thread has come as far as its lock.
bool writer_was_not_overtaken() {
  constexpr auto kPause = std::chrono::milliseconds(20);
  FairSharedMutex mutex;
  std::atomic<int> entered = 0;
  int writer_place = 0;
  int reader_place = 0;

  mutex.lock_shared();
  std::thread writer([&] {
    const std::unique_lock lock(mutex);
    writer_place = ++entered;
  });
  std::this_thread::sleep_for(kPause);
  std::thread reader([&] {
    const std::shared_lock lock(mutex);
    reader_place = ++entered;
  });
  std::this_thread::sleep_for(kPause);
  mutex.unlock_shared();
  writer.join();
  reader.join();
  return writer_place < reader_place;
}

TEST(FairSharedMutex, LetsNoNewReaderOvertakeAWaitingWriter) {
  bool in_order = false;
  for (int round = 0; round < 50 && !in_order; ++round) in_order = writer_was_not_overtaken();

  EXPECT_TRUE(in_order);
}

}  // namespace
}  // namespace tulving
