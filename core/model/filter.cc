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
  return NumberRange{.field = NumberField::kPriority,
                     .low = static_cast<double>(low),
                     .high = static_cast<double>(high)};
}

// Times have 60 bits and a double 53: past the year 2255 a bound is rounded, to 32 us at the most.
Filter time_between(NumberField field, std::optional<Timestamp> from, std::optional<Timestamp> to) {
  NumberRange range{.field = field, .low = {}, .high = {}, .high_strict = true};
  if (from) range.low = static_cast<double>(from->time_since_epoch().count());
  if (to) range.high = static_cast<double>(to->time_since_epoch().count());
  return range;
}

}  // namespace tulving
