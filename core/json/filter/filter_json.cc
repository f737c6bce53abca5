#include <fmt/format.h>

#include <utility>

#include "core/json/filter/filter_conditions.h"
#include "core/model/rules/filter_rules.h"

namespace tulving {
namespace json {
namespace {

Result<Filter> read_filter(const FieldValue& in, std::size_t depth);

Result<Filter> read_member(const FieldValue& in, std::size_t depth) {
  if (in.field == "and" || in.field == "or") {
    auto parts = read_parts(in, "an array of filters", [depth](const FieldValue& element) {
      return read_filter(element, depth + 1);
    });
    if (!parts) return parts.error();
    return in.field == "and" ? all_of(*std::move(parts)) : any_of(*std::move(parts));
  }
  if (in.field == "not") {
    auto part = read_filter(in, depth + 1);
    if (!part) return part;
    return not_(*std::move(part));
  }
  if (auto condition = read_condition(in, depth)) return *std::move(condition);
  return refusal(fmt::format("unknown field or operator \"{}\" in the filter", in.field), in.field);
}

// Several members in one object are joined by and.
Result<Filter> read_filter(const FieldValue& in, std::size_t depth) {
  if (in.value.kind() != JsonKind::kObject) return in.must_be("an object");
  if (depth > model::kFilterDepthMax) {
    return refusal(
        fmt::format("the filter is nested deeper than {} levels", model::kFilterDepthMax), {});
  }
  std::vector<Filter> parts;
  const auto read_one = [&](std::string_view key, JsonValue value) -> Status {
    auto part = read_member(FieldValue{key, value}, depth);
    if (!part) return part.error();
    parts.push_back(*std::move(part));
    return {};
  };
  if (auto status = read_each_once({}, in.value, read_one); !status) return status.error();
  return joined(std::move(parts));
}

}  // namespace

Status read(const FieldValue& in, Filter& out) {
  auto filter = read_filter(in, 1);
  if (!filter) return filter.error();
  out = *std::move(filter);
  return model::check_filter(out);
}

}  // namespace json

Result<Filter> parse_filter(std::string_view json) {
  const auto object = json::parse_object("the filter", json);
  if (!object) return object.error();
  Filter filter;
  if (auto status = json::read(json::FieldValue{"the filter", *object}, filter); !status) {
    return status.error();
  }
  return filter;
}

}  // namespace tulving
