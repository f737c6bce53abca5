#include "tools/serve/mcp/protocol/message.h"

#include <algorithm>

#include "core/base/json/json_text.h"
#include "core/json/text/json_writer.h"

namespace tulving::serve::mcp {
namespace {

Message malformed(std::string_view fault, std::string_view id = {}, int code = kInvalidRequest) {
  Message message;
  message.id = id;
  message.code = code;
  message.fault = fault;
  return message;
}

}  // namespace

bool is_id(std::string_view raw) {
  if (raw.starts_with('"')) return true;
  return !raw.empty() && std::ranges::all_of(raw.substr(raw.starts_with('-') ? 1 : 0),
                                             [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view member_of(std::string_view object, std::string_view name) {
  std::string_view found;
  if (!object.starts_with('{')) return found;
  JsonValue::whole(object).each_member([&](std::string_view key, JsonValue value) {
    if (key == name) found = value.raw();
    return found.empty();
  });
  return found;
}

std::string text_of(std::string_view object, std::string_view name) {
  const std::string_view raw = member_of(object, name);
  return raw.starts_with('"') ? decode_json_string(raw) : std::string();
}

Message read_message(std::string_view text) {
  if (scan_json(text)) return malformed("the message is no JSON", {}, kParseError);
  const JsonValue value = JsonValue::whole(text);
  if (value.kind() != JsonKind::kObject) return malformed("the message is no object");
  const std::string_view raw = value.raw();
  const std::string_view id = member_of(raw, "id");
  if (!id.empty() && !is_id(id)) return malformed("id must be a string or an integer");
  if (text_of(raw, "jsonrpc") != "2.0") return malformed("jsonrpc must be \"2.0\"", id);
  Message message;
  message.id = id;
  message.method = text_of(raw, "method");
  message.params = member_of(raw, "params");
  if (message.method.empty()) {
    const bool is_response = !member_of(raw, "result").empty() || !member_of(raw, "error").empty();
    if (!is_response) return malformed("method is missing", id);
    message.kind = MessageKind::kResponse;
    return message;
  }
  if (!message.params.empty() && !message.params.starts_with('{')) {
    return malformed("params must be an object", id, kInvalidParams);
  }
  message.kind = id.empty() ? MessageKind::kNotification : MessageKind::kRequest;
  return message;
}

std::string result_message(std::string_view id, std::string_view result) {
  std::string text;
  json::ObjectWriter out(text);
  out.member("jsonrpc", "2.0");
  out.key("id") += id;
  out.key("result") += result;
  out.close();
  return text;
}

std::string error_message(std::string_view id, int code, std::string_view message,
                          std::string_view data) {
  std::string text;
  json::ObjectWriter out(text);
  out.member("jsonrpc", "2.0");
  if (!id.empty()) out.key("id") += id;
  json::ObjectWriter error(out.key("error"));
  error.member("code", std::int64_t{code});
  error.member("message", message);
  if (!data.empty()) error.key("data") += data;
  error.close();
  out.close();
  return text;
}

}  // namespace tulving::serve::mcp
