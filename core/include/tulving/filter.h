#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tulving/number.h"
#include "tulving/records.h"

namespace tulving {

/// A condition on memories. Conditions are pushed into the search: k results come back whenever k
/// matching memories exist. Build one with the functions below, or parse the JSON form (json.h).
///
///   all_of({tags_any({"work"}), priority_between(3, 10), not_(equals(Field::kMemoryType,
///   "context"))})
///
/// A merge answers for its sources, which it stands for: the filter lets it through exactly if it
/// lets one of them through, through merges of merges. So whatever was found by its session, task,
/// type, tags, metadata or times is found by them still, in its merge, and conditions are judged
/// source by source ("tag a and tag b" wants both on one). What only the merge has (a tag given to
/// it) counts for each source. Of its life the merge answers for itself: status, abstraction level,
/// decay score, use count, strength, last use and last update are its own.
class Filter;

/// Fields compared as whole strings. Enumerated fields take their lower case names, ids are UUIDs,
/// truth values "true" and "false"; anything else is refused, as is an unknown field. Those up to
/// kId are looked up; the others cost a pass over the records.
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
  kEntity,  ///< equals: the memory has this entity; likewise the other lists.
  kConsolidatedIntoId,
  kId,
  kKeyword,
  kFact,
  kAction,
  kSummary,
  kGoal,
  kResult,
  kFeedback,
  kOutcome,
  kSuccess,  ///< A memory without one equals neither "true" nor "false".
  kIsCritical,
  kCriticalityReason,
  kLtmPath,
  kParentMemoryId,
  kSourceMemoryId,
  kPatternType,
  kConsolidationMethod,
  kContentHash,
};

/// Fields compared by order, exactly: see Number. Times are microseconds since 1970 UTC. A memory
/// without a value (expires_at, say) matches no range.
enum class NumberField : std::uint8_t {
  kPriority,
  kAbstractionLevel,
  kStrength,
  kUseCount,
  kCreatedAt,
  kUpdatedAt,
  kLastUsed,
  kExpiresAt,
  // Those below cost a pass over the records.
  kReviewCount,
  kCrossDomainCount,
  kReuseCount,
  kRelevanceScore,
  kConfidenceScore,
  kPromotedAt,
  kArchivedAt,
  kDeletedAt,
  kConsolidatedAt,
  kRevision,
};

/// The field equals one of `values`.
struct FieldIn {
  Field field;
  std::vector<std::string> values;
};

/// low <= field <= high (strict where said); an empty bound is open.
struct NumberRange {
  NumberField field;
  std::optional<Number> low;
  std::optional<Number> high;
  bool low_strict = false;
  bool high_strict = false;
};

/// The memory's metadata, at `path` (member names joined by "."), equals `value`, a JSON scalar as
/// text
/// ("\"blue\"", "3", "true", "null"). A member that is not there equals nothing. Numbers compare by
/// value. Of an array one element is enough.
struct MetadataEquals {
  std::string path;
  std::string value;
};

/// As NumberRange, of a number in the metadata; a member that is none matches no range. Costs a
/// pass over the metadata.
struct MetadataRange {
  std::string path;
  std::optional<Number> low;
  std::optional<Number> high;
  bool low_strict = false;
  bool high_strict = false;
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
  using Node = std::variant<AllOf, AnyOf, Not, FieldIn, NumberRange, MetadataEquals, DecayAtLeast,
                            MetadataRange>;

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
/// [low, high], either end open.
[[nodiscard]] Filter number_between(NumberField field, std::optional<Number> low,
                                    std::optional<Number> high);
[[nodiscard]] Filter number_equals(NumberField field, Number value);
/// [from, to), either end open.
[[nodiscard]] Filter time_between(NumberField field, std::optional<Timestamp> from,
                                  std::optional<Timestamp> to);

}  // namespace tulving
