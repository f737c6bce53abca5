#pragma once

#include "core/engine/search/fusion.h"
#include "core/engine/state/tenant_state.h"

namespace tulving::engine {

/// The neighbouring turns of a search's candidates. A turn that was merged is not returned any
/// more: its merge stands in its place, before and after it. Used under the tenant's mutex.
class TurnContext {
 public:
  /// `allowed`: rows that may be returned; null: all.
  TurnContext(const TenantState& tenant, const Roaring* allowed);
  [[nodiscard]] Neighbours neighbours(std::uint32_t row) const;

 private:
  [[nodiscard]] std::optional<std::uint32_t> stand_in(std::optional<std::uint32_t> turn,
                                                      std::uint32_t asker) const;

  const TenantState& tenant_;
  const Roaring* allowed_;
  const Roaring* merges_;  ///< Null: there are none, so no turn has a stand-in.
};

}  // namespace tulving::engine
