#include <unicode/utf8.h>

#include <algorithm>
#include <charconv>

#include "core/base/json/json_text.h"

namespace tulving {
namespace {

// Everything below runs on text that scan_json() passed, so it looks for ends and checks nothing.

std::size_t after_string(std::string_view text, std::size_t offset) {
  for (++offset; text[offset] != '"'; ++offset) {
    if (text[offset] == '\\') ++offset;
  }
  return offset + 1;
}

std::size_t after_container(std::string_view text, std::size_t offset) {
  std::size_t depth = 0;
  do {
    switch (text[offset]) {
      case '"':
        offset = after_string(text, offset);
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        --depth;
        break;
      default:
        break;
    }
    ++offset;
  } while (depth > 0);
  return offset;
}

// Plain loops over a byte's class: find_first_of() and its like make a call a byte, which was half
// of the time to read an embedding.
bool ends_scalar(char c) { return c == ',' || c == ']' || c == '}' || is_json_blank(c); }

std::size_t after_value(std::string_view text, std::size_t offset) {
  const char c = text[offset];
  if (c == '"') return after_string(text, offset);
  if (c == '{' || c == '[') return after_container(text, offset);
  while (offset < text.size() && !ends_scalar(text[offset])) ++offset;
  return offset;
}

std::size_t after_blanks(std::string_view text, std::size_t offset) {
  while (is_json_blank(text[offset])) ++offset;
  return offset;
}

std::uint32_t code_unit(std::string_view raw, std::size_t offset) {
  std::uint32_t unit = 0;
  std::from_chars(raw.data() + offset, raw.data() + offset + 4, unit, 16);
  return unit;
}

// Appends what the escape at `offset` (on its backslash) stands for; the offset after it.
std::size_t append_escape(std::string& out, std::string_view raw, std::size_t offset) {
  const char c = raw[offset + 1];
  if (c != 'u') {
    constexpr std::string_view kLetters = "bfnrt";
    constexpr std::string_view kControls = "\b\f\n\r\t";
    const std::size_t i = kLetters.find(c);
    out += i == std::string_view::npos ? c : kControls[i];
    return offset + 2;
  }
  std::uint32_t code_point = code_unit(raw, offset + 2);
  offset += 6;
  if (code_point >= 0xD800 && code_point <= 0xDBFF) {
    code_point = 0x10000 + ((code_point - 0xD800) << 10U) + (code_unit(raw, offset + 2) - 0xDC00);
    offset += 6;
  }
  char bytes[U8_MAX_LENGTH];
  std::size_t count = 0;
  U8_APPEND_UNSAFE(bytes, count, code_point);
  out.append(bytes, count);
  return offset;
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  out += '\\';
  if (const std::size_t i = kEscaped.find(c); i != std::string_view::npos) {
    out += kLetters[i];
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "u00";
  out += kHex[byte >> 4U];
  out += kHex[byte & 15U];
}

}  // namespace

std::string_view describe(JsonKind kind) noexcept {
  switch (kind) {
    case JsonKind::kObject:
      return "an object";
    case JsonKind::kArray:
      return "an array";
    case JsonKind::kString:
      return "a string";
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kBoolean:
      return "a boolean";
    case JsonKind::kNull:
      return "null";
  }
  return "unknown";
}

std::string decode_json_string(std::string_view raw) {
  const std::string_view inner = raw.substr(1, raw.size() - 2);
  std::string text;
  text.reserve(inner.size());
  for (std::size_t offset = 0; offset < inner.size();) {
    const std::size_t backslash = std::min(inner.find('\\', offset), inner.size());
    text += inner.substr(offset, backslash - offset);
    offset = backslash < inner.size() ? append_escape(text, inner, backslash) : backslash;
  }
  return text;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // Where the bytes not yet copied begin.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out += text.substr(plain, i - plain);
    append_escaped(out, text[i]);
    plain = i + 1;
  }
  out += text.substr(plain);
  out += '"';
}

JsonValue JsonValue::whole(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kJsonBlanks);
  return JsonValue(text.substr(first, text.find_last_not_of(kJsonBlanks) + 1 - first));
}

JsonKind JsonValue::kind() const noexcept {
  switch (raw_.front()) {
    case '{':
      return JsonKind::kObject;
    case '[':
      return JsonKind::kArray;
    case '"':
      return JsonKind::kString;
    case 't':
    case 'f':
      return JsonKind::kBoolean;
    case 'n':
      return JsonKind::kNull;
    default:
      return JsonKind::kNumber;
  }
}

void JsonValue::each_member(
    const std::function<bool(std::string_view key, JsonValue value)>& visit) const {
  std::size_t offset = after_blanks(raw_, 1);
  while (raw_[offset] != '}') {
    const std::size_t key_end = after_string(raw_, offset);
    const std::string key = decode_json_string(raw_.substr(offset, key_end - offset));
    offset = after_blanks(raw_, after_blanks(raw_, key_end) + 1);
    const std::size_t value_end = after_value(raw_, offset);
    if (!visit(key, JsonValue(raw_.substr(offset, value_end - offset)))) return;
    offset = after_blanks(raw_, value_end);
    if (raw_[offset] == ',') offset = after_blanks(raw_, offset + 1);
  }
}

void JsonValue::each_element(const std::function<bool(JsonValue value)>& visit) const {
  std::size_t offset = after_blanks(raw_, 1);
  while (raw_[offset] != ']') {
    const std::size_t value_end = after_value(raw_, offset);
    if (!visit(JsonValue(raw_.substr(offset, value_end - offset)))) return;
    offset = after_blanks(raw_, value_end);
    if (raw_[offset] == ',') offset = after_blanks(raw_, offset + 1);
  }
}

std::optional<JsonValue> JsonValue::member(std::string_view name) const {
  std::optional<JsonValue> found;
  if (kind() != JsonKind::kObject) return found;
  each_member([&](std::string_view key, JsonValue value) {
    if (key == name) found = value;
    return !found;
  });
  return found;
}

}  // namespace tulving
