#pragma once

#include <future>
#include <system_error>
#include <utility>

namespace tulving {

/// Runs `work` on a thread of its own, or, where the system gives none, when its result is asked
/// for. The future waits for the thread when it goes, so `work` may refer to what outlives it.
template <class Work>
[[nodiscard]] auto beside(Work work) {
  try {
    return std::async(std::launch::async, work);
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, std::move(work));
  }
}

}  // namespace tulving
