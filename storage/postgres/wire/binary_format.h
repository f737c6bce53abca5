#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.h"

// What PostgreSQL's binary forms have in common, for who writes them and who reads them.

namespace tulving::storage::postgres {

template <std::unsigned_integral T>
void append_big_endian(std::string& out, T value) {
  for (int shift = static_cast<int>(sizeof(T) * 8) - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xFFU));
  }
}

/// The number that `bytes` starts with; they must be as many as T has.
template <std::unsigned_integral T>
[[nodiscard]] T read_big_endian(std::string_view bytes) {
  TULVING_DCHECK(bytes.size() >= sizeof(T));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = value << 8U | static_cast<std::uint8_t>(bytes[i]);
  }
  return static_cast<T>(value);
}

/// -1, the length of a field, or of an array's element, that is NULL.
constexpr std::uint32_t kNullLength = 0xFFFF'FFFF;

/// Postgres counts from 2000-01-01, 10,957 days after 1970-01-01.
constexpr std::chrono::microseconds kPostgresEpoch = std::chrono::days(10'957);

/// Types by their numbers in pg_type, which arrays name for their elements.
constexpr std::uint32_t kTextOid = 25;
constexpr std::uint32_t kRealOid = 700;
constexpr std::uint32_t kUuidOid = 2950;

/// The sign of a numeric. Those below kNumericNan are numbers.
constexpr std::uint16_t kNumericPositive = 0x0000;
constexpr std::uint16_t kNumericNegative = 0x4000;
constexpr std::uint16_t kNumericNan = 0xC000;
constexpr std::uint16_t kNumericInfinity = 0xD000;
constexpr std::uint16_t kNumericMinusInfinity = 0xF000;
/// Decimals of the numeric columns.
constexpr std::size_t kNumericScale = 4;

}  // namespace tulving::storage::postgres
