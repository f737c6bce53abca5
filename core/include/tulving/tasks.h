#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

// What an agent works on: projects, their tasks, the tasks' stages, what went wrong in them and
// what compressing them cost. Rules as in records.h. An id here is the caller's own text or a
// UUID's, 1..64 characters, compared as it is written; empty on put(): a random UUID. Where a
// database wants a UUID it is Uuid::standing_for(tenant, id). Enumerators reach the disk: never
// renumber.

/// What tasks and memories belong to. Erasing it erases its jobs, its tasks with all that is
/// theirs, and the memories of abstraction level 1 and above that name it.
struct Project {
  std::string project_id;
  std::string name;                     ///< Empty: project_id stands for it.
  std::optional<Timestamp> created_at;  ///< Empty on put(): now.
  std::uint64_t revision = 0;           ///< Set by the store.

  friend bool operator==(const Project&, const Project&) = default;
};

/// A piece of work with a goal, done in stages. Erasing it erases its stages and error records,
/// and the memories of abstraction level 0 that name it.
struct Task {
  std::string task_id;
  std::string project_id;  ///< A project, or a name of the caller's own. Empty: none.
  std::string agent_id;    ///< <= 255 characters. Whose task it is.
  std::string title;
  std::string goal;
  std::string current_stage_id;  ///< A stage, there or yet to come. Empty: none.
  std::string progress_summary;
  std::vector<std::string> critical_constraints;
  std::string performance_metrics;      ///< JSON. Empty: none.
  std::optional<Timestamp> created_at;  ///< Empty on put(): now.
  std::optional<Timestamp> updated_at;
  std::uint64_t revision = 0;  ///< Set by the store.

  friend bool operator==(const Task&, const Task&) = default;
};

enum class StageType : std::uint8_t {
  kPlanning = 0,
  kExecution = 1,
  kReflection = 2,
  kVerification = 3,
};

/// A part of a task. Memories name it in stage_id; erasing it empties that.
struct Stage {
  std::string stage_id;
  std::string task_id;   ///< Needed, and must be there.
  std::string agent_id;  ///< <= 255 characters.
  StageType stage_type = StageType::kPlanning;
  std::string summary;  ///< Empty while it is open.
  std::vector<std::string> insights;
  std::vector<Uuid> memory_refs;            ///< Its memories when it was completed, in its order.
  double relevance_score = 1;               ///< Finite.
  std::optional<double> compression_ratio;  ///< Finite.
  std::string compression_model;            ///< <= 100 characters.
  std::string quality_metrics;              ///< JSON. Empty: none.
  std::optional<Timestamp> created_at;      ///< Empty on put(): now.
  std::optional<Timestamp> updated_at;
  std::optional<Timestamp> completed_at;
  std::uint64_t revision = 0;  ///< Set by the store.

  friend bool operator==(const Stage&, const Stage&) = default;
};

enum class ErrorType : std::uint8_t {
  kHallucination = 0,
  kMissingInfo = 1,
  kIncorrectAction = 2,
  kContextDegradation = 3,
};

/// Something that went wrong in a task.
struct ErrorRecord {
  std::string error_id;
  std::string task_id;   ///< Needed, and must be there.
  std::string stage_id;  ///< Must be there. Empty: none, or it was erased.
  std::string agent_id;  ///< <= 255 characters.
  ErrorType error_type = ErrorType::kHallucination;
  std::string description;
  std::string context;  ///< What was going on.
  std::string recovery_action;
  double severity = 0;                   ///< 0..1.
  std::optional<Timestamp> recorded_at;  ///< Empty on put(): now.
  std::uint64_t revision = 0;            ///< Set by the store.

  friend bool operator==(const ErrorRecord&, const ErrorRecord&) = default;
};

/// What one compression of a stage or task took and gave.
struct CompressionMetric {
  std::string metric_id;
  std::string task_id;            ///< Must be there. Empty: none, or it was erased.
  std::string stage_id;           ///< Likewise.
  std::string compression_type;   ///< 1..50 characters.
  std::int32_t input_tokens = 0;  ///< >= 0, as the next.
  std::int32_t output_tokens = 0;
  double compression_ratio = 1;  ///< Finite, as the next two.
  std::optional<double> critical_fact_retention_rate;
  std::optional<double> coherence_score;
  double cost_usd = 0;                   ///< 0..999999.9999. Postgres keeps four decimals.
  std::string model_used;                ///< 1..100 characters.
  std::optional<Timestamp> recorded_at;  ///< Empty on put(): now.
  std::uint64_t revision = 0;            ///< Set by the store.

  friend bool operator==(const CompressionMetric&, const CompressionMetric&) = default;
};

[[nodiscard]] std::string_view to_string(StageType type) noexcept;
[[nodiscard]] std::string_view to_string(ErrorType type) noexcept;

}  // namespace tulving
