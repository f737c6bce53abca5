#include "core/engine/search/turn_context.h"

#include "core/base/check.h"

namespace tulving::engine {

TurnContext::TurnContext(const TenantState& tenant, const Roaring* allowed)
    : tenant_(tenant), allowed_(allowed), merges_(tenant.attributes.find(kLevelField, "1")) {}

void TurnContext::add_places(std::uint32_t row, std::vector<TurnPlace>& places) const {
  if (merges_ == nullptr || !merges_->contains(row)) return add_place(row, row, places);
  for (const Uuid& source : tenant_.memories.record(row)->source_memory_ids()) {
    if (const auto turn = tenant_.memories.find(source)) add_place(row, *turn, places);
  }
}

void TurnContext::add_place(std::uint32_t row, std::uint32_t turn,
                            std::vector<TurnPlace>& places) const {
  const std::uint32_t before = tenant_.turns.previous(turn).value_or(TurnPlace::kNone);
  const std::uint32_t after = tenant_.turns.next(turn).value_or(TurnPlace::kNone);
  const TurnPlace place{row, stand_in(before, row), stand_in(after, row)};
  TULVING_DCHECK(place.before != row && place.after != row);  // Nobody lifts itself.
  if (place.before != TurnPlace::kNone || place.after != TurnPlace::kNone) places.push_back(place);
}

// The turn itself, or the merge that holds it; never the memory that asks.
std::uint32_t TurnContext::stand_in(std::uint32_t turn, std::uint32_t asker) const {
  const auto is_allowed = [this](std::uint32_t row) {
    return allowed_ == nullptr || allowed_->contains(row);
  };
  if (turn == TurnPlace::kNone || turn == asker) return TurnPlace::kNone;
  if (is_allowed(turn)) return turn;
  if (merges_ == nullptr) return TurnPlace::kNone;
  const Uuid merge = tenant_.memories.record(turn)->consolidated_into_id();
  const auto heir = merge.is_nil() ? std::nullopt : tenant_.memories.find(merge);
  return heir && heir != asker && is_allowed(*heir) ? *heir : TurnPlace::kNone;
}

}  // namespace tulving::engine
