#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tulving/time.h"

namespace tulving::merging {

// The note that a merge puts into statements that are nearly the same, to say of when each is:
// " (as of 2024-05-01)", before the stops at the end. A question mark is no such stop. Behind a
// block of code it has a line of its own.

/// The note at the statement's end, with the blank before it; empty when there is none.
[[nodiscard]] std::string_view as_of_note(std::string_view statement);

/// What it says.
[[nodiscard]] std::optional<Timestamp> noted_time(std::string_view statement);

/// "2024-05-01", or to the second, with a fraction where there is one.
[[nodiscard]] std::string as_of_time(Timestamp time, bool to_the_second);

/// The statement with the note in it.
[[nodiscard]] std::string with_as_of(std::string_view statement, std::string_view time);

}  // namespace tulving::merging
