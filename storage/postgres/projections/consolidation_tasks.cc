#include "storage/postgres/projections/consolidation_tasks.h"

#include <utility>

#include "core/model/names/task_labels.h"
#include "storage/postgres/columns.h"
#include "tulving/issue_tracker.h"

namespace tulving::storage::postgres {
namespace {

const ConsolidationTask& task(const Row& row) { return row.record.as<ConsolidationTask>(); }
ConsolidationTask& task_of(Reading& to) { return std::get<ConsolidationTask>(to.record); }

Field notes(const Row& row) { return to_task_notes(row.record.tenant_id, task(row)); }

// Labels, retry_count and error are in the notes and in columns of their own, which come after it:
// what those say counts.
std::string set_notes(Field&& value, Reading& to) {
  std::string notes;
  if (auto why = columns::put(std::move(value), notes); !why.empty()) return why;
  auto status = read_task_notes(notes.empty() ? "{}" : notes, task_of(to));
  return status ? std::string() : std::move(status.error().message);
}

// Takes `label` apart: whether it begins with `prefix`, and then why its name is none.
template <class Enum>
bool read_label(const std::string& label, std::string_view prefix, std::optional<Enum>& found,
                std::string& why) {
  if (found || !label.starts_with(prefix)) return false;
  why = columns::put(Field(label.substr(prefix.size())), found);
  if (!why.empty()) why = "the label \"" + label + "\" is of no task: " + why;
  return true;
}

// The first label of an agent and the first of an urgency are what the task is; further ones were
// written as its own, and stay so.
std::string set_labels(Field&& value, Reading& to) {
  std::vector<std::string> labels;
  if (auto why = columns::put(std::move(value), labels); !why.empty()) return why;
  std::optional<UpkeepAgent> agent;
  std::optional<Urgency> urgency;
  std::vector<std::string> others;
  for (std::string& label : labels) {
    std::string why;
    const bool is_derived = read_label(label, model::kAgentLabel, agent, why) ||
                            read_label(label, model::kUrgencyLabel, urgency, why);
    if (!why.empty()) return why;
    if (!is_derived) others.push_back(std::move(label));
  }
  ConsolidationTask& task = task_of(to);
  if (agent && *agent != task.agent) {
    return "a label names the agent " + std::string(to_string(*agent)) + ", the notes " +
           std::string(to_string(task.agent));
  }
  if (urgency) task.urgency = *urgency;
  task.labels = std::move(others);
  return {};
}

}  // namespace

TableSpec consolidation_tasks() {
  using Task = ConsolidationTask;
  return {
      .name = "consolidation_tasks",
      .source = RecordKind::kConsolidationTask,
      .columns = {column<&Task::task_id>(), column<&Task::title>(),
                  made_column("notes",
                              "memory_ids, agent, action, score, cohesion, confidence, "
                              "approval, retry_count, error, retry_at, claimed_by, "
                              "claimed_until, notes",
                              &notes, &set_notes,
                              "as in the tracker's line; members of notes that have such a "
                              "name are lost, and so is tracker_fields"),
                  made_column(
                      "labels", "agent, urgency, labels",
                      [](const Row& row) { return Field(model::labels_of(task(row))); },
                      &set_labels, "consolidation:AGENT, urgency:LEVEL, then the others"),
                  column<&Task::status>(), column<&Task::priority>(), column<&Task::retry_count>(),
                  column<&Task::error>(), column<&Task::created_at>(), column<&Task::updated_at>(),
                  column<&Task::closed_at>()},
      .key = {"task_id"},
      .slot = [](const SourceRecord& record) { return record.as<Task>().task_id; },
      .slot_columns = {"task_id"},
      .slot_noun = "task_id"};
}

}  // namespace tulving::storage::postgres
