#include "core/engine/search/turn_context.h"

namespace tulving::engine {

TurnContext::TurnContext(const TenantState& tenant, const Roaring* allowed)
    : tenant_(tenant), allowed_(allowed), merges_(tenant.attributes.find(kLevelField, "1")) {}

Neighbours TurnContext::neighbours(std::uint32_t row) const {
  Neighbours found;
  const auto add_place = [&](std::uint32_t turn) {
    const Neighbours::Place place{stand_in(tenant_.turns.previous(turn), row),
                                  stand_in(tenant_.turns.next(turn), row)};
    if (place.before || place.after) found.places.push_back(place);
  };
  if (merges_ == nullptr || !merges_->contains(row)) {
    add_place(row);
    return found;
  }
  for (const Uuid& source : tenant_.memories.record(row)->source_memory_ids()) {
    if (const auto turn = tenant_.memories.find(source)) add_place(*turn);
  }
  return found;
}

// The turn itself, or the merge that holds it; never the memory that asks.
std::optional<std::uint32_t> TurnContext::stand_in(std::optional<std::uint32_t> turn,
                                                   std::uint32_t asker) const {
  const auto is_allowed = [this](std::uint32_t row) {
    return allowed_ == nullptr || allowed_->contains(row);
  };
  if (!turn || is_allowed(*turn)) return turn == asker ? std::nullopt : turn;
  if (merges_ == nullptr) return std::nullopt;
  const Uuid merge = tenant_.memories.record(*turn)->consolidated_into_id();
  const auto heir = merge.is_nil() ? std::nullopt : tenant_.memories.find(merge);
  return heir && heir != asker && is_allowed(*heir) ? heir : std::nullopt;
}

}  // namespace tulving::engine
