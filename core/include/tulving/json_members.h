#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/result.h"

namespace tulving {

// JSON read as text. Records keep their JSON as the caller wrote it, and the JSON forms of json.h
// repeat it so; most JSON libraries would round its long numbers, or refuse 1e400. These take such
// a text apart without loss.

/// One member of a JSON object.
struct JsonMember {
  std::string name;
  std::string value;  ///< JSON, byte for byte as it was written.
};

/// The members of a JSON object in their order, those given twice included. kInvalidArgument: it
/// is no JSON that a record may hold (no \u0000, no lone surrogate), or no object; the message
/// begins with `what`. O(bytes).
Result<std::vector<JsonMember>> json_members(std::string_view what, std::string_view json_object);

/// The text of the first member `name`, where it is a scalar; found also where the object is broken
/// further on, so that a message can say which line it is about. Empty: there is none before that.
[[nodiscard]] std::optional<std::string> peek_json_member(std::string_view json_object,
                                                          std::string_view name);

/// The characters of a JSON string; of any other value its own text. `json_value` must be JSON.
[[nodiscard]] std::string json_shown(std::string_view json_value);

/// kInvalidArgument: `json` is not one JSON value that a record may hold; the message begins with
/// `what`.
Status check_json(std::string_view what, std::string_view json);

}  // namespace tulving
