#pragma once

#include <string>
#include <string_view>

namespace tulving::model {

/// One text for all ways of writing a JSON value: members sorted by name, of a member given twice
/// the last as in jsonb, no blanks, numbers by value at any precision, strings by their characters.
/// For comparing and hashing, not for showing. What is no JSON, which no rule lets in, is its own
/// text. O(bytes x depth).
[[nodiscard]] std::string canonical_json(std::string_view json);

}  // namespace tulving::model
