#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/merging/fields/merge_json.h"
#include "tulving/records.h"

namespace tulving::merging {

/// What sources say, in the order of time; and the raw memories behind those that are merges, which
/// add nothing but when they said it.
struct Voices {
  std::span<const Memory> sources;
  std::span<const Memory> origins;
};

/// The field's JSON of each, with its time.
[[nodiscard]] std::vector<TimedJson> timed(std::span<const Memory> memories,
                                           std::string Memory::*field);

/// A field that is one text: each value once; where there are several, a line each with the time
/// when it was last said, the newest last.
[[nodiscard]] std::string all_values(const Voices& voices, std::string Memory::*field);

/// Each once; those that are nearly the same side by side, with their dates.
[[nodiscard]] std::vector<std::string> all_facts(const Voices& voices);

}  // namespace tulving::merging
