#include "tulving/job_runner.h"

#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/consolidation/jobs/job_run.h"
#include "core/model/rules/rules.h"

namespace tulving {

using consolidation::JobRun;
using consolidation::JobSettings;
using consolidation::RunningJob;
using consolidation::RunningJobs;

namespace {

Status check_similarity(std::string_view name, double value) {
  if (value > 0 && value <= 1) return {};
  return invalid(fmt::format("{} is {}; must be above 0 and at most 1", name, value),
                 std::string(name));
}

Status check_options(const JobRunnerOptions& options) {
  for (const auto& [name, value] :
       {std::pair{"pattern_similarity", options.pattern_similarity},
        std::pair{"merge_similarity", options.merge_similarity},
        std::pair{"hierarchy_similarity", options.hierarchy_similarity}}) {
    if (auto status = check_similarity(name, value); !status) return status;
  }
  if (options.group_size_max < 2 || options.group_size_max > 1'000) {
    return invalid(fmt::format("group_size_max is {}; must be 2..1000", options.group_size_max),
                   "group_size_max");
  }
  if (options.changes_max < 1 || options.changes_max > model::kPlanChangesMax) {
    return invalid(fmt::format("changes_max is {}; must be 1..{}", options.changes_max,
                               model::kPlanChangesMax),
                   "changes_max");
  }
  if (options.pattern_size_min < 2 || options.pattern_size_min > options.group_size_max) {
    return invalid(fmt::format("pattern_size_min is {}; must be 2..group_size_max, {}",
                               options.pattern_size_min, options.group_size_max),
                   "pattern_size_min");
  }
  return {};
}

Error has_ended(const ConsolidationJob& job, std::string_view what) {
  return {ErrorCode::kConflict, fmt::format("job {} cannot be {}: it is {}", job.id.to_string(),
                                            what, to_string(job.status))};
}

bool is_under_way(const ConsolidationJob& job) {
  return job.status == JobStatus::kRunning || job.status == JobStatus::kPending;
}

}  // namespace

class JobRunner::Impl {
 public:
  Impl(const Store& store, Tenant tenant, const JobRunnerOptions& options)
      : store_options_(store.options()),
        thresholds_(store.thresholds()),
        tenant_(std::move(tenant)),
        options_(options) {}

  Result<ConsolidationJob> start(const JobRequest& request, const JobControl& control) {
    ConsolidationJob job;
    job.id = Uuid::random();
    job.project_id = request.project_id;
    job.scope = request.scope;
    job.trigger = request.trigger;
    job.triggered_by = request.triggered_by;
    job.retries_max = request.retries_max;
    job.status = JobStatus::kRunning;
    job.created_at = job.started_at = now();
    RunningJob running(job.id);
    auto stored = put(job);
    if (!stored) return stored;
    return run(*std::move(stored), control, running);
  }

  Result<ConsolidationJob> resume(const Uuid& id, const JobControl& control) {
    RunningJob running(id);
    if (!running) {
      return Error{ErrorCode::kBusy, fmt::format("job {} is running", id.to_string()), "id"};
    }
    auto job = tenant_.get<ConsolidationJob>(id);
    if (!job) return job;
    if (!is_under_way(*job)) return has_ended(*job, "resumed");
    if (job->retry_count >= job->retries_max) {
      job->status = JobStatus::kFailed;
      job->errors.push_back(fmt::format("it was cut short {} times; {} retries are allowed",
                                        job->retry_count + 1, job->retries_max));
      job->completed_at = now();
      return put(*job);
    }
    ++job->retry_count;
    job->status = JobStatus::kRunning;
    if (!job->started_at) job->started_at = now();
    auto stored = put(*job);
    if (!stored) return stored;
    return run(*std::move(stored), control, running);
  }

  Status cancel(const Uuid& id) {
    auto job = tenant_.get<ConsolidationJob>(id);  // First: ids of other tenants are unknown here.
    if (!job) return job.error();
    if (RunningJobs::instance().cancel(id)) return {};
    const RunningJob held(id);  // So that nobody resumes it meanwhile.
    if (!held) return cancel(id);
    job = tenant_.get<ConsolidationJob>(id);
    if (!job) return job.error();
    if (!is_under_way(*job)) return has_ended(*job, "cancelled");
    job->status = JobStatus::kCancelled;
    job->completed_at = now();
    if (auto stored = put(*job); !stored) return stored.error();
    return {};
  }

 private:
  Result<ConsolidationJob> put(const ConsolidationJob& job) {
    auto stored = tenant_.put(job);
    if (!stored) return stored.error();
    return std::move(stored->record);
  }

  [[nodiscard]] Timestamp now() const { return consolidation::now_of(store_options_); }

  Result<ConsolidationJob> run(ConsolidationJob job, const JobControl& control,
                               RunningJob& running) {
    JobSettings settings;
    settings.project_id = job.project_id;
    settings.scope = job.scope;
    settings.options = options_;
    if (options_.model.empty()) settings.options.model = tenant_.usual_model();
    settings.thresholds = thresholds_;
    settings.text_bytes_max = store_options_.text_bytes_max;
    JobRun run(
        tenant_, [this] { return now(); }, std::move(settings), control, running.control());
    return run.run(std::move(job));
  }

  // What never changes of the store, whose handle the caller may move meanwhile.
  const StoreOptions store_options_;
  const Thresholds thresholds_;
  Tenant tenant_;
  JobRunnerOptions options_;
};

JobRunner::JobRunner(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JobRunner::JobRunner(JobRunner&&) noexcept = default;
JobRunner& JobRunner::operator=(JobRunner&&) noexcept = default;
JobRunner::~JobRunner() = default;

Result<JobRunner> JobRunner::create(const Store& store, std::string_view tenant_id,
                                    const JobRunnerOptions& options) {
  if (auto status = check_options(options); !status) return status.error();
  auto tenant = store.tenant(tenant_id);
  if (!tenant) return tenant.error();
  return JobRunner(std::make_unique<Impl>(store, *std::move(tenant), options));
}

Result<ConsolidationJob> JobRunner::start(const JobRequest& request, const JobControl& control) {
  return impl_->start(request, control);
}

Result<ConsolidationJob> JobRunner::resume(Uuid job_id, const JobControl& control) {
  return impl_->resume(job_id, control);
}

Status JobRunner::cancel(Uuid job_id) { return impl_->cancel(job_id); }

}  // namespace tulving
