#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_set>

#include "core/base/json/json_text.h"
#include "core/json/text/json_writer.h"
#include "tulving/consolidation_tasks.h"

namespace tulving::consolidation {

// What the reader and the writer of beads' lines both know.

inline constexpr std::string_view kDefaultIssueType = "task";

inline constexpr std::array<std::string_view, 11> kLineFields = {
    "id",         "title",  "description", "notes",      "status",   "priority",
    "issue_type", "labels", "created_at",  "updated_at", "closed_at"};
inline constexpr std::array<std::string_view, 14> kNotesFields = {
    "tenant_id",  "memory_ids", "agent",       "action", "score",    "scores",     "cohesion",
    "confidence", "approval",   "retry_count", "error",  "retry_at", "claimed_by", "claimed_until"};

template <class Names>
bool contains(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Writes the members of `json`, an object or nothing, whose names are not in `taken`.
template <class Names>
void append_others(json::ObjectWriter& object, std::string_view json, const Names& taken) {
  if (json.empty()) return;
  std::unordered_set<std::string> written;
  JsonValue::whole(json).each_member([&](std::string_view key, JsonValue value) {
    if (!contains(taken, key) && written.emplace(key).second) object.key(key) += value.raw();
    return true;
  });
}

/// What is written where nobody wrote a description.
[[nodiscard]] std::string default_description(const ConsolidationTask& task);

}  // namespace tulving::consolidation
