// job.start, job.resume, job.cancel.

#include <array>

#include "core/operations/answer.h"
#include "core/operations/remarks.h"
#include "core/operations/table/groups.h"
#include "core/operations/table/words.h"
#include "tulving/job_runner.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array kStart = {
    tenant(),
    text("project_id", "The project").required(),
    time("created_from", "Memories created from then on"),
    time("created_until", "And before then"),
    text("memory_types", "Of these memory types; default: all").list(),
    boolean("all", "Also what a merge or pattern holds already"),
    word("trigger", kTriggers, "Why it is started").by_default("\"manual\""),
    text("triggered_by", "Who started it"),
};
constexpr std::array kJob = {tenant(), uuid("id", "The job").required()};

constexpr std::string_view kKind = "consolidation_job";

JobTrigger trigger_named(const std::string& name) {
  for (const auto trigger : {JobTrigger::kScheduled, JobTrigger::kThreshold, JobTrigger::kUrgent}) {
    if (to_string(trigger) == name) return trigger;
  }
  return JobTrigger::kManual;
}

/// Runs `act` with the tenant's runner, and answers the job.
template <class Act>
Status with_runner(const Running& running, const Act& act) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  JobRunnerOptions options;
  options.writer = running.service.options().writer;
  auto runner = JobRunner::create(running.store(), handle->id(), options);
  if (!runner) return runner.error();
  Result<ConsolidationJob> job = act(*handle, *runner);
  if (!job) return job.error();
  running.answer.json += to_json(*job);
  return {};
}

Status run_start(const Running& running) {
  const Arguments& given = running.arguments;
  JobRequest request;
  request.project_id = given.text("project_id");
  request.scope = {given.time("created_from"), given.time("created_until"),
                   given.texts("memory_types"), !given.flag("all")};
  request.trigger = trigger_named(given.text("trigger"));
  request.triggered_by = given.text("triggered_by");
  return with_runner(running, [&](const Tenant& tenant, JobRunner& runner) {
    remark_missing_project(tenant, request.project_id, running.answer.remarks);
    return runner.start(request);
  });
}

Status run_resume(const Running& running) {
  return with_runner(running, [&](const Tenant&, JobRunner& runner) {
    return runner.resume(running.arguments.uuid("id").value_or(Uuid()));
  });
}

Status run_cancel(const Running& running) {
  return with_runner(running, [&](const Tenant& tenant, JobRunner& runner) {
    const Uuid id = running.arguments.uuid("id").value_or(Uuid());
    auto status = runner.cancel(id);
    return status ? tenant.get<ConsolidationJob>(id) : Result<ConsolidationJob>(status.error());
  });
}

const Operation kOperations[] = {
    {.name = "job.start",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Extracts patterns, merges and principles from a project's memories; each phase is a "
             "plan",
     .params = kStart,
     .answer = record({}, kKind, "The job, which has ended"),
     .run = &run_start},
    {.name = "job.resume",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Goes on with a job that a killed process left",
     .params = kJob,
     .answer = record({}, kKind, "The job, which has ended"),
     .run = &run_resume},
    {.name = "job.cancel",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Cancels a job that runs, or that a killed process left",
     .params = kJob,
     .answer = record({}, kKind, "The job, afterwards"),
     .run = &run_cancel},
};

}  // namespace

std::span<const Operation> job_operations() { return kOperations; }

}  // namespace tulving::operations
