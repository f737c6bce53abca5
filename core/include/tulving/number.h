#pragma once

#include <compare>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include "tulving/result.h"
#include "tulving/time.h"

namespace tulving {

/// A number of any length, compared exactly, as Postgres' numeric is: 12345678901234567890123 and
/// 12345678901234567890124 differ, 0.1, 1e-1 and 0.10 are equal.
///
/// A float or a double stands for the shortest decimal that reads back as it, which is what JSON
/// shows: the float nearest to 1.2 is 1.2, not 1.2000000476837158. So a value that was shown, and
/// one passed on from a record's field, is the value that is there. Take a float as it is: widened
/// to a double it is another number.
class Number {
 public:
  template <std::integral T>
  requires(!std::same_as<T, bool>) Number(T value) : text_(std::to_string(value)) {}
  Number(float value);
  Number(double value);
  Number(Timestamp time) : Number(time.time_since_epoch().count()) {}  ///< us since 1970.

  /// The double that shows as the float does: 0.87F is 0.87, where widening would give
  /// 0.8700000048.
  [[nodiscard]] static double widened(float value);

  /// Reads a JSON number. kInvalidArgument: it is none, or outside what Postgres' numeric holds.
  static Result<Number> parse(std::string_view json);

  /// As a JSON number; "nan", "inf" or "-inf", which JSON has not, where it is none.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool is_nan() const noexcept { return text_ == "nan"; }

  /// By value. NaN is unordered.
  friend std::partial_ordering operator<=>(const Number& a, const Number& b);
  friend bool operator==(const Number& a, const Number& b) { return (a <=> b) == 0; }

 private:
  explicit Number(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace tulving
