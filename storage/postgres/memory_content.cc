#include "storage/postgres/memory_content.h"

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

}  // namespace tulving::storage::postgres
