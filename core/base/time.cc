#include "tulving/time.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "core/base/text/utf8.h"
#include "core/base/time_zone.h"

namespace tulving {
namespace {

using std::chrono::microseconds;

constexpr Timestamp kFirst = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
constexpr Timestamp kEnd = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);

// Walks over the text; a failed read leaves it where it was.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(char expected) {
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_any(std::string_view set) {
    if (rest_.empty() || set.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `digits` digits, with a value of `low` to `high`.
  std::optional<int> number(int digits, int low, int high) {
    if (rest_.size() < static_cast<std::size_t>(digits)) return std::nullopt;
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      const int digit = digit_at(static_cast<std::size_t>(i));
      if (digit < 0) return std::nullopt;
      value = 10 * value + digit;
    }
    if (value < low || value > high) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(digits));
    return value;
  }

  // One digit or more after the point. Those past the sixth are cut off, not rounded: a time never
  // moves into the future by being read.
  std::optional<microseconds> fraction() {
    std::size_t count = 0;
    std::int64_t value = 0;
    for (; count < rest_.size() && digit_at(count) >= 0; ++count) {
      if (count < 6) value = 10 * value + digit_at(count);
    }
    if (count == 0) return std::nullopt;
    for (std::size_t i = count; i < 6; ++i) value *= 10;
    rest_.remove_prefix(count);
    return microseconds(value);
  }

 private:
  [[nodiscard]] int digit_at(std::size_t i) const {
    return rest_[i] >= '0' && rest_[i] <= '9' ? rest_[i] - '0' : -1;
  }

  std::string_view rest_;
};

