#include "core/base/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace tulving {
namespace {

using std::chrono::seconds;

// The C library knows the system's zone; its calendar is a struct of ints that counts from 1900.
std::tm broken_down(std::chrono::sys_seconds clock) {
  const auto day = std::chrono::floor<std::chrono::days>(clock);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(clock - day);
  std::tm parts{};
  parts.tm_year = int{date.year()} - 1900;
  parts.tm_mon = static_cast<int>(unsigned{date.month()}) - 1;
  parts.tm_mday = static_cast<int>(unsigned{date.day()});
  parts.tm_hour = static_cast<int>(time.hours().count());
  parts.tm_min = static_cast<int>(time.minutes().count());
  parts.tm_sec = static_cast<int>(time.seconds().count());
  return parts;
}

bool shows_the_same(const std::tm& a, const std::tm& b) {
  return a.tm_year == b.tm_year && a.tm_mon == b.tm_mon && a.tm_mday == b.tm_mday &&
         a.tm_hour == b.tm_hour && a.tm_min == b.tm_min && a.tm_sec == b.tm_sec;
}

// What local clocks show at `moment`, as if it were UTC.
std::optional<std::chrono::sys_seconds> local_clock(std::time_t moment) {
  std::tm shown{};
  if (localtime_r(&moment, &shown) == nullptr) return std::nullopt;
  return std::chrono::sys_seconds(seconds(moment + shown.tm_gmtoff));
}

// Offsets that the zone has about `clock`: a day before and a day after, between which clocks are
// set once at most.
std::optional<std::chrono::sys_seconds> local_moment(std::chrono::sys_seconds clock, bool or_next) {
  const std::tm wanted = broken_down(clock);
  std::optional<std::time_t> found;
  std::optional<std::time_t> next;
  for (const int day : {-1, 1}) {
    const std::time_t near = clock.time_since_epoch().count() + day * 86'400;
    const auto shown = local_clock(near);
    if (!shown) return std::nullopt;
    const std::time_t offset = shown->time_since_epoch().count() - near;
    const std::time_t moment = clock.time_since_epoch().count() - offset;
    std::tm parts{};
    if (localtime_r(&moment, &parts) == nullptr) return std::nullopt;
    if (shows_the_same(parts, wanted)) found = std::min(found.value_or(moment), moment);
    // By the offset before, a clock time that is left out lies as far behind the change.
    if (day == -1) next = moment;
  }
  if (!found && or_next) found = next;
  if (!found) return std::nullopt;
  return std::chrono::sys_seconds(seconds(*found));
}

std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  for (const std::size_t i : {1U, 2U, 4U, 5U}) {
    if (!digit(i)) return std::nullopt;
  }
  const int hours = 10 * (text[1] - '0') + (text[2] - '0');
  const int minutes = 10 * (text[4] - '0') + (text[5] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  const std::chrono::minutes offset(60 * hours + minutes);
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

Result<TimeZone> parse_time_zone(std::string_view text) {
  if (text == "UTC" || text == "utc" || text == "Z") return TimeZone{};
  if (text == "local") return TimeZone{.is_local = true};
  if (const auto offset = parse_offset(text)) return TimeZone{.offset = *offset};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("zone is \"{}\"; must be UTC, local or an offset such as +02:00", text),
               "zone"};
}

std::optional<Timestamp> moment_of(Timestamp clock, const TimeZone& zone, bool or_next) {
  if (!zone.is_local) return clock - zone.offset;
  const auto whole = std::chrono::floor<seconds>(clock);
  const auto moment = local_moment(whole, or_next);
  if (!moment) return std::nullopt;
  return *moment + (clock - whole);
}

}  // namespace tulving
