#include "tulving/issue_tracker.h"

#include <fmt/format.h>

#include <chrono>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/base/json/json_text.h"
#include "core/base/text/utf8.h"
#include "core/consolidation/tracker/beads.h"
#include "core/consolidation/tracker/task_notes.h"
#include "core/consolidation/tracker/tracker_file.h"
#include "core/engine/store/store_files.h"

namespace tulving {
namespace {

using consolidation::BeadsLine;
using consolidation::read_beads;
using consolidation::to_beads_line;

constexpr std::uint32_t kTasksMax = 1'000'000;
// How far the clocks of the machines that write the file may differ.
constexpr std::chrono::minutes kSkewMax{5};
// Somebody else may be faster each time; then the line is reported.
constexpr int kAttemptsMax = 5;

Error refusal(ErrorCode code, std::string message, std::string field) {
  return {code, std::move(message), std::move(field)};
}

// Empty: the tenant has no such task.
Result<std::optional<ConsolidationTask>> stored_task(const Tenant& tenant,
                                                     const std::string& task_id) {
  auto task = tenant.get<ConsolidationTask>(task_id);
  if (task) return std::optional(*std::move(task));
  if (task.error().code == ErrorCode::kNotFound) return std::optional<ConsolidationTask>();
  return task.error();
}

// A string member of the tracker's own; empty when there is none.
std::string tracker_field(const ConsolidationTask& task, std::string_view name) {
  std::string text;
  if (task.tracker_fields.empty()) return text;
  JsonValue::whole(task.tracker_fields).each_member([&](std::string_view key, JsonValue value) {
    if (key == name && value.kind() == JsonKind::kString) text = value.as_string();
    return true;
  });
  return text;
}

// What the line's task says, where a person left out what they need not know of. `stored` is the
// task that is here, if it is.
ConsolidationTask completed(ConsolidationTask task, const ConsolidationTask* stored) {
  if (task.status == ConsolidationTaskStatus::kInProgress && task.claimed_by.empty()) {
    task.claimed_by = tracker_field(task, "assignee");
    if (task.claimed_by.empty()) task.claimed_by = "tracker";
  }
  if (task.status == ConsolidationTaskStatus::kBlocked && task.error.empty()) {
    task.error = "blocked in the tracker";
  }
  if (task.action.empty()) {
    const bool is_known = stored != nullptr && stored->agent == task.agent;
    task.action = is_known ? stored->action : consolidation::usual_action(task.agent);
  }
  if (stored == nullptr) return task;
  if (!task.created_at) task.created_at = stored->created_at;
  if (!task.updated_at) task.updated_at = stored->updated_at;
  if (task.approval == Approval::kNotNeeded) task.approval = stored->approval;
  return task;
}

bool say_the_same(const ConsolidationTask& a, const ConsolidationTask& b) {
  return to_beads_line({}, a) == to_beads_line({}, b);
}

// The file with the tenant's tasks, line by line.
class Exporter {
 public:
  /// `file` as it is. Of it, only a byte order mark is taken here, which stays at the start.
  Exporter(const Tenant& tenant, const std::vector<ConsolidationTask>& tasks, std::string_view file)
      : tenant_(tenant), text_(file.substr(0, file.size() - without_byte_order_mark(file).size())) {
    for (const ConsolidationTask& task : tasks) missing_.insert(task.task_id);
  }

  Status add_line(const BeadsLine& line) {
    ++number_;
    if (line.task) return add_task(line);
    text_ += line.text;
    if (line.fault) {
      report_.faults.push_back({number_, *line.fault});
    } else if (!line.id.empty() && missing_.contains(line.id)) {
      report_.faults.push_back(
          {number_,
           refusal(ErrorCode::kConflict,
                   fmt::format("id is \"{}\"; the task of that id cannot be written beside "
                               "an issue that is another's",
                               line.id),
                   "id")});
    } else if (!line.is_blank) {
      ++report_.others;
    }
    missing_.erase(line.id);
    return {};
  }

