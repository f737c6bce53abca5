// relate, related.

#include "tools/cli/call/run_call.h"
#include "tulving/json_members.h"

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

Result<int> run_relate(const GlobalOptions& globals, const RelateCommand& command) {
  const Relation& relation = command.relation;
  OperationCall call(command.remove ? "relation.erase" : "relation.put");
  call.text("tenant_id", command.tenant)
      .text("source", command.source)
      .text("target", command.target)
      .text("relation_type", relation.relation_type);
  if (command.remove) return run_call(globals, call, {&print_removed_relation});
  call.number("strength", relation.strength).number("confidence", relation.confidence);
  if (!relation.metadata.empty()) {
    if (auto status = check_json("metadata", relation.metadata); !status) return status.error();
    call.json("metadata", relation.metadata);
  }
  return run_call(globals, call, {&print_relation});
}

Result<int> run_related(const GlobalOptions& globals, const RelatedCommand& command) {
  OperationCall call("related");
  call.text("tenant_id", command.tenant)
      .text("id", command.name)
      .number("hops_max", command.request.hops_max)
      .texts("types", command.request.types)
      .text("direction", command.direction, "--direction")
      .number("limit", command.request.limit);
  return run_call(globals, call, {&print_related});
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
