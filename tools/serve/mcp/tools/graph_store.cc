#include "tools/serve/mcp/tools/graph_store.h"

#include <algorithm>

#include "core/base/json/json_text.h"
#include "tools/serve/mcp/protocol/message.h"
#include "tools/serve/mcp/tools/tool_json.h"

namespace tulving::serve::mcp {
namespace {

using json::ObjectWriter;

std::vector<std::string> texts_in(std::string_view array) {
  std::vector<std::string> texts;
  for (const std::string_view element : elements_of(array)) {
    if (element.starts_with('"')) texts.push_back(decode_json_string(element));
  }
  return texts;
}

std::string as_json(std::string_view text) {
  std::string out;
  json::append_value(out, text);
  return out;
}

/// As an import writes it.
std::string said_of(const Entity& entity) {
  std::string text = entity.name;
  if (!entity.type.empty()) text += " (" + entity.type + ")";
  for (const std::string& observation : entity.observations) {
    text.append(&observation == entity.observations.data() ? ": " : "; ").append(observation);
  }
  return text;
}

Entity entity_in(std::string_view memory) {
  Entity entity;
  entity.name = text_of(memory, "external_id");
  const std::vector<std::string> names = texts_in(member_of(memory, "entities"));
  if (!names.empty()) entity.name = names.front();  // One that is too long for a name of a memory.
  entity.type = text_of(member_of(memory, "metadata"), "entityType");
  entity.observations = texts_in(member_of(memory, "facts"));
  entity.id = text_of(memory, "id");
  entity.revision = member_of(memory, "revision");
  entity.is_forgotten = text_of(memory, "status") == "deleted";
  return entity;
}

bool is_entity(std::string_view memory) { return text_of(memory, "memory_type") == "entity"; }

std::string with_filter(std::string_view more) {
  return R"({"filter":{"memory_type":"entity"},)" + std::string(more) + "}";
}

}  // namespace

Entity read_entity(std::string_view json) {
  Entity entity;
  entity.name = text_of(json, "name");
  entity.type = text_of(json, "entityType");
  entity.observations = texts_in(member_of(json, "observations"));
  return entity;
}

void append_entity(std::string& out, const Entity& entity) {
  ObjectWriter object(out);
  object.member("name", entity.name);
  object.member("entityType", entity.type);
  object.member("observations", entity.observations);
  object.close();
}

Link read_link(std::string_view json) {
  return {text_of(json, "from"), text_of(json, "to"), text_of(json, "relationType")};
}

void append_link(std::string& out, const Link& link) {
  ObjectWriter object(out);
  object.member("from", link.from);
  object.member("to", link.to);
  object.member("relationType", link.type);
  object.close();
}

bool GraphStore::ask(std::string_view operation, const std::string& arguments,
                     std::string& answer) {
  Outcome outcome = way_.ask(operation, arguments);
  if (!outcome.answer) {
    failure_ = std::move(outcome);
    return false;
  }
  answer = std::move(outcome.answer->json);
  return true;
}

bool GraphStore::find(const std::string& name, std::optional<Entity>& out) {
  out.reset();
  std::string memory;
  if (!ask("memory.get", "{\"id\":" + as_json(name) + "}", memory)) {
    return failure_.error.code == ErrorCode::kNotFound;
  }
  if (is_entity(memory)) out = entity_in(memory);
  return true;
}

bool GraphStore::read(Graph& out) {
  std::string cursor;
  do {
    std::string page;
    const std::string more = "\"limit\":10000,\"cursor\":" + as_json(cursor);
    if (!ask("memory.list", with_filter(more), page)) return false;
    for (const std::string_view memory : elements_of(member_of(page, "memories"))) {
      out.entities.push_back(entity_in(memory));
    }
    cursor = text_of(page, "next_cursor");
  } while (!cursor.empty());
  return links_of(out.entities, out.links);
}

bool GraphStore::search(const std::string& query, Graph& out) {
  std::string found;
  if (!ask("search", with_filter("\"k\":50,\"text\":" + as_json(query)), found)) return false;
  for (const std::string_view hit : elements_of(member_of(found, "results"))) {
    std::string memory;
    if (!ask("memory.get", "{\"id\":" + as_json(text_of(hit, "id")) + "}", memory)) return false;
    out.entities.push_back(entity_in(memory));
  }
  return links_of(out.entities, out.links);
}

bool GraphStore::links_of(const std::vector<Entity>& entities, std::vector<Link>& out) {
  std::map<std::string, const Entity*> by_id;
  for (const Entity& entity : entities) by_id[entity.id] = &entity;
  std::string page;
  if (!ask("relation.list", R"({"limit":1000000})", page)) return false;
  for (const std::string_view relation : elements_of(member_of(page, "relations"))) {
    const auto from = by_id.find(text_of(relation, "source_id"));
    const auto to = by_id.find(text_of(relation, "target_id"));
    if (from == by_id.end() || to == by_id.end()) continue;
    out.push_back({from->second->name, to->second->name, text_of(relation, "relation_type")});
  }
  return true;
}

bool GraphStore::create(const Entity& entity) {
  std::string line;
  ObjectWriter out(line);
  out.member("kind", "memory");
  out.member("external_id", entity.name);
  out.member("memory_type", "entity");
  out.member("layer", "semantic");
  out.member("status", "active");
  out.member("text", said_of(entity));
  out.member("entities", std::vector{entity.name});
  out.member("facts", entity.observations);
  std::string& metadata = out.key("metadata");
  ObjectWriter type(metadata);
  type.member("entityType", entity.type);
  type.close();
  out.close();
  Outcome outcome = way_.import(line);
  if (outcome.answer && member_of(outcome.answer->json, "rejected") == "0") return true;
  if (outcome.answer) {  // The one line was refused: its reason is the call's.
    const auto errors = elements_of(member_of(outcome.answer->json, "errors"));
    outcome.error = {ErrorCode::kInvalidArgument,
                     errors.empty() ? "the entity was refused" : text_of(errors[0], "error"),
                     errors.empty() ? "" : text_of(errors[0], "field")};
    outcome.answer.reset();
  }
  failure_ = std::move(outcome);
  return false;
}

bool GraphStore::keep(const Entity& entity) {
  std::string arguments;
  ObjectWriter out(arguments);
  out.member("id", entity.id);
  ObjectWriter patch(out.key("patch"));
  patch.member("text", said_of(entity));
  patch.member("facts", entity.observations);
  patch.close();
  out.key("revision") += entity.revision;
  out.close();
  std::string ignored;
  return ask("memory.update", arguments, ignored);
}

bool GraphStore::forget(const std::vector<Entity>& entities) {
  if (entities.empty()) return true;
  std::vector<std::string> ids;
  for (const Entity& entity : entities) ids.push_back(entity.id);
  std::string ignored;
  return ask("memory.forget", list_of("ids", ids), ignored);
}

bool GraphStore::put(const Link& link) {
  std::string ignored;
  return ask("relation.put",
             "{\"source\":" + as_json(link.from) + ",\"target\":" + as_json(link.to) +
                 ",\"relation_type\":" + as_json(link.type) + "}",
             ignored);
}

bool GraphStore::remove(const Link& link) {
  std::string ignored;
  return ask("relation.erase",
             "{\"source\":" + as_json(link.from) + ",\"target\":" + as_json(link.to) +
                 ",\"relation_type\":" + as_json(link.type) + "}",
             ignored) ||
         failure_.error.code == ErrorCode::kNotFound;
}

}  // namespace tulving::serve::mcp
