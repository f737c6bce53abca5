#pragma once

#include <chrono>
#include <functional>
#include <optional>
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

/// The zone of times that name none.
struct TimeZone {
  bool is_local = false;           ///< The system's (TZ, else /etc/localtime), summer time too.
  std::chrono::minutes offset{0};  ///< East of UTC, less than a day; unused when is_local.

  friend bool operator==(const TimeZone&, const TimeZone&) = default;
};

/// Reads "UTC", "local", or an offset such as "+02:00". kInvalidArgument: none of them.
Result<TimeZone> parse_time_zone(std::string_view text);

/// Reads RFC 3339 ("2026-03-01T09:30:00Z", fraction and offset allowed, "T" or a blank), and of ISO
/// 8601 times without seconds and the offsets "+02" and "+0200". What is finer than a microsecond
/// is cut off. A bare date is its midnight in `zone`, without one in UTC. A time of day that names
/// no zone is one of `zone`; of two such moments, when clocks go back, it is the first.
/// kInvalidArgument: not such a time; outside the years 1 to 9999; no zone is known; there is no
/// such moment, since clocks went forward. Thread-safe while no thread changes TZ.
Result<Timestamp> parse_time(std::string_view text, const std::optional<TimeZone>& zone = {});

/// RFC 3339 in UTC, ending in "Z", with a fraction only where there is one.
[[nodiscard]] std::string format_time(Timestamp time);

}  // namespace tulving
