#include "tools/cli/print/json_text.h"

#include "tulving/json.h"
#include "tulving/json_members.h"

namespace tulving::tools {

namespace {

// A name quoted from the command line may be no UTF-8.
std::string dumped(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string& ObjectText::next_member() {
  if (text_.size() > 1) text_ += ',';
  return text_;
}

ObjectText& ObjectText::set(std::string_view name, const Json& value) {
  return set(name, JsonText{dumped(value)});
}

ObjectText& ObjectText::set(std::string_view name, const JsonText& value) {
  next_member().append(dumped(name)).append(1, ':').append(value.text);
  return *this;
}

ObjectText& ObjectText::add_members(std::string_view object) {
  const std::size_t first = object.find('{') + 1;
  const std::string_view members = object.substr(first, object.rfind('}') - first);
  if (members.find_first_not_of(" \t") != std::string_view::npos) next_member().append(members);
  return *this;
}

JsonText array_text(const std::vector<JsonText>& elements) {
  std::string text = "[";
  for (const JsonText& element : elements) {
    if (text.size() > 1) text += ',';
    text += element.text;
  }
  return {text + ']'};
}

void print_json(const JsonText& document) { print_json_line(document.text); }

JsonText memory_text(const std::string& tenant_id, const Memory& memory) {
  ObjectText object;
  object.add_members(to_json_line(tenant_id, memory));
  if (!memory.content_hash.empty()) object.set("content_hash", memory.content_hash);
  object.set("revision", memory.revision);
  return object.done();
}

void print_members(const JsonText& object) {
  const auto members = json_members("the record", object.text);
  if (!members) return;  // It comes from to_json(), and is an object.
  std::vector<std::pair<std::string, std::string>> fields;
  for (const JsonMember& member : *members) {
    fields.emplace_back(member.name, json_shown(member.value));
  }
  print_fields(fields);
}

}  // namespace tulving::tools
