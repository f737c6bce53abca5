// The nine tools of the reference memory server, by its names, arguments and answers.

#include <algorithm>
#include <array>

#include "core/base/json/json_text.h"
#include "tools/serve/mcp/protocol/message.h"
#include "tools/serve/mcp/tools/graph_store.h"
#include "tools/serve/mcp/tools/tool_json.h"
#include "tools/serve/mcp/tools/toolboxes.h"

namespace tulving::serve::mcp {
namespace {

using namespace params;
using json::ObjectWriter;

constexpr std::array kEntity = {
    text("name", "Its name; 1 to 64 characters").required(),
    text("entityType", "What it is: a person, a project").required(),
    text("observations", "What is known of it, one fact each").list().required(),
};
constexpr std::array kRelation = {
    text("from", "The name of the entity where it starts").required(),
    text("to", "The name of the entity where it ends").required(),
    text("relationType", "In the active voice: works_on; up to 32 characters").required(),
};
constexpr std::array kEntities = {object("entities", kEntity, "The entities").list().required()};
constexpr std::array kRelations = {
    object("relations", kRelation, "The relations").list().required()};
constexpr std::array kAddition = {
    text("entityName", "Of an entity that is there").required(),
    text("contents", "What is known of it now, one fact each").list().required(),
};
constexpr std::array kAdditions = {
    object("observations", kAddition, "By entity").list().required()};
constexpr std::array kAdded = {
    text("entityName", "The entity").required(),
    text("addedObservations", "Those that it did not have").list().required(),
};
constexpr std::array kAddedAll = {object("results", kAdded, "By entity").list().required()};
constexpr std::array kNames = {text("entityNames", "Their names").list().required()};
constexpr std::array kDeletion = {
    text("entityName", "The entity").required(),
    text("observations", "Which, word for word").list().required(),
};
constexpr std::array kDeletions = {object("deletions", kDeletion, "By entity").list().required()};
constexpr std::array kDone = {
    boolean("success", "Always true").required(),
    text("message", "What was done").required(),
};
constexpr std::array kQuery = {text("query", "What is looked for, in words").required()};
constexpr std::array kNodes = {text("names", "Their names").list().required()};
constexpr std::array kGraph = {
    object("entities", kEntity, "The entities").list().required(),
    object("relations", kRelation, "What links them").list().required(),
};

/// A parameter that is a list of objects, each as JSON: checked for their members here, as the
/// table checks that they are objects alone.
Result<std::vector<std::string_view>> objects_in(const ToolCall& call, std::string_view name,
                                                 std::span<const Param> members) {
  const std::vector<std::string_view> objects = elements_of(call.raw(name));
  for (const std::string_view json : objects) {
    for (const Param& member : members) {
      const std::string_view value = member_of(json, member.name);
      if (value.starts_with(member.is_list ? '[' : '"')) continue;
      return Error{ErrorCode::kInvalidArgument,
                   std::string(name) + ": each must have " + std::string(member.name) +
                       (member.is_list ? ", an array" : ", a string"),
                   std::string(member.name)};
    }
  }
  return objects;
}

std::string done(std::string_view message) {
  std::string text;
  ObjectWriter out(text);
  out.member("success", true);
  out.member("message", message);
  out.close();
  return text;
}

Outcome graph_answer(const Graph& graph) {
  std::string text;
  ObjectWriter out(text);
  json::append_array(out.key("entities"), graph.entities, append_entity);
  json::append_array(out.key("relations"), graph.links, append_link);
  out.close();
  return answered(std::move(text));
}

Outcome create_entities(const ToolCall& call) {
  const auto objects = objects_in(call, "entities", kEntity);
  if (!objects) return {.error = objects.error()};
  GraphStore store(call);
  std::vector<Entity> created;
  for (const std::string_view json : *objects) {
    const Entity entity = read_entity(json);
    std::optional<Entity> there;
    if (!store.find(entity.name, there)) return store.failure();
    if (there && !there->is_forgotten) continue;
    if (!store.create(entity)) return store.failure();
    created.push_back(entity);
  }
  std::string text;
  ObjectWriter out(text);
  json::append_array(out.key("entities"), created, append_entity);
  out.close();
  return answered(std::move(text));
}

Outcome create_relations(const ToolCall& call) {
  const auto objects = objects_in(call, "relations", kRelation);
  if (!objects) return {.error = objects.error()};
  GraphStore store(call);
  Graph graph;
  if (!objects->empty() && !store.read(graph)) return store.failure();
  std::vector<Link> created;
  for (const std::string_view json : *objects) {
    Link link = read_link(json);
    if (std::ranges::find(graph.links, link) != graph.links.end()) continue;
    if (!store.put(link)) return store.failure();
    graph.links.push_back(link);
    created.push_back(std::move(link));
  }
  std::string text;
  ObjectWriter out(text);
  json::append_array(out.key("relations"), created, append_link);
  out.close();
  return answered(std::move(text));
}

/// The entity, which must be there.
bool find_there(GraphStore& store, const std::string& name, Entity& out, Outcome& failure) {
  std::optional<Entity> there;
  if (!store.find(name, there)) {
    failure = store.failure();
    return false;
  }
  if (there && !there->is_forgotten) {
    out = *std::move(there);
    return true;
  }
  failure = {.error = {ErrorCode::kNotFound, "there is no entity \"" + name + "\"", "entityName"}};
  return false;
}

std::vector<std::string> strings_in(std::string_view object, std::string_view name) {
  std::vector<std::string> texts;
  for (const std::string_view element : elements_of(member_of(object, name))) {
    if (element.starts_with('"')) texts.push_back(decode_json_string(element));
  }
  return texts;
}

Outcome add_observations(const ToolCall& call) {
  const auto objects = objects_in(call, "observations", kAddition);
  if (!objects) return {.error = objects.error()};
  GraphStore store(call);
  std::string text;
  ObjectWriter out(text);
  std::string& results = out.key("results") += '[';
  for (const std::string_view json : *objects) {
    Entity entity;
    Outcome failure;
    const std::string name = text_of(json, "entityName");
    if (!find_there(store, name, entity, failure)) return failure;
    std::vector<std::string> added;
    for (std::string& content : strings_in(json, "contents")) {
      if (std::ranges::count(entity.observations, content) > 0) continue;
      entity.observations.push_back(content);
      added.push_back(std::move(content));
    }
    if (!added.empty() && !store.keep(entity)) return store.failure();
    if (results.back() != '[') results += ',';
    ObjectWriter result(results);
    result.member("entityName", name);
    result.member("addedObservations", added);
    result.close();
  }
  results += ']';
  out.close();
  return answered(std::move(text));
}

Outcome delete_entities(const ToolCall& call) {
  GraphStore store(call);
  std::vector<Entity> found;
  for (const std::string& name : call.given().texts("entityNames")) {
    std::optional<Entity> there;
    if (!store.find(name, there)) return store.failure();
    if (there && !there->is_forgotten) found.push_back(*std::move(there));
  }
  // Their relations go too, or they would be back with an entity of that name.
  Graph graph;
  if (!found.empty() && !store.read(graph)) return store.failure();
  for (const Link& link : graph.links) {
    const bool is_theirs = std::ranges::any_of(found, [&](const Entity& entity) {
      return entity.name == link.from || entity.name == link.to;
    });
    if (is_theirs && !store.remove(link)) return store.failure();
  }
  return store.forget(found) ? answered(done("Entities deleted")) : store.failure();
}

Outcome delete_observations(const ToolCall& call) {
  const auto objects = objects_in(call, "deletions", kDeletion);
  if (!objects) return {.error = objects.error()};
  GraphStore store(call);
  for (const std::string_view json : *objects) {
    std::optional<Entity> there;
    if (!store.find(text_of(json, "entityName"), there)) return store.failure();
    if (!there || there->is_forgotten) continue;
    const std::vector<std::string> gone = strings_in(json, "observations");
    const auto removed = std::erase_if(there->observations, [&](const std::string& observation) {
      return std::ranges::count(gone, observation) > 0;
    });
    if (removed > 0 && !store.keep(*there)) return store.failure();
  }
  return answered(done("Observations deleted"));
}

Outcome delete_relations(const ToolCall& call) {
  const auto objects = objects_in(call, "relations", kRelation);
  if (!objects) return {.error = objects.error()};
  GraphStore store(call);
  for (const std::string_view json : *objects) {
    if (!store.remove(read_link(json))) return store.failure();
  }
  return answered(done("Relations deleted"));
}

Outcome read_graph(const ToolCall& call) {
  GraphStore store(call);
  Graph graph;
  return store.read(graph) ? graph_answer(graph) : store.failure();
}

Outcome search_nodes(const ToolCall& call) {
  GraphStore store(call);
  Graph graph;
  return store.search(call.given().text("query"), graph) ? graph_answer(graph) : store.failure();
}

Outcome open_nodes(const ToolCall& call) {
  GraphStore store(call);
  Graph graph;
  for (const std::string& name : call.given().texts("names")) {
    std::optional<Entity> there;
    if (!store.find(name, there)) return store.failure();
    if (there && !there->is_forgotten) graph.entities.push_back(*std::move(there));
  }
  return store.links_of(graph.entities, graph.links) ? graph_answer(graph) : store.failure();
}

Tool changing(std::string_view name, std::string_view title, std::string_view help,
              std::span<const Param> params, Param answer, Outcome (*run)(const ToolCall&),
              Effect effect = Effect::kWrite) {
  return {
      .face = {.name = name, .effect = effect, .help = help, .params = params, .answer = answer},
      .title = title,
      .run = run};
}
Tool reading(std::string_view name, std::string_view title, std::string_view help,
             std::span<const Param> params, Outcome (*run)(const ToolCall&)) {
  return {.face = {.name = name,
                   .help = help,
                   .params = params,
                   .answer = object({}, kGraph, "A part of the graph, or all of it")},
          .title = title,
          .recalls = true,
          .run = run};
}

std::vector<Tool> made_of_graph() {
  return {
      changing("create_entities", "Create entities",
               "Makes entities of the knowledge graph; one whose name is there stays as it is",
               kEntities, object({}, kEntities, "Those that are new"), &create_entities),
      changing("create_relations", "Create relations",
               "Makes relations between entities that are there", kRelations,
               object({}, kRelations, "Those that are new"), &create_relations),
      changing("add_observations", "Add observations", "Adds facts to entities that are there",
               kAdditions, object({}, kAddedAll, "What was new"), &add_observations),
      changing("delete_entities", "Delete entities",
               "Forgets entities, and deletes their relations", kNames, object({}, kDone, "Done"),
               &delete_entities, Effect::kDestroy),
      changing("delete_observations", "Delete observations", "Takes facts off entities", kDeletions,
               object({}, kDone, "Done"), &delete_observations, Effect::kDestroy),
      changing("delete_relations", "Delete relations", "Deletes relations between entities",
               kRelations, object({}, kDone, "Done"), &delete_relations, Effect::kDestroy),
      reading("read_graph", "Read the graph", "The whole knowledge graph", {}, &read_graph),
      reading("search_nodes", "Search the graph",
              "The entities that say something like the query, and what links them", kQuery,
              &search_nodes),
      reading("open_nodes", "Open entities", "Entities by name, and what links them", kNodes,
              &open_nodes),
  };
}

}  // namespace

Toolbox graph_tools() {
  static const std::vector<Tool> kTools = made_of_graph();
  return kTools;
}

}  // namespace tulving::serve::mcp
