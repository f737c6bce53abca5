// plans, plans show, plans apply, plans drop, undo.

#include <fmt/core.h>

#include <algorithm>

#include "tools/cli/command.h"
#include "tools/cli/print/json_text.h"
#include "tools/cli/print/output.h"
#include "tools/cli/print/print_preview.h"
#include "tulving/consolidation.h"
#include "tulving/json.h"

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

std::string time_text(const std::optional<Timestamp>& time) {
  return time ? format_time(*time) : std::string();
}

Result<int> run_list(const GlobalOptions& globals, const PlansCommand& command) {
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  auto plans = opened->tenant.plans();
  if (!plans) return plans.error();
  if (globals.json) {
    std::vector<JsonText> all;
    for (const PlanSummary& plan : *plans) all.push_back({to_json(plan)});
    print_json(ObjectText().set("plans", array_text(all)).done());
    return kDone;
  }
  Table table({"PLAN", "CREATED", "STATUS", "ORIGIN", "ITEMS", "CHANGES"});
  for (const PlanSummary& plan : *plans) {
    table.add_row({plan.id.to_string(), time_text(plan.created_at),
                   std::string(to_string(plan.status)), plan.origin, std::to_string(plan.items),
                   std::to_string(plan.changes)});
  }
  table.print();
  return kDone;
}

/// The plan of that id; "last": the newest, of `status` where that is given.
Result<Uuid> plan_named(const Tenant& tenant, const std::string& name,
                        std::optional<PlanStatus> status) {
  if (name != "last") {
    if (const auto id = Uuid::parse(name)) return *id;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("PLAN is \"{}\"; must be a plan's id, or last", name)};
  }
  auto plans = tenant.plans();
  if (!plans) return plans.error();
  const auto last = std::find_if(plans->rbegin(), plans->rend(), [&](const PlanSummary& plan) {
    return !status || plan.status == *status;
  });
  if (last != plans->rend()) return last->id;
  return Error{ErrorCode::kNotFound,
               fmt::format("tenant \"{}\" has no{} plan", tenant.id(),
                           status ? fmt::format(" {}", to_string(*status)) : std::string())};
}

const char* effect_of(const PlanChange& change) {
  if (!change.before) return "made";
  return change.after ? "changed" : "taken away";
}

/// What people look for in a change: which record, and the first words of it.
void add_change(Table& table, const PlanChange& change) {
  const auto& record = change.after ? change.after : change.before;
  if (!record) return;
  if (const auto* memory = std::get_if<Memory>(&*record)) {
    table.add_row({effect_of(change), "memory", memory->id.to_string(),
                   fmt::format("{}: {}", to_string(memory->status), one_line(memory->text, 200))});
  } else if (const auto* relation = std::get_if<Relation>(&*record)) {
    table.add_row({effect_of(change), "relation", relation->id.to_string(),
                   fmt::format("{} -{}-> {}", relation->source_id.to_string(),
                               relation->relation_type, relation->target_id.to_string())});
  } else {
    const auto& task = std::get<ConsolidationTask>(*record);
    table.add_row({effect_of(change), "task", task.task_id,
                   fmt::format("{}: {}", to_string(task.status), one_line(task.title, 200))});
  }
}

void print_plan(const Plan& plan, const std::vector<FindingPreview>& previews) {
  print_fields({{"id", plan.id.to_string()},
                {"origin", plan.origin},
                {"status", std::string(to_string(plan.status))},
                {"created", time_text(plan.created_at)},
                {"applied", time_text(plan.applied_at)},
                {"undone", time_text(plan.undone_at)}});
  Table items({"AGENT", "ACTION", "OUTCOME", "CONFIDENCE", "MEMORIES", "WHY"});
  for (const PlanItem& item : plan.items) {
    items.add_row({std::string(to_string(item.agent)), item.action,
                   std::string(to_string(item.outcome)),
                   item.confidence ? fmt::format("{:.2f}", *item.confidence) : std::string(),
                   std::to_string(item.inputs.size()),
                   one_line(item.error.empty() ? item.reason : item.error, 200)});
  }
  if (!plan.items.empty()) items.print();
  print_previews(previews);
  fmt::print("\n");
  Table changes({"CHANGE", "KIND", "ID", "WHAT"});
  for (const PlanChange& change : plan.changes) add_change(changes, change);
  if (!plan.changes.empty()) changes.print();
}

Result<int> run_show(const GlobalOptions& globals, const PlanCommand& command) {
  auto opened = open_tenant(globals, Access::kRead, command.group->tenant);
  if (!opened) return opened.error();
  auto id = plan_named(opened->tenant, command.plan_id, {});
  if (!id) return id.error();
  auto plan = opened->tenant.get_plan(*id);
  if (!plan) return plan.error();
  auto previews = preview_plan(opened->tenant, *plan);
  if (!previews) return previews.error();
  if (globals.json) {
    print_json(
        ObjectText().add_members(to_json(*plan)).set("preview", previews_text(*previews)).done());
  } else {
    print_plan(*plan, *previews);
  }
  return kDone;
}

void print_summary(const GlobalOptions& globals, const PlanSummary& plan) {
  if (globals.json) {
    print_json(JsonText{to_json(plan)});
  } else {
    fmt::print("{} plan {}, {} changes\n", to_string(plan.status), plan.id.to_string(),
               plan.changes);
  }
}

using Change = Result<PlanSummary> (Tenant::*)(Uuid);

template <Change kChange>
Result<int> run_change(const GlobalOptions& globals, const PlanCommand& command) {
  auto opened = open_tenant(globals, Access::kWrite, command.group->tenant);
  if (!opened) return opened.error();
  auto id = plan_named(opened->tenant, command.plan_id, PlanStatus::kProposed);
  if (!id) return id.error();
  auto plan = (opened->tenant.*kChange)(*id);
  if (!plan) return plan.error();
  if (auto closed = close_store(opened->store); !closed) return closed.error();
  print_summary(globals, *plan);
  return kDone;
}

// By the agents rather than the tenant: the notes that the plan wrote go, too.
Result<int> run_undo(const GlobalOptions& globals, const PlanCommand& command) {
  auto opened = open_tenant(globals, Access::kWrite, command.group->tenant);
  if (!opened) return opened.error();
  auto id = plan_named(opened->tenant, command.plan_id, PlanStatus::kApplied);
  if (!id) return id.error();
  ConsolidationOptions options;
  options.vault = command.vault;
  auto consolidator = Consolidator::create(opened->store, command.group->tenant, options);
  if (!consolidator) return consolidator.error();
  auto plan = consolidator->undo(*id);
  if (!plan) return plan.error();
  if (auto closed = close_store(opened->store); !closed) return closed.error();
  print_summary(globals, *plan);
  return kDone;
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
  // The overload that takes an id.
  add_plan_command(*group, line, plans, "apply", "Applies a proposed plan",
                   run_change<static_cast<Change>(&Tenant::apply_plan)>);
  add_plan_command(*group, line, plans, "drop", "Marks a proposed plan as not to be applied",
                   run_change<&Tenant::drop_plan>);
  add_plan_command(line.app, line, std::make_shared<PlansCommand>(), "undo",
                   "Puts everything back as it was before a plan", run_undo);
}

}  // namespace tulving::tools
