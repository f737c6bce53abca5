// The notes of a task as the tracker's line and cortex.consolidation_tasks hold them.

#include "core/consolidation/tracker/task_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/consolidation/tracker/beads_members.h"
#include "core/json/text/json_writer.h"
#include "tulving/issue_tracker.h"

namespace tulving::consolidation {
namespace {

using json::FieldValue;
using json::ObjectWriter;

constexpr std::string_view kScores = "scores";

// A number of 0..1, as JSON has it.
bool is_score(JsonValue value) {
  std::optional<double> score;
  return value.kind() == JsonKind::kNumber && read_real({kScores, value}, 0, 1, score);
}

class NotesReader {
 public:
  NotesReader(ConsolidationTask& task, NotesOwner& owner) : task_(task), owner_(owner) {}

  Status read(JsonValue notes) {
    task_.notes.clear();
    auto status = read_known_members(notes, kNotesFields, task_.notes,
                                     [this](const FieldValue& in) { return read_note(in); });
    if (!status) return status;
    return take_scores();
  }

 private:
  Status read_note(const FieldValue& in) {
    if (in.field == "tenant_id") return read_name(in, 255, owner_.tenant_id);
    if (in.field == "memory_ids") return read_ids(in);
    if (in.field == "agent") return json::read(in, owner_.agent.emplace());
    if (in.field == "action") return json::read(in, task_.action);
    if (in.field == "score") return read_real(in, 0, 1, score_);
    if (in.field == kScores) return read_scores(in);
    if (in.field == "cohesion") return read_real(in, -1, 1, task_.cohesion);
    if (in.field == "confidence") return read_real(in, 0, 1, task_.confidence);
    if (in.field == "approval") return json::read(in, task_.approval);
    if (in.field == "retry_count") {
      return read_integer(in, 0, kConsolidationTaskRetriesMax, task_.retry_count);
    }
    if (in.field == "error") return json::read(in, task_.error);
    if (in.field == "retry_at") return json::read(in, task_.retry_at);
    if (in.field == "claimed_by") return read_name(in, 255, task_.claimed_by);
    return json::read(in, task_.claimed_until);
  }

  Status read_ids(const FieldValue& in) {
    if (in.value.kind() != JsonKind::kArray) return in.must_be("an array of memories' UUIDs");
    Status status;
    in.value.each_element([&](JsonValue element) {
      const FieldValue one{in.field, element};
      const auto id = element.kind() == JsonKind::kString ? Uuid::parse(element.as_string())
                                                          : std::optional<Uuid>();
      if (id) {
        as_given_.push_back(*id);
      } else {
        status = one.must_be("an RFC 4122 version 4 UUID");
      }
      return id.has_value();
    });
    if (!status) return status;
    task_.memory_ids = as_given_;
    std::ranges::sort(task_.memory_ids);
    const auto repeated = std::ranges::adjacent_find(task_.memory_ids);
    if (repeated != task_.memory_ids.end()) {
      return json::refusal(fmt::format("{} has {} twice", in.field, repeated->to_string()),
                           in.field);
    }
    return as_given_.empty() ? Status(in.must_be("at least one memory's UUID")) : Status();
  }

  Status read_scores(const FieldValue& in) {
    if (in.value.kind() != JsonKind::kArray) return in.must_be("an array of numbers of 0..1");
    Status status;
    in.value.each_element([&](JsonValue element) {
      std::optional<double> score;
      status = read_real({in.field, element}, 0, 1, score);
      scores_.emplace_back(element.raw());
      return status.has_value();
    });
    return status;
  }

  // That of one memory is the task's; those of several stay in the notes, in the ids' order.
  Status take_scores() {
    if (score_) task_.score = score_;
    if (scores_.empty()) return {};
    if (score_) {
      return json::refusal("score is given beside scores; a memory has one score", "score");
    }
    if (scores_.size() != as_given_.size()) {
      return json::refusal(fmt::format("scores has {} numbers and memory_ids {} ids; each memory "
                                       "has one score",
                                       scores_.size(), as_given_.size()),
                           kScores);
    }
    if (scores_.size() == 1) {
      return read_real({kScores, JsonValue::whole(scores_.front())}, 0, 1, task_.score);
    }
    std::vector<std::size_t> order(scores_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [this](std::size_t place) { return as_given_[place]; });
    std::string list;
    for (const std::size_t place : order) list += (list.empty() ? "[" : ",") + scores_[place];
    add_member(task_.notes, kScores, list + "]");
    return {};
  }

