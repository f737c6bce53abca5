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

// Values are the same when their numbers and strings mean the same, however they are written:
// numbers exactly, to the last digit; strings by NFC and white space; objects by their members in
// order. Where sources differ, all values are kept: [{"value": 5, "as_of": "2024-05-01T00:00:00Z"},
// ...], each once as it was written first, with its latest time, the newest last. A list of that
// form, from an earlier merge, is taken apart first. Of a member given twice in one object the last
// counts, as in jsonb.
//
// `witnesses` say when, too, and add no values: see MergeOptions::origins.

/// One object with the members of all, in the order they are met; empty when there are none.
[[nodiscard]] std::string merge_json_objects(std::span<const TimedJson> objects,
                                             std::span<const TimedJson> witnesses = {});

/// Objects as above; arrays become one, each element once; other values that differ are all kept.
[[nodiscard]] std::string merge_json_values(std::span<const TimedJson> values,
                                            std::span<const TimedJson> witnesses = {});

}  // namespace tulving::merging
