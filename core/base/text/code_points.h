#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tulving {

/// The blanks of ASCII.
inline constexpr std::string_view kBlanks = " \t\n\r\v\f";

/// The code point at `offset`, which is within the text and moves past it; -1 for ill-formed bytes.
[[nodiscard]] std::int32_t next_code_point(std::string_view text, std::size_t& offset);

/// The code points of `text`, which must be well-formed UTF-8, white space left out.
[[nodiscard]] std::u32string visible_code_points(std::string_view text);

}  // namespace tulving
