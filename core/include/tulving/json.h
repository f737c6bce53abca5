#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tulving/filter.h"
#include "tulving/records.h"
#include "tulving/result.h"
#include "tulving/store.h"

namespace tulving {

// The JSON forms of SPEC sections 9 and 11, as the command line and importers use them. Field names
// are those of the structs. Every parser refuses unknown fields, unknown enum names and wrong
// types, naming the field; nothing is ignored.

/// A record of an import file and the tenant it names (empty when it names none).
struct TenantRecord {
  std::string tenant_id;
  Record record;
};

/// Reads one line of an import file: {"kind": "memory" | "session" | "relation", "tenant_id": ...,
/// ...}. `text` stands for content.text; ids may be UUIDs or, in external_id and in a relation's
/// source_id and target_id, the caller's own. `embedding` is an array of numbers, its model
/// `embedding_model`; or `embeddings` an array of {model, vector}.
Result<TenantRecord> parse_record(std::string_view json_line);

/// The line that parse_record reads back as an equal record; one line, no newline at the end.
[[nodiscard]] std::string to_json_line(std::string_view tenant_id, const Record& record);

/// {"and": [...]}, {"or": [...]}, {"not": {...}}, {"tags": {"any" | "all" | "none": [...]}},
/// {"FIELD": value | {"eq","ne","in","gt","gte","lt","lte": ...}}, {"metadata.PATH": scalar},
/// {"decay_score": {"gte": x}}. Several members in one object are joined by and.
Result<Filter> parse_filter(std::string_view json);

/// A patch object, members named as in MemoryPatch; `embedding` as in parse_record.
Result<MemoryPatch> parse_patch(std::string_view json);

[[nodiscard]] std::string to_json(const SearchHit& hit);
[[nodiscard]] std::string to_json(const SearchPlan& plan);
[[nodiscard]] std::string to_json(const StoreStats& stats);
[[nodiscard]] std::string to_json(const SnapshotInfo& info);
/// `labels` holds those that follow from agent and urgency too.
[[nodiscard]] std::string to_json(const ConsolidationTask& task);
[[nodiscard]] std::string to_json(const PlanSummary& plan);
/// A change is {"kind": "memory" | "relation" | "task", "id", "before", "after"}, null where there
/// is none.
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

/// What holds for lines that do not say it themselves: `--tenant` and the store's default model.
struct RecordDefaults {
  std::string tenant_id;
  std::string embedding_model = "default";
};
Result<TenantRecord> parse_record(std::string_view json_line, const RecordDefaults& defaults);
/// With `defaults.embedding_model` for an embedding that names none.
Result<MemoryPatch> parse_patch(std::string_view json, const RecordDefaults& defaults);

}  // namespace tulving
