// numeric: how many digits to base 10,000, the power of the first, the sign, the decimals to show;
// then the digits, without zeros at either end.

#include <array>
#include <charconv>
#include <cmath>

#include "core/base/check.h"
#include "storage/postgres/wire/binary_format.h"
#include "storage/postgres/wire/row_encoder.h"

namespace tulving::storage::postgres {
namespace {

constexpr std::size_t kGroup = 4;  // Decimal digits in one to base 10,000.
static_assert(kNumericScale == kGroup);

// `value`, not negative, as decimal digits, the last four of them decimals, in whole groups.
std::string rounded_digits(double value) {
  std::array<char, 512> buffer;  // The least double that is not 0 needs 326 characters.
  const auto [end, failure] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  TULVING_CHECK(failure == std::errc());
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto decimals = point == text.npos ? std::string_view() : text.substr(point + 1);

  std::string digits(kGroup - whole.size() % kGroup, '0');  // At least one, for the carry.
  digits += whole;
  digits += decimals.substr(0, kNumericScale);
  if (decimals.size() < kNumericScale) digits.append(kNumericScale - decimals.size(), '0');
  if (decimals.size() > kNumericScale && decimals[kNumericScale] >= '5') {
    auto digit = digits.rbegin();
    while (*digit == '9') *digit++ = '0';
    ++*digit;
  }
  return digits;
}

std::uint16_t group_value(std::string_view digits) {
  std::uint16_t value = 0;
  std::from_chars(digits.data(), digits.data() + kGroup, value);
  return value;
}

}  // namespace

void RowEncoder::numeric(double value) {
  TULVING_DCHECK(std::isfinite(value));
  if (!std::isfinite(value)) return null();
  const std::string text = rounded_digits(std::abs(value));
  std::string_view digits = text;
  while (!digits.empty() && digits.ends_with("0000")) digits.remove_suffix(kGroup);
  std::size_t weight = text.size() / kGroup - 2;  // The last group, the decimals, has power -1.
  while (digits.starts_with("0000")) {
    digits.remove_prefix(kGroup);
    --weight;  // Down to -1, as 16 bits have it.
  }
  if (digits.empty()) weight = 0;
  const bool is_negative = std::signbit(value) && !digits.empty();  // numeric knows no -0.
  const std::size_t groups = digits.size() / kGroup;
  begin_field(4 * sizeof(std::uint16_t) + groups * sizeof(std::uint16_t));
  append_big_endian(bytes_, static_cast<std::uint16_t>(groups));
  append_big_endian(bytes_, static_cast<std::uint16_t>(weight));
  append_big_endian(bytes_, is_negative ? kNumericNegative : kNumericPositive);
  append_big_endian(bytes_, std::uint16_t{kNumericScale});
  for (; !digits.empty(); digits.remove_prefix(kGroup)) {
    append_big_endian(bytes_, group_value(digits));
  }
}

}  // namespace tulving::storage::postgres
