#pragma once

#include <string>
#include <utility>

#include "tulving/result.h"

namespace tulving {

/// An argument broke a rule; the message names the field, its value and the rule.
[[nodiscard]] inline Error invalid(std::string message, std::string field) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::move(field)};
}

}  // namespace tulving
