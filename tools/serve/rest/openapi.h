#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tulving/operations.h"

namespace tulving::serve::rest {

/// The table of operations as an OpenAPI 3.1 document.
[[nodiscard]] std::string openapi(std::string_view version, std::span<const Operation> more);

}  // namespace tulving::serve::rest
