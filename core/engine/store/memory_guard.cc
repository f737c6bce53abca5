#include "core/engine/store/memory_guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/memory_room.h"

namespace tulving::engine {
namespace {

// Counting takes a look at every tenant; the growth that is reported meanwhile leaves out what the
// indexes add to it.
constexpr std::uint64_t kCountAfterMin = 64U << 10U;

}  // namespace

Status MemoryGuard::check(std::uint64_t growth, std::uint64_t written) {
  if (growth == 0) return {};
  if (auto status = check_limit(growth); !status) return status;
  unasked_ += written;
  if (unasked_ < kAskAfter) return {};
  // Twice what is written: once in RocksDB's tables in memory, once in ours.
  if (!has_memory_room(kReserve + 2 * written)) {
    unasked_ = kAskAfter;  // The next one asks again.
    return Error{ErrorCode::kResourceExhausted,
                 fmt::format("the system gives this process no {} bytes more of memory, which "
                             "writing, reading and closing may need; nothing was written",
                             kReserve + 2 * written)};
  }
  unasked_ = 0;
  return {};
}

Status MemoryGuard::check_limit(std::uint64_t growth) {
  if (limit_ == 0) return {};
  const std::uint64_t count_after = std::max(kCountAfterMin, limit_ / 256);
  const bool is_near = counted_ + 2 * (since_ + growth) > limit_;
  if (!is_counted_ || since_ >= count_after || (is_near && since_ >= kCountAfterMin) ||
      counted_ + since_ + growth > limit_) {
    counted_ = held_();
    since_ = 0;
    is_counted_ = true;
  }
  if (counted_ + growth > limit_) {
    return Error{
        ErrorCode::kResourceExhausted,
        fmt::format("memory_max is {} bytes; the store holds {} and the write would add at "
                    "least {}; erase something, or open it with more",
                    limit_, counted_, growth),
        "memory_max"};
  }
  since_ += growth;
  return {};
}

}  // namespace tulving::engine
