#include "core/consolidation/upkeep/upkeep.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/consolidation/work/workspace.h"
#include "tulving/consolidation_queue.h"

namespace tulving::consolidation {
namespace {

// Above this many urgent memories a newcomer is told from the others at the next full run only.
constexpr std::uint64_t kUrgentMax = 10'000;

bool is_deferred(const FindingOutcome& outcome) {
  return outcome.outcome == ItemOutcome::kDeferred;
}

bool has_deferred(const ConsolidationReport& report) {
  return std::ranges::any_of(report.decay, is_deferred) ||
         std::ranges::any_of(report.cluster, is_deferred) ||
         std::ranges::any_of(report.merge, is_deferred) ||
         std::ranges::any_of(report.promote, is_deferred) ||
         std::ranges::any_of(report.relations, is_deferred);
}

// When consolidation last changed something here; also before the store was opened.
Result<std::optional<Timestamp>> last_plan_of(const Tenant& tenant) {
  std::optional<Timestamp> last;
  auto plans = tenant.plans();
  if (!plans) return plans.error();
  for (const PlanSummary& plan : *plans) {
    if (plan.origin == "consolidate") last = std::max(last, plan.applied_at);
  }
  return last;
}

// Memories that a run added.
std::uint64_t made_by(const ConsolidationReport& report) {
  const auto made = std::ranges::count_if(report.merge, [](const MergeResult& merge) {
    return merge.outcome == ItemOutcome::kPlanned && !merge.memory_id.is_nil();
  });
  return static_cast<std::uint64_t>(made);
}

std::uint64_t made_by(const ConsolidationJob& job) {
  return job.metrics.patterns_extracted + job.metrics.merges_made + job.metrics.principles_created;
}

Result<std::set<std::string>> projects_of(const Tenant& tenant, Timestamp now) {
  std::set<std::string> projects;
  const Status status = Workspace(tenant, now).each_active([&](const MemoryView& memory) -> Status {
    projects.insert(memory.to_memory().project_id);
    return {};
  });
  if (!status) return status.error();
  projects.erase("");
  return projects;
}

}  // namespace

Upkeep::Upkeep(const Store& store, const MaintenanceOptions& options, CpuShare& pace)
    : store_(store), options_(options), cpu_share_(pace) {
  options_.consolidation.threads = 1;
}

Status Upkeep::check() const {
  using namespace std::chrono_literals;
  if (options_.tick < 1ms || options_.tick > 24h) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("tick is {} ms; must be 1 ms .. 1 day", options_.tick.count()),
                 "tick"};
  }
  if (options_.interval < 0s) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("interval is {} s; must be 0 or more", options_.interval.count()),
                 "interval"};
  }
  if (!(options_.cpu_share > 0 && options_.cpu_share <= 1)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("cpu_share is {}; must be above 0 and at most 1", options_.cpu_share),
                 "cpu_share"};
  }
  // The rest is the consolidator's to judge; any valid tenant's will do.
  auto consolidator = Consolidator::create(store_, "maintenance", options_.consolidation);
  if (!consolidator) return consolidator.error();
  return {};
}

UpkeepReport Upkeep::tick() {
  UpkeepReport report;
  for (const std::string& id : store_.tenants()) {
    if (!cpu_share_.breathe()) break;
    if (auto status = watch(id, report); !status) {
      report.errors.push_back(fmt::format("tenant \"{}\": {}", id, status.error().message));
    }
  }
  return report;
}

Status Upkeep::watch(const std::string& tenant_id, UpkeepReport& report) {
  auto tenant = store_.tenant(tenant_id);
  if (!tenant) return tenant.error();
  const bool is_first = !tenants_.contains(tenant_id);
  auto watch = watch_of(*tenant);
  if (!watch) return watch.error();
  Status collected;
  if (options_.collect) collected = collect(*tenant);
  if (is_first && options_.jobs) {
    if (auto status = resume_jobs(*tenant, **watch); !status) return status;
  }
  auto done = run_due(*tenant, **watch, report);
  if (options_.notes) follow_notes(*tenant, **watch, report);
  return done ? collected : done;
}

Status Upkeep::run_due(Tenant& tenant, TenantWatch& watch, UpkeepReport& report) {
  if (const auto trigger = due(tenant, watch)) {
    report.runs.push_back({tenant.id(), *trigger});
    return run_all(tenant, watch, *trigger);
  }
  if (!options_.urgent) return {};
  auto urgent = urgent_of(tenant);
  if (!urgent) return urgent.error();
  if (!std::ranges::includes(watch.urgent, *urgent)) {
    report.runs.push_back({tenant.id(), JobTrigger::kUrgent});
    return run_urgent(tenant, watch, *std::move(urgent));
  }
  watch.urgent = *std::move(urgent);  // One that comes back later is new again.
  return {};
}

// Memories that expire are seen to by gc, which writes; critical ones, which it leaves, when
// something else is written.
void Upkeep::follow_notes(const Tenant& tenant, TenantWatch& watch, UpkeepReport& report) {
  const std::uint64_t revision = store_.revision();
  if (watch.notes_revision == revision || tenant.vaults().empty()) return;
  watch.notes_revision = revision;
  auto notes = tulving::follow_notes(store_, tenant.id());
  if (!notes) {
    report.errors.push_back(fmt::format("tenant \"{}\": {}", tenant.id(), notes.error().message));
    return;
  }
  for (const std::string& problem : notes->problems) {
    report.errors.push_back(fmt::format("tenant \"{}\": {}", tenant.id(), problem));
  }
}

