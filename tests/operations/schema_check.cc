#include "tests/operations/schema_check.h"

#include <set>

namespace tulving::testing {
namespace {

bool is_of_type(const std::string& type, const Json& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return type == "null" && value.is_null();
}

std::string member_fault(const Json& root, const Json& schema, const Json& value,
                         const std::string& path) {
  for (const Json& name : schema.value("required", Json::array())) {
    if (!value.contains(name)) return path + " lacks " + name.get<std::string>();
  }
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [name, member] : value.items()) {
    const std::string inner = path + "." + name;
    if (properties.contains(name)) {
      if (auto fault = schema_fault(root, properties[name], member, inner); !fault.empty()) {
        return fault;
      }
    } else if (schema.contains("additionalProperties") &&
               schema["additionalProperties"].is_object()) {
      auto fault = schema_fault(root, schema["additionalProperties"], member, inner);
      if (!fault.empty()) return fault;
    } else if (schema.contains("properties")) {
      return inner + " is not in the schema";
    }
  }
  return {};
}

}  // namespace

std::string schema_fault(const Json& root, const Json& schema, const Json& value,
                         const std::string& path) {
  if (schema.contains("$ref")) {
    const std::string name =
        schema["$ref"].get<std::string>().substr(std::string("#/$defs/").size());
    if (auto fault = schema_fault(root, root["$defs"][name], value, path); !fault.empty()) {
      return fault;
    }
  }
  if (schema.contains("anyOf")) {
    std::string fault;
    for (const Json& one : schema["anyOf"]) {
      fault = schema_fault(root, one, value, path);
      if (fault.empty()) return {};
    }
    return fault;
  }
  if (schema.contains("type") && !is_of_type(schema["type"], value)) {
    return path + " is " + value.dump() + "; must be " + schema["type"].get<std::string>();
  }
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
    return path + " is " + value.dump() + "; must be one of " + schema["enum"].dump();
  }
  if (schema.contains("minimum") && value < schema["minimum"]) return path + " is too small";
  if (schema.contains("maximum") && value > schema["maximum"]) return path + " is too great";
  if (value.is_array() && schema.contains("items")) {
    for (const Json& element : value) {
      auto fault = schema_fault(root, schema["items"], element, path + "[]");
      if (!fault.empty()) return fault;
    }
  }
  return value.is_object() ? member_fault(root, schema, value, path) : std::string();
}

std::string unknown_word(const Json& root, const Json& schema) {
  static const std::set<std::string> kWords = {
      "$ref",    "description", "type",     "enum",      "minimum",    "maximum",
      "default", "format",      "required", "items",     "properties", "additionalProperties",
      "anyOf",   "effect",      "stream",   "idempotent"};
  if (!schema.is_object()) return {};
  for (const auto& [word, value] : schema.items()) {
    if (!kWords.contains(word)) return word;
    std::string found;
    if (word == "$ref") {
      const std::string name = value.get<std::string>().substr(std::string("#/$defs/").size());
      if (!root["$defs"].contains(name)) return value;
    } else if (word == "properties") {
      for (const auto& [name, member] : value.items()) {
        if (found.empty()) found = unknown_word(root, member);
      }
    } else if (word == "items" || word == "additionalProperties") {
      found = unknown_word(root, value);
    } else if (word == "anyOf") {
      for (const Json& one : value) {
        if (found.empty()) found = unknown_word(root, one);
      }
    }
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace tulving::testing
