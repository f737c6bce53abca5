#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "tulving/result.h"
#include "tulving/store.h"

namespace tulving::serve {

/// Whether the server can do what it is for. Thread-safe.
class Health {
 public:
  /// Why it cannot; empty: it can.
  [[nodiscard]] std::string fault() const;

  /// From now on it takes no requests.
  void drain() { is_draining_ = true; }
  [[nodiscard]] bool is_draining() const { return is_draining_; }

  /// A call that writes ended so. After a write that failed the store refuses all others until it
  /// is opened again: whether that is what happened, the log is asked.
  void look_after(Store& store, const Error& error);

 private:
  std::atomic<bool> is_draining_ = false;
  std::atomic<bool> is_failed_ = false;
  mutable std::mutex mutex_;
  std::string failure_;
};

}  // namespace tulving::serve
