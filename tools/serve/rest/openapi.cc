#include "tools/serve/rest/openapi.h"

#include <algorithm>
#include <map>
#include <vector>

#include "core/base/json/json_text.h"
#include "core/json/text/json_writer.h"
#include "tools/serve/rest/examples.h"
#include "tools/serve/rest/problem.h"
#include "tools/serve/rest/routes.h"

// The schemas are those of operations_schema(), cut out of its text and put where OpenAPI has them.

namespace tulving::serve::rest {
namespace {

using json::ObjectWriter;

constexpr std::string_view kProblemSchema =
    R"({"type":"object","properties":{"type":{"type":"string"},"title":{"type":"string"},)"
    R"("status":{"type":"integer"},"detail":{"type":"string"},"code":{"type":"string"},)"
    R"("field":{"description":"What broke a rule","type":"string"},)"
    R"("position":{"description":"Which of several records, from 0","type":"integer"}},)"
    R"("required":["type","title","status","detail","code"]})";
constexpr std::string_view kEnd =
    R"({"description":"The last line of a stream: the operation's answer, or why it ended",)"
    R"("type":"object","properties":{"answer":{},"remarks":{"type":"array","items":)"
    R"({"type":"string"}},"problem":{"$ref":"#/components/schemas/problem"}}})";
constexpr std::string_view kRevisionHeader =
    R"({"Tulving-Revision":{"description":"The store's revision, of its last write",)"
    R"("schema":{"type":"integer"}}})";

using Members = std::map<std::string, std::string_view, std::less<>>;

Members members_of(std::string_view object) {
  Members members;
  JsonValue::whole(object).each_member([&](std::string_view key, JsonValue value) {
    members.emplace(std::string(key), value.raw());
    return true;
  });
  return members;
}

std::string_view member(std::string_view object, std::string_view name) {
  const Members members = members_of(object);
  const auto found = members.find(name);
  return found == members.end() ? std::string_view() : found->second;
}

/// With references to where OpenAPI keeps definitions.
std::string moved(std::string_view schema) {
  constexpr std::string_view kFrom = "\"#/$defs/", kTo = "\"#/components/schemas/";
  std::string text(schema);
  for (std::size_t at = 0; (at = text.find(kFrom, at)) != std::string::npos; at += kTo.size()) {
    text.replace(at, kFrom.size(), kTo);
  }
  return text;
}

/// The schema of the parameters without the tenant, which the path names.
std::string without_tenant(std::string_view schema) {
  std::string text;
  ObjectWriter out(text);
  for (const auto& [key, value] : members_of(schema)) {
    if (key == "properties") {
      ObjectWriter properties(out.key(key));
      JsonValue::whole(value).each_member([&](std::string_view name, JsonValue property) {
        if (name != "tenant_id") properties.key(name) += moved(property.raw());
        return true;
      });
      properties.close();
    } else if (key == "required") {
      std::vector<std::string> names;
      JsonValue::whole(value).each_element([&](JsonValue name) {
        if (name.as_string() != "tenant_id") names.push_back(name.as_string());
        return true;
      });
      if (!names.empty()) out.member(key, names);
    } else {
      out.key(key) += moved(value);
    }
  }
  out.close();
  return text;
}

/// One operation at one path.
class PathWriter {
 public:
  PathWriter(const Operation& operation, Place place, std::string_view schemas)
      : operation_(operation), place_(place), schemas_(members_of(member(schemas, "properties"))) {}

  void append(std::string& to) const {
    ObjectWriter path(to);
    if (takes_get(operation_)) append_method(path.key("get"), true);
    append_method(path.key("post"), false);
    path.close();
  }

 private:
  void append_method(std::string& to, bool is_get) const {
    ObjectWriter out(to);
    std::string id(operation_.name);
    std::ranges::replace(id, '.', '_');
    if (place_ == Place::kStore) id += "_of_store";
    out.member("operationId", is_get ? "get_" + id : id);
    out.member("summary", operation_.help);
    out.member("tags",
               std::vector{std::string(operation_.name.substr(0, operation_.name.find('.')))});
    out.member("x-effect", operation_.effect);
    out.member("x-idempotent", operation_.is_idempotent);
    append_parameters(out.key("parameters"), is_get || takes_lines(operation_));
    if (!is_get) append_body(out.key("requestBody"));
    append_responses(out.key("responses"));
    out.close();
  }

