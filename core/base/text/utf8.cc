#include "core/base/text/utf8.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace tulving {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080U;
constexpr std::uint64_t kOnes = 0x0101010101010101U;

std::uint64_t load8(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// True when none of the eight bytes is NUL or has its high bit set. Without high bits in `word`,
// subtracting one from each byte raises one exactly where a byte was 0 (or borrowed from such).
bool is_plain_ascii(std::uint64_t word) { return ((word | (word - kOnes)) & kHighBits) == 0; }

// The code point at `offset`, which moves past it; negative when it is ill-formed. ICU refuses
// what Postgres refuses: overlong forms, surrogates, values above U+10FFFF, cut sequences.
UChar32 next_code_point(std::string_view text, std::size_t& offset) {
  UChar32 code_point = 0;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  U8_NEXT(bytes, offset, text.size(), code_point);
  return code_point;
}

}  // namespace

std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept {
  std::size_t offset = 0;
  while (offset < text.size()) {
    while (offset + 8 <= text.size() && is_plain_ascii(load8(text.data() + offset))) offset += 8;
    // Eight bytes or more one by one before the fast path is tried again: text in other scripts
    // rarely has eight ASCII bytes in a row.
    const std::size_t slow_end = std::min(offset + 8, text.size());
    while (offset < slow_end) {
      const std::size_t start = offset;
      if (next_code_point(text, offset) <= 0) return start;
    }
  }
  return std::nullopt;
}

bool is_ascii(std::string_view text) noexcept {
  std::size_t offset = 0;
  for (; offset + 8 <= text.size(); offset += 8) {
    if ((load8(text.data() + offset) & kHighBits) != 0) return false;
  }
  for (; offset < text.size(); ++offset) {
    if ((static_cast<unsigned char>(text[offset]) & 0x80U) != 0) return false;
  }
  return true;
}

std::size_t utf8_length(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

std::string_view utf8_prefix(std::string_view text, std::size_t characters) noexcept {
  if (text.size() <= characters) return text;
  std::size_t offset = 0;
  while (characters > 0 && offset < text.size()) {
    if (characters >= 8 && offset + 8 <= text.size() &&
        is_plain_ascii(load8(text.data() + offset))) {
      offset += 8;
      characters -= 8;
    } else {
      next_code_point(text, offset);
      --characters;
    }
  }
  return text.substr(0, offset);
}

}  // namespace tulving
