// plans, plans show, plans results, plans apply, plans drop, undo.

#include "tools/cli/call/run_call.h"

namespace tulving::tools {

namespace {

struct PlansCommand {
  std::string tenant;
};

struct PlanCommand {
  std::string vault;
  std::shared_ptr<PlansCommand> group;
  std::string plan_id;
};

OperationCall call_of(std::string_view operation, const PlanCommand& command) {
  OperationCall call(operation);
  call.text("tenant_id", command.group->tenant).text("plan", command.plan_id, "PLAN");
  return call;
}

Result<int> run_list(const GlobalOptions& globals, const PlansCommand& command) {
  OperationCall call("plan.list");
  call.text("tenant_id", command.tenant);
  return run_call(globals, call, {&print_plans});
}

Result<int> run_show(const GlobalOptions& globals, const PlanCommand& command) {
  return run_call(globals, call_of("plan.get", command), {&print_plan});
}

Result<int> run_results(const GlobalOptions& globals, const PlanCommand& command) {
  return run_call(globals, call_of("plan.results", command), {&print_agent_results});
}

Result<int> run_apply(const GlobalOptions& globals, const PlanCommand& command) {
  return run_call(globals, call_of("plan.apply", command), {&print_plan_summary});
}

Result<int> run_drop(const GlobalOptions& globals, const PlanCommand& command) {
  return run_call(globals, call_of("plan.drop", command), {&print_plan_summary});
}

Result<int> run_undo(const GlobalOptions& globals, const PlanCommand& command) {
  OperationCall call = call_of("plan.undo", command);
  call.text_if_any("vault", command.vault);
  return run_call(globals, call, {&print_plan_summary});
}

CLI::Option* add_tenant(CLI::App* command, PlansCommand& options) {
  return command->add_option("--tenant", options.tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
}

void add_plan_command(CLI::App& parent, const CommandLine& line,
                      const std::shared_ptr<PlansCommand>& plans, const char* name,
                      const char* description,
                      Result<int> (*run)(const GlobalOptions&, const PlanCommand&)) {
  auto options = std::make_shared<PlanCommand>();
  options->group = plans;
  CLI::App* command = add_command(parent, line, name, description, options, run);
  command->add_option("PLAN", options->plan_id, "The plan's id; last: the newest that can be")
      ->required()
      ->type_name("");
  if (&parent == &line.app) {
    add_tenant(command, *plans);
    command->add_option("--vault", options->vault, "Where the notes are that the plan wrote")
        ->type_name("DIR");
  }
}

}  // namespace

void add_plan_commands(const CommandLine& line) {
  auto plans = std::make_shared<PlansCommand>();
  CLI::App* group = add_listing_group(line, "plans", "Lists what consolidation changed, or would",
                                      plans, run_list);
  add_tenant(group, *plans);
  add_plan_command(*group, line, plans, "show", "Shows a plan's findings and changes", run_show);
  add_plan_command(*group, line, plans, "results",
                   "Shows a plan's findings as agent_result records", run_results);
  add_plan_command(*group, line, plans, "apply", "Applies a proposed plan", run_apply);
  add_plan_command(*group, line, plans, "drop", "Marks a proposed plan as not to be applied",
                   run_drop);
  add_plan_command(line.app, line, std::make_shared<PlansCommand>(), "undo",
                   "Puts everything back as it was before a plan", run_undo);
}

}  // namespace tulving::tools
