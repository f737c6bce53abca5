#include "core/base/json/decimal.h"

#include <algorithm>
#include <charconv>

namespace tulving {
namespace {

std::strong_ordering order_of_magnitudes(const Decimal& a, const Decimal& b) {
  if (const auto order = a.point <=> b.point; order != 0) return order;
  return a.digits <=> b.digits;  // As fractions: neither ends in a zero.
}

}  // namespace

Decimal Decimal::of_json(std::string_view number) {
  Decimal decimal;
  decimal.negative = number.front() == '-';
  if (decimal.negative) number.remove_prefix(1);
  const std::size_t mantissa_end = std::min(number.find_first_of("eE"), number.size());
  if (mantissa_end < number.size()) {
    std::string_view exponent = number.substr(mantissa_end + 1);
    if (exponent.front() == '+') exponent.remove_prefix(1);
    std::from_chars(exponent.data(), exponent.data() + exponent.size(), decimal.point);
  }
  const std::string_view mantissa = number.substr(0, mantissa_end);
  const std::size_t whole = std::min(mantissa.find('.'), mantissa.size());
  decimal.digits = mantissa.substr(0, whole);
  if (whole < mantissa.size()) decimal.digits += mantissa.substr(whole + 1);
  const std::size_t first = decimal.digits.find_first_not_of('0');
  if (first == std::string::npos) return {};
  decimal.digits.erase(decimal.digits.find_last_not_of('0') + 1);
  decimal.digits.erase(0, first);
  decimal.point += static_cast<std::int64_t>(whole) - static_cast<std::int64_t>(first);
  return decimal;
}

namespace {
template <class Real>
Decimal shortest(Real value) {
  char text[32];
  return Decimal::of_json({text, std::to_chars(text, text + sizeof text, value).ptr});
}
}  // namespace

Decimal Decimal::of(float value) { return shortest(value); }
Decimal Decimal::of(double value) { return shortest(value); }

std::string Decimal::canonical() const {
  if (digits.empty()) return "0";
  std::string text = (negative ? "-" : "") + digits;
  const std::int64_t exponent = point - static_cast<std::int64_t>(digits.size());
  if (exponent != 0) text += "e" + std::to_string(exponent);
  return text;
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  const auto sign = [](const Decimal& x) { return x.digits.empty() ? 0 : x.negative ? -1 : 1; };
  if (const auto order = sign(a) <=> sign(b); order != 0) return order;
  return a.negative ? order_of_magnitudes(b, a) : order_of_magnitudes(a, b);
}

}  // namespace tulving
