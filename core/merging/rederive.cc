#include "core/merging/rederive.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/base/text/same_text.h"
#include "core/merging/text/dated_statement.h"
#include "core/model/text/sentences.h"
#include "core/model/text/summary.h"

namespace tulving::merging {
namespace {

using Strings = std::vector<std::string>;

// A merge's cohesion reaches us by way of a float.
constexpr float kStrengthNoise = 1e-4F;

bool contains(const Strings& values, const std::string& value) {
  return std::ranges::find(values, value) != values.end();
}

// The fields that only the sources' content decides.
template <class Visit>
void each_content_field(const Visit& visit) {
  visit(&Memory::content);
  visit(&Memory::metadata);
  visit(&Memory::goal);
  visit(&Memory::result);
  visit(&Memory::feedback);
  visit(&Memory::outcome);
  visit(&Memory::tool_usage);
  visit(&Memory::error_patterns);
  visit(&Memory::success);
  visit(&Memory::is_critical);
  visit(&Memory::criticality_reason);
  visit(&Memory::agent_id);
  visit(&Memory::user_id);
  visit(&Memory::project_id);
  visit(&Memory::session_id);
  visit(&Memory::task_id);
  visit(&Memory::stage_id);
  visit(&Memory::source_type);
  visit(&Memory::source_agent);
  visit(&Memory::source_id);
  visit(&Memory::memory_type);
  visit(&Memory::layer);
  visit(&Memory::pattern_type);
}

constexpr Strings Memory::*kLists[] = {&Memory::tags, &Memory::entities, &Memory::facts,
                                       &Memory::keywords, &Memory::actions};
constexpr std::int32_t Memory::*kCounts[] = {&Memory::use_count, &Memory::review_count,
                                             &Memory::cross_domain_count, &Memory::reuse_count};

// The sources' values in their order, then what somebody added; without what somebody took away.
Strings list_of(const Strings& present, const Strings& before, const Strings& now) {
  Strings merged;
  for (const std::string& value : now) {
    const bool was_taken_away = contains(before, value) && !contains(present, value);
    if (!was_taken_away) merged.push_back(value);
  }
  for (const std::string& value : present) {
    if (!contains(before, value) && !contains(merged, value)) merged.push_back(value);
  }
  return merged;
}

std::int32_t count_of(std::int32_t present, std::int32_t before, std::int32_t now) {
  const std::int64_t count = std::int64_t{now} + present - before;
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(count, 0, std::numeric_limits<std::int32_t>::max()));
}

template <class T>
void keep_if_changed(Memory& memory, const Memory& present, const Memory& before,
                     T Memory::*field) {
  if (present.*field != before.*field) memory.*field = present.*field;
}

void take_values(Memory& memory, const Memory& present, const Memory& before) {
  keep_if_changed(memory, present, before, &Memory::priority);
  keep_if_changed(memory, present, before, &Memory::relevance_score);
  keep_if_changed(memory, present, before, &Memory::expires_at);
  keep_if_changed(memory, present, before, &Memory::created_at);
  keep_if_changed(memory, present, before, &Memory::last_used);
  if (std::fabs(present.strength - before.strength) > kStrengthNoise) {
    memory.strength = present.strength;
  }
  for (const auto field : kCounts) {
    memory.*field = count_of(present.*field, before.*field, memory.*field);
  }
}

void take_identity(Memory& memory, const Memory& present) {
  memory.id = present.id;
  memory.external_id = present.external_id;
  memory.status = present.status;
  memory.promoted_at = present.promoted_at;
  memory.archived_at = present.archived_at;
  memory.deleted_at = present.deleted_at;
  memory.ltm_path = present.ltm_path;
  memory.parent_memory_id = present.parent_memory_id;
  memory.consolidated_into_id = present.consolidated_into_id;
  memory.abstraction_level = present.abstraction_level;
  memory.confidence_score = present.confidence_score;
}

void take_text(Memory& memory, const Memory& present, const Memory* before) {
  const bool summary_was_made = present.summary == model::default_summary(present.text);
  const std::string now_summary = std::move(memory.summary);
  if (before != nullptr && before->text == memory.text) {
    memory.text = present.text;
    memory.consolidation_method = present.consolidation_method;
  }
  if (summary_was_made) {
    memory.summary = model::default_summary(memory.text);
  } else {
    const bool changed = before == nullptr || before->summary != now_summary;
    memory.summary = changed ? now_summary : present.summary;
  }
}

// What two sentences have in common that are the same one: their text, less the note of its date.
std::string key_of(std::string_view sentence) {
  const std::string_view note = as_of_note(sentence);
  if (note.empty()) return same_text_form(sentence);
  const auto at = static_cast<std::size_t>(note.data() - sentence.data());
  return same_text_form(std::string(sentence.substr(0, at)) +
                        std::string(sentence.substr(at + note.size())));
}

std::unordered_set<std::string> keys_of(const Memory& memory) {
  std::unordered_set<std::string> keys;
  for (const std::string_view sentence : model::split_sentences(memory.text)) {
    keys.insert(key_of(sentence));
  }
  return keys;
}

}  // namespace

