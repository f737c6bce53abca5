#include "core/base/text/code_points.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstddef>
#include <cstdint>

namespace tulving {

std::int32_t next_code_point(std::string_view text, std::size_t& offset) {
  UChar32 code_point = 0;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  U8_NEXT(bytes, offset, text.size(), code_point);
  return code_point;
}

std::u32string visible_code_points(std::string_view text) {
  std::u32string points;
  points.reserve(text.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t offset = 0; offset < text.size();) {
    UChar32 c = 0;
    U8_NEXT(bytes, offset, text.size(), c);
    if (c >= 0 && !u_isUWhiteSpace(c)) points += static_cast<char32_t>(c);
  }
  return points;
}

}  // namespace tulving
