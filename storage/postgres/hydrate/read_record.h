#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tulving/records.h"

namespace tulving::storage::postgres {

/// A record made of a row.
struct ReadRecord {
  Record record;
  std::string key;                     ///< Of the row, as text.
  std::optional<std::int64_t> serial;  ///< Of a row that is known by one.
};

}  // namespace tulving::storage::postgres
