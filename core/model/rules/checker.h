#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tulving/result.h"
#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving::model {

inline constexpr std::size_t kFieldBytesMax = 1'000'000;  ///< Of a record but a memory.

/// Checks one record's fields, one call a field, and keeps the first rule broken. Calls return true
/// while the rules hold, so that they chain with && and a sound record costs no allocation.
class Checker {
 public:
  /// `bytes_max` bounds each string that has no bound of its own, and 16 times it the whole record:
  /// a record is one FlatBuffer (2 GB at the most) and one entry of the log.
  explicit Checker(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Well-formed UTF-8 without NUL, at most `most` characters, as VARCHAR counts them.
  bool text(std::string_view field, std::string_view value, std::size_t most) {
    return value.empty() || short_text(field, value, most);
  }
  /// Likewise, bounded in bytes as every string is.
  bool text(std::string_view field, std::string_view value) {
    return value.empty() || long_text(field, value);
  }
  /// As the first, and not empty.
  bool name(std::string_view field, std::string_view value, std::size_t most);
  /// Each as text().
  bool texts(std::string_view field, const std::vector<std::string>& values);
  /// Each as name(), and none given twice.
  bool unique_names(std::string_view field, const std::vector<std::string>& values,
                    std::size_t most);

  /// Empty, or JSON that jsonb takes.
  bool json(std::string_view field, std::string_view value);
  /// Empty, or a JSON object that jsonb takes. With `forbidden`, one without a member of that name.
  bool json_object(std::string_view field, std::string_view value, std::string_view forbidden = {});

  bool in_range(std::string_view field, std::int64_t value, std::int64_t low, std::int64_t high);
  bool in_range(std::string_view field, double value, double low, double high);
  bool not_negative(std::string_view field, std::int64_t value);
  bool finite(std::string_view field, double value);
  /// Within the years 1 to 9999, which Postgres and RFC 3339 both can write.
  bool time(std::string_view field, const std::optional<Timestamp>& value);
  /// Nil, or an RFC 4122 version 4 UUID.
  bool id(std::string_view field, const Uuid& value);
  bool ids(std::string_view field, const std::vector<Uuid>& values);
  /// Likewise, and ascending, so that none is given twice.
  bool ascending_ids(std::string_view field, const std::vector<Uuid>& values);
  /// A list of `least` to `most` entries.
  bool count(std::string_view field, std::size_t count, std::size_t least, std::size_t most);
  /// An enumerator's value is one of `count`.
  template <class Enum>
  bool enumerator(std::string_view field, Enum value, std::size_t count) {
    return static_cast<std::size_t>(value) < count || bad_enumerator(field, value);
  }

  /// The record as a whole is within its bound. Call it last.
  bool total();

  bool fail(std::string_view field, std::string message);
  [[nodiscard]] Error take_error() && { return std::move(error_); }

 private:
  bool short_text(std::string_view field, std::string_view value, std::size_t most);
  bool long_text(std::string_view field, std::string_view value);
  bool well_formed(std::string_view field, std::string_view value);
  bool in_entry(std::string_view field, std::size_t i);
  bool duplicate(std::string_view field, const std::string& value);
  template <class Enum>
  bool bad_enumerator(std::string_view field, Enum value) {
    return fail(field, std::string(field) + " is " + std::to_string(static_cast<int>(value)) +
                           "; not one of its enumerators");
  }

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  Error error_;
};

/// `value` in quotes, cut after 40 characters, for messages.
[[nodiscard]] std::string in_quotes(std::string_view value);

}  // namespace tulving::model
