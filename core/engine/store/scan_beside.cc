#include "core/engine/store/scan_beside.h"

#include <deque>
#include <future>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/mutex.h"

namespace tulving::engine {
namespace {

using Batch = std::vector<ScannedRow>;

// Many rows a batch, so that handing one over costs nothing; few batches, so that they stay in the
// cache. A tenant of fewer rows than one has no thread.
constexpr std::size_t kRowsPerBatch = 512;
constexpr std::size_t kBatchesMax = 4;

/// Batches on their way from one thread to another.
class Belt {
 public:
  /// Waits for room. False: nobody takes any more.
  bool put(Batch batch) {
    MutexLock lock(mutex_);
    while (batches_.size() == kBatchesMax && !is_stopped_) changed_.wait(mutex_);
    if (is_stopped_) return false;
    batches_.push_back(std::move(batch));
    changed_.notify_all();
    return true;
  }
  /// Waits for a batch. Empty: none comes any more.
  std::optional<Batch> take() {
    MutexLock lock(mutex_);
    while (batches_.empty() && !is_ended_) changed_.wait(mutex_);
    if (batches_.empty()) return std::nullopt;
    Batch batch = std::move(batches_.front());
    batches_.pop_front();
    changed_.notify_all();
    return batch;
  }
  void end() {  ///< By who puts.
    const MutexLock lock(mutex_);
    is_ended_ = true;
    changed_.notify_all();
  }
  void stop() {  ///< By who takes.
    const MutexLock lock(mutex_);
    is_stopped_ = true;
    changed_.notify_all();
  }

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  std::deque<Batch> batches_ ABSL_GUARDED_BY(mutex_);
  bool is_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

class ScanBeside {
 public:
  explicit ScanBeside(const BatchVisitor& visit) : visit_(visit) {}
  ~ScanBeside() { belt_.end(); }  // Before the future waits for the thread.
  ScanBeside(const ScanBeside&) = delete;
  ScanBeside& operator=(const ScanBeside&) = delete;

  Status add(std::string_view key, std::string_view value) {
    if (batch_.capacity() == 0) batch_.reserve(kRowsPerBatch);
    batch_.push_back({{key.begin(), key.end()}, std::string(value)});
    return batch_.size() < kRowsPerBatch ? Status() : hand_over();
  }

  /// `scanned`: how the scan ended. What a visit answered comes first.
  Status finish(Status scanned) {
    if (!visitor_.valid()) return scanned ? visit_(batch_) : scanned;
    if (scanned) static_cast<void>(belt_.put(std::move(batch_)));
    belt_.end();
    if (auto visited = visitor_.get(); !visited) return visited;
    return scanned;
  }

 private:
  Status hand_over() {
    Batch batch = std::exchange(batch_, {});
    if (!visitor_.valid()) start();
    if (!visitor_.valid()) return visit_(batch);
    if (belt_.put(std::move(batch))) return {};
    return Error{ErrorCode::kCorruption, "a row before was refused"};  // finish() says which.
  }

  void start() {
    try {
      visitor_ = std::async(std::launch::async, [this] { return take_all(); });
    } catch (const std::system_error&) {  // No thread: the rows are visited here.
    }
  }

  Status take_all() {
    try {
      while (auto batch = belt_.take()) {
        if (auto status = visit_(*batch); !status) {
          belt_.stop();
          return status;
        }
      }
    } catch (...) {  // Handed on by the future.
      belt_.stop();
      throw;
    }
    return {};
  }

  const BatchVisitor& visit_;
  Batch batch_;
  Belt belt_;
  std::future<Status> visitor_;  // Goes first, and waits for the thread.
};

}  // namespace

Status scan_beside(const storage::JournalReader& reader, storage::Table table,
                   std::string_view prefix, const BatchVisitor& visit) {
  ScanBeside beside(visit);
  return beside.finish(reader.scan(
      table, prefix,
      [&](std::string_view key, std::string_view value) { return beside.add(key, value); }));
}

}  // namespace tulving::engine
