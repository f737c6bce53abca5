#include "core/consolidation/vault_note.h"

#include <fmt/format.h>

#include <cstddef>

#include "core/model/summary.h"

namespace tulving::consolidation {
namespace {

constexpr std::size_t kNameBytesMax = 100;
constexpr std::string_view kExtension = ".md";
constexpr std::size_t kIdBytes = 36;
constexpr std::size_t kWordsBytesMax = kNameBytesMax - 1 - kIdBytes - kExtension.size();

// How many bytes of `rest` form a character that a YAML reader refuses or takes for a line's end,
// and its code point; 0 bytes for any other.
std::size_t awkward_character(std::string_view rest, unsigned& code_point) {
  const auto byte = [rest](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  if (byte(0) < 0x20 || byte(0) == 0x7F) {
    code_point = byte(0);
    return 1;
  }
  if (rest.size() >= 2 && byte(0) == 0xC2 && byte(1) < 0xA0) {  // U+0080..U+009F.
    code_point = byte(1);
    return 2;
  }
  for (const auto& [bytes, value] : {std::pair<std::string_view, unsigned>{"\u2028", 0x2028U},
                                     {"\u2029", 0x2029U},
                                     {"\uFEFF", 0xFEFFU},
                                     {"\uFFFE", 0xFFFEU},
                                     {"\uFFFF", 0xFFFFU}}) {
    if (!rest.starts_with(bytes)) continue;
    code_point = value;
    return bytes.size();
  }
  return 0;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t offset = 0; offset < text.size();) {
    const std::string_view rest = text.substr(offset);
    unsigned code_point = 0;
    if (const std::size_t bytes = awkward_character(rest, code_point); bytes > 0) {
      out += fmt::format("\\u{:04x}", code_point);
      offset += bytes;
    } else if (rest.starts_with("---")) {
      out += "\\x2d\\x2d\\x2d";
      offset += 3;
    } else {
      if (rest[0] == '"' || rest[0] == '\\') out += '\\';
      out += rest[0];
      ++offset;
    }
  }
  return out + '"';
}

void append_list(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  out += name;
  out += values.empty() ? ": []\n" : ":\n";
  for (const std::string& value : values) out += "  - " + quoted(value) + "\n";
}

}  // namespace

std::string note_text(const Memory& memory, const PromotionNote& note) {
  std::string out = "---\n";
  out += "id: " + quoted(memory.id.to_string()) + "\n";
  append_list(out, "tags", memory.tags);
  append_list(out, "entities", memory.entities);
  out +=
      "created: " + (memory.created_at ? quoted(format_time(*memory.created_at)) : "null") + "\n";
  // Fixed, with a point: YAML 1.1 reads 1e-05 as a string.
  out += fmt::format("score: {:.6f}\n", note.score);
  out += "criteria: " + quoted(note.criteria) + "\n";
  out += "---\n\n";
  // A memory without a text has other content.
  out += memory.text.empty() ? "```json\n" + memory.content + "\n```" : memory.text;
  if (out.back() != '\n') out += '\n';
  return out;
}

std::string note_name(const Memory& memory) {
  std::string words;
  const std::string summary =
      memory.summary.empty() ? model::default_summary(memory.text) : memory.summary;
  for (const char c : summary) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (upper || plain) {
      words += upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!words.empty() && words.back() != '-') {
      words += '-';
    }
    if (words.size() > kWordsBytesMax) break;
  }
  // Whole words, where there is more than one.
  if (words.size() > kWordsBytesMax) {
    const std::size_t end = words.rfind('-', kWordsBytesMax);
    words.resize(end == std::string::npos ? kWordsBytesMax : end);
  }
  while (!words.empty() && words.back() == '-') words.pop_back();
  if (words.empty()) words = "memory";
  return words + "-" + memory.id.to_string() + std::string(kExtension);
}

bool is_note_of(std::string_view name, const Uuid& id) {
  const std::string ending = id.to_string() + std::string(kExtension);
  if (name.starts_with('.') || !name.ends_with(ending)) return false;
  return name.size() == ending.size() || name[name.size() - ending.size() - 1] == '-';
}

}  // namespace tulving::consolidation
