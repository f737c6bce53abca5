#include "core/consolidation/tracker/beads_members.h"

#include <fmt/format.h>

#include "core/base/text/utf8.h"

namespace tulving::consolidation {

using json::FieldValue;

Status read_name(const FieldValue& in, std::size_t length_max, std::string& out) {
  if (auto status = json::read(in, out); !status) return status;
  if (!out.empty() && utf8_length(out) <= length_max) return {};
  return in.must_be(fmt::format("a string of 1..{} characters", length_max));
}

Status read_integer(const FieldValue& in, std::int32_t low, std::int32_t high, std::int32_t& out) {
  std::int32_t value = 0;
  if (!json::read(in, value) || value < low || value > high) {
    return in.must_be(fmt::format("an integer of {}..{}", low, high));
  }
  out = value;
  return {};
}

Status read_real(const FieldValue& in, double low, double high, std::optional<double>& out) {
  double value = 0;
  if (!json::read(in, value) || value < low || value > high) {
    return in.must_be(fmt::format("a number of {:g}..{:g}", low, high));
  }
  out = value;
  return {};
}

void add_member(std::string& object, std::string_view name, std::string_view raw) {
  if (object.empty()) {
    object = "{";
  } else {
    object.back() = ',';
  }
  append_json_string(object, name);
  object += ':';
  object += raw;
  object += '}';
}

}  // namespace tulving::consolidation
