#include <fmt/format.h>

#include "core/json/text/json_writer.h"
#include "core/operations/kinds/record_members.h"
#include "tulving/operations.h"

// The table as JSON Schema. Values of one type have one definition under $defs, the kinds of
// records too.

namespace tulving {

namespace {

using json::ObjectWriter;

void append_members(ObjectWriter& out, std::span<const Param> members, bool is_closed);

void add_help(ObjectWriter& out, const Param& param) {
  if (!param.help.empty()) out.member("description", param.help);
}

void add_range(ObjectWriter& out, const Param& param) {
  const auto add = [&](std::string_view name, double value) {
    out.key(name) += fmt::format("{}", value);
  };
  if (param.low) add("minimum", *param.low);
  if (param.high) add("maximum", *param.high);
}

std::string reference(std::string_view definition) { return fmt::format("#/$defs/{}", definition); }

/// The schema of one value, without help, default and list.
void add_type(ObjectWriter& out, const Param& param) {
  switch (param.type) {
    case ValueType::kText:
      out.member("type", "string");
      break;
    case ValueType::kWord:
      out.member("type", "string");
      json::append_array(
          out.key("enum"), std::vector<std::string_view>(param.words.begin(), param.words.end()),
          [](std::string& to, std::string_view word) { json::append_value(to, word); });
      break;
    case ValueType::kBoolean:
      out.member("type", "boolean");
      break;
    case ValueType::kInteger: {
      out.member("type", "integer");
      Param bounded = param;
      bounded.low = param.low.value_or(0);
      add_range(out, bounded);
      break;
    }
    case ValueType::kNumber:
      out.member("type", "number");
      add_range(out, param);
      break;
    case ValueType::kTime:
      out.member("type", "string");
      out.member("format", "date-time");
      break;
    case ValueType::kUuid:
      out.member("type", "string");
      out.member("format", "uuid");
      break;
    case ValueType::kVector:
      out.member("$ref", reference("vector"));
      break;
    case ValueType::kFilter:
      out.member("$ref", reference("filter"));
      break;
    case ValueType::kPatch:
      out.member("$ref", reference("patch"));
      break;
    case ValueType::kRecord:
      out.member("$ref", reference(param.kind));
      break;
    case ValueType::kObject:
      append_members(out, param.members, false);
      break;
    case ValueType::kCounts:
      out.member("type", "object");
      out.key("additionalProperties") += R"({"type":"integer","minimum":0})";
      break;
    case ValueType::kJson:
      break;
  }
}

void add_value(ObjectWriter& out, const Param& param) {
  if (param.is_list) {
    out.member("type", "array");
    ObjectWriter items(out.key("items"));
    add_type(items, param);
    items.close();
  } else {
    add_type(out, param);
  }
}

void append_schema(std::string& to, const Param& param) {
  ObjectWriter out(to);
  add_help(out, param);
  if (param.is_nullable) {
    std::string& either = out.key("anyOf");
    either += R"([{"type":"null"},)";
    ObjectWriter value(either);
    add_value(value, param);
    value.close();
    either += ']';
  } else {
    add_value(out, param);
  }
  if (!param.fallback.empty()) out.key("default") += param.fallback;
  out.close();
}

void append_members(ObjectWriter& out, std::span<const Param> members, bool is_closed) {
  out.member("type", "object");
  ObjectWriter properties(out.key("properties"));
  std::vector<std::string_view> required;
  for (const Param& member : members) {
    append_schema(properties.key(member.name), member);
    if (member.is_required) required.push_back(member.name);
  }
  properties.close();
  if (!required.empty()) {
    json::append_array(out.key("required"), required, [](std::string& to, std::string_view name) {
      json::append_value(to, name);
    });
  }
  if (is_closed) out.member("additionalProperties", false);
}

void append_closed(std::string& to, std::string_view help, std::span<const Param> members) {
  ObjectWriter out(to);
  if (!help.empty()) out.member("description", help);
  append_members(out, members, true);
  out.close();
}

constexpr std::string_view kVector = R"({"type":"array","items":{"type":"number"}})";
constexpr std::string_view kFilter =
    R"({"description":"{\"and\": [...]}, {\"or\": [...]}, {\"not\": {...}}, {\"tags\": )"
    R"({\"any\" | \"all\" | \"none\": [...]}}, {FIELD: value or {\"eq\", \"ne\", \"in\", )"
    R"(\"gt\", \"gte\", \"lt\", \"lte\"}}, {\"metadata.PATH\" or \"content.PATH\": the same, or )"
    R"({\"present\", \"starts_with\", \"contains\", \"icontains\"}}, {\"decay_score\": )"
    R"({\"gte\": x}}; several members are joined by and","type":"object"})";

struct Definition {
  std::string name;
  std::string schema;
};

/// What parameters and answers refer to; each refers to none but those before it.
std::vector<Definition> definitions() {
  std::vector<Definition> all = {
      {"vector", std::string(kVector)}, {"filter", std::string(kFilter)}, {"patch", {}}};
  append_closed(all.back().schema, "What is given is set, the rest stays",
                operations::patch_members());
  for (const std::string_view kind : operations::record_kinds()) {
    append_closed(all.emplace_back(Definition{std::string(kind), {}}).schema, {},
                  operations::record_members(kind));
  }
  return all;
}

/// `schema`, an object, with the definitions that it refers to.
std::string with_definitions(std::string schema) {
  std::vector<Definition> all = definitions();
  std::string used;
  for (auto definition = all.rbegin(); definition != all.rend(); ++definition) {
    const std::string quoted = '"' + reference(definition->name) + '"';
    if (schema.find(quoted) == std::string::npos && used.find(quoted) == std::string::npos)
      continue;
    used +=
        fmt::format("{}\"{}\":{}", used.empty() ? "" : ",", definition->name, definition->schema);
  }
  if (used.empty()) return schema;
  schema.pop_back();
  return fmt::format("{},\"$defs\":{{{}}}}}", schema, used);
}

void append_operation(std::string& to, const Operation& operation) {
  ObjectWriter out(to);
  out.member("description", operation.help);
  out.member("effect", operation.effect);
  out.member("idempotent", operation.is_idempotent);
  out.member("stream", operation.stream != nullptr);
  out.member("type", "object");
  ObjectWriter properties(out.key("properties"));
  append_closed(properties.key("arguments"), {}, operation.params);
  append_schema(properties.key("answer"), operation.answer);
  const auto add_line = [&](std::string_view name, const Param& line) {
    if (!line.help.empty()) append_schema(properties.key(name), line);
  };
  add_line("line_in", operation.line_in);
  add_line("line_out", operation.line_out);
  properties.close();
  out.close();
}

}  // namespace

std::string arguments_schema(const Operation& operation) {
  std::string schema;
  append_closed(schema, {}, operation.params);
  return with_definitions(std::move(schema));
}

std::string answer_schema(const Operation& operation) {
  std::string schema;
  append_schema(schema, operation.answer);
  return with_definitions(std::move(schema));
}

std::string operations_schema(std::span<const Operation> more) {
  std::string text;
  ObjectWriter out(text);
  out.member("$schema", "https://json-schema.org/draft/2020-12/schema");
  out.member("title", "Operations of a Tulving store");
  ObjectWriter shared(out.key("$defs"));
  for (const Definition& definition : definitions()) {
    shared.key(definition.name) += definition.schema;
  }
  shared.close();
  out.member("type", "object");
  ObjectWriter properties(out.key("properties"));
  for (const auto table : {operation_table(), more}) {
    for (const Operation& operation : table) {
      append_operation(properties.key(operation.name), operation);
    }
  }
  properties.close();
  out.close();
  return text;
}

}  // namespace tulving
