#include "core/consolidation/jobs/job_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/consolidation/work/undone_findings.h"

namespace tulving::consolidation {
namespace {

constexpr std::array<JobPhase, 3> kPhases = {JobPhase::kPatternExtraction, JobPhase::kMemoryMerging,
                                             JobPhase::kHierarchyCreation};
// Another writer may be faster each time; then the phase has failed.
constexpr int kAttemptsMax = 5;
// A round beyond the second is rare: what a merge took away must make room for another group.
constexpr int kRoundsMax = 8;

JobPhase phase_of(const Plan& plan) {
  if (plan.items.empty() || plan.items.front().action == "merge") return JobPhase::kMemoryMerging;
  return plan.items.front().action == "pattern" ? JobPhase::kPatternExtraction
                                                : JobPhase::kHierarchyCreation;
}

}  // namespace

JobRun::JobRun(Tenant tenant, Clock clock, JobSettings settings, const JobControl& control,
               JobSwitch& on)
    : tenant_(std::move(tenant)),
      clock_(std::move(clock)),
      settings_(std::move(settings)),
      control_(control),
      on_(on) {
  settings_.stop = &on_.stop;
}

Result<ConsolidationJob> JobRun::run(ConsolidationJob job) {
  job_ = std::move(job);
  if (auto status = adopt_plans(); !status) return status.error();
  for (int rounds = 0; rounds < kRoundsMax; ++rounds) {
    auto changed = run_round(rounds == 0);
    if (!changed) return changed.error();
    if (on_.stop && !on_.cancelled) return job_;  // As a killed process leaves it.
    if (!*changed || on_.stop) break;
  }
  return finish();
}

// True: something changed, so that another round may find more.
Result<bool> JobRun::run_round(bool is_first) {
  bool changed = false;
  for (const JobPhase phase : kPhases) {
    const bool has_failed = (failed_phases_ >> static_cast<unsigned>(phase) & 1U) != 0;
    if (has_failed || (is_first && is_completed(phase))) continue;
    Phase done = run_phase(phase);
    changed = changed || done.changed;
    if (!done.stopped) record(phase, done.status);
    if (auto status = save(); !status) return status.error();
    if (done.stopped) break;
  }
  return changed;
}

void JobRun::record(JobPhase phase, const Status& status) {
  if (!status) {
    failed_phases_ |= std::size_t{1} << static_cast<unsigned>(phase);
    job_.errors.push_back(fmt::format("{}: {}", to_string(phase), status.error().message));
  } else if (!is_completed(phase)) {
    job_.phases_completed.push_back(phase);
  }
  // The last share is for the rounds that look whether there is more.
  job_.progress = std::max(job_.progress, (static_cast<double>(static_cast<unsigned>(phase)) + 1) /
                                              (kPhases.size() + 1));
}

JobRun::Phase JobRun::run_phase(JobPhase phase) {
  settings_.progress = [this, phase](double done) {
    if (control_.progress && !control_.progress(phase, done)) on_.stop = true;
    if (control_.stop != nullptr && control_.stop->load()) on_.stop = true;
    return !on_.stop.load();
  };
  // One plan, or several where there is more than one holds: the next phase comes after all of it.
  // What a plan did is not found again, so that it ends.
  Phase done;
  do {
    const bool changed = done.changed;
    done = run_part(phase);
    done.changed = done.changed || changed;
  } while (done.full && done.status && !done.stopped);
  return done;
}

JobRun::Phase JobRun::run_part(JobPhase phase) {
  Phase done;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    if (!settings_.progress(0)) {
      done.stopped = true;
      return done;
    }
    done = try_phase(phase);
    if (done.status || done.status.error().code != ErrorCode::kConflict) break;
  }
  return done;
}

