#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tulving/records.h"
#include "tulving/result.h"

namespace tulving::model {

// A memory's life (SPEC section 5): active until it is promoted, merged away or archived; archived
// memories can be recovered for 30 days, then gc deletes them. Deleted is the end: what is
// forgotten stays forgotten, and only erase() goes further. A plan's undo puts records back as they
// were and is no event.

/// How long an archived memory can be recovered, and after which gc may delete it.
inline constexpr std::chrono::hours kRecoveryTime{24 * 30};

/// What happens to a memory.
enum class LifeEvent : std::uint8_t {
  kReinforce,  ///< It was used.
  kPromote,    ///< It was written into the vault. Once.
  kMerge,      ///< Another memory holds it now.
  kFade,       ///< The decay agent lets it go. Never a critical one.
  kArchive,    ///< The user puts it aside. Twice is as once.
  kRecover,    ///< It comes back, as what it was.
  kForget,     ///< The user deletes it. Twice is as once.
  kCollect,    ///< gc deletes what was archived 30 days ago. Never a critical one.
  kExpire,     ///< gc deletes what is past its expires_at. Never a critical one.
};

/// "reinforce", "promote" and so on.
[[nodiscard]] std::string_view to_string(LifeEvent event);

/// What of a memory decides about an event, beside its status.
struct LifeContext {
  Timestamp now;
  Timestamp archived_at;  ///< For archived memories.
  std::optional<Timestamp> expires_at;
  bool is_critical = false;
  bool was_promoted = false;  ///< Its ltm_path is set: recovered, it is promoted again.
};

[[nodiscard]] LifeContext life_context(const Memory& memory, Timestamp now);

/// The status after `event`. kConflict: that transition is not legal; the message names it and the
/// rule, Error::field is "status".
Result<MemoryStatus> next_status(MemoryStatus from, LifeEvent event, const LifeContext& context);

}  // namespace tulving::model
