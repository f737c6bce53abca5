#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tulving/consolidation_tasks.h"
#include "tulving/result.h"
#include "tulving/store.h"

namespace tulving {

/// A tenant's consolidation tasks as a queue: open -> in progress -> closed, or blocked and tried
/// again. Tenant::queue() makes one. Cheap to copy; keep the Store alive while one is used.
///
/// Thread safety: any member from any thread. Each act is one write of the store, so of workers
/// that
///   claim at once each task goes to one.
/// Durability and errors: as for Tenant. kNotFound: no such task.
class ConsolidationQueue {
 public:
  explicit ConsolidationQueue(Tenant tenant) : tenant_(std::move(tenant)) {}

  /// Puts a task into the queue. One whose id is there already is left as it is, and returned: the
  /// same finding is the same task. kInvalidArgument: a rule of consolidation_tasks.h. kNotFound: a
  /// memory_id is not a memory here.
  Result<ConsolidationTask> add(const ConsolidationTask& task);
  /// Takes the first task that is open and waits for nobody; or one whose retry time has come, or
  /// whose worker's lease ran out. Empty: none.
  Result<std::optional<ConsolidationTask>> claim(const ConsolidationTaskClaim& claim);
  /// The worker is done. kConflict: the task is not in its hands.
  Result<ConsolidationTask> close(std::string_view task_id, std::string_view worker);
  /// The worker could not: the task is blocked with `error`, to be retried after a minute, five and
  /// 25, at most kConsolidationTaskRetriesMax times. kConflict: the task is not in its hands.
  Result<ConsolidationTask> fail(std::string_view task_id, std::string_view worker,
                                 std::string_view error);
  /// A person's word on a task that waits for it. Rejected ones are closed. kConflict: it does not
  /// wait.
  Result<ConsolidationTask> decide(std::string_view task_id, bool approve);
  /// Opens a blocked or closed task again, with its retries.
  Result<ConsolidationTask> reopen(std::string_view task_id);
  /// Raises the priority of tasks by one for each 7 days they have waited; how many were raised.
  Result<std::uint64_t> escalate();

 private:
  Tenant tenant_;
};

}  // namespace tulving
