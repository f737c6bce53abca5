#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace tulving::serve::auth {

/// How often each token may ask: a bucket that fills by so many a second, and holds two seconds'
/// worth. Thread-safe.
class RateLimit {
 public:
  /// 0: no limit.
  explicit RateLimit(double per_second) : per_second_(per_second) {}

  /// Empty: it may. Else how long to wait.
  std::optional<std::chrono::milliseconds> take(const std::string& token_id,
                                                std::chrono::steady_clock::time_point now);

 private:
  struct Bucket {
    double left;
    std::chrono::steady_clock::time_point at;
  };

  const double per_second_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;  // Of tokens that are known: as many as those.
};

}  // namespace tulving::serve::auth
