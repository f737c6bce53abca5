#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tulving/records.h"

namespace tulving {

/// A condition on memories. Conditions are pushed into the search: k results come back whenever k
/// matching memories exist. Build one with the functions below, or parse the JSON form (json.h).
///
///   all_of({tags_any({"work"}), priority_between(3, 10), not_(equals(Field::kMemoryType,
///   "context"))})
class Filter;

/// Fields compared as whole strings. Enumerated fields (layer, status, source_type) take their
/// lower case names; an unknown name is refused, as is an unknown field.
enum class Field : std::uint8_t {
  kAgentId,
  kUserId,
  kProjectId,
  kSessionId,
  kTaskId,
  kStageId,
  kMemoryType,
  kLayer,
  kSourceType,
  kSourceAgent,
  kSourceId,
  kStatus,
  kExternalId,
  kTag,     ///< equals: the memory has this tag.
  kEntity,  ///< equals: the memory has this entity.
};

/// Fields compared by order. Times are microseconds since 1970 UTC.
enum class NumberField : std::uint8_t {
  kPriority,
  kAbstractionLevel,
  kStrength,
  kUseCount,
  kCreatedAt,
  kUpdatedAt,
  kLastUsed,
  kExpiresAt,  ///< A memory without one matches no range.
};

/// The field equals one of `values`.
struct FieldIn {
  Field field;
  std::vector<std::string> values;
};

/// low <= field <= high (strict where said); an empty bound is open.
struct NumberRange {
  NumberField field;
  std::optional<double> low;
  std::optional<double> high;
  bool low_strict = false;
  bool high_strict = false;
};

/// The memory's metadata, at `path` (member names joined by "."), equals `value`, a JSON scalar as
/// text
/// ("\"blue\"", "3", "true", "null"). A member that is not there equals nothing. Numbers compare by
/// value.
struct MetadataEquals {
  std::string path;
  std::string value;
};

/// The decay score at the search's clock is at least `score` (0..1).
struct DecayAtLeast {
  double score;
};

struct AllOf {
  std::vector<Filter> parts;  ///< Empty: everything.
};
struct AnyOf {
  std::vector<Filter> parts;  ///< Empty: nothing.
};
struct Not {
  std::vector<Filter> part;  ///< Exactly one; a vector because Filter is incomplete here.
};

class Filter {
 public:
  using Node = std::variant<AllOf, AnyOf, Not, FieldIn, NumberRange, MetadataEquals, DecayAtLeast>;

  Filter() : node(AllOf{}) {}  ///< Matches everything.
  template <class T>
  requires std::is_constructible_v<Node, T&&> Filter(T&& part)
      : node(std::forward<T>(part)) {}  // Implicit: a condition is a filter.

  Node node;
};

[[nodiscard]] inline Filter all_of(std::vector<Filter> parts) { return AllOf{std::move(parts)}; }
[[nodiscard]] inline Filter any_of(std::vector<Filter> parts) { return AnyOf{std::move(parts)}; }
[[nodiscard]] inline Filter not_(Filter part) { return Not{{std::move(part)}}; }
[[nodiscard]] inline Filter equals(Field field, std::string value) {
  return FieldIn{field, {std::move(value)}};
}
[[nodiscard]] inline Filter in(Field field, std::vector<std::string> values) {
  return FieldIn{field, std::move(values)};
}
[[nodiscard]] inline Filter tags_any(std::vector<std::string> tags) {
  return FieldIn{Field::kTag, std::move(tags)};
}
[[nodiscard]] Filter tags_all(const std::vector<std::string>& tags);
[[nodiscard]] Filter tags_none(std::vector<std::string> tags);
[[nodiscard]] Filter priority_between(int low, int high);
/// [from, to), either end open.
[[nodiscard]] Filter time_between(NumberField field, std::optional<Timestamp> from,
                                  std::optional<Timestamp> to);

}  // namespace tulving
