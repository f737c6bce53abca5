#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

/// The five agents that look after a store, in the order in which the pipeline runs them; an AI
/// agent whose memories it keeps is an agent_id. Reach the disk: never renumber.
enum class UpkeepAgent : std::uint8_t {
  kDecay = 0,
  kCluster = 1,
  kMerge = 2,
  kPromote = 3,
  kRelations = 4,
};

/// How soon a task wants doing.
enum class Urgency : std::uint8_t { kLow = 0, kMedium = 1, kHigh = 2 };

/// Open -> in progress -> closed; or blocked with an error, from which a retry opens it again.
enum class ConsolidationTaskStatus : std::uint8_t {
  kOpen = 0,
  kInProgress = 1,
  kBlocked = 2,
  kClosed = 3
};

/// Whether a person has to look before a task is done.
enum class Approval : std::uint8_t {
  kNotNeeded = 0,
  kWaiting = 1,
  kApproved = 2,
  kRejected = 3,
};

/// A piece of consolidation work: the queue that agents take from, and the trail of what they did.
/// One per agent and set of memories: its id is derived from both and the tenant, so the same
/// finding is the same task. Stored with the tenant's records; reaches Postgres as
/// cortex.consolidation_tasks.
struct ConsolidationTask {
  std::string task_id;                      ///< 1..64 characters. Empty on put: derived, see above.
  std::string title;                        ///< 1..500 characters.
  UpkeepAgent agent = UpkeepAgent::kMerge;  ///< Who does it; label "consolidation:<agent>".
  Urgency urgency = Urgency::kMedium;       ///< Label "urgency:<level>".
  std::vector<std::string> labels;          ///< Any others, 1..64 characters each.
  std::int32_t priority = 2;  ///< 1 (first) .. 3. Rises by one each 7 days a task waits.
  ConsolidationTaskStatus status = ConsolidationTaskStatus::kOpen;
  Approval approval = Approval::kNotNeeded;

  std::string action;                ///< What is to be done: "merge", "link", "gc", "reinforce".
  std::vector<Uuid> memory_ids;      ///< Ascending, without duplicates.
  std::optional<double> score;       ///< Decay score, 0..1.
  std::optional<double> cohesion;    ///< Mean pairwise cosine, -1..1.
  std::optional<double> confidence;  ///< 0..1.
  std::string notes;                 ///< Other members of the notes, a JSON object. Empty: none.

  std::int32_t retry_count = 0;            ///< 0..3.
  std::string error;                       ///< Why it is blocked, or was last.
  std::optional<Timestamp> retry_at;       ///< Not to be claimed before; set when it blocks.
  std::string claimed_by;                  ///< <= 255 characters. Empty unless in progress.
  std::optional<Timestamp> claimed_until;  ///< Another may claim it from then on: its worker died.

  std::optional<Timestamp> created_at;  ///< Empty on put: now.
  std::optional<Timestamp> updated_at;
  std::optional<Timestamp> closed_at;

  /// Members of the beads tracker's line that are not ours (a JSON object), kept for its next
  /// export.
  std::string tracker_fields;
  std::uint64_t revision = 0;  ///< Set by the store.

  friend bool operator==(const ConsolidationTask&, const ConsolidationTask&) = default;
};

/// Most retries of a task; after them it stays blocked until someone opens it.
inline constexpr std::int32_t kConsolidationTaskRetriesMax = 3;

/// Who wants a task, and which.
struct ConsolidationTaskClaim {
  std::string worker;                ///< 1..255 characters; what close() and fail() are given.
  std::optional<UpkeepAgent> agent;  ///< Empty: any.
  std::chrono::seconds lease{600};   ///< Another may take the task after that. 1 s .. 1 day.
};

/// Which tasks to list. Empty members let all through.
struct ConsolidationTaskFilter {
  std::optional<UpkeepAgent> agent;
  std::optional<ConsolidationTaskStatus> status;
  std::optional<Approval> approval;
  std::optional<Uuid> memory_id;
  std::string label;  ///< One that the task must have, derived ones ("urgency:high") included.
};

// Names as they stand in JSON, labels and Postgres: "decay", "high", "in_progress", "waiting".
[[nodiscard]] std::string_view to_string(UpkeepAgent agent) noexcept;
[[nodiscard]] std::string_view to_string(Urgency urgency) noexcept;
[[nodiscard]] std::string_view to_string(ConsolidationTaskStatus status) noexcept;
[[nodiscard]] std::string_view to_string(Approval approval) noexcept;
[[nodiscard]] std::optional<UpkeepAgent> parse_upkeep_agent(std::string_view name) noexcept;
[[nodiscard]] std::optional<Urgency> parse_urgency(std::string_view name) noexcept;
[[nodiscard]] std::optional<ConsolidationTaskStatus> parse_consolidation_task_status(
    std::string_view name) noexcept;
[[nodiscard]] std::optional<Approval> parse_approval(std::string_view name) noexcept;

}  // namespace tulving
