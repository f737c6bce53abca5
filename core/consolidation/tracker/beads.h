#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/consolidation_tasks.h"
#include "tulving/result.h"

namespace tulving::consolidation {

// Tasks as lines of the beads tracker's issues.jsonl: id, title, description, notes, status,
// priority, issue_type, labels, created_at, updated_at, closed_at.
//
// - labels: "consolidation:<agent>" (notes.agent will do), "urgency:<level>" (medium where it is
//   missing), then others.
// - notes: to_task_notes() in a string (an object is read too).
// - priority: the tracker has 0 (critical) .. 4 (backlog), a task 1..3; the numbers mean the same,
//   and 0 and 4 are refused rather than moved.
// - description and issue_type: written as a sentence and "task"; others that a person wrote are
//   kept in tracker_fields, with every member that is not ours, and written again.
// - a claim is read only of a task in progress: who opens one by hand need not know of it.

/// One line, without a newline. `task` keeps the rules of tasks.h.
[[nodiscard]] std::string to_beads_line(std::string_view tenant_id, const ConsolidationTask& task);

struct BeadsTask {
  ConsolidationTask task;
  bool names_tenant = false;  ///< Its line does.
};

/// The task that to_beads_line() wrote, without its revision; or one that names no tenant, or no
/// action, which is empty then.
///
/// kNotFound: an issue of someone else's, with neither a consolidation label nor memory_ids; or
/// another tenant's. kInvalidArgument, with the field, its value and the rule: anything else that
/// is no task.
Result<BeadsTask> from_beads_line(std::string_view tenant_id, std::string_view line);

/// A line of an issues.jsonl: a task of the tenant, a fault, or neither: blank, or another's.
struct BeadsLine {
  std::string_view text;  ///< With its newline, which the last may lack.
  bool is_blank = false;
  std::string id;  ///< Where one can be read.
  std::optional<BeadsTask> task;
  std::optional<Error> fault;
};

/// Every line; `jsonl` must outlive them. Of two lines with one id the second is no task but a
/// fault. A byte order mark at the start is of no line.
[[nodiscard]] std::vector<BeadsLine> read_beads(std::string_view tenant_id, std::string_view jsonl);

}  // namespace tulving::consolidation
