#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/consolidation_tasks.h"
#include "tulving/result.h"
#include "tulving/store.h"

namespace tulving {

// A tenant's tasks in the file of the beads issue tracker, issues.jsonl: one JSON object a line,
// for people to see, approve and close there. The file may hold other issues, and the tasks of
// other tenants: a task's line names its tenant in notes.tenant_id, and no call below looks at, or
// touches, another's. A line without one belongs to the tenant that imports it.
//
// A task and its line are the same work in two places, and the later updated_at is the one that
// counts. At the same updated_at the line is: who edits by hand seldom thinks of it. Whoever
// changes a task by Tenant::put() sets updated_at, or an import may bring the former state
// back; and after an undo, which puts the former updated_at back too, a line exported meanwhile is
// the later one: delete it before the next export.

//
// A line needs memory_ids, and an agent in its notes or its label. Without an action it is about
// what that agent usually does: reinforce, link, merge, promote, relate.

/// A line that could not be taken, or not be brought up to date.
struct TaskFault {
  std::uint64_t line = 0;  ///< From 1.
  Error error;             ///< With the field, its value and the rule.
};

/// What an export did with the file's lines, and with the tasks that had none.
struct TaskExport {
  std::uint64_t written = 0;    ///< Added or brought up to date.
  std::uint64_t unchanged = 0;  ///< Say what the task says.
  std::uint64_t newer = 0;      ///< Changed by a person since; kept for import_tasks() to take.
  std::uint64_t others = 0;     ///< Other issues, other tenants', or of no task that is here.
  /// Lines that are broken, and are kept as they are; and ids that another issue has, whose task
  /// is not written.
  std::vector<TaskFault> faults;
};

/// What an import did with the file's lines.
struct TaskImport {
  std::uint64_t added = 0;
  std::uint64_t updated = 0;
  std::uint64_t unchanged = 0;  ///< The task says the same.
  std::uint64_t older = 0;      ///< The task was changed later than the line; it is kept.
  /// Closed tasks about memories that are not here, most of them erased: nothing is left to do, and
  /// no task is made of them.
  std::uint64_t gone = 0;
  std::uint64_t others = 0;       ///< Other issues, or other tenants'.
  std::vector<TaskFault> faults;  ///< Nothing of these lines was taken.
};

/// A task's notes, as its line in the tracker and cortex.consolidation_tasks have them: a JSON
/// object {tenant_id, memory_ids, agent, action, scores, cohesion, confidence}, then approval,
/// retry_count, error, retry_at, claimed_by and claimed_until where they are set, then the members
/// of ConsolidationTask::notes. `scores` has one decay score for each of memory_ids: of a task
/// about one memory its `score`; of one about several what its notes hold. tenant_id is left out
/// where it is empty.
[[nodiscard]] std::string to_task_notes(std::string_view tenant_id, const ConsolidationTask& task);
/// Gives `task` what its notes say; what they do not name stays, but for ConsolidationTask::notes.
/// `score` of earlier versions is read too. kInvalidArgument, with the field, its value and the
/// rule; nothing is changed then.
Status read_task_notes(std::string_view notes, ConsolidationTask& task);

struct TaskImportOptions {
  std::optional<Timestamp> now;  ///< By which leases end; empty: the system's clock.
};

/// Brings `file` up to date with the tenant's tasks: those that have a line, and those that the
/// filter lets through (its limit aside). Other lines, members that are the tracker's own and
/// whatever a person added stay byte for byte. Makes the file where there is none; replaces it
/// atomically, keeping its mode, and leaves it alone when nothing changed. Exports into files of
/// one folder take turns, across processes. O(file + tasks).
///
/// kInvalidArgument: the path names a link or anything else that is no file. kNotFound: no such
/// folder. kConflict: someone else wrote the file meanwhile; nothing was written, try again. kIo:
/// it cannot be read or written; nothing is left half-written. kResourceExhausted: more than
/// 1,000,000 tasks, or a file above 1 GB.
Result<TaskExport> export_tasks(const Tenant& tenant, const std::filesystem::path& file,
                                const ConsolidationTaskFilter& filter = {});

/// Takes the tasks of `file` in, each in one write; a line at fault stops no other. The same file
/// twice changes nothing, and an export right afterwards leaves the lines as they are (but names
/// the tenant where a line does not).
///
/// As a person's word goes: a task closed in the tracker is closed, one opened there is open, and
/// notes.approval decides one that waits ("approved", or "rejected" with status closed); without
/// that member the approval stays as it was. A task in progress without a worker is its assignee's
/// until it is closed or opened there. Not taken, and reported: what breaks a rule of tasks.h, a
/// memory that is not here (of a task that is not closed), an updated_at in the future, and any
/// change of a task that a worker holds, until its lease ends, but for the tracker's own members.
///
/// kNotFound, kInvalidArgument, kIo: there is no such file, it is none, or cannot be read; and
/// what stops any write. What was taken until then stays.
Result<TaskImport> import_tasks(Tenant& tenant, const std::filesystem::path& file,
                                const TaskImportOptions& options = {});

}  // namespace tulving
