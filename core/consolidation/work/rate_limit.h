#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace tulving::consolidation {

/// A bucket that refills by `per_minute` a minute and holds no more. 0: no limit. Runs on the
/// steady clock: a store's clock may stand still or be set.
class RateLimit {
 public:
  explicit RateLimit(std::uint32_t per_minute)
      : per_minute_(per_minute), tokens_(static_cast<double>(per_minute)) {}

  [[nodiscard]] std::uint64_t available() {
    if (per_minute_ == 0) return std::numeric_limits<std::uint64_t>::max();
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> passed = now - refilled_;
    refilled_ = now;
    const double rate = static_cast<double>(per_minute_);
    tokens_ = std::min(rate, tokens_ + passed.count() / 60.0 * rate);
    return static_cast<std::uint64_t>(tokens_);
  }
  void take(std::uint64_t count) { tokens_ = std::max(0.0, tokens_ - static_cast<double>(count)); }

 private:
  std::uint32_t per_minute_;
  double tokens_;
  std::chrono::steady_clock::time_point refilled_ = std::chrono::steady_clock::now();
};

}  // namespace tulving::consolidation