  void add_missing(const std::vector<ConsolidationTask>& tasks) {
    const bool has_lines = number_ > 0;
    if (has_lines && !text_.ends_with('\n') && !missing_.empty()) text_ += '\n';
    for (const ConsolidationTask& task : tasks) {
      if (!missing_.contains(task.task_id)) continue;
      text_ += to_beads_line(tenant_.id(), task) + '\n';
      ++report_.written;
    }
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  TaskExport take_report() { return std::move(report_); }

 private:
  Status add_task(const BeadsLine& line) {
    missing_.erase(line.id);
    auto stored = stored_task(tenant_, line.id);
    if (!stored) return stored.error();
    const ConsolidationTask& there = line.task->task;
    if (!*stored) {
      ++report_.others;
      text_ += line.text;
      return {};
    }
    ConsolidationTask task = **std::move(stored);
    const ConsolidationTask said = completed(there, &task);
    // The tracker's own members change there alone.
    task.tracker_fields = there.tracker_fields;
    const bool is_equal = say_the_same(said, task);
    if (is_equal && line.task->names_tenant) {
      ++report_.unchanged;
      text_ += line.text;
    } else if (!is_equal && said.updated_at >= task.updated_at) {
      ++report_.newer;
      text_ += line.text;
    } else {
      ++report_.written;
      text_ += to_beads_line(tenant_.id(), task);
      text_ += ending_of(line.text);
    }
    return {};
  }

  static std::string_view ending_of(std::string_view line) {
    const std::size_t end = line.find_last_not_of("\r\n");
    return line.substr(end + 1);  // A task's line is not blank.
  }

  const Tenant& tenant_;
  std::unordered_set<std::string> missing_;  // Tasks that no line had so far.
  std::uint64_t number_ = 0;
  std::string text_;
  TaskExport report_;
};

enum class Taken : std::uint8_t { kAdded, kUpdated, kUnchanged, kOlder, kGone };

bool is_line_error(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound ||
         error.code == ErrorCode::kConflict;
}

// The rules that a line keeps whatever task is here.
Status check_line(const ConsolidationTask& task, Timestamp now) {
  if (task.updated_at && *task.updated_at > now + kSkewMax) {
    return refusal(ErrorCode::kInvalidArgument,
                   fmt::format("updated_at is {}; must not be in the future, it is {}",
                               format_time(*task.updated_at), format_time(now)),
                   "updated_at");
  }
  if (task.approval == Approval::kRejected && task.status != ConsolidationTaskStatus::kClosed) {
    return refusal(
        ErrorCode::kInvalidArgument,
        fmt::format("notes.approval is \"rejected\" and status is \"{}\"; a rejected task "
                    "is closed",
                    to_string(task.status)),
        "notes.approval");
  }
  return {};
}

// A worker's lease has an end; without one it is a person's, who may end it in the tracker.
bool is_held(const ConsolidationTask& task, Timestamp now) {
  return task.status == ConsolidationTaskStatus::kInProgress && task.claimed_until &&
         *task.claimed_until > now;
}

// The line has another assignee, say, which no worker looks at.
bool differ_in_the_trackers_own(ConsolidationTask line, const ConsolidationTask& present) {
  line.tracker_fields = present.tracker_fields;
  line.updated_at = present.updated_at;
  return say_the_same(line, present);
}

Result<Taken> take(Tenant& tenant, const ConsolidationTask& line, Timestamp now) {
  auto stored = stored_task(tenant, line.task_id);
  if (!stored) return stored.error();
  const ConsolidationTask* present = *stored ? &**stored : nullptr;
  const ConsolidationTask task = completed(line, present);
  if (present != nullptr) {
    if (say_the_same(task, *present)) return Taken::kUnchanged;
    if (task.updated_at < present->updated_at) return Taken::kOlder;
    if (is_held(*present, now) && !differ_in_the_trackers_own(task, *present)) {
      return refusal(
          ErrorCode::kConflict,
          fmt::format("task \"{}\" is in the hands of \"{}\" until {}; import it again "
                      "then",
                      task.task_id, present->claimed_by, format_time(*present->claimed_until)),
          "status");
    }
  }
  if (auto status = check_line(task, now); !status) return status.error();
  auto put = tenant.put(task, present != nullptr ? present->revision : 0);
  if (put) return present != nullptr ? Taken::kUpdated : Taken::kAdded;
  const bool is_gone = put.error().code == ErrorCode::kNotFound &&
                       put.error().field == "memory_ids" &&
                       task.status == ConsolidationTaskStatus::kClosed;
  if (is_gone) return Taken::kGone;
  return put.error();
}

void count(Taken taken, TaskImport& report) {
  switch (taken) {
    case Taken::kAdded:
      ++report.added;
      return;
    case Taken::kUpdated:
      ++report.updated;
      return;
    case Taken::kUnchanged:
      ++report.unchanged;
      return;
    case Taken::kOlder:
      ++report.older;
      return;
    case Taken::kGone:
      ++report.gone;
      return;
  }
}

}  // namespace

Result<TaskExport> export_tasks(const Tenant& tenant, const std::filesystem::path& file,
                                const ConsolidationTaskFilter& filter) {
  auto held = consolidation::TrackerFile::open(file, StoreFiles::of(tenant));
  if (!held) return held.error();
  auto tasks = list_all<ConsolidationTask>(tenant, {.filter = filter});
  if (!tasks) return tasks.error();
  if (tasks->size() >= kTasksMax) {
    return refusal(
        ErrorCode::kResourceExhausted,
        fmt::format("tenant \"{}\" has {} tasks or more; filter them", tenant.id(), kTasksMax),
        "filter");
  }
  Exporter exporter(tenant, *tasks, held->text());
  for (const BeadsLine& line : read_beads(tenant.id(), held->text())) {
    if (auto status = exporter.add_line(line); !status) return status.error();
  }
  exporter.add_missing(*tasks);
  if (exporter.text() != held->text()) {
    if (auto status = held->replace(exporter.text()); !status) return status.error();
  }
  return exporter.take_report();
}

Result<TaskImport> import_tasks(Tenant& tenant, const std::filesystem::path& file,
                                const TaskImportOptions& options) {
  const auto text = consolidation::read_tracker_file(file, StoreFiles::of(tenant));
  if (!text) return text.error();
  TaskImport report;
  std::uint64_t number = 0;
  for (const BeadsLine& line : read_beads(tenant.id(), *text)) {
    ++number;
    if (line.fault) {
      report.faults.push_back({number, *line.fault});
    } else if (!line.task) {
      if (!line.is_blank) ++report.others;
    } else {
      const Timestamp now = options.now.value_or(system_now());
      auto taken = take(tenant, line.task->task, now);
      for (int i = 1; i < kAttemptsMax && !taken && taken.error().field == "revision"; ++i) {
        taken = take(tenant, line.task->task, now);
      }
      if (!taken && !is_line_error(taken.error())) return taken.error();
      if (taken) {
        count(*taken, report);
      } else {
        report.faults.push_back({number, taken.error()});
      }
    }
  }
  return report;
}

}  // namespace tulving