Memory rederived(const Memory& present, const Memory* before, Memory now) {
  Memory memory = std::move(now);
  take_text(memory, present, before);
  take_identity(memory, present);
  if (before == nullptr) {
    for (const auto field : kCounts) memory.*field = present.*field;
    memory.priority = present.priority;
    memory.relevance_score = present.relevance_score;
    memory.strength = present.strength;
    memory.expires_at = present.expires_at;
    memory.created_at = present.created_at;
    memory.last_used = present.last_used;
    return memory;
  }
  each_content_field([&](auto field) {
    if ((*before).*field == memory.*field) memory.*field = present.*field;
  });
  for (const auto field : kLists) {
    memory.*field = list_of(present.*field, (*before).*field, memory.*field);
  }
  take_values(memory, present, *before);
  return memory;
}

bool is_as_derived(const Memory& present, Memory derived) {
  const bool is_written = present.consolidation_method &&
                          *present.consolidation_method != ConsolidationMethod::kHeuristic;
  if (is_written) {
    if (present.summary == model::default_summary(present.text)) derived.summary = present.summary;
    derived.text = present.text;
    derived.consolidation_method = present.consolidation_method;
  }
  const bool same_strength = std::fabs(present.strength - derived.strength) <= kStrengthNoise;
  derived.strength = present.strength;
  derived.id = present.id;
  derived.consolidated_at = present.consolidated_at;
  derived.updated_at = present.updated_at;
  derived.confidence_score = present.confidence_score;
  derived.abstraction_level = present.abstraction_level;
  derived.content_hash = present.content_hash;
  derived.revision = present.revision;
  derived.embeddings = present.embeddings;
  return same_strength && derived == present;
}

std::string without_sentences_of(std::string_view text, const Memory& gone,
                                 std::span<const Memory> others) {
  std::unordered_set<std::string> going = keys_of(gone);
  for (const Memory& other : others) {
    for (const std::string& key : keys_of(other)) going.erase(key);
  }
  std::string left;
  const char* end_of_last = text.data();  // Blanks before a sentence that stays stay with it.
  for (const std::string_view sentence : model::split_sentences(text)) {
    const char* end = sentence.data() + sentence.size();
    if (!going.contains(key_of(sentence))) {
      const char* begin = left.empty() ? sentence.data() : end_of_last;
      left.append(begin, static_cast<std::size_t>(end - begin));
    }
    end_of_last = end;
  }
  return left;
}

void inherit_from_merge(Memory& source, const Memory& merge, const Memory* before) {
  if (before == nullptr) return;
  if (merge.last_used != before->last_used) {
    source.last_used = std::max(source.last_used, merge.last_used);
  }
  source.use_count = count_of(merge.use_count, before->use_count, source.use_count);
  for (const auto field : {&Memory::tags, &Memory::entities, &Memory::facts, &Memory::keywords}) {
    for (const std::string& value : merge.*field) {
      const bool was_added = !contains((*before).*field, value);
      if (was_added && !contains(source.*field, value)) (source.*field).push_back(value);
    }
  }
}

}  // namespace tulving::merging
