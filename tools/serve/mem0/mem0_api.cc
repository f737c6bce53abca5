#include "tools/serve/mem0/mem0_api.h"

#include "core/base/json/json_text.h"
#include "tools/serve/mem0/mem0_memories.h"
#include "tools/serve/rest/problem.h"

namespace tulving::serve::mem0 {
namespace {

constexpr std::string_view kMemories = "/mem0/memories";
constexpr std::string_view kSearch = "/mem0/search";
constexpr std::string_view kReset = "/mem0/reset";
constexpr std::string_view kHistory = "/history";

/// What follows "/memories/", without "/history"; escapes are not resolved.
std::string_view id_in(std::string_view path) {
  path.remove_prefix(kMemories.size() + 1);
  return path.ends_with(kHistory) ? path.substr(0, path.size() - kHistory.size()) : path;
}

/// The last value of that name.
std::string query_value(const http::RequestHead& head, std::string_view name) {
  std::string value;
  for (const auto& pair : head.query) {
    if (pair.first == name && !http::unescape(pair.second, value)) value.clear();
  }
  return value;
}

Scope scope_of(const http::RequestHead& head) {
  return {query_value(head, "user_id"), query_value(head, "agent_id"), query_value(head, "run_id")};
}

/// Of a path that is one, with a method that it has.
Outcome call(const mcp::Way& way, const http::Request& request) {
  const http::RequestHead& head = request.head;
  const std::string& body = request.body;
  if (!body.empty() && (scan_json(body) || JsonValue::whole(body).kind() != JsonKind::kObject)) {
    return {.error = {ErrorCode::kInvalidArgument, "the body must be a JSON object", "body"}};
  }
  if (head.path == kSearch) return search(way, body);
  if (head.path == kReset) return reset(way);
  if (head.path == kMemories) {
    if (head.method == "POST") return add_messages(way, body);
    return head.method == "GET" ? list(way, scope_of(head), query_value(head, "limit"))
                                : forget_all(way, scope_of(head));
  }
  std::string id;
  if (!http::unescape(id_in(head.path), id)) {
    return {.error = {ErrorCode::kInvalidArgument, "the path has a malformed escape", "id"}};
  }
  if (head.path.ends_with(kHistory)) return history(way, id);
  if (head.method == "GET") return get(way, id);
  return head.method == "PUT" ? update(way, id, body) : forget(way, id);
}

}  // namespace

std::string_view Mem0Api::methods_of(std::string_view path) {
  if (path == kMemories) return "GET, POST, DELETE";
  if (path == kSearch || path == kReset) return "POST";
  const bool is_below = path.starts_with(kMemories) && path.substr(kMemories.size(), 1) == "/";
  if (!is_below || id_in(path).empty()) return {};
  if (id_in(path).find('/') != std::string_view::npos) return {};
  return path.ends_with(kHistory) ? "GET" : "GET, PUT, DELETE";
}

http::Response Mem0Api::answer(const http::Request& request, const auth::Access& access,
                               const std::string& tenant_id) {
  Outcome outcome = call(mcp::Way(calls_, access, tenant_id), request);
  if (!outcome.answer) return rest::problem_of(outcome, false);
  return {.headers = {{"Content-Type", rest::kJson}}, .body = std::move(outcome.answer->json)};
}

}  // namespace tulving::serve::mem0
