// Consolidation, its plans and its tasks.

#include <array>

#include "tools/serve/mcp/tools/tool_json.h"
#include "tools/serve/mcp/tools/toolboxes.h"

namespace tulving::serve::mcp {
namespace {

using namespace params;
using json::ObjectWriter;

constexpr std::array<std::string_view, 5> kAgentNames = {"decay", "cluster", "merge", "promote",
                                                         "relations"};
constexpr std::array<std::string_view, 4> kStatuses = {"open", "in_progress", "blocked", "closed"};
constexpr std::array<std::string_view, 4> kWaits = {"not_needed", "waiting", "approved",
                                                    "rejected"};
constexpr std::array<std::string_view, 2> kDecide = {"approve", "reject"};

constexpr Param plan_id() {
  return text("plan_id", "Its id, as list_plans has it; last: the newest").required();
}
constexpr std::array kPreview = {
    word("agents", kAgentNames, "Which; default: all").list(),
    boolean("propose", "Keep the plan, so that apply_plan can apply it"),
};
constexpr std::array kPlanOnly = {plan_id()};
constexpr std::array kTasks = {
    word("agent", kAgentNames, "Only this agent's"),
    word("status", kStatuses, "Only those that stand so"),
    word("approval", kWaits, "Only those; waiting: for a person"),
    integer("limit", "Tasks at most").range(1, 1000).by_default("50"),
};
constexpr std::array kDecision = {
    text("task_id", "Its id, as list_tasks has it").required(),
    word("decision", kDecide, "What a person decided").required(),
};

Outcome preview_consolidation(const ToolCall& call) {
  std::string text;
  ObjectWriter out(text);
  add_given(out, call.given(), "agents");
  if (call.given().flag("propose")) {
    out.member("propose", true);
  } else {
    out.member("dry_run", true);
  }
  out.close();
  return call.ask("consolidate", text);
}

Outcome list_plans(const ToolCall& call) { return call.ask("plan.list", "{}"); }

Outcome ask_about_plan(const ToolCall& call, std::string_view operation) {
  std::string text;
  ObjectWriter out(text);
  add_given(out, call.given(), "plan_id", "plan");
  out.close();
  return call.ask(operation, text);
}
Outcome apply_plan(const ToolCall& call) { return ask_about_plan(call, "plan.apply"); }
Outcome undo_plan(const ToolCall& call) { return ask_about_plan(call, "plan.undo"); }

Outcome list_tasks(const ToolCall& call) {
  std::string text;
  ObjectWriter out(text);
  add_all(out, call.given(), {"agent", "status", "approval", "limit"});
  out.close();
  return call.ask("consolidation_task.list", text);
}

Outcome decide_task(const ToolCall& call) {
  std::string text;
  ObjectWriter out(text);
  add_given(out, call.given(), "task_id");
  out.close();
  return call.ask(call.given().text("decision") == "approve" ? "queue.approve" : "queue.reject",
                  text);
}

std::vector<Tool> made_for_keeper() {
  return {
      {.face = {.name = "preview_consolidation",
                .effect = Effect::kWrite,
                .is_idempotent = false,
                .help = "What consolidation would do now, text by text. Nothing is changed; with "
                        "propose the plan is kept",
                .params = kPreview,
                .answer = answer_of("consolidate")},
       .title = "Preview a consolidation",
       .recalls = true,
       .run = &preview_consolidation},
      {.face = {.name = "list_plans",
                .help = "The plans, oldest first",
                .answer = answer_of("plan.list")},
       .title = "List plans",
       .run = &list_plans},
      {.face = {.name = "apply_plan",
                .effect = Effect::kWrite,
                .is_idempotent = false,
                .help = "Applies a proposed plan, whole or not at all; undo_plan takes it back",
                .params = kPlanOnly,
                .answer = answer_of("plan.apply")},
       .title = "Apply a plan",
       .run = &apply_plan},
      {.face = {.name = "undo_plan",
                .effect = Effect::kDestroy,
                .is_idempotent = false,
                .help = "Takes an applied plan back: what it changed is as it was",
                .params = kPlanOnly,
                .answer = answer_of("plan.undo")},
       .title = "Undo a plan",
       .run = &undo_plan},
      {.face = {.name = "list_tasks",
                .help = "What consolidation left for a person or an agent to decide or do",
                .params = kTasks,
                .answer = answer_of("consolidation_task.list")},
       .title = "List tasks",
       .recalls = true,
       .run = &list_tasks},
      {.face = {.name = "decide_task",
                .effect = Effect::kWrite,
                .is_idempotent = false,
                .help = "Approves or rejects a task that waits for a person",
                .params = kDecision,
                .answer = answer_of("queue.approve")},
       .title = "Decide a task",
       .run = &decide_task},
  };
}

}  // namespace

Toolbox keeper_tools() {
  static const std::vector<Tool> kTools = made_for_keeper();
  return kTools;
}

}  // namespace tulving::serve::mcp
