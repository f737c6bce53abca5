#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/engine/state/tenant_state.h"

namespace tulving::engine {

/// A place of a row in a conversation: the rows before and after it, kNone where there is none that
/// may be returned.
struct TurnPlace {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t row = kNone, before = kNone, after = kNone;

  friend bool operator==(const TurnPlace&, const TurnPlace&) = default;
};

/// The neighbouring turns of a search's candidates. A turn that was merged is not returned any
/// more: its merge stands in its place, before and after it. Used under the tenant's mutex.
class TurnContext {
 public:
  /// `allowed`: rows that may be returned; null: all.
  TurnContext(const TenantState& tenant, const Roaring* allowed);

  /// Adds where `row` stands between others: a turn has one place, a merge one for every turn that
  /// it stands for, and what is no turn has none.
  void add_places(std::uint32_t row, std::vector<TurnPlace>& places) const;

 private:
  void add_place(std::uint32_t row, std::uint32_t turn, std::vector<TurnPlace>& places) const;
  [[nodiscard]] std::uint32_t stand_in(std::uint32_t turn, std::uint32_t asker) const;

  const TenantState& tenant_;
  const Roaring* allowed_;
  const Roaring* merges_;  ///< Null: there are none, so no turn has a stand-in.
};

}  // namespace tulving::engine
