#include "tulving/time.h"

#include <fmt/format.h>

#include <optional>

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

// "09:30:00.25". A second 60 is refused: the time scale has no leap seconds, and Postgres would
// quietly make it the next minute.
std::optional<microseconds> read_time_of_day(Reader& reader) {
  const auto hour = reader.number(2, 0, 23);
  if (!hour || !reader.take(':')) return std::nullopt;
  const auto minute = reader.number(2, 0, 59);
  if (!minute || !reader.take(':')) return std::nullopt;
  const auto second = reader.number(2, 0, 59);
  if (!second) return std::nullopt;
  microseconds fraction{};
  if (reader.take('.')) {
    const auto read = reader.fraction();
    if (!read) return std::nullopt;
    fraction = *read;
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
         fraction;
}

// "Z" or "+05:30", as what is to be subtracted to reach UTC.
std::optional<std::chrono::minutes> read_offset(Reader& reader) {
  if (reader.take_any("Zz")) return std::chrono::minutes(0);
  const bool west = reader.take('-');
  if (!west && !reader.take('+')) return std::nullopt;
  const auto hours = reader.number(2, 0, 23);
  if (!hours || !reader.take(':')) return std::nullopt;
  const auto minutes = reader.number(2, 0, 59);
  if (!minutes) return std::nullopt;
  const std::chrono::minutes offset(60 * *hours + *minutes);
  return west ? -offset : offset;
}

std::optional<Timestamp> read_time(Reader& reader) {
  const auto date = read_date(reader);
  if (!date || reader.at_end()) return date;
  if (!reader.take_any("Tt ")) return std::nullopt;
  const auto time_of_day = read_time_of_day(reader);
  if (!time_of_day) return std::nullopt;
  const auto offset = read_offset(reader);
  if (!offset || !reader.at_end()) return std::nullopt;
  return *date + *time_of_day - *offset;
}

}  // namespace

Timestamp system_now() {
  return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

Result<Timestamp> parse_time(std::string_view text) {
  Reader reader(text);
  const auto time = read_time(reader);
  if (!time) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("\"{}\" is not an RFC 3339 time such as 2026-03-01T09:30:00Z",
                             text.substr(0, 64))};
  }
  if (*time < kFirst || *time >= kEnd) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("\"{}\" is outside the years 1 to 9999", text.substr(0, 64))};
  }
  return *time;
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
