#pragma once

#include <cstdint>
#include <functional>

#include "tulving/result.h"

namespace tulving::engine {

/// Refuses a write that there is no memory for, before the log has anything of it: by the store's
/// own limit, StoreOptions::memory_max, and by what the system still gives the process. RocksDB and
/// what it is written with cannot go on when an allocation fails; a store that stops a little
/// earlier can always be read, erased from and closed.
///
/// Thread safety: none of its own; only the store's one writer asks.
class MemoryGuard {
 public:
  /// Of address space that is left for reading, closing and RocksDB's own buffers.
  static constexpr std::uint64_t kReserve = 32U << 20U;
  /// As many bytes written, and the system is asked again.
  static constexpr std::uint64_t kAskAfter = 1U << 20U;

  /// `limit` 0: none. `held` counts what the store's records and indexes take; O(tenants).
  MemoryGuard(std::uint64_t limit, std::function<std::uint64_t()> held)
      : limit_(limit), held_(std::move(held)) {}

  /// `growth`: what the write adds to RAM at least; a write that adds nothing always passes, so
  /// that a full store can be made smaller. `written`: its bytes in the log. kResourceExhausted.
  Status check(std::uint64_t growth, std::uint64_t written);

 private:
  Status check_limit(std::uint64_t growth);

  const std::uint64_t limit_;
  const std::function<std::uint64_t()> held_;
  std::uint64_t counted_ = 0;  ///< What held_() said last.
  std::uint64_t since_ = 0;    ///< Growth since then.
  bool is_counted_ = false;
  std::uint64_t unasked_ = kAskAfter;  ///< Bytes written since the system was asked.
};

}  // namespace tulving::engine
