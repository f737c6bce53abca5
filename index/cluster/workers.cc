#include "index/cluster/workers.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace tulving::index {

Workers::Workers(unsigned threads)
    : size_(std::clamp(threads == 0 ? std::thread::hardware_concurrency() : threads, 1U, 256U)) {}

void Workers::run(const std::function<void(unsigned)>& work) const {
  std::mutex mutex;
  std::exception_ptr failure;
  const auto guarded = [&](unsigned worker) {
    try {
      work(worker);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (failure == nullptr) failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(size_);
  try {
    for (unsigned worker = 1; worker < size_; ++worker) threads.emplace_back(guarded, worker);
  } catch (const std::system_error&) {
    // The system gives no more threads.
  } catch (const std::bad_alloc&) {  // Nor memory for one. Those that run are waited for.
  }
  guarded(0);
  for (std::thread& thread : threads) thread.join();
  if (failure != nullptr) std::rethrow_exception(failure);
}

void Workers::share(std::uint32_t count, const std::function<void(std::uint32_t)>& work) const {
  constexpr std::uint64_t kPart = 256;
  std::atomic<std::uint64_t> next{0};
  run([&](unsigned) {
    for (std::uint64_t first; (first = next.fetch_add(kPart)) < count;) {
      const std::uint64_t end = std::min<std::uint64_t>(count, first + kPart);
      for (std::uint64_t i = first; i < end; ++i) work(static_cast<std::uint32_t>(i));
    }
  });
}

void ClusterControl::begin(ClusterPhase phase, std::uint64_t total) {
  phase_ = phase;
  total_ = total;
  done_ = 0;
  if (total > 0) advance(0, 0);
}

bool ClusterControl::advance(unsigned worker, std::uint64_t steps) {
  const std::uint64_t done = done_.fetch_add(steps, std::memory_order_relaxed) + steps;
  if (worker == 0 && options_.progress != nullptr && !stopped() &&
      !options_.progress({phase_, std::min(done, total_), total_})) {
    stopped_ = true;
  }
  return !stopped();
}

}  // namespace tulving::index
