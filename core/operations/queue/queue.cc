// queue.claim, queue.close, queue.fail, queue.approve, queue.reject, queue.reopen, queue.preview.

#include <array>

#include "core/operations/answer.h"
#include "core/operations/table/groups.h"
#include "core/operations/table/words.h"
#include "core/operations/upkeep/preview_members.h"
#include "tulving/consolidation_queue.h"
#include "tulving/preview.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr Param task() { return text("task_id", "The task").required(); }
constexpr Param worker() { return text("worker", "Who has it").required(); }

constexpr std::array kClaim = {
    tenant(),
    text("worker", "Who takes it, 1..255 characters").required(),
    word("agent", kAgents, "Only tasks of this agent"),
    integer("lease", "Seconds until another may take it").range(1, 86'400).by_default("600"),
};
constexpr std::array kTask = {tenant(), task()};
constexpr std::array kClose = {tenant(), task(), worker()};
constexpr std::array kFail = {tenant(), task(), worker(), text("error", "Why").required()};

constexpr std::string_view kKind = "consolidation_task";

using Change = Result<ConsolidationTask> (*)(ConsolidationQueue& queue, const Arguments& given);

template <Change kChange>
Status run_change(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  ConsolidationQueue queue = handle->queue();
  auto task = kChange(queue, running.arguments);
  if (!task) return task.error();
  running.answer.json += to_json(*task);
  return {};
}

Result<ConsolidationTask> close(ConsolidationQueue& queue, const Arguments& given) {
  return queue.close(given.text("task_id"), given.text("worker"));
}
Result<ConsolidationTask> fail(ConsolidationQueue& queue, const Arguments& given) {
  return queue.fail(given.text("task_id"), given.text("worker"), given.text("error"));
}
Result<ConsolidationTask> approve(ConsolidationQueue& queue, const Arguments& given) {
  return queue.decide(given.text("task_id"), true);
}
Result<ConsolidationTask> reject(ConsolidationQueue& queue, const Arguments& given) {
  return queue.decide(given.text("task_id"), false);
}
Result<ConsolidationTask> reopen(ConsolidationQueue& queue, const Arguments& given) {
  return queue.reopen(given.text("task_id"));
}

Status run_claim(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  ConsolidationTaskClaim claim;
  claim.worker = running.arguments.text("worker");
  claim.agent = parse_upkeep_agent(running.arguments.text("agent"));
  claim.lease = std::chrono::seconds(running.arguments.integer("lease"));
  auto task = handle->queue().claim(claim);
  if (!task) return task.error();
  running.answer.json += *task ? to_json(**task) : "null";
  return {};
}

Status run_preview(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto found = handle->get<ConsolidationTask>(running.arguments.text("task_id"));
  if (!found) return found.error();
  auto preview = preview_task(*handle, *found);
  if (!preview) return preview.error();
  running.answer.json += to_json(*preview);
  return {};
}

const Operation kQueueTable[] = {
    {.name = "queue.claim",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Takes the first task that waits",
     .params = kClaim,
     .answer = record({}, kKind, "The task; null: none waits").or_null(),
     .run = &run_claim},
    {.name = "queue.close",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Says that a task is done",
     .params = kClose,
     .answer = record({}, kKind, "The task, afterwards"),
     .run = &run_change<close>},
    {.name = "queue.fail",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Says that a task could not be done; it is tried again after a minute, five and 25",
     .params = kFail,
     .answer = record({}, kKind, "The task, afterwards"),
     .run = &run_change<fail>},
    {.name = "queue.approve",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Lets a task that waits for a person be done",
     .params = kTask,
     .answer = record({}, kKind, "The task, afterwards"),
     .run = &run_change<approve>},
    {.name = "queue.reject",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Closes a task that waits for a person",
     .params = kTask,
     .answer = record({}, kKind, "The task, afterwards"),
     .run = &run_change<reject>},
    {.name = "queue.reopen",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Opens a blocked or closed task again",
     .params = kTask,
     .answer = record({}, kKind, "The task, afterwards"),
     .run = &run_change<reopen>},
    {.name = "queue.preview",
     .help = "What doing a task would change, in the memories' own words",
     .params = kTask,
     .answer = object({}, kPreviewMembers, "The change"),
     .run = &run_preview},
};

}  // namespace

std::span<const Operation> queue_operations() { return kQueueTable; }

}  // namespace tulving::operations
