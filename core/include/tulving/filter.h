#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tulving/number.h"
#include "tulving/records.h"

namespace tulving {

// Which memories a search, a list or an upkeep may return: conditions on fields, joined by all_of,
// any_of and not_. Conditions are pushed into the search, so k results come back whenever k
// matching memories exist.
//
//   all_of({tags_any({"work"}), priority_between(3, 10), not_(equals(Field::kMemoryType,
//                                                                   "context"))})
//
// Errors: a filter is built without any check. Whoever takes one answers kInvalidArgument, with
//   Error::field where one field is at fault, when a condition names an enumerator that its field
//   has not, an id that is no UUID, text that is not UTF-8, a bound that is NaN, a metadata or
//   content value that is no JSON scalar of the relation's kind or an empty path, a decay score
//   outside 0..1; when a Not has not exactly one part; and beyond 32 levels or 10,000 conditions.
//   Nothing is ignored.
// Cost: is said beside each condition. A bitmap is looked up and joined in some us; a pass reads a
//   column, some ns a memory, or the records, 100 ns a memory and more where they must be decoded.
//
// A merge answers for its sources, which it stands for: the filter lets it through exactly if it
// lets one of them through, through merges of merges. So whatever was found by its session, task,
// type, tags, metadata or times is found by them still, in its merge, and conditions are judged
// source by source ("tag a and tag b" wants both on one). What only the merge has (a tag given to
// it) counts for each source. Of its life the merge answers for itself: status, abstraction level,
// decay score, use count, strength, last use and last update are its own.

// Thread safety: a filter is a value; several threads may search by one.

/// A condition on memories, or several joined; a value, and cheap to move. Build one with the
/// functions below, or read the JSON form (parse_filter in json.h).
class Filter;

/// Fields compared as whole strings, byte by byte. Enumerated fields take their names as records
/// have them in JSON ("semantic", "archived"), ids are UUIDs in any case of letters, truth values
/// "true" and "false". A field that the memory left empty equals nothing. Those up to kId have
/// bitmaps; the others cost a pass over the records.
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
  kExternalId,  ///< The caller's own name of the memory.
  kTag,         ///< The memory has this tag.
  kEntity,      ///< The memory has this entity; likewise the other lists.
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
  kSourceMemoryId,  ///< The memory is made of this one.
  kPatternType,
  kConsolidationMethod,
  kContentHash,
};

/// Fields compared by order, exactly: see Number. Times are microseconds since 1970 UTC. A memory
/// without a value (expires_at, say) matches no range. Times are looked up in order, kPriority and
/// kAbstractionLevel have bitmaps, kStrength and kUseCount cost a pass over a column.
enum class NumberField : std::uint8_t {
  kPriority,          ///< 1..10.
  kAbstractionLevel,  ///< 0 raw, 1 merged, 2 pattern, 3 principle.
  kStrength,          ///< 0..2.
  kUseCount,          ///< 0 and up, as the other counts.
  kCreatedAt,         ///< Never empty, nor are the next two.
  kUpdatedAt,
  kLastUsed,
  kExpiresAt,  ///< Empty: never.
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
  kRevision,  ///< The store's revision that wrote the memory last.
};

/// The field equals one of `values`; of a list, one element does. No values: nothing matches.
struct FieldIn {
  Field field;
  std::vector<std::string> values;
};

/// low <= field <= high (strict where said); an empty bound is open. Low above high: nothing
/// matches. A range open at both ends still wants a value.
struct NumberRange {
  NumberField field;
  std::optional<Number> low;
  std::optional<Number> high;
  bool low_strict = false;   ///< low < field.
  bool high_strict = false;  ///< field < high.
};

/// The memory's metadata, at `path`, equals `value`. A member that is not there equals nothing, not
/// even null. Numbers compare by value ("3" equals 3.0), strings as whole strings. Of an array one
/// element is enough. Looked up.
struct MetadataEquals {
  std::string path;   ///< Member names joined by ".": "order.color".
  std::string value;  ///< A JSON scalar as text: "\"blue\"", "3", "true", "null".
};

/// As NumberRange, of a number in the metadata; a member that is none matches no range, and of an
/// array one number is enough. Costs a pass over the metadata.
struct MetadataRange {
  std::string path;  ///< As in MetadataEquals.
  std::optional<Number> low;
  std::optional<Number> high;
  bool low_strict = false;
  bool high_strict = false;
};

