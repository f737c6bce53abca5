#include "tools/serve/mcp/http/endpoint.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tulving::serve::mcp {
namespace {

http::Response json_response(int status, std::string body) {
  return {
      .status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

http::Response refused(int status, std::string_view id, int code, std::string_view why) {
  return json_response(status, error_message(id, code, why));
}

int digit_of(char c) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

bool decode_base64(std::string_view text, std::string& out) {
  out.clear();
  if (text.size() % 4 != 0) return false;
  while (text.ends_with('=')) text.remove_suffix(1);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = digit_of(c);
    if (digit < 0) return false;
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
  }
  return true;
}

/// What Mcp-Name mirrors, for the methods that have it; empty: nothing.
std::string named_by(const Message& message) {
  if (message.method == "resources/read") return text_of(message.params, "uri");
  const bool has_name = message.method == "tools/call" || message.method == "prompts/get";
  return has_name ? text_of(message.params, "name") : std::string();
}

/// What of the headers contradicts the message; empty: nothing.
std::string header_fault(const http::RequestHead& head, const Message& message,
                         const std::string& version) {
  const auto check = [&](const char* name, const std::string& wanted) -> std::string {
    const std::string* given = head.header(name);
    if (given == nullptr) return std::string(name) + " is missing";
    std::string value;
    if (head.count(name) > 1 || !read_header(*given, value)) {
      return std::string(name) + " is malformed";
    }
    return value == wanted ? "" : std::string(name) + " is not what the message says";
  };
  if (auto fault = check("MCP-Protocol-Version", version); !fault.empty()) return fault;
  if (auto fault = check("Mcp-Method", message.method); !fault.empty()) return fault;
  const std::string name = named_by(message);
  return name.empty() ? "" : check("Mcp-Name", name);
}

/// A response of server-sent events, begun with the first.
class Events {
 public:
  explicit Events(http::ResponseStream& out) : out_(out) {}
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  /// False: the client has gone.
  bool put(std::string_view message) {
    if (!std::exchange(has_begun_, true)) {
      out_.begin(
          {.headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-cache"}}});
    }
    std::string event = "event: message\ndata: ";
    event.append(message).append("\n\n");  // A message has no line ends.
    return static_cast<bool>(out_.write(event));
  }

 private:
  http::ResponseStream& out_;
  bool has_begun_ = false;
};

bool takes_events(const http::RequestHead& head) {
  const std::string* accept = head.header("Accept");
  return accept != nullptr && accept->find("text/event-stream") != std::string::npos;
}

/// The status of a reply in the revision without a handshake.
int status_of(int code) {
  if (code == kMethodNotFound) return 404;
  return code == 0 ? 200 : 400;
}

}  // namespace

bool read_header(std::string_view value, std::string& out) {
  constexpr std::string_view kBegin = "=?base64?", kEnd = "?=";
  if (value.starts_with(kBegin) && value.ends_with(kEnd)) {
    value.remove_prefix(kBegin.size());
    if (value.size() < kEnd.size()) return false;
    return decode_base64(value.substr(0, value.size() - kEnd.size()), out);
  }
  out = value;
  return std::ranges::all_of(value, [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\t'; });
}

http::Response Endpoint::answer(const http::Request& request, const auth::Access& access,
                                http::ResponseStream& stream) {
  const http::RequestHead& head = request.head;
  const bool is_http = head.path == kPath;
  const Message message = read_message(request.body);
  const std::string version = version_of(message);
  const std::string* header = head.header("MCP-Protocol-Version");
  const bool is_modern = !version.empty() || (header != nullptr && *header == kModern);
  if (is_http && message.kind == MessageKind::kRequest) {
    if (!version.empty()) {
      const std::string fault = header_fault(head, message, version);
      if (!fault.empty()) return refused(400, message.id, kHeaderMismatch, fault);
    } else if (header != nullptr && *header != kModern && !is_legacy(*header)) {
      return refused(400, message.id, kInvalidRequest, "MCP-Protocol-Version is none of ours");
    } else if (is_modern) {
      return refused(400, message.id, kInvalidParams, "_meta must have the protocol's version");
    }
  }
  std::string profile;
  for (const auto& [name, value] : head.query) {
    if (name == "profile") profile = value;
  }
  const auto catalog = catalogs_(profile);
  if (!catalog) return refused(404, message.id, kInvalidRequest, "there is no such profile");
  const std::string* named = head.header("Tulving-Tenant");
  std::string tenant = access.tenant_id;
  if (tenant.empty()) tenant = named != nullptr ? *named : default_tenant_;
  if (named != nullptr && *named != tenant) {
    return refused(403, message.id, kInvalidRequest, "the token is another tenant's");
  }
  Events events(stream);
  Speaker speaker{access, tenant, *catalog};
  if (takes_events(head)) speaker.tell = [&](std::string_view told) { return events.put(told); };
  const Reply reply = protocol_.answer(message, speaker);
  if (events.has_begun()) {
    static_cast<void>(events.put(reply.text));  // Who does not listen any more needs no answer.
    return {};
  }
  if (reply.text.empty()) return {.status = 202};
  const bool is_malformed = message.kind == MessageKind::kMalformed;
  const bool says_status = is_http && (is_modern || is_malformed);
  return json_response(says_status ? status_of(reply.code) : 200, reply.text);
}

}  // namespace tulving::serve::mcp
