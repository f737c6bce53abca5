#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace tulving::testing {

using Json = nlohmann::json;

/// What is wrong with `value` by `schema`, whose references lie in `root`; empty: nothing. Knows
/// the words that operations_schema() uses, and no others. Objects may have no members that their
/// schema does not name.
[[nodiscard]] std::string schema_fault(const Json& root, const Json& schema, const Json& value,
                                       const std::string& path = "it");

/// A word of `schema`, or a reference in it, that JSON Schema or `root` does not have; empty: none.
[[nodiscard]] std::string unknown_word(const Json& root, const Json& schema);

}  // namespace tulving::testing