  ConsolidationTask& task_;
  NotesOwner& owner_;
  std::vector<Uuid> as_given_;
  std::optional<double> score_;
  std::vector<std::string> scores_;  // As they are written, one for each of as_given_.
};

// Whether the list is what read_scores() takes for so many memories.
bool are_scores(JsonValue list, std::size_t memories) {
  if (list.kind() != JsonKind::kArray) return false;
  bool all = true;
  std::size_t count = 0;
  list.each_element([&](JsonValue element) {
    ++count;
    return all = is_score(element);
  });
  return all && count == memories;
}

void append_scores(ObjectWriter& out, const ConsolidationTask& task) {
  if (task.score && task.memory_ids.size() == 1) {
    out.member(kScores, std::vector<double>{*task.score});
  } else if (task.score) {
    out.member("score", *task.score);
  } else if (!task.notes.empty()) {
    JsonValue::whole(task.notes).each_member([&](std::string_view key, JsonValue value) {
      const bool is_it = key == kScores;
      if (is_it && are_scores(value, task.memory_ids.size())) out.key(kScores) += value.raw();
      return !is_it;
    });
  }
}

template <class T>
void append_note(ObjectWriter& out, std::string_view name, const std::optional<T>& value) {
  if (value) out.member(name, *value);
}

}  // namespace

Status read_notes_object(JsonValue notes, ConsolidationTask& task, NotesOwner& owner) {
  auto status = NotesReader(task, owner).read(notes);
  if (status) return status;
  const Error& error = status.error();
  return json::refusal(fmt::format("notes.{}", error.message),
                       fmt::format("notes.{}", error.field));
}

std::string usual_action(UpkeepAgent agent) {
  switch (agent) {
    case UpkeepAgent::kDecay:
      return "reinforce";
    case UpkeepAgent::kCluster:
      return "link";
    case UpkeepAgent::kMerge:
      return "merge";
    case UpkeepAgent::kPromote:
      return "promote";
    case UpkeepAgent::kRelations:
      return "relate";
  }
  return {};
}

}  // namespace tulving::consolidation

namespace tulving {

std::string to_task_notes(std::string_view tenant_id, const ConsolidationTask& task) {
  std::string notes;
  json::ObjectWriter out(notes);
  if (!tenant_id.empty()) out.member("tenant_id", tenant_id);
  out.member("memory_ids", task.memory_ids);
  out.member("agent", to_string(task.agent));
  if (!task.action.empty()) out.member("action", task.action);
  consolidation::append_scores(out, task);
  consolidation::append_note(out, "cohesion", task.cohesion);
  consolidation::append_note(out, "confidence", task.confidence);
  if (task.approval != Approval::kNotNeeded) out.member("approval", to_string(task.approval));
  if (task.retry_count != 0) out.member("retry_count", task.retry_count);
  if (!task.error.empty()) out.member("error", task.error);
  consolidation::append_note(out, "retry_at", task.retry_at);
  if (!task.claimed_by.empty()) out.member("claimed_by", task.claimed_by);
  consolidation::append_note(out, "claimed_until", task.claimed_until);
  consolidation::append_others(out, task.notes, consolidation::kNotesFields);
  out.close();
  return notes;
}

Status read_task_notes(std::string_view notes, ConsolidationTask& task) {
  const auto object = json::parse_object("notes", notes);
  if (!object) return json::refusal(object.error().message, "notes");
  ConsolidationTask read = task;
  read.memory_ids.clear();
  consolidation::NotesOwner owner;
  if (auto status = consolidation::read_notes_object(*object, read, owner); !status) return status;
  if (read.memory_ids.empty()) {
    return json::refusal("notes.memory_ids is missing; a task is about memories",
                         "notes.memory_ids");
  }
  if (!owner.agent) {
    return json::refusal("notes.agent is missing; a task has one", "notes.agent");
  }
  read.agent = *owner.agent;
  if (read.action.empty()) read.action = consolidation::usual_action(read.agent);
  task = std::move(read);
  return {};
}

}  // namespace tulving
