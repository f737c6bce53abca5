#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace tulving {

/// Offset of the first byte that is not part of well-formed UTF-8, or is NUL; empty when there is
/// none. Postgres refuses exactly these in text.
[[nodiscard]] std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept;

/// True when every byte is below 128. The fast path of most texts.
[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

/// Without the byte order mark (U+FEFF) that some editors put before a text.
[[nodiscard]] inline std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

/// How many code points there are; of what is not well-formed, bytes that continue none.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

/// The longest prefix of at most `characters` code points. `text` must be well-formed.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t characters) noexcept;

}  // namespace tulving
