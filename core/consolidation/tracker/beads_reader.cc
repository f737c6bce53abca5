#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/base/text/utf8.h"
#include "core/consolidation/tracker/beads.h"
#include "core/consolidation/tracker/beads_fields.h"
#include "core/consolidation/tracker/beads_members.h"
#include "core/consolidation/tracker/task_notes.h"
#include "core/json/text/json_reader.h"
#include "core/model/names/task_labels.h"

namespace tulving::consolidation {
namespace {

using json::FieldValue;

// What says whose an issue is, however broken the rest of it may be.
struct Owner {
  bool is_task = false;  // It has a consolidation label or memory_ids.
  std::string tenant_id;
};

void read_owner_notes(JsonValue notes, Owner& owner) {
  notes.each_member([&](std::string_view key, JsonValue value) {
    if (key == "memory_ids") owner.is_task = true;
    if (key == "tenant_id" && value.kind() == JsonKind::kString) {
      owner.tenant_id = value.as_string();
    }
    return true;
  });
}

Owner owner_of(JsonValue issue) {
  Owner owner;
  issue.each_member([&](std::string_view key, JsonValue value) {
    if (key == "labels" && value.kind() == JsonKind::kArray) {
      value.each_element([&](JsonValue label) {
        if (label.kind() == JsonKind::kString &&
            label.as_string().starts_with(model::kAgentLabel)) {
          owner.is_task = true;
        }
        return true;
      });
    } else if (key == "notes" && value.kind() == JsonKind::kObject) {
      read_owner_notes(value, owner);
    } else if (key == "notes" && value.kind() == JsonKind::kString) {
      const std::string text = value.as_string();
      if (const auto notes = json::parse_object("notes", text)) {
        read_owner_notes(*notes, owner);
      } else if (text.find("memory_ids") != std::string::npos) {
        owner.is_task = true;  // Ours once, and broken since.
      }
    }
    return true;
  });
  return owner;
}

// Reads one line, member by member.
class LineReader {
 public:
  Result<BeadsTask> read(std::string_view tenant_id, std::string_view line) {
    const auto object = json::parse_object("the line", line);
    if (!object) return object.error();
    const Owner owner = owner_of(*object);
    if (!owner.is_task) {
      return Error{ErrorCode::kNotFound, "the issue is no consolidation task", "labels"};
    }
    if (!owner.tenant_id.empty() && owner.tenant_id != tenant_id) {
      return Error{ErrorCode::kNotFound, "the task is another tenant's", "notes.tenant_id"};
    }
    Status status = read_known_members(*object, kLineFields, tracker_fields_,
                                       [this](const FieldValue& in) { return read_field(in); });
    if (status) status = check_whole();
    if (!status) return status.error();
    finish();
    return BeadsTask{std::move(task_), !owner.tenant_id.empty()};
  }

 private:
  Status read_field(const FieldValue& in) {
    if (in.field == "id") return read_name(in, 64, task_.task_id);
    if (in.field == "title") return read_name(in, 500, task_.title);
    if (in.field == "notes") return read_notes(in);
    if (in.field == "status") return json::read(in, task_.status);
    if (in.field == "priority") return read_integer(in, 1, 3, task_.priority);
    if (in.field == "labels") return read_labels(in);
    if (in.field == "created_at") return json::read(in, task_.created_at);
    if (in.field == "updated_at") return json::read(in, task_.updated_at);
    if (in.field == "closed_at") return json::read(in, task_.closed_at);
    // description and issue_type, for which a task has no field.
    std::string text;
    if (auto status = json::read(in, text); !status) return status;
    (in.field == "description" ? description_ : issue_type_) = std::move(text);
    return {};
  }

  Status read_notes(const FieldValue& in) {
    if (in.value.kind() == JsonKind::kObject) return read_notes_object(in.value, task_, owner_);
    std::string text;
    if (in.value.kind() == JsonKind::kString) text = in.value.as_string();
    const auto object = json::parse_object("notes", text);
    if (!object) return json::refusal(object.error().message, "notes");
    return read_notes_object(*object, task_, owner_);
  }

  Status read_labels(const FieldValue& in) {
    std::vector<std::string> labels;
    if (auto status = json::read(in, labels); !status) return status;
    std::unordered_set<std::string_view> seen;
    for (const std::string& label : labels) {
      if (label.empty() || utf8_length(label) > 64) {
        return json::refusal(fmt::format("labels has \"{}\"; a label has 1..64 characters", label),
                             "labels");
      }
      if (!seen.insert(label).second) {
        return json::refusal(fmt::format("labels has \"{}\" twice", label), "labels");
      }
      if (auto status = read_label(label); !status) return status;
    }
    return {};
  }

