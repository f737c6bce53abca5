#pragma once

#include <string>
#include <string_view>

namespace tulving::serve::mcp {

/// `json`, which holds what somebody once said, between marks that say that it is data. Nothing
/// within can end them: '<' and '>' are escaped, and it reads as the same JSON.
[[nodiscard]] std::string fenced(std::string_view json);

}  // namespace tulving::serve::mcp
