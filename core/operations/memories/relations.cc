// relation.put and relation.erase, by the ends' names; related. The rest follows from the kind.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/operations/answer.h"
#include "core/operations/table/groups.h"
#include "tulving/number.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array<std::string_view, 3> kDirections = {"out", "in", "both"};

constexpr Param type() {
  return text("relation_type", "The relation's type").by_default("\"related\"");
}
constexpr std::array kPut = {
    tenant(),
    text("source", "Where it starts: id or external id").required(),
    text("target", "Where it ends").required(),
    type(),
    number("strength", "How close").range(0, 1).by_default("1"),
    number("confidence", "How sure").range(0, 1),
    any("metadata", "A JSON object"),
};
constexpr std::array kErase = {
    tenant(),
    uuid("id", "The link; or, in its place, the next three"),
    text("source", "Where it starts: id or external id"),
    text("target", "Where it ends"),
    type(),
};
constexpr std::array kErased = {record("removed", "relation", "As it was").required()};
constexpr std::array kRelated = {
    tenant(),
    text("id", "Id or external id").required(),
    integer("hops_max", "Links followed").range(1, 8).by_default("1"),
    text("types", "Relation types followed; default: all").list(),
    word("direction", kDirections, "Which way").by_default("\"both\""),
    integer("limit", "Memories at most").range(1, 10'000).by_default("100"),
};
constexpr std::array kHit = {
    record("memory", "memory", "The memory").required(),
    integer("hops", "Links from the one asked about").required(),
    number("strength", "Product of the strengths along the way").required(),
    text("relation_type", "Of the last link").required(),
    uuid("via", "The memory before it on the way").required(),
};
constexpr std::array kHits = {
    uuid("id", "The memory asked about").required(),
    object("related", kHit, "Nearest first, then by strength; each once").list().required(),
};

/// The triple that the parameters name.
Result<Relation> relation_named(const Tenant& tenant, const Arguments& given) {
  auto source = tenant.resolve(given.text("source"));
  if (!source) return source.error();
  auto target = tenant.resolve(given.text("target"));
  if (!target) return target.error();
  Relation relation;
  relation.source_id = *source;
  relation.target_id = *target;
  relation.relation_type = given.text("relation_type");
  return relation;
}

Status run_put(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto relation = relation_named(*handle, running.arguments);
  if (!relation) return relation.error();
  relation->strength = running.arguments.number("strength").value_or(relation->strength);
  relation->confidence = running.arguments.number("confidence");
  relation->metadata = running.arguments.json("metadata");
  auto done = handle->put(*relation);
  if (!done) return done.error();
  running.answer.json += to_json_line(handle->id(), done->record);
  return {};
}

/// The link of these ends and this type.
Result<Relation> relation_of_ends(const Tenant& handle, const Arguments& given) {
  auto wanted = relation_named(handle, given);
  if (!wanted) return wanted.error();
  auto relations = list_all<Relation>(handle, {.filter = {wanted->source_id}});
  if (!relations) return relations.error();
  const auto found = std::ranges::find_if(*relations, [&](const Relation& relation) {
    return relation.source_id == wanted->source_id && relation.target_id == wanted->target_id &&
           relation.relation_type == wanted->relation_type;
  });
  if (found == relations->end()) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("no relation of type \"{}\" from {} to {}", wanted->relation_type,
                             wanted->source_id.to_string(), wanted->target_id.to_string())};
  }
  return *found;
}

Status run_erase(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  const Arguments& given = running.arguments;
  const bool has_ends = given.has("source") && given.has("target");
  if (given.has("id") ? given.has("source") || given.has("target") : !has_ends) {
    return Error{ErrorCode::kInvalidArgument,
                 "id is missing; a link is named by it, or by source and target", "id"};
  }
  const auto found = given.has("id") ? handle->get<Relation>(given.uuid("id").value_or(Uuid()))
                                     : relation_of_ends(*handle, given);
  if (!found) return found.error();
  if (auto status = handle->erase<Relation>(found->id); !status) return status;
  ObjectWriter out(running.answer.json);
  out.key("removed") += to_json_line(handle->id(), *found);
  out.close();
  return {};
}

Status run_related(const Running& running) {
  const Arguments& given = running.arguments;
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto id = handle->resolve(given.text("id"));
  if (!id) return id.error();
  RelatedRequest request;
  request.hops_max = static_cast<std::uint32_t>(given.integer("hops_max"));
  request.types = given.texts("types");
  request.limit = static_cast<std::uint32_t>(given.integer("limit"));
  request.outgoing = given.text("direction") != "in";
  request.incoming = given.text("direction") != "out";
  auto hits = handle->related(*id, request);
  if (!hits) return hits.error();
  ObjectWriter out(running.answer.json);
  out.member("id", *id);
  json::append_array(out.key("related"), *hits, [&](std::string& to, const RelatedHit& hit) {
    ObjectWriter object(to);
    append_memory(object.key("memory"), handle->id(), hit.memory.to_memory());
    object.member("hops", hit.hops);
    object.key("strength") += Number(hit.strength).text();
    object.member("relation_type", hit.relation_type);
    object.member("via", hit.via);
    object.close();
  });
  out.close();
  return {};
}

const Operation kRelationTable[] = {
    {.name = "relation.put",
     .effect = Effect::kWrite,
     .help = "Links two memories; a link of the same ends and type is replaced",
     .params = kPut,
     .answer = record({}, "relation", "The link"),
     .run = &run_put},
    {.name = "relation.erase",
     .effect = Effect::kDestroy,
     .is_idempotent = false,
     .help = "Removes the link of this source, target and type",
     .params = kErase,
     .answer = object({}, kErased, "What was removed"),
     .run = &run_erase},
    {.name = "related",
     .help = "The memories that a memory is linked to, over some links",
     .params = kRelated,
     .answer = object({}, kHits, "The memories"),
     .run = &run_related},
};

}  // namespace

std::span<const Operation> relation_operations() { return kRelationTable; }

}  // namespace tulving::operations
