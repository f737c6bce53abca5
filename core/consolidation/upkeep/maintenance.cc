#include "tulving/maintenance.h"

#include <exception>
#include <system_error>
#include <thread>

#include "core/base/mutex.h"
#include "core/consolidation/upkeep/upkeep.h"
#include "core/consolidation/work/workspace.h"

// The thread of Store::start_maintenance(). It has a handle on the store of its own, so that the
// caller's may be moved, and uses the public API like anyone.

namespace tulving {

class Maintenance final : public Store::Companion {
 public:
  Maintenance(Store store, const MaintenanceOptions& options)
      : store_(std::move(store)),
        tick_(options.tick),
        cpu_share_(options.cpu_share),
        upkeep_(store_, options, cpu_share_) {}
  ~Maintenance() override { stop(); }
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

  static Status start(const Store& store, const MaintenanceOptions& options) {
    if (store.options().read_only) {
      return Error{ErrorCode::kInvalidArgument, "the store was opened read-only"};
    }
    auto maintenance = std::make_shared<Maintenance>(store.share(), options);
    if (auto status = maintenance->upkeep_.check(); !status) return status;
    if (auto status = store.share().attach(maintenance); !status) return status;
    auto status = maintenance->run();
    if (!status) stop(store);
    return status;
  }

  static void stop(const Store& store) { store.share().detach(); }

  static MaintenanceStatus status_of(const Store& store) {
    // Nothing else is ever attached.
    const auto maintenance = std::static_pointer_cast<Maintenance>(store.companion());
    return maintenance ? maintenance->status() : MaintenanceStatus();
  }

  void stop() override {
    cpu_share_.stop();
    const MutexLock lock(thread_mutex_);
    if (thread_.joinable()) thread_.join();
  }

 private:
  Status run() {
    const MutexLock lock(thread_mutex_);
    if (cpu_share_.stopped()) return {};  // The store was closed meanwhile.
    try {
      thread_ = std::thread([this] { loop(); });
    } catch (const std::system_error& error) {
      return Error{ErrorCode::kResourceExhausted,
                   std::string("no thread for maintenance: ") + error.what()};
    }
    return {};
  }

  void loop() {
    do {
      set_running();
      try {
        consolidation::UpkeepReport report;
        try {
          report = upkeep_.tick();
        } catch (const std::exception& error) {
          report.errors.emplace_back(error.what());
        }
        record(report);
      } catch (const std::bad_alloc&) {
        // There is no memory even to say so; the next turn may have it.
      }
    } while (cpu_share_.wait(tick_));
  }

  void set_running() {
    const MutexLock lock(mutex_);
    status_.running = true;
  }

  void record(const consolidation::UpkeepReport& report) {
    const MutexLock lock(mutex_);
    status_.running = false;
    ++status_.ticks;
    status_.runs += report.runs.size();
    status_.failures += report.errors.size();
    if (!report.runs.empty()) {
      status_.last_run_at = consolidation::now_of(store_);
      status_.last_trigger = report.runs.back().trigger;
    }
    if (!report.errors.empty()) status_.last_error = report.errors.back();
  }

  [[nodiscard]] MaintenanceStatus status() const {
    const MutexLock lock(mutex_);
    MaintenanceStatus status = status_;
    status.started = true;
    return status;
  }

  const Store store_;
  const std::chrono::milliseconds tick_;
  consolidation::CpuShare cpu_share_;
  consolidation::Upkeep upkeep_;
  mutable Mutex mutex_;
  MaintenanceStatus status_ ABSL_GUARDED_BY(mutex_);
  Mutex thread_mutex_;
  std::thread thread_ ABSL_GUARDED_BY(thread_mutex_);
};

Status Store::start_maintenance(const MaintenanceOptions& options) {
  return Maintenance::start(*this, options);
}

Status Store::stop_maintenance() {
  Maintenance::stop(*this);
  return {};
}

MaintenanceStatus Store::maintenance_status() const { return Maintenance::status_of(*this); }

}  // namespace tulving
