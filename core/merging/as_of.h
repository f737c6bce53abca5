#pragma once

#include <string>
#include <string_view>

#include "tulving/time.h"

namespace tulving::merging {

// The note that a merge puts into one of two statements that contradict each other: " (as of
// 2024-05-01)", before the stops at the end. A question mark is no such stop.

/// The note at the sentence's end, " (as of " included; empty when there is none.
[[nodiscard]] std::string_view as_of_note(std::string_view sentence);

/// "2024-05-01", or to the second.
[[nodiscard]] std::string as_of_time(Timestamp time, bool to_the_second);

/// The sentence with the note in it.
[[nodiscard]] std::string with_as_of(std::string_view sentence, std::string_view time);

}  // namespace tulving::merging
