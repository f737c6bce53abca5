#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tulving/time.h"

namespace tulving::merging {

/// JSON that keeps the rules of records.h, or empty, and when it was said.
struct TimedJson {
  std::string_view json;
  std::optional<Timestamp> time;
};

// Values are the same when their numbers and strings mean the same, however they are written. Where
// sources differ, all values are kept: [{"value": 5, "as_of": "2024-05-01T00:00:00Z"}, ...], in the
// order given, a value once with its latest time. A value of that form, from an earlier merge, is
// taken apart first. Of a member given twice in one object the last counts, as in jsonb.

/// One object with the members of all, in the order they are met; empty when there are none.
[[nodiscard]] std::string merge_json_objects(std::span<const TimedJson> objects);

/// Objects as above; arrays become one, each element once; other values that differ are all kept.
[[nodiscard]] std::string merge_json_values(std::span<const TimedJson> values);

}  // namespace tulving::merging