Result<Upkeep::TenantWatch*> Upkeep::watch_of(const Tenant& tenant) {
  const auto known = tenants_.find(tenant.id());
  if (known != tenants_.end()) return &known->second;
  TenantWatch watch;
  auto consolidator = Consolidator::create(store_, tenant.id(), options_.consolidation);
  if (!consolidator) return consolidator.error();
  watch.consolidator.emplace(*std::move(consolidator));
  auto last = last_plan_of(tenant);
  if (!last) return last.error();
  watch.last_run = *last;
  watch.memories = tenant.stats().memories;
  return &tenants_.emplace(tenant.id(), std::move(watch)).first->second;
}

Status Upkeep::collect(Tenant& tenant) {
  if (auto report = tenant.gc(); !report) return report.error();
  if (auto raised = tenant.queue().escalate(); !raised) return raised.error();
  return {};
}

std::optional<JobTrigger> Upkeep::due(const Tenant& tenant, TenantWatch& watch) const {
  const std::uint64_t memories = tenant.stats().memories;
  watch.memories = std::min(watch.memories, memories);  // Some were erased.
  if (options_.new_memories > 0 && memories - watch.memories >= options_.new_memories) {
    return JobTrigger::kThreshold;
  }
  const bool is_time = options_.interval.count() > 0 &&
                       (!watch.last_run || now_of(store_) - *watch.last_run >= options_.interval);
  const bool has_backlog =
      watch.backlog_due && *watch.backlog_due <= std::chrono::steady_clock::now();
  if (is_time || has_backlog) return JobTrigger::kScheduled;
  return std::nullopt;
}

Result<std::set<Uuid>> Upkeep::urgent_of(const Tenant& tenant) const {
  auto counts = tenant.decay_counts();
  if (!counts) return counts.error();
  std::set<Uuid> ids;
  if (counts->urgent == 0) return ids;
  DecayRequest request;
  request.below = store_.thresholds().forget;
  request.limit = kUrgentMax;
  auto found = tenant.decay_scores(request);
  if (!found) return found.error();
  for (const DecayedMemory& memory : found->memories) ids.insert(memory.id);
  return ids;
}

Status Upkeep::run_all(const Tenant& tenant, TenantWatch& watch, JobTrigger trigger) {
  // Also when it fails: what fails is tried again when it is next due, not at every tick.
  watch.last_run = now_of(store_);
  watch.memories = tenant.stats().memories;
  Status jobs;
  if (options_.jobs) {
    auto projects = projects_of(tenant, now_of(store_));
    if (!projects) return projects.error();
    jobs = run_jobs(tenant, watch, *projects, trigger);
  }
  if (auto status = run_agents(watch, options_.agents); !status) return status;
  auto urgent = urgent_of(tenant);
  if (!urgent) return urgent.error();
  watch.urgent = *std::move(urgent);
  return jobs;
}

Status Upkeep::run_urgent(const Tenant& tenant, TenantWatch& watch, std::set<Uuid> urgent) {
  std::set<std::string> projects;
  for (const Uuid& id : urgent) {
    if (watch.urgent.contains(id)) continue;
    if (const auto memory = tenant.get(id)) projects.insert(memory->project_id);
  }
  projects.erase("");
  watch.urgent = std::move(urgent);
  Status jobs;
  if (options_.jobs) jobs = run_jobs(tenant, watch, projects, JobTrigger::kUrgent);
  if (auto status = run_agents(watch, {UpkeepAgent::kDecay}); !status) return status;
  return jobs;
}

Status Upkeep::run_agents(TenantWatch& watch, std::vector<UpkeepAgent> agents) {
  ConsolidationRun request;
  request.agents = std::move(agents);
  request.stop = &cpu_share_.stopped();
  request.progress = [this](UpkeepAgent, double) { return cpu_share_.breathe(); };
  auto report = watch.consolidator->run(request);
  if (!report) return report.error();
  watch.memories += made_by(*report);
  watch.backlog_due.reset();
  if (has_deferred(*report)) {
    watch.backlog_due = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  }
  return {};
}

Result<JobRunner> Upkeep::runner_for(const Tenant& tenant) const {
  JobRunnerOptions options;
  options.writer = options_.consolidation.writer;
  options.threads = 1;
  options.group_size_max =
      std::max(options.pattern_size_min, options_.consolidation.cluster_size_max);
  return JobRunner::create(store_, tenant.id(), options);
}

JobControl Upkeep::control() const {
  JobControl control;
  control.stop = &cpu_share_.stopped();
  control.progress = [this](JobPhase, double) { return cpu_share_.breathe(); };
  return control;
}

Status Upkeep::run_jobs(const Tenant& tenant, TenantWatch& watch,
                        const std::set<std::string>& projects, JobTrigger trigger) {
  auto runner = runner_for(tenant);
  if (!runner) return runner.error();
  for (const std::string& project : projects) {
    if (cpu_share_.stopped()) break;  // No job is begun only to be left.
    JobRequest request;
    request.project_id = project;
    request.trigger = trigger;
    request.triggered_by = "maintenance";
    auto job = runner->start(request, control());
    if (!job) return job.error();
    watch.memories += made_by(*job);
  }
  return {};
}

Status Upkeep::resume_jobs(const Tenant& tenant, TenantWatch& watch) {
  auto jobs = list_all<ConsolidationJob>(tenant);
  if (!jobs) return jobs.error();
  auto runner = runner_for(tenant);
  if (!runner) return runner.error();
  for (const ConsolidationJob& job : *jobs) {
    if (job.status != JobStatus::kRunning) continue;
    auto resumed = runner->resume(job.id, control());
    if (resumed) {
      watch.memories += made_by(*resumed) - made_by(job);
    } else if (resumed.error().code != ErrorCode::kBusy &&
               resumed.error().code != ErrorCode::kConflict) {
      return resumed.error();
    }  // Else someone in this process runs it, or ended it just now: all the better.
  }
  return {};
}

}  // namespace tulving::consolidation
