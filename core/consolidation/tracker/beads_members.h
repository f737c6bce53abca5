#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "core/consolidation/tracker/beads_fields.h"
#include "core/json/text/json_reader.h"
#include "tulving/result.h"

namespace tulving::consolidation {

// How the members of a beads line, and of a task's notes, are read: each refuses what is no such
// value with the field, the value and the rule.

Status read_name(const json::FieldValue& in, std::size_t length_max, std::string& out);
Status read_integer(const json::FieldValue& in, std::int32_t low, std::int32_t high,
                    std::int32_t& out);
Status read_real(const json::FieldValue& in, double low, double high, std::optional<double>& out);

/// Adds a member to a JSON object's text; "" is an object without members.
void add_member(std::string& object, std::string_view name, std::string_view raw);

/// Calls `read` with the members that `known` names, but for nulls; the others go into `others`.
/// None may come twice.
template <class Names, class Read>
Status read_known_members(JsonValue object, const Names& known, std::string& others,
                          const Read& read) {
  Status status;
  std::unordered_set<std::string> seen;
  object.each_member([&](std::string_view key, JsonValue value) {
    const json::FieldValue in{key, value};
    if (!seen.emplace(key).second) {
      status = json::given_twice(key);
    } else if (!contains(known, key)) {
      add_member(others, key, value.raw());
    } else if (!in.is_null()) {
      status = read(in);
    }
    return status.has_value();
  });
  return status;
}

}  // namespace tulving::consolidation
