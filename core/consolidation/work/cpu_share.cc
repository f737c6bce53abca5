#include "core/consolidation/work/cpu_share.h"

#include <ctime>

namespace tulving::consolidation {
namespace {

// A shorter rest is mostly the scheduler's own.
constexpr std::chrono::milliseconds kRestMin{5};

std::chrono::nanoseconds thread_cpu_time() {
  std::timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

bool CpuShare::breathe() {
  const auto worked = thread_cpu_time();
  if (!has_begun_) {
    has_begun_ = true;
    paid_ = worked;
  }
  const std::chrono::duration<double> open = worked - paid_;
  const auto rest =
      std::chrono::duration_cast<std::chrono::nanoseconds>(open * ((1 - share_) / share_));
  if (rest < kRestMin) return !stopped_;
  paid_ = worked;
  return wait(rest);
}

bool CpuShare::wait(std::chrono::nanoseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  const MutexLock lock(mutex_);
  while (!stopped_ && wake_.wait_until(mutex_, until)) {
  }
  return !stopped_;
}

void CpuShare::stop() {
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
}

}  // namespace tulving::consolidation
