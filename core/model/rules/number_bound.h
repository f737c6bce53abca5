#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/json/decimal.h"
#include "tulving/number.h"

namespace tulving::model {

/// A bound as the values of a column see it: worked out once, so that a comparison with a value is
/// one of machine numbers, and as exact as that of the decimals. NaN has no bound.
///
/// Of all the column's numbers only one, `at_`, can lie on either side of the bound or be equal to
/// it: for integers the bound without its fraction, for floats the nearest one, since what a float
/// shows reads back as that float. How it stands to the bound is worked out in decimals.
template <class T>
class Bound {
 public:
  explicit Bound(const Number& number);

  [[nodiscard]] T at() const { return at_; }
  /// How `value` stands to the bound.
  [[nodiscard]] std::strong_ordering order_of(T value) const {
    if (value < at_) return std::strong_ordering::less;
    if (value > at_) return std::strong_ordering::greater;
    return order_at_;
  }

 private:
  T at_ = 0;
  std::strong_ordering order_at_ = std::strong_ordering::equal;
};

template <>
Bound<std::int64_t>::Bound(const Number& number);
template <>
Bound<float>::Bound(const Number& number);
template <>
Bound<double>::Bound(const Number& number);

/// The least integer that is above `low`, or equal to it where that is enough; empty: there is
/// none. Likewise the greatest one below `high`.
[[nodiscard]] std::optional<std::int64_t> least_within(const Number& low, bool strict);
[[nodiscard]] std::optional<std::int64_t> greatest_within(const Number& high, bool strict);

/// Decimals, for numbers in JSON.
template <>
class Bound<Decimal> {
 public:
  explicit Bound(const Number& number);
  [[nodiscard]] std::strong_ordering order_of(const Decimal& value) const {
    return infinite_ ? *infinite_ : value <=> at_;
  }

 private:
  Decimal at_;
  std::optional<std::strong_ordering> infinite_;
};

/// The two bounds of a NumberRange or a MetadataRange over values of type T.
template <class T>
class Interval {
 public:
  explicit Interval(const auto& range)
      : low_strict_(range.low_strict), high_strict_(range.high_strict) {
    if (range.low) low_.emplace(*range.low);
    if (range.high) high_.emplace(*range.high);
  }

  [[nodiscard]] bool contains(const T& value) const {
    if (low_) {
      const auto order = low_->order_of(value);
      if (order < 0 || (low_strict_ && order == 0)) return false;
    }
    if (!high_) return true;
    const auto order = high_->order_of(value);
    return order < 0 || (!high_strict_ && order == 0);
  }

 private:
  std::optional<Bound<T>> low_, high_;
  bool low_strict_, high_strict_;
};

}  // namespace tulving::model
