#include "core/consolidation/jobs/running_jobs.h"

namespace tulving::consolidation {

RunningJobs& RunningJobs::instance() {
  static RunningJobs jobs;
  return jobs;
}

std::shared_ptr<JobSwitch> RunningJobs::enter(const Uuid& id) {
  const MutexLock lock(mutex_);
  const auto [place, is_new] = jobs_.try_emplace(id);
  if (!is_new) return nullptr;
  place->second = std::make_shared<JobSwitch>();
  return place->second;
}

void RunningJobs::leave(const Uuid& id) {
  const MutexLock lock(mutex_);
  jobs_.erase(id);
}

bool RunningJobs::cancel(const Uuid& id) {
  const MutexLock lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return false;
  found->second->cancelled = true;
  found->second->stop = true;
  return true;
}

}  // namespace tulving::consolidation
