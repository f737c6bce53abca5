#include "tools/serve/mcp/protocol/protocol.h"

#include <algorithm>
#include <array>

#include "core/base/json/json_text.h"
#include "core/json/text/json_writer.h"
#include "tools/serve/mcp/protocol/asked.h"

namespace tulving::serve::mcp {
namespace {

using json::ObjectWriter;

// Oldest last. What the older ones lack, a server that sends nothing of its own never used.
constexpr std::array<std::string_view, 3> kLegacyVersions = {kLegacy, "2025-06-18", "2025-03-26"};
constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view kCapabilities =
    R"({"tools":{},"resources":{},"prompts":{},"completions":{}})";

std::string supported() {
  std::string versions = "[\"" + std::string(kModern) + '"';
  for (const std::string_view version : kLegacyVersions) {
    versions.append(",\"").append(version).append("\"");
  }
  return versions + ']';
}

}  // namespace

bool is_legacy(std::string_view version) {
  return std::ranges::find(kLegacyVersions, version) != kLegacyVersions.end();
}

std::string version_of(const Message& message) {
  return text_of(member_of(message.params, "_meta"), kVersionKey);
}

Protocol::Protocol(Calls& calls, std::string_view version) : calls_(calls) {
  ObjectWriter info(server_info_);
  info.member("name", "tulving");
  info.member("title", "Tulving");
  info.member("version", version);
  info.close();
}

Way Protocol::way_of(const Asked& asked) {
  return {calls_, asked.speaker.access, asked.speaker.tenant_id, asked.message.params,
          &asked.progress};
}

Reply Protocol::done(const Asked& asked, std::string members, std::string_view type) const {
  std::string result = "{";
  if (asked.is_modern) result.append("\"resultType\":\"").append(type).append("\"");
  if (asked.is_modern && !members.empty()) result += ',';
  result += members;
  if (asked.is_modern) {
    result += R"(,"_meta":{"io.modelcontextprotocol/serverInfo":)" + server_info_ + "}";
  }
  return {result_message(asked.message.id, result + '}')};
}

Reply Protocol::made(const Asked& asked, Content content, std::string_view more) const {
  if (content.code != 0) return asked.error(content.code, content.fault, content.data);
  if (!content.wants_input) return done(asked, std::move(content.members += more));
  if (!asked.is_modern) {
    return asked.error(kInvalidRequest, "input is asked for, which this revision cannot say");
  }
  return done(asked, std::move(content.members), "input_required");
}

Reply Protocol::answer(const Message& message, const Speaker& speaker) {
  if (message.kind == MessageKind::kMalformed) {
    return {error_message(message.id, message.code, message.fault), message.code};
  }
  if (message.kind != MessageKind::kRequest) return {};  // There is nothing to be notified of.
  const std::string_view meta = member_of(message.params, "_meta");
  const bool is_modern = !member_of(meta, kVersionKey).empty();
  Progress progress(message.params, speaker.tell);
  const Asked asked{message, speaker, is_modern, progress};
  if (message.method == "server/discover" && !is_modern) {
    return asked.error(kInvalidParams, "_meta must have the protocol's version");
  }
  if (is_modern) {
    const std::string version = version_of(message);
    if (version != kModern) {
      std::string data = "{\"supported\":" + supported() + ",\"requested\":";
      json::append_value(data, version);
      return asked.error(kUnsupportedVersion, "Unsupported protocol version", data + '}');
    }
    if (!member_of(meta, kCapabilitiesKey).starts_with('{')) {
      return asked.error(kInvalidParams, "_meta must have the client's capabilities");
    }
    if (message.method == "server/discover") return discover(asked);
  } else {
    if (message.method == "initialize") return initialize(asked);
    if (message.method == "ping") return done(asked, {});
  }
  if (message.method == "tools/list") return list_tools(asked);
  if (message.method == "tools/call") return call_tool(asked);
  if (message.method == "resources/list") return list_resources(asked, false);
  if (message.method == "resources/templates/list") return list_resources(asked, true);
  if (message.method == "resources/read") return read_resource(asked);
  if (message.method == "prompts/list") return list_prompts(asked);
  if (message.method == "prompts/get") return get_prompt(asked);
  if (message.method == "completion/complete") return complete(asked);
  return asked.error(kMethodNotFound, "Method not found: " + message.method);
}

Reply Protocol::discover(const Asked& asked) const {
  std::string members = "\"supportedVersions\":" + supported() + ",\"capabilities\":";
  members.append(kCapabilities).append(",\"serverInfo\":").append(server_info_);
  members += ",\"instructions\":";
  json::append_value(members, asked.speaker.catalog.instructions);
  return done(asked, members + R"(,"ttlMs":3600000,"cacheScope":"public")");
}

Reply Protocol::initialize(const Asked& asked) const {
  const std::string wanted = text_of(asked.message.params, "protocolVersion");
  if (wanted.empty()) return asked.error(kInvalidParams, "protocolVersion is missing");
  std::string members = "\"protocolVersion\":";
  json::append_value(members, is_legacy(wanted) ? std::string_view(wanted) : kLegacy);
  members.append(",\"capabilities\":").append(kCapabilities);
  members.append(",\"serverInfo\":").append(server_info_).append(",\"instructions\":");
  json::append_value(members, asked.speaker.catalog.instructions);
  return done(asked, std::move(members));
}

}  // namespace tulving::serve::mcp
