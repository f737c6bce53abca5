#include "core/consolidation/vault/vault_note.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/base/hash.h"
#include "core/base/text/utf8.h"
#include "core/model/text/summary.h"

namespace tulving::consolidation {
namespace {

constexpr std::size_t kNameBytesMax = 100;
constexpr std::string_view kExtension = ".md";
constexpr std::string_view kFence = "---\n";
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

std::string in_quotes(std::string_view text) {
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

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

void append_list(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  out += name;
  out += values.empty() ? ": []\n" : ":\n";
  for (const std::string& value : values) out += "  - " + in_quotes(value) + "\n";
}

}  // namespace

std::string note_text(const Memory& memory, const PromotionNote& note) {
  NoteFacts facts;
  // Fixed, with a point: YAML 1.1 reads 1e-05 as a string.
  facts.score = fmt::format("{:.6f}", note.score);
  facts.criteria = in_quotes(note.criteria);
  return note_text(memory, note.tenant_id, facts);
}

std::string note_text(const Memory& memory, std::string_view tenant_id, const NoteFacts& earlier) {
  const auto known = [](const std::string& value) { return value.empty() ? "null" : value; };
  std::string front = std::string(kFence) + "id: " + in_quotes(memory.id.to_string()) + "\n";
  if (!tenant_id.empty()) front += "tenant: " + in_quotes(tenant_id) + "\n";
  append_list(front, "tags", memory.tags);
  append_list(front, "entities", memory.entities);
  front += "created: " + (memory.created_at ? in_quotes(format_time(*memory.created_at)) : "null") +
           "\n";
  front += "score: " + known(earlier.score) + "\n";
  front += "criteria: " + known(earlier.criteria) + "\n";
  std::string rest = std::string(kFence) + "\n";
  // A memory without a text has other content.
  rest += memory.text.empty() ? "```json\n" + memory.content + "\n```" : memory.text;
  if (rest.back() != '\n') rest += '\n';
  return fmt::format("{}digest: \"{}\"\n{}", front, digest_of(front + rest), rest);
}

NoteFacts read_note(std::string_view text) {
  NoteFacts facts;
  const std::string_view note = without_byte_order_mark(text);
  std::size_t at = note.find('\n') + 1;  // 0: one line, no front matter.
  if (at == 0 || trimmed(note.substr(0, at)) != "---") return facts;
  while (at < note.size()) {
    const std::size_t end = std::min(note.find('\n', at), note.size() - 1) + 1;
    const std::string_view line = note.substr(at, end - at);
    if (trimmed(line) == "---") break;
    for (const auto& [name, value] : {std::pair{"tenant:", &facts.tenant},
                                      {"score:", &facts.score},
                                      {"criteria:", &facts.criteria},
                                      {"digest:", &facts.digest}}) {
      if (line.starts_with(name)) *value = trimmed(line.substr(std::string_view(name).size()));
    }
    if (line.starts_with("digest:")) {
      const std::string others = std::string(note.substr(0, at)).append(note.substr(end));
      facts.is_unedited =
          note.size() == text.size() && facts.digest == fmt::format("\"{}\"", digest_of(others));
    }
    at = end;
  }
  return facts;
}

bool is_of_another_tenant(const NoteFacts& facts, std::string_view tenant_id) {
  return !facts.tenant.empty() && facts.tenant != in_quotes(tenant_id) &&
         facts.tenant != tenant_id && facts.tenant != fmt::format("'{}'", tenant_id);
}

std::string digest_of(std::string_view bytes) { return fmt::format("{:016x}", xxh3(bytes)); }

std::string note_name(const Memory& memory, std::string_view tenant_id) {
  const std::string ending = tenant_id.empty() ? "" : "-" + digest_of(tenant_id).substr(0, 8);
  const std::size_t words_bytes_max = kWordsBytesMax - ending.size();
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
    if (words.size() > words_bytes_max) break;
  }
  // Whole words, where there is more than one.
  if (words.size() > words_bytes_max) {
    const std::size_t end = words.rfind('-', words_bytes_max);
    words.resize(end == std::string::npos ? words_bytes_max : end);
  }
  while (!words.empty() && words.back() == '-') words.pop_back();
  if (words.empty()) words = "memory";
  return words + ending + "-" + memory.id.to_string() + std::string(kExtension);
}

std::optional<Uuid> id_in_name(std::string_view name) {
  if (name.starts_with('.') || !name.ends_with(kExtension)) return std::nullopt;
  name.remove_suffix(kExtension.size());
  if (name.size() < kIdBytes) return std::nullopt;
  const std::string_view words = name.substr(0, name.size() - kIdBytes);
  if (!words.empty() && words.back() != '-') return std::nullopt;
  const auto id = Uuid::parse(name.substr(words.size()));
  // As we write it: another spelling is another name.
  return id && id->to_string() == name.substr(words.size()) ? id : std::nullopt;
}

bool is_note_of(std::string_view name, const Uuid& id) { return id_in_name(name) == id; }

}  // namespace tulving::consolidation
