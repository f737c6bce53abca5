#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "tulving/result.h"

namespace tulving {

/// UTC, to the microsecond: what Postgres' timestamp holds. The epoch (1970) means "not set"
/// nowhere; optional times are std::optional.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Where "now" comes from. Must be callable from any thread.
using Clock = std::function<Timestamp()>;

/// The system's clock.
[[nodiscard]] Timestamp system_now();

/// Reads RFC 3339 ("2026-03-01T09:30:00Z", fraction and offset allowed, "T" or a blank, a bare date
/// is midnight UTC). kInvalidArgument: not such a time, or outside the years 1 to 9999.
Result<Timestamp> parse_time(std::string_view text);

/// RFC 3339 in UTC, ending in "Z", with a fraction only where there is one.
[[nodiscard]] std::string format_time(Timestamp time);

}  // namespace tulving
