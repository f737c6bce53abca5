#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tulving::serve::http {

/// Some threads that run what they are given, in its order.
class Workers {
 public:
  Workers(std::size_t threads, std::size_t waiting_max);
  ~Workers() { end(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// False: too many wait already, or it has ended.
  bool submit(std::function<void()> task);
  /// Runs what waits to its end, and takes nothing more. Idempotent.
  void end();

 private:
  void run();

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tulving::serve::http
