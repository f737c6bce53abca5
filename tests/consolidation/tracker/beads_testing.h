#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/consolidation/tracker/beads.h"
#include "tests/json/random_records.h"
#include "tulving/issue_tracker.h"

// Lines of the tracker, written by hand or at random, and read.

namespace tulving::consolidation {

using nlohmann::json;

inline constexpr const char* kTenant = "acme";
inline const std::string kFirst = "11111111-1111-4111-8111-111111111111";
inline const std::string kSecond = "22222222-2222-4222-8222-222222222222";

// As the tracker holds it, with some of the members that are its own.
inline json good_line() {
  return {{"id", "tulving-7"},
          {"title", "Merge 2 memories"},
          {"description", "Look at this, please."},
          {"notes", json{{"memory_ids", {kSecond, kFirst}},
                         {"agent", "merge"},
                         {"action", "merge"},
                         {"cohesion", 0.81},
                         {"reason", {1, 2}}}
                        .dump()},
          {"status", "open"},
          {"priority", 1},
          {"issue_type", "chore"},
          {"labels", {"consolidation:merge", "urgency:high", "mine"}},
          {"created_at", "2025-10-14T12:34:56.123456789-07:00"},
          {"updated_at", "2025-10-14T12:34:57Z"},
          {"closed_at", nullptr},
          {"assignee", "ann"},
          {"dependencies", json::array({{{"id", "x"}}})}};
}

inline Result<ConsolidationTask> task_of(const json& line) {
  auto task = from_beads_line(kTenant, line.dump());
  if (!task) return task.error();
  return task->task;
}

template <class Enum>
Enum any(testing_support::RandomRecords& random, std::size_t count) {
  return static_cast<Enum>(random.below(count));
}

inline ConsolidationTask random_task(testing_support::RandomRecords& random) {
  ConsolidationTask task;
  task.task_id = random.name(64);
  task.title = random.name(500);
  task.agent = any<UpkeepAgent>(random, 5);
  task.urgency = any<Urgency>(random, 3);
  task.labels = random.tags();
  task.priority = static_cast<std::int32_t>(1 + random.below(3));
  task.status = any<ConsolidationTaskStatus>(random, 4);
  task.approval = any<Approval>(random, 4);
  if (random.coin()) task.action = random.text(30);
  for (std::size_t i = 1 + random.below(5); i > 0; --i) task.memory_ids.push_back(random.id());
  std::ranges::sort(task.memory_ids);
  if (random.coin()) task.score = random.real(0, 1);
  if (random.coin()) task.cohesion = random.real(-1, 1);
  if (random.coin()) task.confidence = random.real(0, 1);
  if (random.coin()) task.notes = R"({"why":"a\"b\\","x":[1e400, {"y" :null}]})";
  task.retry_count = static_cast<std::int32_t>(random.below(4));
  task.error = random.text(100);
  if (random.coin()) task.retry_at = random.time();
  if (task.status == ConsolidationTaskStatus::kInProgress) {
    task.claimed_by = random.name(255);
    task.claimed_until = random.time();
  }
  if (random.coin()) task.created_at = random.time();
  if (random.coin()) task.updated_at = random.time();
  if (task.status == ConsolidationTaskStatus::kClosed) task.closed_at = random.time();
  if (random.coin()) task.tracker_fields = R"({"assignee":"ann","description":"Mine"})";
  return task;
}

// With one member of the notes set.
inline json with_note(const std::string& key, const json& value, json line = good_line()) {
  json notes = json::parse(line["notes"].get<std::string>());
  notes[key] = value;
  line["notes"] = notes.dump();
  return line;
}

}  // namespace tulving::consolidation
