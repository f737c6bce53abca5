#pragma once

#include <string_view>

#include "tulving/schemas.h"

namespace tulving::storage::postgres {

/// The definition of a target schema, as NAME.sql beside this file has it; compiled in, so that no
/// file is needed at run time. ":dim" stands for the dimension of the vectors.
[[nodiscard]] std::string_view schema_text(PostgresSchema schema) noexcept;

}  // namespace tulving::storage::postgres
