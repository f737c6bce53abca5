#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

/// What to collect.
struct GcRequest {
  std::optional<Timestamp> now = {};  ///< The clock that decides; empty: the store's.
  bool dry_run = false;               ///< Report, and write nothing. A read-only store can do this.
  std::uint32_t limit =
      10'000;  ///< Memories deleted at most, 1..100,000: one write, one log batch.
};

/// Why a memory goes, or stays although it is archived or expired.
enum class GcReason : std::uint8_t {
  kArchived,     ///< Goes: archived 30 days ago or earlier.
  kExpired,      ///< Goes: its expires_at has come.
  kRecoverable,  ///< Stays: archived less than 30 days ago.
  kCritical,     ///< Stays: critical memories are never collected.
  kOverLimit,    ///< Stays for the next call.
};

/// "archived", "expired", "recoverable", "critical" or "over limit".
[[nodiscard]] std::string_view to_string(GcReason reason) noexcept;

struct GcItem {
  Uuid id;
  GcReason reason = GcReason::kArchived;
  Timestamp since;             ///< When it was archived, or expired.
  std::uint64_t revision = 0;  ///< Of the memory before the call.
};

/// What gc did, or with dry_run would do. Both lists are ordered by `since`, then id.
struct GcReport {
  std::vector<GcItem> deleted;
  std::vector<GcItem> kept;
  Timestamp now;
  bool dry_run = false;
};

}  // namespace tulving
