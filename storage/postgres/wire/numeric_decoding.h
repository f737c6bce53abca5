#pragma once

#include <string_view>

#include "storage/postgres/wire/field_decoding.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// decode_field() for kNumeric: the double nearest to the numeric.
Result<DecodedField> decode_numeric(std::string_view bytes);

}  // namespace tulving::storage::postgres
