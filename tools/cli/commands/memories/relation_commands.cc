// relate, related.

#include <fmt/core.h>

#include <algorithm>

#include "tools/cli/command.h"
#include "tools/cli/print/json_text.h"
#include "tools/cli/print/output.h"
#include "tulving/json.h"

namespace tulving::tools {

namespace {

struct RelateCommand {
  std::string tenant;
  std::string source;
  std::string target;
  Relation relation;
  bool remove = false;
};

struct RelatedCommand {
  std::string tenant;
  std::string name;
  RelatedRequest request;
  std::string direction = "both";
};

/// Removes the relation of the triple that `wanted` names.
Result<Relation> remove_relation(Tenant& tenant, const Relation& wanted) {
  auto relations = tenant.relations(wanted.source_id);
  if (!relations) return relations.error();
  const auto found = std::ranges::find_if(*relations, [&](const Relation& relation) {
    return relation.source_id == wanted.source_id && relation.target_id == wanted.target_id &&
           relation.relation_type == wanted.relation_type;
  });
  if (found == relations->end()) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("no relation of type \"{}\" from {} to {}", wanted.relation_type,
                             wanted.source_id.to_string(), wanted.target_id.to_string())};
  }
  if (auto status = tenant.unrelate(found->id); !status) return status.error();
  return *found;
}

Result<int> run_relate(const GlobalOptions& globals, const RelateCommand& command) {
  auto opened = open_tenant(globals, Access::kWrite, command.tenant);
  if (!opened) return opened.error();
  auto source = opened->tenant.resolve(command.source);
  if (!source) return source.error();
  auto target = opened->tenant.resolve(command.target);
  if (!target) return target.error();
  Relation relation = command.relation;
  relation.source_id = *source;
  relation.target_id = *target;
  auto done =
      command.remove ? remove_relation(opened->tenant, relation) : opened->tenant.relate(relation);
  if (!done) return done.error();
  if (auto closed = close_store(opened->store); !closed) return closed.error();
  if (globals.json) {
    const JsonText relation_text{to_json_line(command.tenant, *done)};
    print_json(command.remove ? ObjectText().set("removed", relation_text).done() : relation_text);
  } else {
    fmt::print("{} {} -{}-> {}\n", command.remove ? "removed" : "related", shown(command.source),
               done->relation_type, shown(command.target));
  }
  return kDone;
}

Result<RelatedRequest> request_of(const RelatedCommand& command) {
  RelatedRequest request = command.request;
  request.outgoing = command.direction != "in";
  request.incoming = command.direction != "out";
  if (request.outgoing && request.incoming && command.direction != "both") {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("--direction is \"{}\"; must be out, in or both", command.direction)};
  }
  return request;
}

JsonText related_text(const std::string& tenant_id, const RelatedHit& hit) {
  return ObjectText()
      .set("memory", memory_text(tenant_id, hit.memory.to_memory()))
      .set("hops", hit.hops)
      .set("strength", JsonText{Number(hit.strength).text()})
      .set("relation_type", hit.relation_type)
      .set("via", hit.via.to_string())
      .done();
}

Result<int> run_related(const GlobalOptions& globals, const RelatedCommand& command) {
  auto request = request_of(command);
  if (!request) return request.error();
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  auto id = opened->tenant.resolve(command.name);
  if (!id) return id.error();
  auto hits = opened->tenant.related(*id, *request);
  if (!hits) return hits.error();
  if (globals.json) {
    std::vector<JsonText> related;
    for (const RelatedHit& hit : *hits) related.push_back(related_text(command.tenant, hit));
    print_json(ObjectText().set("id", id->to_string()).set("related", array_text(related)).done());
    return kDone;
  }
  Table table({"ID", "HOPS", "STRENGTH", "TYPE", "TEXT"});
  for (const RelatedHit& hit : *hits) {
    table.add_row({name_of(hit.memory), std::to_string(hit.hops),
                   fmt::format("{:.3f}", hit.strength), hit.relation_type,
                   one_line(hit.memory.text(), 200)});
  }
  table.print();
  return kDone;
}

}  // namespace

void add_relation_commands(const CommandLine& line) {
  auto relate = std::make_shared<RelateCommand>();
  CLI::App* command =
      add_command(line.app, line, "relate", "Links two memories", relate, run_relate);
  command->add_option("--tenant", relate->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  command->add_option("SOURCE", relate->source, "Id or external id")->required()->type_name("");
  command->add_option("TARGET", relate->target, "Id or external id")->required()->type_name("");
  command->add_option("--type", relate->relation.relation_type, "The relation's type")
      ->capture_default_str();
  CLI::Option* strength =
      command->add_option("--strength", relate->relation.strength, "0..1")->capture_default_str();
  CLI::Option* confidence =
      command->add_option("--confidence", relate->relation.confidence, "0..1");
  CLI::Option* metadata =
      command->add_option("--metadata", relate->relation.metadata, "A JSON object");
  command->add_flag("--remove", relate->remove, "Remove the link of this source, target and type")
      ->excludes(strength)
      ->excludes(confidence)
      ->excludes(metadata);

  auto related = std::make_shared<RelatedCommand>();
  command = add_command(line.app, line, "related", "Shows what a memory is linked to", related,
                        run_related);
  command->add_option("--tenant", related->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  command->add_option("ID", related->name, "Id or external id")->required()->type_name("");
  command->add_option("--hops", related->request.hops_max, "Links followed, 1..8")
      ->capture_default_str();
  command->add_option("--types", related->request.types, "Relation types followed: a,b")
      ->delimiter(',');
  command->add_option("--direction", related->direction, "out, in or both")->capture_default_str();
  command->add_option("--limit", related->request.limit, "1..10000")->capture_default_str();
}

}  // namespace tulving::tools
