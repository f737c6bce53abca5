#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "core/base/mutex.h"
#include "tulving/uuid.h"

namespace tulving::consolidation {

/// How a running job is reached by who wants it to stop.
struct JobSwitch {
  std::atomic<bool> stop = false;  ///< Watched by the phases.
  std::atomic<bool> cancelled = false;
};

/// The jobs that run in this process, by their ids, which are unique across stores. One for the
/// process, since a job may be cancelled through another runner. Thread-safe.
class RunningJobs {
 public:
  static RunningJobs& instance();

  /// Empty: it runs already.
  [[nodiscard]] std::shared_ptr<JobSwitch> enter(const Uuid& id);
  void leave(const Uuid& id);
  /// Tells a job to stop. False: it does not run.
  bool cancel(const Uuid& id);

 private:
  Mutex mutex_;
  std::map<Uuid, std::shared_ptr<JobSwitch>> jobs_ ABSL_GUARDED_BY(mutex_);
};

/// Holds a job's place for as long as it lives.
class RunningJob {
 public:
  explicit RunningJob(const Uuid& id) : id_(id), on_(RunningJobs::instance().enter(id)) {}
  ~RunningJob() {
    if (on_) RunningJobs::instance().leave(id_);
  }
  RunningJob(const RunningJob&) = delete;
  RunningJob& operator=(const RunningJob&) = delete;

  /// False: another holds it.
  [[nodiscard]] explicit operator bool() const { return on_ != nullptr; }
  [[nodiscard]] JobSwitch& control() { return *on_; }

 private:
  Uuid id_;
  std::shared_ptr<JobSwitch> on_;
};

}  // namespace tulving::consolidation
