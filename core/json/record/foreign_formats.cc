// What other memory systems write, told by the members of a line, so that whoever brings such a
// file hears once how to turn it into records, not of each member that a record has not. The jq
// commands are run by tests/cli/transfer/foreign_files_test.cc.

#include "core/json/record/foreign_formats.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "tulving/json.h"

namespace tulving {
namespace json {
namespace {

using Members = std::map<std::string, JsonValue, std::less<>>;

bool has(const Members& members, std::string_view name, JsonKind kind) {
  const auto found = members.find(name);
  return found != members.end() && found->second.kind() == kind;
}

bool is_mcp(const Members& members) {
  if (has(members, "entities", JsonKind::kArray) && has(members, "relations", JsonKind::kArray)) {
    return true;
  }
  if (!has(members, "type", JsonKind::kString)) return false;
  const std::string type = members.find("type")->second.as_string();
  return (type == "entity" && has(members, "observations", JsonKind::kArray)) ||
         (type == "relation" && has(members, "relationType", JsonKind::kString));
}

bool is_mem0(const Members& members) {
  return has(members, "memory", JsonKind::kString) || has(members, "results", JsonKind::kArray);
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
        &is_mcp,
        "this looks like a file of the MCP memory server; make records of it first: "
        R"jq(jq -c '((.entities // [])[], (.relations // [])[], select(.type)) | )jq"
        R"jq(if .observations then {kind: "memory", external_id: .name, memory_type: "entity", )jq"
        R"jq(text: "\(.name) (\(.entityType)): \(.observations | join("; "))", )jq"
        R"jq(entities: [.name]} else {kind: "relation", source_id: .from, target_id: .to, )jq"
        R"jq(relation_type: .relationType} end' FILE)jq"},
    Format{&is_mem0,
           "this looks like an export of Mem0; make records of it first: "
           R"jq(jq -c 'if type == "array" then .[] else .results[]? // . end | )jq"
           R"jq({kind: "memory", id, text: .memory, user_id, agent_id, metadata, created_at, )jq"
           R"jq(updated_at}' FILE)jq"},
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
    bool is_of_objects = false;
    value.each_element([&](JsonValue element) {
      is_of_objects = element.kind() == JsonKind::kObject;
      return false;
    });
    return is_of_objects ? std::string(json::kArray) : std::string();
  }
  return value.kind() == JsonKind::kObject ? json::foreign_format(value) : std::string();
}

}  // namespace tulving
