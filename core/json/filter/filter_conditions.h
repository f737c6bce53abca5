#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "core/json/text/json_reader.h"
#include "tulving/filter.h"

namespace tulving::json {

/// One part stands for itself; more are joined by and.
[[nodiscard]] Filter joined(std::vector<Filter> parts);

using ReadPart = std::function<Result<Filter>(const FieldValue& in)>;
/// Reads each element of an array. `array` is what the error says where it is none.
Result<std::vector<Filter>> read_parts(const FieldValue& in, std::string_view array,
                                       const ReadPart& read_part);

/// Reads a filter, whole.
Status read(const FieldValue& in, Filter& out);

/// Reads one member of a filter object that is a condition on a field, on metadata or on the decay
/// score. `depth` is how deep the object lies. Empty: the name is none of these.
std::optional<Result<Filter>> read_condition(const FieldValue& in, std::size_t depth);

}  // namespace tulving::json