  void append_parameters(std::string& to, bool as_query) const {
    to += '[';
    bool is_first = true;
    const auto add = [&](std::string_view name, std::string_view in, bool is_required,
                         std::string_view schema) {
      if (!std::exchange(is_first, false)) to += ',';
      ObjectWriter out(to);
      out.member("name", name);
      out.member("in", in);
      out.member("required", is_required);
      const bool is_plain = schema.find("\"$ref\"") == std::string_view::npos &&
                            schema.find("\"object\"") == std::string_view::npos;
      if (in == "query" && !is_plain) {
        ObjectWriter content(out.key("content"));
        ObjectWriter media(content.key(kJson));
        media.key("schema") += schema;
        media.close();
        content.close();
      } else {
        out.key("schema") += schema;
      }
      out.close();
    };
    if (place_ == Place::kTenant) {
      add("tenant", "path", true, R"({"type":"string","minLength":1,"maxLength":255})");
    }
    const Members properties = members_of(member(schemas_.at("arguments"), "properties"));
    for (const Param& param : operation_.params) {
      if (!as_query || (param.name == "tenant_id" && place_ == Place::kTenant)) continue;
      add(param.name, "query", param.is_required, moved(properties.find(param.name)->second));
    }
    if (has("idempotency_key")) add("Idempotency-Key", "header", false, R"({"type":"string"})");
    if (has("revision") || has("expected_revision")) {
      add("If-Match", "header", false, R"({"type":"string","pattern":"^\"?[0-9]+\"?$"})");
    }
    add("Tulving-Deadline-Ms", "header", false, R"({"type":"number"})");
    to += ']';
  }

  [[nodiscard]] bool has(std::string_view name) const {
    return std::ranges::count(operation_.params, name, &Param::name) > 0;
  }

  void append_body(std::string& to) const {
    const Example* example = example_of(operation_.name);
    const bool is_lines = takes_lines(operation_);
    ObjectWriter out(to);
    out.member("required", is_lines);
    ObjectWriter content(out.key("content"));
    ObjectWriter media(content.key(is_lines ? kLines : kJson));
    if (is_lines) {
      media.key("schema") += moved(schemas_.at("line_in"));
      if (example != nullptr) media.key("example") += example->lines;
    } else {
      const std::string_view arguments = schemas_.at("arguments");
      media.key("schema") +=
          place_ == Place::kTenant ? without_tenant(arguments) : moved(arguments);
      if (example != nullptr) media.key("example") += example->arguments;
    }
    media.close();
    content.close();
    out.close();
  }

  void append_responses(std::string& to) const {
    ObjectWriter out(to);
    ObjectWriter done(out.key("200"));
    done.member("description", operation_.answer.help);
    done.key("headers") += kRevisionHeader;
    ObjectWriter content(done.key("content"));
    const bool is_stream = operation_.stream != nullptr;
    ObjectWriter media(content.key(is_stream ? kLines : kJson));
    if (is_stream) {
      std::string& schema = media.key("schema") += R"({"anyOf":[)";
      if (schemas_.contains("line_out")) schema.append(moved(schemas_.at("line_out"))).append(",");
      schema += R"({"$ref":"#/components/schemas/stream_end"}]})";
    } else {
      media.key("schema") += moved(schemas_.at("answer"));
    }
    media.close();
    content.close();
    done.close();
    out.key("default") += R"({"$ref":"#/components/responses/problem"})";
    out.close();
  }

  const Operation& operation_;
  const Place place_;
  const Members schemas_;  // "arguments", "answer", "line_in", "line_out".
};

void append_components(std::string& to, std::string_view definitions) {
  ObjectWriter out(to);
  ObjectWriter schemas(out.key("schemas"));
  for (const auto& [name, schema] : members_of(definitions)) schemas.key(name) += moved(schema);
  schemas.key("problem") += kProblemSchema;
  schemas.key("stream_end") += kEnd;
  schemas.close();
  out.key("responses") +=
      R"({"problem":{"description":"Why it was not done","content":{"application/problem+json":)"
      R"({"schema":{"$ref":"#/components/schemas/problem"}}}}})";
  out.key("securitySchemes") += R"({"token":{"type":"http","scheme":"bearer"}})";
  out.close();
}

}  // namespace

std::string openapi(std::string_view version, std::span<const Operation> more) {
  const std::string schema = operations_schema(more);
  const Members parts = members_of(schema);
  const Members operations = members_of(parts.at("properties"));
  std::string text;
  ObjectWriter out(text);
  out.member("openapi", "3.1.0");
  ObjectWriter info(out.key("info"));
  info.member("title", "Tulving");
  info.member("version", version);
  info.close();
  out.key("security") += R"([{"token":[]},{}])";
  ObjectWriter paths(out.key("paths"));
  for (const auto table : {operation_table(), more}) {
    for (const Operation& operation : table) {
      for (const Place place : {Place::kTenant, Place::kStore}) {
        if (!has_path(operation, place)) continue;
        PathWriter(operation, place, operations.find(operation.name)->second)
            .append(paths.key(path_of(operation, place)));
      }
    }
  }
  paths.close();
  append_components(out.key("components"), parts.at("$defs"));
  out.close();
  return text;
}

}  // namespace tulving::serve::rest
