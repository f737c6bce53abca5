// resources and prompts: what an application reads, and what a person begins with; and what either
// may put in for an argument.

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
  out.member("mimeType", resource.mime_type);
  out.close();
}

void append_prompt(std::string& to, const Prompt& prompt) {
  ObjectWriter out(to);
  out.member("name", prompt.name);
  out.member("title", prompt.title);
  out.member("description", prompt.help);
  std::string& arguments = out.key("arguments") += '[';
  for (const PromptArgument& argument : prompt.arguments) {
    if (arguments.back() != '[') arguments += ',';
    ObjectWriter one(arguments);
    one.member("name", argument.name);
    one.member("description", argument.help);
    one.member("required", true);
    one.close();
  }
  arguments += ']';
  out.close();
}

/// Whether the resource has this address, and what stands for its braces.
bool is_of(const Resource& resource, std::string_view uri, std::string& rest) {
  if (!resource.is_template()) return resource.uri == uri;
  const std::string_view start = resource.uri.substr(0, resource.uri.find('{'));
  const std::string_view end = resource.uri.substr(resource.uri.find('}') + 1);
  if (uri.size() <= start.size() + end.size()) return false;
  if (!uri.starts_with(start) || !uri.ends_with(end)) return false;
  rest = uri.substr(start.size(), uri.size() - start.size() - end.size());
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
  // It may be another the next moment.
  constexpr std::string_view kNotKept = R"(,"ttlMs":0,"cacheScope":"private")";
  const std::string_view kept = asked.is_modern ? kNotKept : "";
  if (found->make != nullptr) return made(asked, found->make(way_of(asked), rest), kept);
  const Outcome outcome = found->read(way_of(asked), rest);
  if (!outcome.answer) {
    const bool is_absent = outcome.error.code == ErrorCode::kNotFound;
    return asked.error(is_absent ? code : kInternalError, outcome.error.message, uri_data(uri));
  }
  std::string members = "\"contents\":[";
  ObjectWriter content(members);
  content.member("uri", uri);
  content.member("mimeType", found->mime_type);
  content.member("text", outcome.answer->json);
  content.close();
  members += ']';
  return done(asked, std::move(members += kept));
}

Reply Protocol::get_prompt(const Asked& asked) {
  const std::string name = text_of(asked.message.params, "name");
  const auto prompts = asked.speaker.catalog.prompts;
  const auto found = std::ranges::find(prompts, name, &Prompt::name);
  if (found == prompts.end()) return asked.error(kInvalidParams, "Unknown prompt: " + name);
  const Way way = way_of(asked);
  for (const PromptArgument& argument : found->arguments) {
    if (!way.argument(argument.name).empty()) continue;
    return asked.error(kInvalidParams, std::string(argument.name) + " is missing");
  }
  if (found->make != nullptr) return made(asked, found->make(way));
  const Outcome outcome = found->text(way);
  if (!outcome.answer) return asked.error(kInternalError, outcome.error.message);
  std::string members = "\"description\":";
  json::append_value(members, found->help);
  members += R"(,"messages":[{"role":"user","content":{"type":"text","text":)";
  json::append_value(members, outcome.answer->json);
  return done(asked, members + "}}]");
}

Reply Protocol::complete(const Asked& asked) {
  const std::string_view params = asked.message.params;
  const std::string_view of = member_of(params, "ref"), argument = member_of(params, "argument");
  const std::string type = text_of(of, "type");
  const Catalog& catalog = asked.speaker.catalog;
  Completer completer = nullptr;
  bool is_known = false;
  if (type == "ref/prompt") {
    const auto found = std::ranges::find(catalog.prompts, text_of(of, "name"), &Prompt::name);
    is_known = found != catalog.prompts.end();
    if (is_known) completer = found->complete;
  } else if (type == "ref/resource") {
    const auto found = std::ranges::find(catalog.resources, text_of(of, "uri"), &Resource::uri);
    is_known = found != catalog.resources.end();
    if (is_known) completer = found->complete;
  }
  if (!is_known) return asked.error(kInvalidParams, "ref is no prompt or resource of ours");
  const std::string name = text_of(argument, "name");
  if (name.empty()) return asked.error(kInvalidParams, "argument.name is missing");
  std::vector<std::string> values;
  if (completer != nullptr) values = completer(way_of(asked), name, text_of(argument, "value"));
  constexpr std::size_t kValuesMax = 100;  // The protocol's.
  const bool has_more = values.size() > kValuesMax;
  if (has_more) values.resize(kValuesMax);
  std::string members = "\"completion\":";
  ObjectWriter out(members);
  out.member("values", values);
  out.member("hasMore", has_more);
  out.close();
  return done(asked, std::move(members));
}

}  // namespace tulving::serve::mcp
