#pragma once

#include <chrono>
#include <optional>

namespace tulving::index {

/// A moment that work must not go past; once seen to have passed, it has.
class Deadline {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Deadline(std::optional<Time> at) : at_(at) {}

  /// Asks the clock, ~25 ns: once every few hundred rows.
  bool passed() {
    if (at_.has_value() && !passed_) passed_ = std::chrono::steady_clock::now() >= *at_;
    return passed_;
  }
  [[nodiscard]] bool struck() const { return passed_; }  ///< As of the last passed().

 private:
  std::optional<Time> at_;
  bool passed_ = false;
};

}  // namespace tulving::index
