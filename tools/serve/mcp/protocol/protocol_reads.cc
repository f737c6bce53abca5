// resources and prompts: what an application reads, and what a person begins with.

#include <algorithm>

#include "core/json/text/json_writer.h"
#include "tools/serve/mcp/protocol/asked.h"

namespace tulving::serve::mcp {
namespace {

using json::ObjectWriter;

void append_resource(std::string& to, const Resource& resource) {
  ObjectWriter out(to);
  out.member(resource.is_template() ? "uriTemplate" : "uri", resource.uri);
  out.member("name", resource.name);
  out.member("title", resource.title);
  out.member("description", resource.help);
  out.member("mimeType", "application/json");
  out.close();
}

void append_prompt(std::string& to, const Prompt& prompt) {
  ObjectWriter out(to);
  out.member("name", prompt.name);
  out.member("title", prompt.title);
  out.member("description", prompt.help);
  std::string& arguments = out.key("arguments") += '[';
  if (!prompt.argument.empty()) {
    ObjectWriter argument(arguments);
    argument.member("name", prompt.argument);
    argument.member("description", prompt.argument_help);
    argument.member("required", true);
    argument.close();
  }
  arguments += ']';
  out.close();
}

/// Whether the resource has this address, and what stands for its braces.
bool is_of(const Resource& resource, std::string_view uri, std::string& rest) {
  if (!resource.is_template()) return resource.uri == uri;
  const std::string_view start = resource.uri.substr(0, resource.uri.find('{'));
  if (!uri.starts_with(start) || uri.size() == start.size()) return false;
  rest = uri.substr(start.size());
  return true;
}

std::string uri_data(std::string_view uri) {
  std::string data;
  ObjectWriter out(data);
  out.member("uri", uri);
  out.close();
  return data;
}

}  // namespace

Reply Protocol::list_resources(const Asked& asked, bool are_templates) const {
  if (asked.has_cursor()) return asked.no_cursor();
  std::string members = are_templates ? "\"resourceTemplates\":[" : "\"resources\":[";
  for (const Resource& resource : asked.speaker.catalog.resources) {
    if (resource.is_template() != are_templates) continue;
    if (members.back() != '[') members += ',';
    append_resource(members, resource);
  }
  members += ']';
  if (asked.is_modern) members += kListKept;
  return done(asked, std::move(members));
}

Reply Protocol::list_prompts(const Asked& asked) const {
  if (asked.has_cursor()) return asked.no_cursor();
  std::string members = "\"prompts\":[";
  for (const Prompt& prompt : asked.speaker.catalog.prompts) {
    if (members.back() != '[') members += ',';
    append_prompt(members, prompt);
  }
  members += ']';
  if (asked.is_modern) members += kListKept;
  return done(asked, std::move(members));
}

Reply Protocol::read_resource(const Asked& asked) {
  const std::string uri = text_of(asked.message.params, "uri");
  // Earlier revisions have a code of their own for what is not there.
  constexpr int kLegacyNotFound = -32002;
  const int code = asked.is_modern ? kInvalidParams : kLegacyNotFound;
  std::string rest;
  const auto resources = asked.speaker.catalog.resources;
  const auto found = std::ranges::find_if(
      resources, [&](const Resource& resource) { return is_of(resource, uri, rest); });
  if (found == resources.end()) return asked.error(code, "Resource not found", uri_data(uri));
  const Outcome outcome = found->read(way_of(asked), rest);
  if (!outcome.answer) {
    const bool is_absent = outcome.error.code == ErrorCode::kNotFound;
    return asked.error(is_absent ? code : kInternalError, outcome.error.message, uri_data(uri));
  }
  std::string members = "\"contents\":[";
  ObjectWriter content(members);
  content.member("uri", uri);
  content.member("mimeType", "application/json");
  content.member("text", outcome.answer->json);
  content.close();
  members += ']';
  // It may be another the next moment.
  if (asked.is_modern) members += R"(,"ttlMs":0,"cacheScope":"private")";
  return done(asked, std::move(members));
}

Reply Protocol::get_prompt(const Asked& asked) {
  const std::string name = text_of(asked.message.params, "name");
  const auto prompts = asked.speaker.catalog.prompts;
  const auto found = std::ranges::find(prompts, name, &Prompt::name);
  if (found == prompts.end()) return asked.error(kInvalidParams, "Unknown prompt: " + name);
  std::string argument;
  if (!found->argument.empty()) {
    argument = text_of(member_of(asked.message.params, "arguments"), found->argument);
    if (argument.empty()) {
      return asked.error(kInvalidParams, std::string(found->argument) + " is missing");
    }
  }
  const Outcome outcome = found->text(way_of(asked), argument);
  if (!outcome.answer) return asked.error(kInternalError, outcome.error.message);
  std::string members = "\"description\":";
  json::append_value(members, found->help);
  members += R"(,"messages":[{"role":"user","content":{"type":"text","text":)";
  json::append_value(members, outcome.answer->json);
  return done(asked, members + "}}]");
}

}  // namespace tulving::serve::mcp
