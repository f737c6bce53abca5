#pragma once

#include <string>

#include "core/base/json/json_text.h"

namespace tulving::json {

/// foreign_format() of an object that has been read already.
[[nodiscard]] std::string foreign_format(const JsonValue& object);

}  // namespace tulving::json
