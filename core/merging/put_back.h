#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tulving/records.h"

namespace tulving::merging {

/// `written` and, a line each, the sentences of `draft` that have a number, a name, a negation or
/// an entity of `sources` that `written` has not. Equal to `written` when nothing is missing.
[[nodiscard]] std::string put_back_what_is_missing(std::string_view written, std::string_view draft,
                                                   std::span<const Memory> sources);

}  // namespace tulving::merging
