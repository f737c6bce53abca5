#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

// The oracle of exact comparison: a decimal number written out in full, as a sign and 1,800 digits,
// which compare as texts do. And numbers at the edges of what machines hold.

namespace tulving::testing_support {

/// A JSON number with an exponent of some +-450 at most.
class FixedPoint {
 public:
  explicit FixedPoint(std::string_view number) {
    negative_ = number.front() == '-';
    if (negative_) number.remove_prefix(1);
    const std::size_t e = std::min(number.find_first_of("eE"), number.size());
    int place = kPlaces;  // Of the digit to come, counted from the left.
    if (e < number.size()) place -= std::stoi(std::string(number.substr(e + 1)));
    const std::string_view mantissa = number.substr(0, e);
    place -= static_cast<int>(std::min(mantissa.find('.'), mantissa.size()));
    for (const char c : mantissa) {
      if (c != '.') digits_.at(static_cast<std::size_t>(place++)) = c;
    }
  }

  friend std::strong_ordering operator<=>(const FixedPoint& a, const FixedPoint& b) {
    const int sign_a = a.sign();
    const int sign_b = b.sign();
    if (sign_a != sign_b) return sign_a <=> sign_b;
    return sign_a < 0 ? b.digits_ <=> a.digits_ : a.digits_ <=> b.digits_;
  }
  friend bool operator==(const FixedPoint& a, const FixedPoint& b) { return (a <=> b) == 0; }

 private:
  static constexpr int kPlaces = 900;  // Before the point, and as many after it.

  [[nodiscard]] int sign() const {
    if (digits_.find_first_not_of('0') == std::string::npos) return 0;
    return negative_ ? -1 : 1;
  }

  bool negative_ = false;
  std::string digits_ = std::string(2 * kPlaces, '0');
};

/// A JSON number: one of those that a double or a float would round, or a random one, often near
/// to another.
inline std::string random_number(std::mt19937_64& random) {
  static const char* const kEdges[] = {"0",
                                       "-0",
                                       "0.0e5",
                                       "0.1",
                                       "1e-1",
                                       "1.2",
                                       "1.20",
                                       "1.2000000476837158",
                                       "1.2000000000000001",
                                       "9007199254740991",
                                       "9007199254740992",
                                       "9007199254740993",
                                       "-9007199254740993",
                                       "9223372036854775807",
                                       "9223372036854775808",
                                       "-9223372036854775808",
                                       "-9223372036854775809",
                                       "12345678901234567890123",
                                       "12345678901234567890124",
                                       "1e400",
                                       "1.0E+400",
                                       "-1e400",
                                       "1e-400",
                                       "-1e-400",
                                       "253402300799999999",
                                       "253402300799999998.5",
                                       "3.4028235e38",
                                       "3.4028236e38",
                                       "1e-45",
                                       "1.4e-45",
                                       "7e-46",
                                       "2147483647",
                                       "2147483647.5"};
  const auto below = [&random](std::uint64_t n) { return random() % n; };
  if (below(2) == 0) return kEdges[below(std::size(kEdges))];
  std::string text = below(3) == 0 ? "-" : "";
  text += std::to_string(below(below(2) == 0 ? 12 : ~0ULL));
  if (below(2) == 0) text += "." + std::to_string(below(1000));
  if (below(3) == 0) text += "e" + std::to_string(static_cast<int>(below(41)) - 20);
  return text;
}

}  // namespace tulving::testing_support
