#pragma once

#include <exception>
#include <new>
#include <system_error>
#include <thread>

namespace tulving::index {

/// Runs `second` on a thread of its own beside `first`, and returns when both are done, though they
/// throw: then throws what one of them did. Where no thread is to be had, one after the other.
template <class First, class Second>
void run_both(const First& first, const Second& second) {
  std::exception_ptr failures[2];
  const auto guarded = [&failures](const auto& work, int which) {
    try {
      work();
    } catch (...) {
      failures[which] = std::current_exception();
    }
  };
  std::thread helper;
  try {
    helper = std::thread([&] { guarded(second, 1); });
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }
  guarded(first, 0);
  if (helper.joinable()) {
    helper.join();
  } else {
    guarded(second, 1);
  }
  for (const auto& failure : failures) {
    if (failure != nullptr) std::rethrow_exception(failure);
  }
}

}  // namespace tulving::index
