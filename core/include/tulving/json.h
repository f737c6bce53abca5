#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/filter.h"
#include "tulving/records.h"
#include "tulving/result.h"
#include "tulving/search.h"
#include "tulving/store.h"
#include "tulving/time.h"

namespace tulving {

// The JSON forms of SPEC sections 9 and 11, as the command line and importers use them. Field names
// are those of the structs. Every parser refuses unknown fields, unknown enum names and wrong
// types, naming the field; nothing is ignored.

/// A record of an import file and the tenant it names (empty when it names none).
struct TenantRecord {
  std::string tenant_id;
  Record record;
};

/// Reads one line of an import file: {"kind": "session" | "memory" | "relation" | any other kind of
/// Record, "tenant_id": ..., ...}. `text` stands for
/// content.text; ids may be UUIDs or, in external_id and in a relation's source_id and target_id,
/// the caller's own. `embedding` is an array of numbers, its model `embedding_model`; or
/// `embeddings` an array of {model, vector}. null is "none" for all but numbers and booleans; 7.0
/// is the integer 7. The error names every member at fault, up to five; of a line that another
/// system wrote it is foreign_format().
Result<TenantRecord> parse_record(std::string_view json_line);

/// Which other system's file a line is of, as far as that is known, and how to turn it into
/// records: one text for all lines of a format. Empty: unknown, or a line with a "kind".
[[nodiscard]] std::string foreign_format(std::string_view json_line);

/// The line that parse_record reads back as an equal record; one line, no newline at the end.
[[nodiscard]] std::string to_json_line(std::string_view tenant_id, const Record& record);

/// {"and": [...]}, {"or": [...]}, {"not": {...}}, {"tags": {"any" | "all" | "none": [...]}},
/// {"FIELD": value | {"eq","ne","in","gt","gte","lt","lte": ...}}, {"metadata.PATH" or
/// "content.PATH": the same, and {"present": truth value}, {"starts_with","contains","icontains":
/// string}; strings have an order there, that of their bytes},
/// {"decay_score": {"gte": x}}. Several members in one object are joined by and; one given twice is
/// refused. Numbers are compared as they are written, at any length.
Result<Filter> parse_filter(std::string_view json);

/// A query as a line of `search --queries`. What the line does not give is empty.
struct QueryLine {
  std::string query_id;  ///< JSON, as it was written: a string or a number. Never empty.
  std::string tenant_id;
  std::optional<std::string> text;
  std::optional<std::vector<float>> vector;
  std::optional<std::string> model;
  std::optional<std::uint32_t> k;
  std::optional<Filter> filter;
  std::optional<SearchMode> mode;
};

/// {"query_id", "tenant_id", "text", "vector", "model", "k", "filter", "mode"}: the first is
/// needed, null is as good as nothing for the others, and the filter is read by parse_filter()'s
/// rules.
Result<QueryLine> parse_query(std::string_view json_line);

/// A patch object, members named as in MemoryPatch; `embedding` as in parse_record.
Result<MemoryPatch> parse_patch(std::string_view json);

/// Changes a record as a JSON Merge Patch (RFC 7396) of its members says: each that is given
/// replaces the one that is there, null empties it, those of an object within ("scope") one by one.
/// For Tenant::update(). On an error the record is left half changed.
template <PlainRecord T>
Status patch_record(std::string_view json, T& record);

/// `score` is the time, in RFC 3339, where the search was by recency.
[[nodiscard]] std::string to_json(const SearchHit& hit);
[[nodiscard]] std::string to_json(const SearchPlan& plan);
[[nodiscard]] std::string to_json(const StoreStats& stats);
[[nodiscard]] std::string to_json(const SnapshotInfo& info);
[[nodiscard]] std::string to_json(const ChangePage& page);
/// `labels` holds those that follow from agent and urgency too.
[[nodiscard]] std::string to_json(const ConsolidationTask& task);
[[nodiscard]] std::string to_json(const PlanSummary& plan);
/// A change is {"kind": "memory" | "relation" | "consolidation_task", "id", "before", "after"},
/// null where there is none.
[[nodiscard]] std::string to_json(const Plan& plan);
[[nodiscard]] std::string to_json(const ConsolidationJob& job);
[[nodiscard]] std::string to_json(const Lineage& lineage);

// Names of enumerators as they stand in JSON and in Postgres, lower case.
[[nodiscard]] std::string_view to_string(Layer layer) noexcept;
[[nodiscard]] std::string_view to_string(SourceType type) noexcept;
[[nodiscard]] std::string_view to_string(MemoryStatus status) noexcept;
[[nodiscard]] std::string_view to_string(PatternType type) noexcept;
[[nodiscard]] std::string_view to_string(ConsolidationMethod method) noexcept;
[[nodiscard]] std::string_view to_string(WriteEffect effect) noexcept;
[[nodiscard]] std::string_view to_string(SearchMode mode) noexcept;
[[nodiscard]] std::optional<SearchMode> parse_search_mode(std::string_view name) noexcept;

/// What holds for lines that do not say it themselves: `--tenant`, the store's default model and
/// `--zone`.
struct RecordDefaults {
  std::string tenant_id;
  std::string embedding_model = "default";
  std::optional<TimeZone> zone = {};  ///< Of times without one; empty: they are refused.
};
Result<TenantRecord> parse_record(std::string_view json_line, const RecordDefaults& defaults);
/// With `defaults.embedding_model` for an embedding that names none.
Result<MemoryPatch> parse_patch(std::string_view json, const RecordDefaults& defaults);

}  // namespace tulving
