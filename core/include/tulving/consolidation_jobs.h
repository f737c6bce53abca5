#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

/// Names are those of the schema "consolidation". Reach the disk: never renumber.
enum class JobStatus : std::uint8_t {
  kPending = 0,
  kRunning = 1,
  kCompleted = 2,  ///< Each phase ran; `errors` lists those that failed.
  kFailed = 3,     ///< No phase succeeded, or it was cut short more than retries_max times.
  kCancelled = 4,
};

enum class JobTrigger : std::uint8_t {
  kManual = 0,
  kScheduled = 1,
  kThreshold = 2,  ///< Enough new memories.
  kUrgent = 3,  ///< A memory's decay score fell below Thresholds::forget. "threshold" in Postgres.
};

/// What a job does, in this order; one that fails does not stop the next.
enum class JobPhase : std::uint8_t {
  kPatternExtraction = 0,  ///< Groups of >= 3 at similarity 0.85 become a pattern (level 2).
  kMemoryMerging = 1,      ///< Groups at 0.95 become one memory (level 1).
  kHierarchyCreation = 2,  ///< Groups of patterns become a principle (level 3).
};

/// Which memories of the project a job looks at.
struct JobScope {
  std::optional<Timestamp> created_from;   ///< Inclusive.
  std::optional<Timestamp> created_until;  ///< Exclusive.
  std::vector<std::string> memory_types;   ///< Empty: all.
  bool unconsolidated_only = true;         ///< Leave out what a merge or pattern holds already.

  friend bool operator==(const JobScope&, const JobScope&) = default;
};

/// What a job did. Counts.
struct JobMetrics {
  std::uint64_t memories_processed = 0;
  std::uint64_t patterns_extracted = 0;
  std::uint64_t memories_merged = 0;  ///< Originals that went into a merge.
  std::uint64_t merges_made = 0;
  std::uint64_t principles_created = 0;

  friend bool operator==(const JobMetrics&, const JobMetrics&) = default;
};

/// A consolidation job over the memories of one project. Kept in the store with its progress;
/// reaches Postgres as consolidation.consolidation_jobs.
struct ConsolidationJob {
  Uuid id;                 ///< Nil on start: random.
  std::string project_id;  ///< 1..64 characters.
  JobStatus status = JobStatus::kPending;
  JobTrigger trigger = JobTrigger::kManual;
  std::string triggered_by;  ///< <= 255 characters.
  JobScope scope;
  std::vector<JobPhase> phases_completed;
  double progress = 0;  ///< 0..1.
  JobMetrics metrics;
  std::vector<Uuid> plan_ids;       ///< What it applied, a plan a phase; each can be undone.
  std::vector<std::string> errors;  ///< "pattern_extraction: ..."; one for each phase that failed.
  std::int32_t retry_count = 0;
  std::int32_t retries_max = 3;
  std::optional<Timestamp> created_at;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> completed_at;
  std::uint64_t revision = 0;  ///< Set by the store.

  friend bool operator==(const ConsolidationJob&, const ConsolidationJob&) = default;
};

[[nodiscard]] std::string_view to_string(JobStatus status) noexcept;
[[nodiscard]] std::string_view to_string(JobTrigger trigger) noexcept;
[[nodiscard]] std::string_view to_string(JobPhase phase) noexcept;

}  // namespace tulving
