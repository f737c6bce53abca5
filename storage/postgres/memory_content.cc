#include "storage/postgres/memory_content.h"

#include <algorithm>

#include "core/base/json/json_text.h"
#include "storage/postgres/columns.h"
#include "tulving/json_members.h"

namespace tulving::storage::postgres {

// `content` holds the members other than the text, and was checked to be an object when it was
// written.
std::string content_object(const Memory& memory) {
  const std::string_view others = memory.content;
  if (memory.text.empty() && !others.empty()) return std::string(others);
  std::string object = "{\"text\": ";
  append_json_string(object, memory.text);
  const std::size_t open = others.find('{');
  const std::size_t first =
      open == others.npos ? others.npos : others.find_first_not_of(" \t\r\n", open + 1);
  if (first == others.npos || others[first] == '}') return object + '}';
  object += ", ";
  object += others.substr(first);
  return object;
}

std::string set_content_object(Field&& value, Reading& to) {
  std::string object;
  if (auto why = columns::put(std::move(value), object); !why.empty()) return why;
  auto members = json_members("content", object);
  if (!members) return members.error().message;
  auto& memory = std::get<Memory>(to.record);
  std::string others;
  for (const JsonMember& member : *members) {
    if (member.name == "text" && member.value.starts_with('"')) {
      memory.text = json_shown(member.value);
      continue;
    }
    others += others.empty() ? "{" : ", ";
    append_json_string(others, member.name);
    others += ": " + member.value;
  }
  if (!others.empty()) memory.content = others + "}";
  return {};
}

namespace {

// Whether it may stand in Memory::content of a memory without a text.
bool is_content(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kJsonBlanks);
  if (first == text.npos || text[first] != '{') return false;
  const auto members = json_members("content", text);
  return members && !members->empty() &&
         std::ranges::find(*members, "text", &JsonMember::name) == members->end();
}

Field named_id(const Row& row) {
  const auto& memory = row.record.as<Memory>();
  return NamedUuid{memory.id, memory.external_id};
}

std::string set_named_id(Field&& value, Reading& to) {
  auto& memory = std::get<Memory>(to.record);
  if (auto* const named = std::get_if<NamedUuid>(&value)) {
    memory.external_id = std::move(named->name);
  }
  return columns::put(std::move(value), memory.id);
}

}  // namespace

std::string content_text(const Memory& memory) {
  return memory.text.empty() ? content_object(memory) : memory.text;
}

std::string set_content_text(Field&& value, Reading& to) {
  std::string text;
  if (auto why = columns::put(std::move(value), text); !why.empty()) return why;
  auto& memory = std::get<Memory>(to.record);
  (is_content(text) ? memory.content : memory.text) = std::move(text);
  return {};
}

Column memory_key(std::string_view name) {
  return made_column(name, "id, external_id", &named_id, &set_named_id,
                     "the id; tulving.sync_names has the caller's own name");
}

}  // namespace tulving::storage::postgres
