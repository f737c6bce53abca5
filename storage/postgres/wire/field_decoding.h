#pragma once

#include <string>
#include <string_view>

#include "storage/postgres/wire/field.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// A value as a database sent it.
struct DecodedField {
  /// std::monostate where it is refused.
  Field field;
  /// Not empty: the value is one that Postgres may hold and a Field cannot, and why. "is NaN".
  std::string refused;
};

/// Reads one value that is not NULL of a column of `type` from its binary form. uuid gives a
/// NamedUuid without name, vector and real[] a std::vector<float>, a numeric the nearest double;
/// the lowest index of an array is not kept.
///
/// Refused: NaN and infinities; times outside the years 1 to 9999; text that is not UTF-8; arrays
///   with NULLs or of several dimensions; numerics beyond double.
/// Errors: kCorruption, where these are not such a value's bytes: "has an element that ends behind
///   it". Whatever the bytes are, no other is read.
Result<DecodedField> decode_field(std::string_view bytes, ColumnType type);

}  // namespace tulving::storage::postgres
