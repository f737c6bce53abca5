#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/consolidation/work/cpu_share.h"
#include "tulving/maintenance.h"
#include "tulving/store.h"

namespace tulving::consolidation {

/// What became of one look at the store.
struct UpkeepReport {
  struct Run {
    std::string tenant_id;
    JobTrigger trigger = JobTrigger::kScheduled;
  };
  std::vector<Run> runs;
  std::vector<std::string> errors;
};

/// What maintenance does at each tick, without a thread of its own: decides for each tenant whether
/// a run is due, and runs it. Not thread-safe; `store` must outlive it and stay where it is.
class Upkeep {
 public:
  Upkeep(const Store& store, const MaintenanceOptions& options, CpuShare& pace);

  /// kInvalidArgument: an option is out of range. kIo: the vault cannot be written to.
  Status check() const;

  UpkeepReport tick();

 private:
  struct TenantWatch {
    std::optional<Consolidator> consolidator;  // One, since it keeps the rate limit.
    std::optional<Timestamp> last_run;
    // When the last full run began, and those that runs made since: growth beyond is new.
    std::uint64_t memories = 0;
    std::set<Uuid> urgent;  // Those that the decay agent has seen.
    // When the rate limit, by the minute, lets through some of what it put off.
    std::optional<std::chrono::steady_clock::time_point> backlog_due;
    // Of the store, when its notes were last brought up to date.
    std::optional<std::uint64_t> notes_revision;
  };

  Status watch(const std::string& tenant_id, UpkeepReport& report);
  Result<TenantWatch*> watch_of(const Tenant& tenant);
  Status collect(Tenant& tenant);
  void follow_notes(const Tenant& tenant, TenantWatch& watch, UpkeepReport& report);
  Status run_due(Tenant& tenant, TenantWatch& watch, UpkeepReport& report);
  [[nodiscard]] std::optional<JobTrigger> due(const Tenant& tenant, TenantWatch& watch) const;
  Result<std::set<Uuid>> urgent_of(const Tenant& tenant) const;
  Status run_all(const Tenant& tenant, TenantWatch& watch, JobTrigger trigger);
  Status run_urgent(const Tenant& tenant, TenantWatch& watch, std::set<Uuid> urgent);
  Status run_agents(TenantWatch& watch, std::vector<UpkeepAgent> agents);
  Status run_jobs(const Tenant& tenant, TenantWatch& watch, const std::set<std::string>& projects,
                  JobTrigger trigger);
  Status resume_jobs(const Tenant& tenant, TenantWatch& watch);
  Result<JobRunner> runner_for(const Tenant& tenant) const;
  [[nodiscard]] JobControl control() const;

  const Store& store_;
  MaintenanceOptions options_;
  CpuShare& cpu_share_;
  std::map<std::string, TenantWatch> tenants_;
};

}  // namespace tulving::consolidation
