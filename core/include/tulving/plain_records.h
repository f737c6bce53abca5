#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tulving/consolidation_jobs.h"
#include "tulving/consolidation_tasks.h"
#include "tulving/records.h"
#include "tulving/uuid.h"
#include "tulving/writes.h"

namespace tulving {

// What Tenant's put(), get(), list() and erase() take and return. They are the same for every kind
// of record that is looked up and not searched.

/// A record that is looked up by its key: any kind of Record but Memory, which has more ways.
template <class T>
concept PlainRecord = !std::same_as<T, Memory> && IsRecord<T>;

/// The type of KeyOf.
template <PlainRecord T>
struct KeyTypeOf {
  static constexpr bool kHasId = requires(T record) { record.id; };
  using Type = std::conditional_t<kHasId, Uuid, std::string_view>;
};

/// What a kind is looked up by: the record's `id` where it has one; else the text that is its first
/// member, such as a session's session_id and a task's task_id.
template <PlainRecord T>
using KeyOf = typename KeyTypeOf<T>::Type;

/// A record as it is stored once it was put.
template <PlainRecord T>
struct PutResult {
  T record;                                  ///< With its id, times and revision.
  WriteEffect effect = WriteEffect::kAdded;  ///< kAdded, kUpdated or kUnchanged.
};

/// A field of a record and what it must be, both as JSON has them: {"task_id", "build-7"},
/// {"stage_type", "planning"}, {"is_active", "true"}.
struct FieldEquals {
  std::string field;  ///< One that holds a text, an id, an enumerator or a boolean.
  std::string value;
};
/// What most kinds are listed by. kInvalidArgument: the kind has no such field.
struct RecordFilter {
  std::vector<FieldEquals> equals;  ///< All of them.
};
struct RelationFilter {
  std::optional<Uuid> memory_id;  ///< At either end. kNotFound: there is no such memory.
};
struct ConsolidationJobFilter {
  std::string project_id;  ///< Empty: of every project.
};

template <PlainRecord T>
struct FilterOf {
  using Type = RecordFilter;
};
template <>
struct FilterOf<Relation> {
  using Type = RelationFilter;
};
template <>
struct FilterOf<ConsolidationTask> {
  using Type = ConsolidationTaskFilter;
};
template <>
struct FilterOf<ConsolidationJob> {
  using Type = ConsolidationJobFilter;
};

template <PlainRecord T>
struct ListOptions {
  typename FilterOf<T>::Type filter = {};
  std::uint32_t limit = 1000;  ///< 1..1,000,000.
  std::string cursor = {};     ///< From the page before; empty: the first page.
};

/// A part of a list. Tasks come by priority, then age, then id; relations by id; the others by
/// created_at, then id.
template <PlainRecord T>
struct Page {
  std::vector<T> records;
  std::string next_cursor;     ///< Empty on the last page. Good while others are put and erased.
  std::uint64_t matching = 0;  ///< Records that the filter lets through, on all pages.
};

}  // namespace tulving
