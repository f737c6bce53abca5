// What other memory systems write, told by the members of a line, so that whoever brings such a
// file hears once how to bring it in, not of each member that a record has not: by its format where
// there is one (core/json/foreign), else by a jq command, which tests/cli/transfer/
// foreign_files_test.cc runs.

#include "core/json/record/foreign_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "core/json/foreign/foreign.h"
#include "tulving/json.h"

namespace tulving {
namespace json {
namespace {

using Members = std::map<std::string, JsonValue, std::less<>>;

bool has(const Members& members, std::string_view name, JsonKind kind) {
  const auto found = members.find(name);
  return found != members.end() && found->second.kind() == kind;
}

bool is_store_item(const Members& members) {
  return members.contains("namespace") && members.contains("key") && members.contains("value");
}

bool is_chat(const Members& members) {
  return has(members, "messages", JsonKind::kArray) ||
         (has(members, "role", JsonKind::kString) && members.contains("content"));
}

struct Format {
  bool (*is_of)(const Members& members);
  std::string_view advice;
};

constexpr std::array kFormats = {
    Format{
        &is_store_item,
        "this looks like an item of a LangGraph store; make records of it first: "
        R"jq(jq -c '{kind: "memory", project_id: (.namespace | join("/")), external_id: .key, )jq"
        R"jq(text: (.value.text // .value.content // .value.memory // (.value | tojson)), )jq"
        R"jq(created_at, updated_at}' FILE)jq"},
    Format{
        &is_chat,
        "this looks like a chat log; make records of it first: "
        R"jq(jq -c '(.messages[]? // .) | {kind: "memory", memory_type: "conversation", )jq"
        R"jq(source_type: "conversation", source_agent: .role, )jq"
        R"jq(text: (.content | if type == "array" then map(.text // "") | join("\n") else . end)})jq"
        R"jq(' FILE)jq"},
};

constexpr std::string_view kArray =
    "this looks like one JSON array; import reads one record a line: jq -c '.[]' FILE";
constexpr std::string_view kSpread =
    "this looks like one JSON document over many lines; import reads one record a line: "
    "jq -c . FILE";

}  // namespace

std::string foreign_format(const JsonValue& object) {
  Members members;
  object.each_member([&](std::string_view key, JsonValue value) {
    members.emplace(key, value);
    return true;
  });
  if (members.contains("kind")) return {};
  if (const ForeignFormat* known = format_like(object)) {
    return fmt::format("this looks like a file of {}; import it with format \"{}\" (--format {})",
                       known->system, known->name, known->name);
  }
  const auto* format =
      std::ranges::find_if(kFormats, [&](const Format& known) { return known.is_of(members); });
  return format == kFormats.end() ? std::string() : std::string(format->advice);
}

}  // namespace json

std::string foreign_format(std::string_view json_line) {
  const auto first = json_line.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  const std::string_view text =
      json_line.substr(first, json_line.find_last_not_of(" \t\r\n") + 1 - first);
  // The first line of a document that was written for people.
  if (text == "{") return std::string(json::kSpread);
  if (text == "[") return std::string(json::kArray);
  if (scan_json(text)) return {};
  const JsonValue value = JsonValue::whole(text);
  if (value.kind() == JsonKind::kArray) {
    // Of numbers, say, it is no document of records.
    std::string format;
    value.each_element([&](JsonValue element) {
      if (element.kind() != JsonKind::kObject) return false;
      if (json::format_like(element) != nullptr) format = json::foreign_format(element);
      if (format.empty()) format = json::kArray;
      return false;
    });
    return format;
  }
  return value.kind() == JsonKind::kObject ? json::foreign_format(value) : std::string();
}

}  // namespace tulving
