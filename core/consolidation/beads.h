#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/result.h"
#include "tulving/tasks.h"

namespace tulving::consolidation {

// Tasks as lines of the beads tracker's issues.jsonl: id, title, description, notes, status,
// priority, issue_type, labels, created_at, updated_at, closed_at.
//
// - labels: "consolidation:<agent>", "urgency:<level>" (medium where it is missing), then others.
// - notes: JSON in a string (an object is read too): memory_ids, agent, action, score, cohesion,
//   confidence; approval, retry_count, error, retry_at, claimed_by, claimed_until where set; then
//   ConsolidationTask::notes.
// - priority: the tracker has 0 (critical) .. 4 (backlog), a task 1..3; the numbers mean the same,
//   and 0 and 4 are refused rather than moved.
// - description and issue_type: written as a sentence and "task"; others that a person wrote are
//   kept in tracker_fields, with every member that is not ours, and written again.
// - a claim is read only of a task in progress: who opens one by hand need not know of it.

/// One line, without a newline. `task` keeps the rules of tasks.h.
[[nodiscard]] std::string to_beads_line(const ConsolidationTask& task);

/// The task that to_beads_line() wrote, without its revision.
///
/// kNotFound: an issue of someone else's, with neither a consolidation label nor memory_ids.
/// kInvalidArgument, with the field, its value and the rule: anything else that is no task.
Result<ConsolidationTask> from_beads_line(std::string_view line);

/// A line that is no task, counted from 1.
struct BeadsFault {
  std::size_t line = 0;
  Error error;
};

struct BeadsFile {
  std::vector<ConsolidationTask> tasks;
  std::vector<BeadsFault> faults;
  std::size_t others = 0;  ///< Issues of someone else's.
};

/// Every task of an issues.jsonl. Of two lines with one id the second is a fault. Empty lines are
/// passed over.
[[nodiscard]] BeadsFile read_beads(std::string_view jsonl);

/// `jsonl` with the tasks in it: in place of the line with their id, else at the end. Every other
/// line stays byte for byte.
[[nodiscard]] std::string update_beads(std::string_view jsonl,
                                       std::span<const ConsolidationTask> tasks);

}  // namespace tulving::consolidation
