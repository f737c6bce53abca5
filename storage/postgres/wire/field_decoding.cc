#include "storage/postgres/wire/field_decoding.h"

#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/text/utf8.h"
#include "storage/postgres/wire/array_decoding.h"
#include "storage/postgres/wire/binary_format.h"
#include "storage/postgres/wire/numeric_decoding.h"

namespace tulving::storage::postgres {
namespace {

constexpr auto kNotUtf8 = "is not UTF-8 text";

Error malformed(std::string what) { return {ErrorCode::kCorruption, std::move(what)}; }

DecodedField refused(std::string why) { return {{}, std::move(why)}; }

std::string_view non_finite_name(double value) {
  if (std::isnan(value)) return "is NaN";
  return value > 0 ? "is infinite" : "is minus infinity";
}

Status expect_size(std::string_view bytes, std::size_t size) {
  if (bytes.size() == size) return {};
  return malformed("has " + std::to_string(bytes.size()) + " bytes, not " + std::to_string(size));
}

DecodedField decode_text(std::string_view bytes) {
  if (first_invalid_utf8(bytes)) return refused(kNotUtf8);
  return {std::string(bytes), {}};
}

Result<DecodedField> decode_json(std::string_view bytes) {
  if (bytes.size() < 2) return malformed("is no jsonb: it has no text");
  if (bytes.front() != '\1') return malformed("is jsonb of a version that is not 1");
  return decode_text(bytes.substr(1));
}

Uuid uuid_of(std::string_view bytes) {
  Uuid id;
  TULVING_DCHECK(bytes.size() == id.bytes.size());
  std::memcpy(id.bytes.data(), bytes.data(), id.bytes.size());
  return id;
}

float float_of(std::string_view bytes) {
  return std::bit_cast<float>(read_big_endian<std::uint32_t>(bytes));
}

DecodedField decode_double(std::string_view bytes) {
  const auto value = std::bit_cast<double>(read_big_endian<std::uint64_t>(bytes));
  if (!std::isfinite(value)) return refused(std::string(non_finite_name(value)));
  return {value, {}};
}

DecodedField decode_time(std::string_view bytes) {
  using std::chrono::year;
  using Limits = std::numeric_limits<std::int64_t>;
  constexpr Timestamp kFirst = std::chrono::sys_days(year{1} / 1 / 1);
  constexpr Timestamp kEnd = std::chrono::sys_days(year{10'000} / 1 / 1);
  const auto micros = static_cast<std::int64_t>(read_big_endian<std::uint64_t>(bytes));
  if (micros == Limits::max()) return refused("is infinity");
  if (micros == Limits::min()) return refused("is -infinity");
  // Compared before the epochs are added up, which might overflow.
  if (micros < (kFirst.time_since_epoch() - kPostgresEpoch).count() ||
      micros >= (kEnd.time_since_epoch() - kPostgresEpoch).count()) {
    return refused("is outside the years 1 to 9999");
  }
  return {Timestamp(std::chrono::microseconds(micros) + kPostgresEpoch), {}};
}

Result<DecodedField> decode_vector(std::string_view bytes) {
  constexpr std::size_t kHead = 2 * sizeof(std::uint16_t);
  if (bytes.size() < kHead) return malformed("is too short for a vector");
  const std::size_t dimensions = read_big_endian<std::uint16_t>(bytes);
  if (read_big_endian<std::uint16_t>(bytes.substr(2)) != 0) {
    return malformed("is a vector of an unknown kind");
  }
  if (dimensions == 0 || bytes.size() != kHead + dimensions * sizeof(float)) {
    return malformed("is a vector of " + std::to_string(dimensions) + " dimensions in " +
                     std::to_string(bytes.size()) + " bytes");
  }
  std::vector<float> elements(dimensions);
  for (std::size_t i = 0; i < dimensions; ++i) {
    elements[i] = float_of(bytes.substr(kHead + i * sizeof(float)));
    if (!std::isfinite(elements[i])) return refused("has an element that is NaN or infinite");
  }
  return DecodedField{std::move(elements), {}};
}

// An array whose elements are what `read_element` makes of their bytes; `element_bytes`: each has
// as many, 0: any number.
template <class Element, class ReadElement>
Result<DecodedField> decode_list(std::string_view bytes, std::uint32_t element_oid,
                                 std::size_t element_bytes, ReadElement read_element) {
  const auto array = split_array(bytes, element_oid);
  if (!array) return array.error();
  if (!array->refused.empty()) return refused(array->refused);
  std::vector<Element> list;
  list.reserve(array->elements.size());
  std::string why;
  for (const std::string_view element : array->elements) {
    if (element_bytes != 0) {
      if (auto status = expect_size(element, element_bytes); !status) {
        return malformed("has an element that " + status.error().message);
      }
    }
    list.push_back(read_element(element, why));
  }
  if (!why.empty()) return refused("has an element that " + why);
  return DecodedField{std::move(list), {}};
}

Result<DecodedField> decode_reals(std::string_view bytes) {
  return decode_list<float>(bytes, kRealOid, sizeof(float), [](auto element, std::string& why) {
    const float value = float_of(element);
    if (!std::isfinite(value)) why = non_finite_name(value);
    return value;
  });
}

Result<DecodedField> decode_texts(std::string_view bytes) {
  return decode_list<std::string>(bytes, kTextOid, 0, [](auto element, std::string& why) {
    if (first_invalid_utf8(element)) why = kNotUtf8;
    return std::string(element);
  });
}

Result<DecodedField> decode_uuids(std::string_view bytes) {
  return decode_list<Uuid>(bytes, kUuidOid, sizeof(Uuid),
                           [](auto element, std::string&) { return uuid_of(element); });
}

Result<DecodedField> decode_boolean(std::string_view bytes) {
  if (bytes.front() != '\0' && bytes.front() != '\1') return malformed("is neither true nor false");
  return DecodedField{bytes.front() == '\1', {}};
}

// What the values of a type have; 0: it differs.
std::size_t size_of(ColumnType type) {
  switch (type) {
    case ColumnType::kBoolean:
      return 1;
    case ColumnType::kInteger:
      return sizeof(std::int32_t);
    case ColumnType::kDouble:
    case ColumnType::kTimestamp:
    case ColumnType::kTimestamptz:
      return sizeof(std::int64_t);
    case ColumnType::kUuid:
      return sizeof(Uuid);
    default:
      return 0;
  }
}

}  // namespace

Result<DecodedField> decode_field(std::string_view bytes, ColumnType type) {
  if (const auto size = size_of(type); size != 0) {
    if (auto status = expect_size(bytes, size); !status) return status.error();
  }
  switch (type) {
    case ColumnType::kText:
      return decode_text(bytes);
    case ColumnType::kJson:
      return decode_json(bytes);
    case ColumnType::kUuid:
      return DecodedField{NamedUuid{uuid_of(bytes), {}}, {}};
    case ColumnType::kBoolean:
      return decode_boolean(bytes);
    case ColumnType::kInteger:
      return DecodedField{static_cast<std::int32_t>(read_big_endian<std::uint32_t>(bytes)), {}};
    case ColumnType::kDouble:
      return decode_double(bytes);
    case ColumnType::kNumeric:
      return decode_numeric(bytes);
    case ColumnType::kTimestamp:
    case ColumnType::kTimestamptz:
      return decode_time(bytes);
    case ColumnType::kVector:
      return decode_vector(bytes);
    case ColumnType::kTextArray:
      return decode_texts(bytes);
    case ColumnType::kUuidArray:
      return decode_uuids(bytes);
    case ColumnType::kRealArray:
      return decode_reals(bytes);
  }
  TULVING_DCHECK(false);  // There is no other type.
  return malformed("is of an unknown type");
}

}  // namespace tulving::storage::postgres
