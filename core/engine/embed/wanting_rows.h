#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/engine/state/tenant_state.h"

namespace tulving::engine {

/// Active and promoted memories, expired ones too, that have a vector of no model.
[[nodiscard]] Roaring rows_without_vector(const TenantState& tenant);

/// Active, promoted and archived memories that have no vector of this model; empty: of a model that
/// the store has none of yet, so all of them.
[[nodiscard]] Roaring rows_without_vector_of(const TenantState& tenant,
                                             std::optional<std::uint16_t> model);

/// What a memory's vector is made of: its text, or where there is none the strings of its content.
/// Empty: nothing that a vector could be made of.
[[nodiscard]] std::string text_to_embed(const storage::MemoryRecord& record);

}  // namespace tulving::engine
