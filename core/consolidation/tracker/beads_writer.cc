#include <fmt/format.h>

#include "core/base/json/json_text.h"
#include "core/consolidation/tracker/beads.h"
#include "core/consolidation/tracker/beads_fields.h"
#include "core/json/text/json_writer.h"
#include "core/model/names/task_labels.h"
#include "tulving/issue_tracker.h"

namespace tulving::consolidation {
namespace {

using json::ObjectWriter;

template <class T>
void append_given(ObjectWriter& object, std::string_view name, const std::optional<T>& value) {
  if (value) object.member(name, *value);
}

// A member of tracker_fields as it was read; empty when there is none.
std::string kept_field(const ConsolidationTask& task, std::string_view name) {
  std::string kept;
  if (task.tracker_fields.empty()) return kept;
  JsonValue::whole(task.tracker_fields).each_member([&](std::string_view key, JsonValue value) {
    if (key == name) kept = value.raw();
    return kept.empty();
  });
  return kept;
}

}  // namespace

std::string default_description(const ConsolidationTask& task) {
  return fmt::format("Consolidation of {} {} by the {} agent.", task.memory_ids.size(),
                     task.memory_ids.size() == 1 ? "memory" : "memories", to_string(task.agent));
}

std::string to_beads_line(std::string_view tenant_id, const ConsolidationTask& task) {
  std::string line;
  ObjectWriter object(line);
  object.member("id", task.task_id);
  object.member("title", task.title);
  if (const auto kept = kept_field(task, "description"); !kept.empty()) {
    object.key("description") += kept;
  } else {
    object.member("description", default_description(task));
  }
  object.member("notes", to_task_notes(tenant_id, task));
  object.member("status", to_string(task.status));
  object.member("priority", task.priority);
  if (const auto kept = kept_field(task, "issue_type"); !kept.empty()) {
    object.key("issue_type") += kept;
  } else {
    object.member("issue_type", kDefaultIssueType);
  }
  object.member("labels", model::labels_of(task));
  append_given(object, "created_at", task.created_at);
  append_given(object, "updated_at", task.updated_at);
  append_given(object, "closed_at", task.closed_at);
  append_others(object, task.tracker_fields, kLineFields);
  object.close();
  // Kept members may have been written over several lines by hand; between tokens a newline is a
  // blank, and within strings it is escaped.
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return line;
}

}  // namespace tulving::consolidation
