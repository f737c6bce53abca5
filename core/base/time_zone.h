#pragma once

#include <optional>

#include "tulving/time.h"

namespace tulving {

/// The moment at which clocks of `zone` show `clock`, the first of two when they were set back.
/// When they were set forward past it there is none: empty, or with `or_next` the moment when they
/// were set, which is when a day begins whose midnight was left out.
[[nodiscard]] std::optional<Timestamp> moment_of(Timestamp clock, const TimeZone& zone,
                                                 bool or_next);

}  // namespace tulving