JobRun::Phase JobRun::try_phase(JobPhase phase) {
  Phase done;
  Workspace workspace(tenant_, clock_(), {.changes = settings_.options.changes_max});
  auto found = find(phase, workspace);
  if (!found) {
    done.status = found.error();
    return done;
  }
  job_.metrics.memories_processed = std::max(job_.metrics.memories_processed, found->memories);
  done.stopped = found->stopped || on_.stop;
  if (done.stopped) return done;
  done.changed = workspace.changes() > 0;
  done.full = found->full;
  if (done.changed) done.status = apply(phase, workspace, *found);
  if (!done.status) {
    done.changed = false;
  } else if (done.changed) {
    if (!done.full) record_failures(phase, found->items);  // Else the next part meets them again.
  } else if (!is_completed(phase) && !found->items.empty()) {
    // Only failures change nothing.
    done.status = Error{ErrorCode::kInvalidArgument,
                        fmt::format("none of {} groups succeeded; {}", found->items.size(),
                                    found->items.front().error)};
  }
  return done;
}

Result<PhaseResult> JobRun::find(JobPhase phase, Workspace& workspace) {
  auto undone = undone_findings(tenant_);
  if (!undone) return undone.error();
  settings_.undone = *std::move(undone);
  switch (phase) {
    case JobPhase::kPatternExtraction:
      return extract_patterns(workspace, settings_);
    case JobPhase::kMemoryMerging:
      return merge_project(workspace, settings_);
    case JobPhase::kHierarchyCreation:
      return create_hierarchy(workspace, settings_);
  }
  return PhaseResult();
}

Status JobRun::apply(JobPhase phase, Workspace& workspace, PhaseResult& found) {
  Plan plan;
  plan.id = plan_id(job_.plan_ids.size());
  plan.origin = "job";
  plan.agents = {phase == JobPhase::kMemoryMerging ? UpkeepAgent::kMerge : UpkeepAgent::kCluster};
  plan.items = found.items;
  plan.changes = workspace.take_changes();
  auto applied = tenant_.apply_plan(std::move(plan));
  if (!applied) return applied.error();
  job_.plan_ids.push_back(applied->id);
  count(found.items);
  return {};
}

// The first time a phase runs; later rounds meet the same failures again.
void JobRun::record_failures(JobPhase phase, const std::vector<PlanItem>& items) {
  if (is_completed(phase)) return;
  const auto failed = std::ranges::count(items, ItemOutcome::kFailed, &PlanItem::outcome);
  if (failed == 0) return;
  const auto first = std::ranges::find(items, ItemOutcome::kFailed, &PlanItem::outcome);
  job_.errors.push_back(fmt::format("{}: {} of {} groups failed; {}", to_string(phase), failed,
                                    items.size(), first->error));
}

// A process killed between a plan and the job's progress has applied a plan that the job does not
// know. Plans go by number, so that it is found.
Status JobRun::adopt_plans() {
  while (true) {
    const Uuid id = plan_id(job_.plan_ids.size());
    auto plan = tenant_.get_plan(id);
    if (!plan && plan.error().code == ErrorCode::kNotFound) return {};
    if (!plan) return plan.error();
    job_.plan_ids.push_back(id);
    count(plan->items);
    record(phase_of(*plan), {});
  }
}

Uuid JobRun::plan_id(std::size_t number) const {
  return Uuid::derive(tenant_.id(), fmt::format("job/{}/{}", job_.id.to_string(), number));
}

void JobRun::count(const std::vector<PlanItem>& items) {
  JobMetrics& metrics = job_.metrics;
  for (const PlanItem& item : items) {
    if (item.outcome != ItemOutcome::kPlanned) continue;
    if (item.action == "pattern") ++metrics.patterns_extracted;
    if (item.action == "principle") ++metrics.principles_created;
    if (item.action != "merge") continue;
    ++metrics.merges_made;
    metrics.memories_merged += item.inputs.size();
  }
}

bool JobRun::is_completed(JobPhase phase) const {
  return std::ranges::find(job_.phases_completed, phase) != job_.phases_completed.end();
}

Result<ConsolidationJob> JobRun::finish() {
  if (on_.cancelled) {
    job_.status = JobStatus::kCancelled;
  } else {
    job_.status = job_.phases_completed.empty() ? JobStatus::kFailed : JobStatus::kCompleted;
    job_.progress = 1;
  }
  job_.completed_at = clock_();
  if (auto status = save(); !status) return status.error();
  return job_;
}

Status JobRun::save() {
  auto stored = tenant_.put(job_);
  if (!stored) return stored.error();
  job_ = std::move(stored->record);
  return {};
}

}  // namespace tulving::consolidation
