#include "tools/serve/auth/rate_limit.h"

#include <algorithm>

namespace tulving::serve::auth {

std::optional<std::chrono::milliseconds> RateLimit::take(
    const std::string& token_id, std::chrono::steady_clock::time_point now) {
  if (per_second_ <= 0) return std::nullopt;
  const double most = std::max(1.0, 2 * per_second_);
  const std::lock_guard lock(mutex_);
  const auto [found, is_new] = buckets_.try_emplace(token_id, Bucket{most, now});
  Bucket& bucket = found->second;
  const std::chrono::duration<double> passed = now - bucket.at;
  bucket.left = std::min(most, bucket.left + passed.count() * per_second_);
  bucket.at = now;
  if (bucket.left >= 1) {
    bucket.left -= 1;
    return std::nullopt;
  }
  return std::chrono::milliseconds(
      static_cast<std::int64_t>((1 - bucket.left) / per_second_ * 1000) + 1);
}

}  // namespace tulving::serve::auth
