#pragma once

#include <span>
#include <string_view>

#include "tulving/params.h"

namespace tulving::operations {

/// The kinds of records that answers and parameters name.
[[nodiscard]] std::span<const std::string_view> record_kinds();

/// The members of a kind's JSON form, for its schema: as core/kinds declares them.
[[nodiscard]] std::span<const Param> record_members(std::string_view kind);

/// The members of a memory's patch.
[[nodiscard]] std::span<const Param> patch_members();

}  // namespace tulving::operations
