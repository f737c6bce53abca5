#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tulving/filter.h"
#include "tulving/records.h"
#include "tulving/search.h"

namespace tulving {

// What Tenant's reads but search() take and return: list(), distinct_values(),
// history(), related().

/// What a list is ordered by: created_at, updated_at, last_used, priority, or the decay score as of
/// the first page.
enum class ListSort : std::uint8_t { kCreated, kUpdated, kLastUsed, kPriority, kDecay };
enum class ListOrder : std::uint8_t { kAscending, kDescending };

struct ListRequest {
  Filter filter;
  std::uint32_t limit = 100;  ///< 1..10,000.
  std::string cursor;         ///< From the page before, of this order; empty: the first page.
  bool include_archived = false;
  bool include_deleted = false;
  bool include_expired = false;
  ListSort sort = ListSort::kCreated;
  ListOrder order = ListOrder::kAscending;
};

struct MemoryPage {
  std::vector<MemoryView> memories;  ///< In the order asked for; equal ones by id, ascending.
  std::string next_cursor;           ///< Empty on the last page.
  std::uint64_t matching = 0;        ///< Memories the filter lets through, on all pages; exact.
};

/// A path in a memory's JSON, of scalars: as in JsonMatches.
struct ScalarPath {
  JsonPart part = JsonPart::kMetadata;
  std::string path;
};
/// What distinct values are of.
using DistinctField = std::variant<Field, ScalarPath>;

/// As filters name it: "agent_id", "tags", "metadata.order.color", "content.title". Empty: no field
/// of text and no path.
[[nodiscard]] std::optional<DistinctField> parse_distinct_field(std::string_view name);

/// By value: null, false, true, numbers by their value, strings by their bytes. By count: the most
/// frequent first, equal ones by value.
enum class DistinctOrder : std::uint8_t { kValue, kCount };

/// Which values. A memory has several of a list, and of an array in the JSON.
struct DistinctRequest {
  DistinctField of;
  Filter filter;
  DistinctOrder order = DistinctOrder::kValue;
  std::uint32_t limit = 100;  ///< 1..10,000.
  std::uint64_t offset = 0;   ///< Values that earlier pages had.
  bool include_archived = false;
  bool include_deleted = false;
  bool include_expired = false;
};

struct DistinctValue {
  /// As a filter takes it: a FieldIn's value, or of a path a JSON scalar, numbers written in one
  /// way.
  std::string value;
  /// The memories that list() finds by the request's filter and this value, on all pages. So a
  /// merge has the values of its sources.
  std::uint64_t count = 0;

  friend bool operator==(const DistinctValue&, const DistinctValue&) = default;
};

struct DistinctPage {
  std::vector<DistinctValue> values;  ///< In the order asked for.
  std::uint64_t distinct = 0;         ///< Values on all pages.
  std::uint64_t matching = 0;  ///< Memories that the filter lets through, with a value or not.
};

/// "value", "count".
[[nodiscard]] std::string_view to_string(DistinctOrder order) noexcept;
[[nodiscard]] std::optional<DistinctOrder> parse_distinct_order(std::string_view name) noexcept;

/// One earlier version of a memory, or its present one.
struct HistoryEntry {
  /// "add", "update", "forget", "archive", "recover", "gc", "consolidate", "undo"; "follow": a
  /// memory that it was made of changed, or it was given back by its merge.
  std::string operation;
  std::uint64_t revision = 0;
  Timestamp at;
  Memory memory;  ///< As it was after the operation, without embeddings.
};

/// "created", "updated", "last_used", "priority", "decay"; "asc", "desc".
[[nodiscard]] std::string_view to_string(ListSort sort) noexcept;
[[nodiscard]] std::string_view to_string(ListOrder order) noexcept;
[[nodiscard]] std::optional<ListSort> parse_list_sort(std::string_view name) noexcept;
[[nodiscard]] std::optional<ListOrder> parse_list_order(std::string_view name) noexcept;

struct RelatedRequest {
  std::uint32_t hops_max = 1;      ///< 1..8.
  std::vector<std::string> types;  ///< Relation types followed; empty: all.
  bool outgoing = true;            ///< Follow source -> target.
  bool incoming = true;            ///< Follow target -> source.
  std::uint32_t limit = 100;       ///< 1..10,000.
};

struct RelatedHit {
  MemoryView memory;
  std::uint32_t hops = 1;
  float strength = 1.0F;      ///< Product of the strengths along the path.
  Uuid via;                   ///< The memory before it on the path.
  std::string relation_type;  ///< Type of the last link.
};

}  // namespace tulving