  Status read_label(const std::string& label) {
    const auto refuse = [&](std::string_view why) {
      return json::refusal(fmt::format("labels has \"{}\"; {}", label, why), "labels");
    };
    if (label.starts_with(model::kAgentLabel)) {
      if (label_agent_) return refuse("a task has one agent");
      label_agent_ = parse_upkeep_agent(std::string_view(label).substr(model::kAgentLabel.size()));
      if (!label_agent_) return refuse("no agent has this name");
    } else if (label.starts_with(model::kUrgencyLabel)) {
      if (urgency_) return refuse("a task has one urgency");
      urgency_ = parse_urgency(std::string_view(label).substr(model::kUrgencyLabel.size()));
      if (!urgency_) return refuse("must be urgency:low, urgency:medium or urgency:high");
    } else {
      task_.labels.push_back(label);
    }
    return {};
  }

  [[nodiscard]] Status check_whole() const {
    const auto missing = [](std::string_view field, std::string_view why) {
      return json::refusal(fmt::format("{} is missing; {}", field, why), field);
    };
    if (task_.task_id.empty()) return missing("id", "a task has 1..64 characters");
    if (task_.title.empty()) return missing("title", "a task has 1..500 characters");
    if (task_.memory_ids.empty()) return missing("notes.memory_ids", "a task is about memories");
    const std::optional<UpkeepAgent>& notes_agent = owner_.agent;
    if (!label_agent_ && !notes_agent) {
      return missing("notes.agent", "a task has one, here or in a label \"consolidation:<agent>\"");
    }
    if (label_agent_ && notes_agent && *notes_agent != *label_agent_) {
      return json::refusal(fmt::format("notes.agent is \"{}\"; the label says \"{}\"",
                                       to_string(*notes_agent), to_string(*label_agent_)),
                           "notes.agent");
    }
    if (task_.closed_at && task_.status != ConsolidationTaskStatus::kClosed) {
      return json::refusal(fmt::format("closed_at is {}; a task that is {} has none",
                                       format_time(*task_.closed_at), to_string(task_.status)),
                           "closed_at");
    }
    if (!task_.closed_at && task_.status == ConsolidationTaskStatus::kClosed) {
      return missing("closed_at", "a closed task has one");
    }
    return {};
  }

  void finish() {
    task_.agent = label_agent_ ? *label_agent_ : *owner_.agent;
    task_.urgency = urgency_.value_or(Urgency::kMedium);
    if (task_.status != ConsolidationTaskStatus::kInProgress) {
      task_.claimed_by.clear();
      task_.claimed_until.reset();
    }
    keep_text("description", description_, default_description(task_));
    keep_text("issue_type", issue_type_, kDefaultIssueType);
    task_.tracker_fields = std::move(tracker_fields_);
  }

  // Into tracker_fields, unless it is what is written anyway.
  void keep_text(std::string_view name, const std::optional<std::string>& text,
                 std::string_view usual) {
    if (!text || *text == usual) return;
    std::string raw;
    append_json_string(raw, *text);
    add_member(tracker_fields_, name, raw);
  }

  ConsolidationTask task_;
  std::optional<UpkeepAgent> label_agent_;
  NotesOwner owner_;  // As its notes say.
  std::optional<Urgency> urgency_;
  std::optional<std::string> description_;
  std::optional<std::string> issue_type_;
  std::string tracker_fields_;
};

// The id of a line that is a JSON object; empty otherwise.
std::string id_of(std::string_view line) {
  std::string id;
  const auto object = json::parse_object("the line", line);
  if (!object) return id;
  object->each_member([&](std::string_view key, JsonValue value) {
    if (key == "id" && value.kind() == JsonKind::kString) id = value.as_string();
    return true;
  });
  return id;
}

BeadsLine read_line(std::string_view tenant_id, std::string_view text) {
  BeadsLine line;
  line.text = text;
  line.is_blank = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (line.is_blank) return line;
  if (text.ends_with('\n')) text.remove_suffix(1);
  auto task = from_beads_line(tenant_id, text);
  if (task) {
    line.id = task->task.task_id;
    line.task = *std::move(task);
    return line;
  }
  line.id = id_of(text);
  if (task.error().code != ErrorCode::kNotFound) line.fault = task.error();
  return line;
}

}  // namespace

Result<BeadsTask> from_beads_line(std::string_view tenant_id, std::string_view line) {
  return LineReader().read(tenant_id, line);
}

std::vector<BeadsLine> read_beads(std::string_view tenant_id, std::string_view jsonl) {
  std::vector<BeadsLine> lines;
  std::unordered_map<std::string, std::size_t> numbers;
  jsonl = without_byte_order_mark(jsonl);
  while (!jsonl.empty()) {
    const std::size_t end = std::min(jsonl.find('\n'), jsonl.size() - 1) + 1;
    BeadsLine& line = lines.emplace_back(read_line(tenant_id, jsonl.substr(0, end)));
    jsonl.remove_prefix(end);
    if (line.id.empty()) continue;
    const auto [first, is_new] = numbers.try_emplace(line.id, lines.size());
    if (is_new || !line.task) continue;
    line.task.reset();
    line.fault = json::refusal(
        fmt::format("id is \"{}\"; line {} has it already", line.id, first->second), "id");
  }
  return lines;
}

}  // namespace tulving::consolidation