std::optional<std::chrono::sys_days> read_date(Reader& reader) {
  const auto year = reader.number(4, 1, 9999);
  if (!year || !reader.take('-')) return std::nullopt;
  const auto month = reader.number(2, 1, 12);
  if (!month || !reader.take('-')) return std::nullopt;
  const auto day = reader.number(2, 1, 31);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// "09:30:00.25", seconds not needed. A second 60 is refused: the time scale has no leap seconds,
// and Postgres would quietly make it the next minute.
std::optional<microseconds> read_time_of_day(Reader& reader) {
  const auto hour = reader.number(2, 0, 23);
  if (!hour || !reader.take(':')) return std::nullopt;
  const auto minute = reader.number(2, 0, 59);
  if (!minute) return std::nullopt;
  const microseconds to_the_minute = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (!reader.take(':')) return to_the_minute;
  const auto second = reader.number(2, 0, 59);
  if (!second) return std::nullopt;
  microseconds fraction{};
  if (reader.take('.')) {
    const auto read = reader.fraction();
    if (!read) return std::nullopt;
    fraction = *read;
  }
  return to_the_minute + std::chrono::seconds(*second) + fraction;
}

// "Z", "+05:30", "+0530" or "+05", as what is to be subtracted to reach UTC. Postgres writes
// seconds too, of times before there were zones: "+00:53:28".
std::optional<std::chrono::seconds> read_offset(Reader& reader) {
  if (reader.take_any("Zz")) return std::chrono::seconds(0);
  const bool west = reader.take('-');
  if (!west && !reader.take('+')) return std::nullopt;
  const auto hours = reader.number(2, 0, 23);
  if (!hours) return std::nullopt;
  std::chrono::seconds offset = std::chrono::hours(*hours);
  if (!reader.at_end()) {
    const bool with_colons = reader.take(':');
    const auto minutes = reader.number(2, 0, 59);
    if (!minutes) return std::nullopt;
    offset += std::chrono::minutes(*minutes);
    if (with_colons && reader.take(':')) {
      const auto seconds = reader.number(2, 0, 59);
      if (!seconds) return std::nullopt;
      offset += std::chrono::seconds(*seconds);
    }
  }
  return west ? -offset : offset;
}

// A time as it is written.
struct Written {
  std::chrono::sys_days date;
  std::optional<microseconds> time_of_day;
  std::optional<std::chrono::seconds> offset;
};

std::optional<Written> read_time(Reader& reader) {
  Written written;
  const auto date = read_date(reader);
  if (!date) return std::nullopt;
  written.date = *date;
  if (reader.at_end()) return written;
  if (!reader.take_any("Tt ")) return std::nullopt;
  written.time_of_day = read_time_of_day(reader);
  if (!written.time_of_day) return std::nullopt;
  if (reader.at_end()) return written;
  written.offset = read_offset(reader);
  if (!written.offset || !reader.at_end()) return std::nullopt;
  return written;
}

Error refusal(std::string_view text, std::string_view why) {
  return {ErrorCode::kInvalidArgument, fmt::format("\"{}\" {}", utf8_prefix(text, 64), why)};
}

// The moment that a number of seconds since 1970 means, or of their thousandths and so on, as
// systems write them: told apart by size, which is right for the years 1973 to 5138.
std::optional<std::string> as_epoch(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && (end == text.data() + text.size() || *end == '.');
  if (!is_number || number < 100'000'000) return std::nullopt;
  std::int64_t unit = 1'000'000'000;  // In nanoseconds.
  for (std::int64_t size = number; size >= 100'000'000'000; size /= 1000) unit /= 1000;
  if (unit == 0) return std::nullopt;
  const std::int64_t micros = unit >= 1000 ? number * (unit / 1000) : number / 1000;
  return format_time(Timestamp(microseconds(micros)));
}

// What the writer of a text that is no time may want to hear.
std::string advice(std::string_view text) {
  if (text.empty()) return "; leave an unknown time out";
  if (const auto time = as_epoch(text)) {
    return fmt::format("; a number of seconds since 1970 is written out: \"{}\"", *time);
  }
  if (text.ends_with(']')) return "; a zone goes in as its offset, such as +02:00";
  if (text.find(":60") != std::string_view::npos) return "; there are no leap seconds here";
  if (text.size() > 13 && text.substr(11, 2) == "24") {
    return "; the end of a day is 00:00:00 of the next";
  }
  if (text == "infinity") return "; a time that never comes is left out";
  return {};
}

}  // namespace

Timestamp system_now() {
  return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

Result<Timestamp> parse_time(std::string_view text, const std::optional<TimeZone>& zone) {
  Reader reader(text);
  const auto written = read_time(reader);
  if (!written) {
    return refusal(
        text, "is not an RFC 3339 time such as 2026-03-01T09:30:00Z" + std::string(advice(text)));
  }
  const Timestamp clock = written->date + written->time_of_day.value_or(microseconds(0));
  if (written->time_of_day && !written->offset && !zone) {
    return refusal(text,
                   "names no zone, as an RFC 3339 time must: end it with Z or an offset, or say "
                   "the zone of all such times (import --zone UTC)");
  }
  Timestamp time = clock - written->offset.value_or(std::chrono::seconds(0));
  if (!written->offset && zone) {
    const auto moment = moment_of(clock, *zone, !written->time_of_day);
    if (!moment) return refusal(text, "is no time in the local zone, whose clocks went forward");
    time = *moment;
  }
  if (time < kFirst || time >= kEnd) return refusal(text, "is outside the years 1 to 9999");
  return time;
}

std::string format_time(Timestamp time) {
  // No rule lets such a time into a store; std::chrono::year could not hold all of them.
  if (time < kFirst || time >= kEnd) {
    return fmt::format("{} us since 1970", time.time_since_epoch().count());
  }
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int{date.year()}, unsigned{date.month()},
                  unsigned{date.day()}, clock.hours().count(), clock.minutes().count(),
                  clock.seconds().count());
  if (clock.subseconds().count() != 0) {
    text += fmt::format(".{:06}", clock.subseconds().count());
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "Z";
}

}  // namespace tulving
