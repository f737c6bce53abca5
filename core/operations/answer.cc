#include "core/operations/answer.h"

#include <array>

#include "core/base/text/utf8.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array<std::string_view, 5> kEffects = {"added", "updated", "unchanged", "reinforced",
                                                      "kept"};
constexpr std::array kWritten = {
    uuid("id", "The memory, which with \"reinforced\" was there before").required(),
    word("effect", kEffects, "What the write did").required(),
    integer("revision", "Of the memory, afterwards").required(),
    uuid("followed", "Merges and patterns that were made of it and changed with it").list(),
};

/// Bytes that follow `lead` in a character of UTF-8.
std::size_t continuations(unsigned char lead) {
  if (lead >= 0xF0 && lead <= 0xF4) return 3;
  if (lead >= 0xE0 && lead < 0xF0) return 2;
  return lead >= 0xC2 && lead < 0xE0 ? 1 : 0;
}

}  // namespace

const std::span<const Param> kWriteMembers = kWritten;

void append_memory(std::string& out, std::string_view tenant_id, const Memory& memory) {
  out += to_json_line(tenant_id, memory);
  out.pop_back();
  if (!memory.content_hash.empty()) {
    out += ",\"content_hash\":";
    json::append_value(out, memory.content_hash);
  }
  out += ",\"revision\":";
  json::append_value(out, memory.revision);
  out += '}';
}

void append_write(std::string& out, const AddResult& result) {
  ObjectWriter object(out);
  object.member("id", result.id);
  object.member("effect", result.effect);
  object.member("revision", result.revision);
  if (!result.followed.empty()) object.member("followed", result.followed);
  object.close();
}

std::string well_formed(std::string_view text) {
  std::string out;
  while (const auto bad = first_invalid_utf8(text)) {
    out += text.substr(0, *bad);
    if (text[*bad] == '\0') {
      out += '\0';
      text.remove_prefix(*bad + 1);
      continue;
    }
    out += "\xEF\xBF\xBD";
    std::size_t end = *bad + 1;
    const std::size_t last =
        std::min(text.size(), end + continuations(static_cast<unsigned char>(text[*bad])));
    while (end < last && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) ++end;
    text.remove_prefix(end);
  }
  return out.append(text);
}

}  // namespace tulving::operations
