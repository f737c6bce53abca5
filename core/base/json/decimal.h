#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace tulving {

/// A decimal number of any length, exactly.
struct Decimal {
  bool negative = false;
  std::string digits;      ///< No zero at either end. Empty: the number is 0, and not negative.
  std::int64_t point = 0;  ///< The number is 0.DIGITS * 10^point; of 0 it is 0.

  /// `number` must have passed scan_json() as a number. O(bytes).
  [[nodiscard]] static Decimal of_json(std::string_view number);
  /// The shortest decimal that reads back as `value`, which must be finite.
  [[nodiscard]] static Decimal of(float value);
  [[nodiscard]] static Decimal of(double value);

  /// One text for equal numbers, itself a JSON number: "3", "3e2", "-12e-5".
  [[nodiscard]] std::string canonical() const;

  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
  friend bool operator==(const Decimal& a, const Decimal& b) = default;
};

}  // namespace tulving
