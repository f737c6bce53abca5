// plan.list, plan.get, plan.results, plan.apply, plan.drop, plan.undo.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/operations/answer.h"
#include "core/operations/table/concat.h"
#include "core/operations/table/groups.h"
#include "core/operations/table/words.h"
#include "core/operations/upkeep/preview_members.h"
#include "tulving/consolidation.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr Param plan() {
  return text("plan", "The plan's id; last: the newest that the operation can be done to")
      .required();
}
constexpr std::array kList = {tenant()};
constexpr std::array kOnePlan = {tenant(), plan()};
constexpr std::array kUndo = {
    tenant(),
    plan(),
    text("vault", "The folder where the notes are that the plan wrote"),
};

constexpr std::array kHead = {
    uuid("id", "The plan").required(),
    text("origin", "Who made it").required(),
    word("status", kPlanStatuses, "How it stands").required(),
    time("created_at", "When it was made"),
    time("applied_at", "When it was applied"),
    time("undone_at", "When it was undone"),
};
constexpr auto kSummary = concat(kHead, std::array{
                                            integer("items", "Findings").required(),
                                            integer("changes", "Records").required(),
                                            integer("revision", "Of the plan").required(),
                                        });
constexpr std::array kPlans = {object("plans", kSummary, "Oldest first").list().required()};
constexpr std::array kInput = {
    uuid("id", "A memory").required(),
    integer("revision", "As it was then").required(),
};
constexpr std::array kItem = {
    word("agent", kAgents, "Whose finding").required(),
    text("action", "What is done").required(),
    object("inputs", kInput, "The memories that it rests on").list().required(),
    number("confidence", "0..1"),
    word("decision", kDecisions, "What the confidence let the agent do").required(),
    word("outcome", kOutcomes, "What became of it").required(),
    text("task_id", "The task it opened or closed"),
    text("reason", "Which figure met which threshold"),
    any("result", "The agent's result: ids and figures"),
    text("error", "Why it failed"),
};
constexpr std::array kChange = {
    text("kind", "memory, relation or task").required(),
    text("id", "Of the record").required(),
    any("before", "The record; null: it is made").required().or_null(),
    any("after", "The record; null: it goes").required().or_null(),
};
constexpr auto kPlan = concat(
    kHead,
    std::array{
        word("agents", kAgents, "Who ran").list().required(),
        object("items", kItem, "The findings").list().required(),
        object("changes", kChange, "What becomes of each record").list().required(),
        uuid("erased", "Memories that it changed and that were erased since").list(),
        integer("revision", "Of the plan").required(),
        object("preview", kPreviewMembers, "The same in the memories' words").list().required(),
    });

constexpr std::array kResults = {
    record("agent_results", "agent_result", "In the items' order").list().required(),
};

/// The plan of that id; "last": the newest, of `status` where that is given.
Result<Uuid> plan_named(const Tenant& tenant, const std::string& name,
                        std::optional<PlanStatus> status) {
  if (name != "last") {
    if (const auto id = Uuid::parse(name)) return *id;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("plan is \"{}\"; must be a plan's id, or last", name), "plan"};
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

Status run_list(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto plans = handle->plans();
  if (!plans) return plans.error();
  ObjectWriter out(running.answer.json);
  append_all(out.key("plans"), *plans);
  out.close();
  return {};
}

Status run_get(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto id = plan_named(*handle, running.arguments.text("plan"), {});
  if (!id) return id.error();
  auto found = handle->get_plan(*id);
  if (!found) return found.error();
  auto previews = preview_plan(*handle, *found);
  if (!previews) return previews.error();
  std::string& out = running.answer.json;
  out += to_json(*found);
  out.pop_back();
  out += ",\"preview\":";
  append_all(out, *previews);
  out += '}';
  return {};
}

Status run_results(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto id = plan_named(*handle, running.arguments.text("plan"), {});
  if (!id) return id.error();
  auto found = handle->get_plan(*id);
  if (!found) return found.error();
  ObjectWriter out(running.answer.json);
  json::append_array(
      out.key("agent_results"), agent_results_of(handle->id(), *found),
      [&](std::string& to, const AgentResult& result) { append_record(to, handle->id(), result); });
  out.close();
  return {};
}

/// Does `change` to the plan that is named, of those that stand so.
template <class Change>
Status change_plan(const Running& running, PlanStatus status, const Change& change) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto id = plan_named(*handle, running.arguments.text("plan"), status);
  if (!id) return id.error();
  Result<PlanSummary> summary = change(*handle, *id);
  if (!summary) return summary.error();
  running.answer.json += to_json(*summary);
  return {};
}

Status run_apply(const Running& running) {
  return change_plan(running, PlanStatus::kProposed,
                     [](Tenant& tenant, const Uuid& id) { return tenant.apply_plan(id); });
}
Status run_drop(const Running& running) {
  return change_plan(running, PlanStatus::kProposed,
                     [](Tenant& tenant, const Uuid& id) { return tenant.drop_plan(id); });
}
// By the agents rather than the tenant: the notes that the plan wrote go, too.
Status run_undo(const Running& running) {
  return change_plan(running, PlanStatus::kApplied,
                     [&](Tenant& tenant, const Uuid& id) -> Result<PlanSummary> {
                       ConsolidationOptions options;
                       options.vault = running.arguments.text("vault");
                       auto agents = Consolidator::create(running.store(), tenant.id(), options);
                       if (!agents) return agents.error();
                       return agents->undo(id);
                     });
}

const Operation kPlanTable[] = {
    {.name = "plan.list",
     .help = "Lists what consolidation changed, or would",
     .params = kList,
     .answer = object({}, kPlans, "The plans"),
     .run = &run_list},
    {.name = "plan.get",
     .help = "A plan's findings and changes",
     .params = kOnePlan,
     .answer = object({}, kPlan, "The plan"),
     .run = &run_get},
    {.name = "plan.results",
     .help =
         "A plan's findings as agent_result records, which are derived of it and stored nowhere",
     .params = kOnePlan,
     .answer = object({}, kResults, "The results"),
     .run = &run_results},
    {.name = "plan.apply",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Applies a proposed plan, all or nothing",
     .params = kOnePlan,
     .answer = object({}, kSummary, "The plan, afterwards"),
     .run = &run_apply},
    {.name = "plan.drop",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Marks a proposed plan as not to be applied",
     .params = kOnePlan,
     .answer = object({}, kSummary, "The plan, afterwards"),
     .run = &run_drop},
    {.name = "plan.undo",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Puts everything back as it was before a plan",
     .params = kUndo,
     .answer = object({}, kSummary, "The plan, afterwards"),
     .run = &run_undo},
};

}  // namespace

std::span<const Operation> plan_operations() { return kPlanTable; }

}  // namespace tulving::operations
