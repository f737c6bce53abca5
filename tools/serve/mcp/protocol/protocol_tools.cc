// tools: what a model may call.

#include <algorithm>

#include "core/json/text/json_writer.h"
#include "tools/serve/mcp/protocol/asked.h"
#include "tools/serve/mcp/protocol/fence.h"

namespace tulving::serve::mcp {
namespace {

using json::ObjectWriter;

/// A schema's text with "type":"object" at its root, which clients of the older revisions want.
std::string as_object(std::string schema) {
  if (!member_of(schema, "type").empty()) return schema;
  return "{\"type\":\"object\"," + schema.substr(1);
}

void append_tool(std::string& to, const Tool& tool) {
  ObjectWriter out(to);
  out.member("name", tool.face.name);
  out.member("title", tool.title);
  out.member("description", tool.face.help);
  out.key("inputSchema") += tool.input_schema.empty() ? as_object(arguments_schema(tool.face))
                                                      : std::string(tool.input_schema);
  if (tool.run != nullptr) out.key("outputSchema") += as_object(answer_schema(tool.face));
  ObjectWriter hints(out.key("annotations"));
  hints.member("readOnlyHint", tool.face.effect == Effect::kRead);
  hints.member("destructiveHint", tool.face.effect == Effect::kDestroy);
  hints.member("idempotentHint", tool.face.is_idempotent);
  hints.member("openWorldHint", false);
  hints.close();
  out.close();
}

/// The members of a result of tools/call.
std::string tool_result(const Tool& tool, const Outcome& outcome) {
  std::string text;
  if (outcome.answer) {
    text = tool.recalls ? fenced(outcome.answer->json) : outcome.answer->json;
  } else {
    ObjectWriter error(text);
    error.member("code", outcome.is_forbidden ? "not allowed" : to_string(outcome.error.code));
    if (!outcome.error.field.empty()) error.member("field", outcome.error.field);
    error.member("message", outcome.error.message);
    error.close();
  }
  std::string members = R"("content":[{"type":"text","text":)";
  json::append_value(members, text);
  members += "}]";
  if (outcome.answer) members += ",\"structuredContent\":" + outcome.answer->json;
  members += outcome.answer ? R"(,"isError":false)" : R"(,"isError":true)";
  return members;
}

}  // namespace

Reply Protocol::list_tools(const Asked& asked) const {
  if (asked.has_cursor()) return asked.no_cursor();
  std::string members = "\"tools\":[";
  for (const Tool& tool : asked.speaker.catalog.tools) {
    if (members.back() != '[') members += ',';
    append_tool(members, tool);
  }
  members += ']';
  if (asked.is_modern) members += kListKept;
  return done(asked, std::move(members));
}

Reply Protocol::call_tool(const Asked& asked) {
  const std::string name = text_of(asked.message.params, "name");
  const Toolbox tools = asked.speaker.catalog.tools;
  const auto found =
      std::ranges::find_if(tools, [&](const Tool& tool) { return tool.face.name == name; });
  if (found == tools.end()) {
    return asked.error(kInvalidParams, "Unknown tool: " + name);
  }
  const std::string_view arguments = member_of(asked.message.params, "arguments");
  return run_tool(asked, *found, arguments.empty() ? "{}" : arguments);
}

// Wrong arguments are a result: the model that made them is to see what was wrong.
Reply Protocol::run_tool(const Asked& asked, const Tool& tool, std::string_view arguments) {
  const std::string_view checked = tool.input_schema.empty() ? arguments : "{}";
  const auto read =
      Arguments::read(tool.face, {}, {.operation = tool.face.name, .arguments = checked});
  if (!read) return done(asked, tool_result(tool, {.error = read.error()}));
  const ToolCall call(way_of(asked), *read, arguments);
  if (tool.make != nullptr) return made(asked, tool.make(call));
  return done(asked, tool_result(tool, tool.run(call)));
}

}  // namespace tulving::serve::mcp
