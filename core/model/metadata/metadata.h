#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tulving::model {

/// Calls `visit` with the path and the canonical text of every scalar in `json_object`, which must
/// have passed the rules. A path is the member names joined by "."; the elements of an array stand
/// under the array's own path, so that equality means "one of them". O(bytes).
void visit_metadata_scalars(
    std::string_view json_object,
    const std::function<void(std::string_view path, std::string_view canonical_value)>& visit);

/// One text for all spellings of a JSON scalar: 3, 3.0 and 3e0 give one, "A" and "\u0041" too, at
/// any precision. Empty when `json` is no JSON scalar. The text is for comparing, not for showing.
[[nodiscard]] std::optional<std::string> canonical_scalar(std::string_view json);

/// Of a canonical text.
[[nodiscard]] inline bool is_json_number(std::string_view canonical) {
  return !canonical.empty() &&
         (canonical.front() == '-' || (canonical.front() >= '0' && canonical.front() <= '9'));
}

}  // namespace tulving::model
