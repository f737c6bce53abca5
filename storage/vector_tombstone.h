#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "tulving/uuid.h"

namespace tulving::storage {

// A vector that goes while its memory stays (its text is new, say) leaves a tombstone, so that an
// incremental sync learns of it. It is never taken back: a vector that comes again has a greater
// revision. Releases before 0.2 read over it.

/// A tombstone's kind; taken among the numbers of RecordKind. No row of Table::kRecords has it.
inline constexpr std::uint8_t kVectorTombstone = 7;

/// The tombstone's name: "MEMORY/MODEL", the memory's id in 36 characters.
[[nodiscard]] inline std::string vector_tombstone_name(const Uuid& memory, std::string_view model) {
  TULVING_DCHECK(!model.empty());
  return memory.to_string().append("/").append(model);
}

/// The id under which it lies.
[[nodiscard]] inline Uuid vector_tombstone_id(std::string_view tenant_id, std::string_view name) {
  return Uuid::derive(tenant_id, std::string("vector/").append(name));
}

}  // namespace tulving::storage
