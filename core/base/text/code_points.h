#pragma once

#include <string>
#include <string_view>

namespace tulving {

/// The code points of `text`, which must be well-formed UTF-8, white space left out.
[[nodiscard]] std::u32string visible_code_points(std::string_view text);

}  // namespace tulving
