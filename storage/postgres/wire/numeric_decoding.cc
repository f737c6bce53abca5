#include "storage/postgres/wire/numeric_decoding.h"

#include <charconv>
#include <string>

#include "storage/postgres/wire/binary_format.h"

namespace tulving::storage::postgres {
namespace {

constexpr std::size_t kNumericHead = 4 * sizeof(std::uint16_t);
constexpr std::uint16_t kScaleMax = 0x3FFF;  // Postgres' own limit.

Error bad_numeric(std::string_view what) {
  return {ErrorCode::kCorruption, "is no numeric: " + std::string(what)};
}

DecodedField number_of(const std::string& text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc::result_out_of_range) return {{}, "is beyond what a double can hold"};
  TULVING_DCHECK(failure == std::errc() && end == text.data() + text.size());
  return {value, {}};
}

}  // namespace

Result<DecodedField> decode_numeric(std::string_view bytes) {
  const auto word = [&](std::size_t i) {
    return read_big_endian<std::uint16_t>(bytes.substr(2 * i));
  };
  if (bytes.size() < kNumericHead) return bad_numeric("too few bytes");
  const std::size_t digits = word(0);
  const int weight = static_cast<std::int16_t>(word(1));
  const std::uint16_t sign = word(2);
  if (bytes.size() != kNumericHead + digits * sizeof(std::uint16_t)) {
    return bad_numeric("its digits are not what it says");
  }
  if (sign == kNumericNan) return DecodedField{{}, "is NaN"};
  if (sign == kNumericInfinity) return DecodedField{{}, "is infinite"};
  if (sign == kNumericMinusInfinity) return DecodedField{{}, "is minus infinity"};
  if (sign != kNumericPositive && sign != kNumericNegative) return bad_numeric("an unknown sign");
  if (word(3) > kScaleMax) return bad_numeric("its scale is too large");
  if (digits == 0) return DecodedField{0.0, {}};  // Also of a sign: numeric knows no -0.

  // As decimal text, so that the nearest double is found as it is for any text.
  std::string text = sign == kNumericNegative ? "-" : "";
  for (std::size_t i = 0; i < digits; ++i) {
    const unsigned digit = word(4 + i);
    if (digit > 9999) return bad_numeric("a digit above 9999");
    for (const unsigned power : {1000U, 100U, 10U, 1U}) {
      text += static_cast<char>('0' + digit / power % 10);
    }
  }
  text += 'e' + std::to_string(4 * (weight - static_cast<int>(digits) + 1));
  return number_of(text);
}

}  // namespace tulving::storage::postgres
