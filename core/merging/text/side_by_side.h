#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/merging/text/likeness.h"
#include "tulving/time.h"

namespace tulving::merging {

/// A statement and when a source last said so.
struct TimedSaying : Saying {
  std::optional<Timestamp> time;
};

/// Statements that are nearly the same, which stand side by side.
struct SideBySide {
  std::vector<std::uint32_t> members;  ///< The oldest first; of one time, or without, as given.
  /// What a date each of them takes, empty where it has one already or its time is not known. To
  /// the second where the day does not tell two apart.
  std::vector<std::string> as_of;
};

/// Every statement in one group, of one member mostly, by the groups' first members. A statement
/// dated by an earlier merge is of that time.
[[nodiscard]] std::vector<SideBySide> put_side_by_side(std::span<const TimedSaying> sayings);

/// Each text once, in the order of time, in the words that were said first; those that are nearly
/// the same side by side, with their dates.
[[nodiscard]] std::vector<std::string> merge_statements(std::span<const TimedSaying> sayings);

}  // namespace tulving::merging
