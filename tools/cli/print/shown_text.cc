#include "tools/cli/print/shown_text.h"

#include <fmt/core.h>
#include <unicode/uchar.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace tulving::tools {

namespace {

/// One code point of a text, or one byte that is none.
struct Unit {
  std::optional<char32_t> code;  ///< Empty: a byte that is no UTF-8.
  std::string_view bytes;
};

/// Takes the first unit off `text`.
Unit take_unit(std::string_view& text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  std::size_t at = 0;
  UChar32 code = -1;
  U8_NEXT(bytes, at, text.size(), code);
  const std::size_t length = code < 0 ? 1 : at;
  const Unit unit{code < 0 ? std::nullopt : std::optional(static_cast<char32_t>(code)),
                  text.substr(0, length)};
  text.remove_prefix(length);
  return unit;
}

bool breaks_line(char32_t code) {
  return (code >= '\t' && code <= '\r') || code == 0x85 || code == 0x2028 || code == 0x2029;
}

void append_escaped(std::string& out, const Unit& unit) {
  if (!unit.code) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(unit.bytes.front()));
  } else if (*unit.code == '\n') {
    out += "\\n";
  } else if (*unit.code == '\r') {
    out += "\\r";
  } else if (*unit.code == '\t') {
    out += "\\t";
  } else if (*unit.code > 0xFFFF) {
    out += fmt::format("\\u{:04x}\\u{:04x}", static_cast<std::uint32_t>(U16_LEAD(*unit.code)),
                       static_cast<std::uint32_t>(U16_TRAIL(*unit.code)));
  } else {
    out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(*unit.code));
  }
}

template <class Escapes>
std::string with_escaped(std::string_view text, Escapes escapes) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Unit unit = take_unit(text);
    if (escapes(unit)) {
      append_escaped(out, unit);
    } else {
      out += unit.bytes;
    }
  }
  return out;
}

std::size_t columns_of_unit(const Unit& unit) {
  if (!unit.code) return 1;
  const auto code = static_cast<UChar32>(*unit.code);
  const auto type = u_charType(code);
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK) return 0;
  if (type == U_FORMAT_CHAR && code != 0xAD) return 0;
  if (code >= 0x1160 && code <= 0x11FF)
    return 0;  // Hangul vowels and finals join what they follow.
  switch (u_getIntPropertyValue(code, UCHAR_EAST_ASIAN_WIDTH)) {
    case U_EA_WIDE:
    case U_EA_FULLWIDTH:
      return 2;
    default:
      return 1;
  }
}

/// What must stay whole when a text is cut: a code point, or an escape of one.
std::string_view take_piece(std::string_view& text) {
  std::size_t length = 0;
  if (text.starts_with("\\u")) {
    length = 6;
  } else if (text.starts_with("\\x")) {
    length = 4;
  } else if (text.starts_with("\\n") || text.starts_with("\\r") || text.starts_with("\\t")) {
    length = 2;
  }
  if (length == 0 || length > text.size()) return take_unit(text).bytes;
  const std::string_view piece = text.substr(0, length);
  text.remove_prefix(length);
  return piece;
}

}  // namespace

bool is_control(char32_t code) {
  const auto point = static_cast<UChar32>(code);
  const auto type = u_charType(point);
  if (type == U_CONTROL_CHAR || type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR) {
    return true;
  }
  if (u_hasBinaryProperty(point, UCHAR_BIDI_CONTROL)) return true;
  // Deprecated: U+206A.. and one tag. Then interlinear annotations and the other tags.
  if (type == U_FORMAT_CHAR && u_hasBinaryProperty(point, UCHAR_DEPRECATED)) return true;
  return (code >= 0xFFF9 && code <= 0xFFFB) || (code >= 0xE0000 && code <= 0xE007F);
}

std::string with_controls_escaped(std::string_view text, LineBreaks breaks) {
  return with_escaped(text, [breaks](const Unit& unit) {
    if (!unit.code) return true;
    const bool is_layout = *unit.code == '\n' || *unit.code == '\t';
    return is_control(*unit.code) && !(is_layout && breaks == LineBreaks::kKept);
  });
}

std::string with_breaks_escaped(std::string_view text) {
  return with_escaped(text, [](const Unit& unit) { return unit.code && breaks_line(*unit.code); });
}

std::string cut_to(std::string_view text, std::size_t columns) {
  std::string line;
  std::size_t used = 0;
  std::size_t fits = 0;  // Bytes of `line` that leave room for the ellipsis.
  while (!text.empty()) {
    const std::string_view piece = take_piece(text);
    const std::size_t width = columns_of(piece);
    if (used + width > columns) {
      line.resize(fits);
      return line + "…";
    }
    used += width;
    line += piece;
    if (used + 1 <= columns) fits = line.size();
  }
  return line;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) columns += columns_of_unit(take_unit(text));
  return columns;
}

std::size_t unfinished_bytes(std::string_view bytes) {
  for (std::size_t back = 1; back <= 3 && back <= bytes.size(); ++back) {
    const auto byte = static_cast<std::uint8_t>(bytes[bytes.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;  // Its lead byte stands before it.
    const std::size_t length = byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : byte >= 0xC0U ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace tulving::tools