/// Which of a memory's JSON texts is looked into.
enum class JsonPart : std::uint8_t { kMetadata, kContent };

/// How a scalar stands to an operand.
enum class JsonRelation : std::uint8_t {
  kPresent,      ///< It is there, whatever it is; null too. No operand.
  kEquals,       ///< As MetadataEquals: numbers by value, strings whole.
  kLess,         ///< Numbers by value, exactly; strings by their bytes. Nothing else has an
  kLessOrEqual,  ///< order, nor have a number and a string.
  kGreater,      ///< Likewise, as the next.
  kGreaterOrEqual,
  kStartsWith,        ///< A string, whose beginning the operand is.
  kContains,          ///< A string, with the operand in it.
  kContainsCaseless,  ///< Likewise, both in Unicode's folded case.
};

/// A scalar at `path` of the memory's metadata or content stands so to `operand`; of an array one
/// element is enough. Costs a pass over that JSON: of the metadata, MetadataEquals is looked up.
struct JsonMatches {
  JsonPart part = JsonPart::kMetadata;
  std::string path;  ///< As in MetadataEquals.
  JsonRelation relation = JsonRelation::kPresent;
  std::string operand = {};  ///< A JSON scalar as text; of the last three a JSON string.
};

/// The decay score (decay.h), clamped, at the clock of the call, is at least `score`. Costs a pass
/// over its columns, about a ns a memory.
struct DecayAtLeast {
  double score;  ///< 0..1.
};

/// Every part lets it through. Parts are evaluated in their order, until nothing is left.
struct AllOf {
  std::vector<Filter> parts;  ///< Empty: everything.
};
/// One part at least lets it through.
struct AnyOf {
  std::vector<Filter> parts;  ///< Empty: nothing.
};
/// The part does not let it through.
struct Not {
  std::vector<Filter> part;  ///< Exactly one; a vector because Filter is incomplete here.
};

/// A node of the tree: a condition, or filters joined.
class Filter {
 public:
  using Node = std::variant<AllOf, AnyOf, Not, FieldIn, NumberRange, MetadataEquals, DecayAtLeast,
                            MetadataRange, JsonMatches>;

  Filter() : node(AllOf{}) {}  ///< Lets everything through.
  /// From a condition, implicitly: a condition is a filter.
  template <class T>
  requires std::is_constructible_v<Node, T&&> Filter(T&& part) : node(std::forward<T>(part)) {}

  Node node;  ///< To be walked with std::visit, as the checks and the JSON form do.
};

/// Every part lets it through; without parts everything.
[[nodiscard]] inline Filter all_of(std::vector<Filter> parts) { return AllOf{std::move(parts)}; }
/// One part at least lets it through; without parts nothing.
[[nodiscard]] inline Filter any_of(std::vector<Filter> parts) { return AnyOf{std::move(parts)}; }
/// The part does not: so memories without a value in its field pass.
[[nodiscard]] inline Filter not_(Filter part) { return Not{{std::move(part)}}; }

/// The field, or one element of a list, is this string.
[[nodiscard]] inline Filter equals(Field field, std::string value) {
  return FieldIn{field, {std::move(value)}};
}
/// It is one of these. Without values: nothing.
[[nodiscard]] inline Filter in(Field field, std::vector<std::string> values) {
  return FieldIn{field, std::move(values)};
}

/// Has one of the tags. Without tags: nothing.
[[nodiscard]] inline Filter tags_any(std::vector<std::string> tags) {
  return FieldIn{Field::kTag, std::move(tags)};
}
/// Has each of the tags. Without tags: everything.
[[nodiscard]] Filter tags_all(const std::vector<std::string>& tags);
/// Has none of the tags. Without tags: everything.
[[nodiscard]] Filter tags_none(std::vector<std::string> tags);

/// [low, high] of 1..10.
[[nodiscard]] Filter priority_between(int low, int high);
/// [low, high], either end open.
[[nodiscard]] Filter number_between(NumberField field, std::optional<Number> low,
                                    std::optional<Number> high);
/// Exactly this number, however it is written: 1 equals 1.0.
[[nodiscard]] Filter number_equals(NumberField field, Number value);
/// [from, to) of a time, either end open: a day is from its midnight to the next.
[[nodiscard]] Filter time_between(NumberField field, std::optional<Timestamp> from,
                                  std::optional<Timestamp> to);

}  // namespace tulving
