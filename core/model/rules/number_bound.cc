#include "core/model/rules/number_bound.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace tulving::model {
namespace {

using std::strong_ordering;

// How every finite number stands to an infinite one; empty: the number is finite.
std::optional<strong_ordering> order_to_infinity(const Number& number) {
  if (number.text() == "inf") return strong_ordering::less;
  if (number.text() == "-inf") return strong_ordering::greater;
  return std::nullopt;
}

// Of a bound beyond all of a type's numbers, the number next to it.
template <class T>
T next_to(strong_ordering order) {
  return order < 0 ? std::numeric_limits<T>::max() : std::numeric_limits<T>::lowest();
}

// The number without its fraction; empty: it is beyond 64 bits.
std::optional<std::int64_t> whole_part(const Decimal& number) {
  if (number.point <= 0) return 0;
  if (number.point > 19) return std::nullopt;
  std::string text = (number.negative ? "-" : "") + number.digits;
  const auto length = static_cast<std::size_t>(number.point) + (number.negative ? 1 : 0);
  text.resize(length, '0');
  std::int64_t whole = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (read.ec != std::errc()) return std::nullopt;
  return whole;
}

template <class Real>
void set_real(const Number& number, Real& at, strong_ordering& order_at) {
  if (const auto beyond = order_to_infinity(number)) {
    at = next_to<Real>(*beyond);
    order_at = *beyond;
    return;
  }
  const std::string& text = number.text();
  const Decimal exact = Decimal::of_json(text);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), at);
  if (read.ec != std::errc()) {  // Too small for the type, or too large.
    at = exact.point <= 0
             ? Real{0}
             : next_to<Real>(exact.negative ? strong_ordering::greater : strong_ordering::less);
  }
  order_at = Decimal::of(at) <=> exact;
}

}  // namespace

template <>
Bound<std::int64_t>::Bound(const Number& number) {
  auto beyond = order_to_infinity(number);
  if (!beyond) {
    const Decimal exact = Decimal::of_json(number.text());
    if (const auto whole = whole_part(exact)) {
      at_ = *whole;
      order_at_ = Decimal::of_json(std::to_string(at_)) <=> exact;
      return;
    }
    beyond = exact.negative ? strong_ordering::greater : strong_ordering::less;
  }
  at_ = next_to<std::int64_t>(*beyond);
  order_at_ = *beyond;
}

template <>
Bound<float>::Bound(const Number& number) {
  set_real(number, at_, order_at_);
}

template <>
Bound<double>::Bound(const Number& number) {
  set_real(number, at_, order_at_);
}

std::optional<std::int64_t> least_within(const Number& low, bool strict) {
  const Bound<std::int64_t> bound(low);
  const auto order = bound.order_of(bound.at());
  if (order > 0 || (order == 0 && !strict)) return bound.at();
  if (bound.at() == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return bound.at() + 1;
}

std::optional<std::int64_t> greatest_within(const Number& high, bool strict) {
  const Bound<std::int64_t> bound(high);
  const auto order = bound.order_of(bound.at());
  if (order < 0 || (order == 0 && !strict)) return bound.at();
  if (bound.at() == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return bound.at() - 1;
}

Bound<Decimal>::Bound(const Number& number) : infinite_(order_to_infinity(number)) {
  if (!infinite_) at_ = Decimal::of_json(number.text());
}

}  // namespace tulving::model
