#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tulving/consolidation_tasks.h"
#include "tulving/time.h"

namespace tulving {

/// What confidence lets an agent do: see Thresholds. Numbers reach the disk.
enum class Decision : std::uint8_t {
  kAuto = 0,  ///< From auto_confidence: done.
  kLog = 1,   ///< From log_confidence: done, and told.
  kWait = 2,  ///< Below: a person is asked, by a task.
};

/// What one of the five agents found or did, as its own record says it. Rules as in records.h, ids
/// as in tasks.h.
struct AgentResult {
  std::string result_id;
  UpkeepAgent agent = UpkeepAgent::kDecay;
  std::string
      task_id;  ///< A consolidation task, which must be there. Empty: none, or it was erased.
  std::optional<double> confidence;  ///< 0..1.
  std::optional<Decision> decision;
  std::string result;                   ///< JSON, needed.
  std::optional<Timestamp> created_at;  ///< Empty on put(): now.
  std::uint64_t revision = 0;           ///< Set by the store.

  friend bool operator==(const AgentResult&, const AgentResult&) = default;
};

}  // namespace tulving
