#pragma once

#include "storage/postgres/wire/field.h"
#include "storage/postgres/wire/row_encoder.h"

namespace tulving::storage::postgres {

/// Writes `value` as the next field of `out`, for a column of `type`. What is absent
/// (std::monostate) is NULL, and so is an empty text for jsonb, which has none; empty texts and
/// arrays are else written as they are. A NamedUuid goes into a text column by its name, or its own
/// text where it has none.
/// Requires: a value of the type's kind; for kUuid also a std::string that is a UUID's text of any
///   version; for kNumeric a finite double. Anything else would be NULL.
void encode(const Field& value, ColumnType type, RowEncoder& out);

}  // namespace tulving::storage::postgres
