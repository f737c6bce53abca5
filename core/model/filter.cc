#include "tulving/filter.h"

namespace tulving {

Filter tags_all(const std::vector<std::string>& tags) {
  std::vector<Filter> parts;
  parts.reserve(tags.size());
  for (const auto& tag : tags) parts.emplace_back(equals(Field::kTag, tag));
  return all_of(std::move(parts));
}

Filter tags_none(std::vector<std::string> tags) { return not_(tags_any(std::move(tags))); }

Filter priority_between(int low, int high) {
  return number_between(NumberField::kPriority, low, high);
}

Filter number_between(NumberField field, std::optional<Number> low, std::optional<Number> high) {
  return NumberRange{.field = field, .low = std::move(low), .high = std::move(high)};
}

Filter number_equals(NumberField field, Number value) {
  return NumberRange{.field = field, .low = value, .high = std::move(value)};
}

Filter time_between(NumberField field, std::optional<Timestamp> from, std::optional<Timestamp> to) {
  return NumberRange{.field = field, .low = from, .high = to, .high_strict = true};
}

}  // namespace tulving
