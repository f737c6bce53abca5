#include "tools/serve/mem0/mem0_memories.h"

#include "core/base/json/json_text.h"
#include "tools/serve/mcp/protocol/message.h"

namespace tulving::serve::mem0 {
namespace {

using json::ObjectWriter;
using mcp::answered;
using mcp::elements_of;
using mcp::list_of;
using mcp::member_of;
using mcp::text_of;
using mcp::Way;

Outcome refused(std::string message, std::string field) {
  return {.error = {ErrorCode::kInvalidArgument, std::move(message), std::move(field)}};
}

std::string as_json(std::string_view text) {
  std::string out;
  json::append_value(out, text);
  return out;
}

void add_if_any(ObjectWriter& out, std::string_view name, const std::string& value) {
  if (!value.empty()) out.member(name, value);
}

void add_scope(ObjectWriter& out, const Scope& scope) {
  add_if_any(out, "user_id", scope.user_id);
  add_if_any(out, "agent_id", scope.agent_id);
  add_if_any(out, "session_id", scope.run_id);
}

/// A memory as Mem0 shows it; `score`: JSON, empty of what was not searched for.
void append_item(std::string& to, std::string_view memory, std::string_view score = {}) {
  ObjectWriter out(to);
  out.member("id", text_of(memory, "id"));
  out.member("memory", text_of(memory, "text"));
  out.member("hash", text_of(memory, "content_hash"));
  const std::string_view metadata = member_of(memory, "metadata");
  out.key("metadata") += metadata.empty() ? "null" : metadata;
  if (!score.empty()) out.key("score") += score;
  out.member("created_at", text_of(memory, "created_at"));
  out.member("updated_at", text_of(memory, "updated_at"));
  add_if_any(out, "user_id", text_of(memory, "user_id"));
  add_if_any(out, "agent_id", text_of(memory, "agent_id"));
  add_if_any(out, "run_id", text_of(memory, "session_id"));
  out.close();
}

/// A session must be there before its memories; Mem0's runs come into being with them.
bool make_session(const Way& way, const Scope& scope, Outcome& failure) {
  if (scope.run_id.empty()) return true;
  failure = way.ask("session.get", "{\"session_id\":" + as_json(scope.run_id) + "}");
  if (failure.answer) return true;
  if (failure.is_forbidden || failure.error.code != ErrorCode::kNotFound) return false;
  failure = way.ask("session.put", "{\"session\":{\"session_id\":" + as_json(scope.run_id) + "}}");
  return failure.answer.has_value();
}

/// The message's role beside what the caller gave.
std::string metadata_of(std::string_view given, const std::string& role) {
  std::string text;
  ObjectWriter out(text);
  if (given.starts_with('{')) {
    JsonValue::whole(given).each_member([&](std::string_view key, JsonValue value) {
      if (key != "role" || role.empty()) out.key(key) += value.raw();
      return true;
    });
  }
  add_if_any(out, "role", role);
  out.close();
  return text;
}

/// {"user_id": "a", "category": {"gte": 3}}: whose, and what of the metadata.
std::string filter_of(std::string_view filters) {
  std::string text;
  ObjectWriter out(text);
  JsonValue::whole(filters).each_member([&](std::string_view key, JsonValue value) {
    const bool is_field = key == "user_id" || key == "agent_id";
    const std::string name = is_field          ? std::string(key)
                             : key == "run_id" ? std::string("session_id")
                                               : "metadata." + std::string(key);
    out.key(name) += value.raw();
    return true;
  });
  out.close();
  return text;
}

Outcome message(std::string_view text) { return answered("{\"message\":" + as_json(text) + "}"); }

/// Does `operation` to all memories that a page's request gives, until there are none.
Outcome do_to_all(const Way& way, const std::string& page, std::string_view operation) {
  while (true) {
    Outcome listed = way.ask("memory.list", page);
    if (!listed.answer) return listed;
    std::vector<std::string> ids;
    for (const std::string_view memory : elements_of(member_of(listed.answer->json, "memories"))) {
      ids.push_back(text_of(memory, "id"));
    }
    if (ids.empty()) return answered("{}");
    Outcome done = way.ask(operation, list_of("ids", ids));
    if (!done.answer) return done;
  }
}

}  // namespace

mcp::Conditions Scope::conditions() const {
  mcp::Conditions conditions;
  conditions.add_equals("user_id", user_id);
  conditions.add_equals("agent_id", agent_id);
  conditions.add_equals("session_id", run_id);
  return conditions;
}

Scope scope_in(std::string_view object) {
  return {text_of(object, "user_id"), text_of(object, "agent_id"), text_of(object, "run_id")};
}

Outcome add_messages(const Way& way, std::string_view body) {
  const Scope scope = scope_in(body);
  if (scope.is_empty()) {
    return refused("At least one identifier (user_id, agent_id, run_id) is required.", "user_id");
  }
  std::string_view messages = member_of(body, "messages");
  std::string alone;
  if (messages.starts_with('"')) {  // A text is a message of the user's.
    alone = "[{\"role\":\"user\",\"content\":" + std::string(messages) + "}]";
    messages = alone;
  }
  if (!messages.starts_with('[')) return refused("messages is missing", "messages");
  Outcome failure;
  if (!make_session(way, scope, failure)) return failure;
  std::string text = "{\"results\":[";
  for (const std::string_view one : elements_of(messages)) {
    const std::string said = text_of(one, "content");
    if (said.empty()) return refused("each message must have content, a text", "messages");
    std::string arguments;
    ObjectWriter out(arguments);
    ObjectWriter memory(out.key("memory"));
    memory.member("text", said);
    memory.member("memory_type", "conversation");
    add_scope(memory, scope);
    memory.key("metadata") += metadata_of(member_of(body, "metadata"), text_of(one, "role"));
    memory.close();
    out.close();
    Outcome added = way.ask("memory.add", arguments);
    if (!added.answer) return added;
    if (text.back() != '[') text += ',';
    ObjectWriter result(text);
    result.member("id", text_of(added.answer->json, "id"));
    result.member("memory", said);
    result.member("event", "ADD");
    result.close();
  }
  return answered(text + "]}");
}

Outcome search(const Way& way, std::string_view body) {
  const std::string query = text_of(body, "query");
  if (query.empty()) return refused("query is missing", "query");
  mcp::Conditions conditions = scope_in(body).conditions();
  const std::string_view filters = member_of(body, "filters");
  if (filters.starts_with('{') && filters != "{}") conditions.add(filter_of(filters));
  std::string_view limit = member_of(body, "top_k");
  if (limit.empty()) limit = member_of(body, "limit");
  std::string arguments;
  ObjectWriter out(arguments);
  out.member("text", query);
  out.key("k") += limit.empty() ? "20" : limit;
  if (!conditions.is_empty()) out.key("filter") += conditions.json();
  out.close();
  Outcome found = way.ask("search", arguments);
  if (!found.answer) return found;
  std::string text = "{\"results\":[";
  for (const std::string_view hit : elements_of(member_of(found.answer->json, "results"))) {
    const Outcome whole = way.ask("memory.get", "{\"id\":" + as_json(text_of(hit, "id")) + "}");
    if (!whole.answer) continue;  // Erased since.
    if (text.back() != '[') text += ',';
    append_item(text, whole.answer->json, member_of(hit, "score"));
  }
  return answered(text + "]}");
}

Outcome list(const Way& way, const Scope& scope, const std::string& limit) {
  if (scope.is_empty()) return refused("At least one identifier is required.", "user_id");
  std::string arguments;
  ObjectWriter out(arguments);
  out.key("limit") += limit.empty() || scan_json(limit) ? "100" : limit;
  out.key("filter") += scope.conditions().json();
  out.close();
  Outcome listed = way.ask("memory.list", arguments);
  if (!listed.answer) return listed;
  std::string text = "{\"results\":[";
  for (const std::string_view memory : elements_of(member_of(listed.answer->json, "memories"))) {
    if (text.back() != '[') text += ',';
    append_item(text, memory);
  }
  return answered(text + "]}");
}

Outcome get(const Way& way, const std::string& id) {
  Outcome found = way.ask("memory.get", "{\"id\":" + as_json(id) + "}");
  const bool is_absent =
      !found.answer && !found.is_forbidden && found.error.code == ErrorCode::kNotFound;
  if (is_absent || (found.answer && text_of(found.answer->json, "status") == "deleted")) {
    return answered("null");
  }
  if (!found.answer) return found;
  std::string text;
  append_item(text, found.answer->json);
  return answered(std::move(text));
}

Outcome update(const Way& way, const std::string& id, std::string_view body) {
  std::string text;
  for (const char* name : {"text", "data", "memory"}) {
    if (text.empty()) text = text_of(body, name);
  }
  const std::string_view metadata = member_of(body, "metadata");
  if (text.empty() && metadata.empty()) return refused("text is missing", "text");
  std::string arguments;
  ObjectWriter out(arguments);
  out.member("id", id);
  ObjectWriter patch(out.key("patch"));
  add_if_any(patch, "text", text);
  if (!metadata.empty()) patch.key("metadata") += metadata;
  patch.close();
  out.close();
  Outcome updated = way.ask("memory.update", arguments);
  return updated.answer ? message("Memory updated successfully!") : updated;
}

Outcome history(const Way& way, const std::string& id) {
  Outcome found = way.ask("memory.history", "{\"id\":" + as_json(id) + "}");
  if (!found.answer) return found;
  const std::string memory_id = text_of(found.answer->json, "id");
  std::string text = "[";
  std::string before;
  for (const std::string_view version : elements_of(member_of(found.answer->json, "history"))) {
    const std::string_view memory = member_of(version, "memory");
    const std::string now = text_of(memory, "text");
    const bool is_deleted = text_of(memory, "status") == "deleted";
    if (text.back() != '[') text += ',';
    ObjectWriter out(text);
    out.member("id", memory_id + "/" + std::string(member_of(version, "revision")));
    out.member("memory_id", memory_id);
    out.key("old_memory") += before.empty() ? "null" : as_json(before);
    out.key("new_memory") += is_deleted ? "null" : as_json(now);
    out.member("event", is_deleted ? "DELETE" : before.empty() ? "ADD" : "UPDATE");
    out.member("created_at", text_of(memory, "created_at"));
    out.member("updated_at", text_of(version, "at"));
    out.member("is_deleted", is_deleted);
    out.close();
    before = now;
  }
  return answered(text + "]");
}

Outcome forget(const Way& way, const std::string& id) {
  Outcome done = way.ask("memory.forget", list_of("ids", {id}));
  return done.answer ? message("Memory deleted successfully!") : done;
}

Outcome forget_all(const Way& way, const Scope& scope) {
  if (scope.is_empty()) return refused("At least one identifier is required.", "user_id");
  const std::string page =
      "{\"limit\":1000,\"include_archived\":true,\"filter\":" + scope.conditions().json() + "}";
  Outcome done = do_to_all(way, page, "memory.forget");
  return done.answer ? message("All relevant memories deleted") : done;
}

Outcome reset(const Way& way) {
  constexpr const char* kAll =
      R"({"limit":1000,"include_archived":true,"include_deleted":true,"include_expired":true})";
  Outcome done = do_to_all(way, kAll, "memory.erase");
  return done.answer ? message("All memories reset") : done;
}

}  // namespace tulving::serve::mem0
