#pragma once

#include <optional>

#include "core/consolidation/jobs/job_phase.h"
#include "core/consolidation/jobs/running_jobs.h"

namespace tulving::consolidation {

/// One run of one job, from where its record says it is to its end.
class JobRun {
 public:
  JobRun(Tenant tenant, Clock clock, JobSettings settings, const JobControl& control,
         JobSwitch& on);

  /// `job` is stored, and running.
  Result<ConsolidationJob> run(ConsolidationJob job);

 private:
  /// What one phase came to, this time.
  struct Phase {
    bool changed = false;
    bool full = false;  ///< There is more than its plan held.
    bool stopped = false;
    Status status;
  };

  Status adopt_plans();
  Phase run_phase(JobPhase phase);
  Phase run_part(JobPhase phase);
  Phase try_phase(JobPhase phase);
  Result<PhaseResult> find(JobPhase phase, Workspace& workspace);
  Status apply(JobPhase phase, Workspace& workspace, PhaseResult& found);
  void record(JobPhase phase, const Status& status);
  void record_failures(JobPhase phase, const std::vector<PlanItem>& items);
  void count(const std::vector<PlanItem>& items);
  [[nodiscard]] bool is_completed(JobPhase phase) const;
  Result<bool> run_round(bool is_first);
  Result<ConsolidationJob> finish();
  Status save();
  [[nodiscard]] Uuid plan_id(std::size_t number) const;

  Tenant tenant_;
  Clock clock_;
  JobSettings settings_;
  const JobControl& control_;
  JobSwitch& on_;
  ConsolidationJob job_;
  std::size_t failed_phases_ = 0;  // Bits, by JobPhase.
};

}  // namespace tulving::consolidation
