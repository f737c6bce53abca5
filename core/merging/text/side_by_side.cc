#include "core/merging/text/side_by_side.h"

#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "core/base/text/same_text.h"
#include "core/merging/text/dated_statement.h"

namespace tulving::merging {
namespace {

using std::chrono::days;

// Of when each is: by its own note, else by who said so.
struct Dates {
  std::vector<std::optional<Timestamp>> times;
  std::vector<bool> are_noted;
};

Dates dates_of(std::span<const TimedSaying> sayings) {
  Dates dates;
  for (const TimedSaying& saying : sayings) {
    const auto noted = noted_time(saying.text);
    dates.times.push_back(noted ? noted : saying.time);
    dates.are_noted.push_back(noted.has_value());
  }
  return dates;
}

// Members are in the order of time.
bool day_tells_apart(const std::vector<std::uint32_t>& members, const Dates& dates) {
  for (std::size_t i = 1; i < members.size(); ++i) {
    const auto& before = dates.times[members[i - 1]];
    const auto& after = dates.times[members[i]];
    if (before && after && *before != *after &&
        std::chrono::floor<days>(*before) == std::chrono::floor<days>(*after)) {
      return false;
    }
  }
  return true;
}

void date(SideBySide& group, const Dates& dates) {
  group.as_of.resize(group.members.size());
  if (group.members.size() == 1) return;
  std::ranges::stable_sort(group.members, {},
                           [&](std::uint32_t member) { return dates.times[member]; });
  const bool to_the_second = !day_tells_apart(group.members, dates);
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    const std::uint32_t member = group.members[i];
    if (!dates.times[member] || dates.are_noted[member]) continue;
    group.as_of[i] = as_of_time(*dates.times[member], to_the_second);
  }
}

}  // namespace

std::vector<SideBySide> put_side_by_side(std::span<const TimedSaying> sayings) {
  // Without notes, which would make any two of one day likely. Who has one stands in an earlier
  // merge, and was said by one of its sources.
  std::vector<Saying> bare(sayings.begin(), sayings.end());
  for (Saying& saying : bare) {
    const std::string_view note = as_of_note(saying.text);
    if (note.empty()) continue;
    saying.text = saying.text.substr(0, static_cast<std::size_t>(note.data() - saying.text.data()));
    saying.is_said_by_several = true;
  }
  const std::vector<std::uint32_t> first = first_alike(bare);
  std::vector<SideBySide> groups;
  std::vector<std::size_t> group_of(sayings.size());
  for (std::uint32_t i = 0; i < sayings.size(); ++i) {
    group_of[i] = first[i] == i ? groups.size() : group_of[first[i]];
    if (first[i] == i) groups.emplace_back();
    groups[group_of[i]].members.push_back(i);
  }
  const Dates dates = dates_of(sayings);
  for (SideBySide& group : groups) date(group, dates);
  return groups;
}

std::vector<std::string> merge_statements(std::span<const TimedSaying> sayings) {
  std::vector<TimedSaying> unique;
  std::unordered_map<std::string, std::size_t> known;
  for (const TimedSaying& saying : sayings) {
    const auto [place, is_new] = known.try_emplace(same_text_form(saying.text), unique.size());
    if (is_new) {
      unique.push_back(saying);
      continue;
    }
    TimedSaying& same = unique[place->second];
    same.time = std::max(same.time, saying.time);
    same.is_said_by_several = same.is_said_by_several || same.source != saying.source;
  }
  std::vector<std::string> merged;
  for (const SideBySide& group : put_side_by_side(unique)) {
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      const std::string_view text = unique[group.members[i]].text;
      merged.push_back(group.as_of[i].empty() ? std::string(text)
                                              : with_as_of(text, group.as_of[i]));
    }
  }
  return merged;
}

}  // namespace tulving::merging
