#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving::storage::postgres {

/// The types that the columns of the target schemas have. An enum type's labels travel as text.
enum class ColumnType : std::uint8_t {
  kText,  ///< text, varchar(n), an enum type
  kJson,  ///< jsonb
  kUuid,
  kBoolean,
  kInteger,    ///< integer, serial
  kDouble,     ///< double precision
  kNumeric,    ///< numeric(10, 4)
  kTimestamp,  ///< timestamp, UTC
  kTimestamptz,
  kVector,  ///< pgvector's
  kTextArray,
  kUuidArray,
  kRealArray,
};

/// A UUID that stands for a caller's own name; `name` is empty where it is the UUID's own text.
struct NamedUuid {
  Uuid id;
  std::string name;
  friend bool operator==(const NamedUuid&, const NamedUuid&) = default;
};

/// One value of a row, as a record gives it or a database gave it. std::monostate: absent, which a
/// column shows as NULL, or as its default where that is an empty text, object or array; empty
/// texts, objects and arrays are absent, too.
using Field = std::variant<std::monostate, bool, std::int32_t, double, Timestamp, std::string,
                           NamedUuid, std::vector<std::string>, std::vector<Uuid>,
                           std::span<const float>, std::vector<float>>;

}  // namespace tulving::storage::postgres
