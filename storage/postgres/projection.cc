#include "storage/postgres/projection.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "core/model/rules/schema_needs.h"
#include "storage/postgres/wire/connection.h"

namespace tulving::storage::postgres {

std::string_view kind_name(RecordKind kind) {
  if (kind == kEmbeddingKind) return "embedding";
  std::string_view name;
  kinds::RecordKinds::with(
      kind, [&](auto tag) { name = kinds::Kind<typename decltype(tag)::Type>::name; });
  return name;
}

std::string record_id(const SourceRecord& record) {
  if (record.embedding != nullptr) {
    return vector_tombstone_name(record.embedding->memory, record.embedding->model);
  }
  return std::visit(
      [&]<class Kind>(const Kind& value) -> std::string {
        if constexpr (std::is_same_v<Kind, Session>) {
          return value.session_id;
        } else {
          return kinds::row_id<Kind>(record.tenant_id, kinds::key_of(value)).to_string();
        }
      },
      *record.value);
}

const TableSpec* Projection::table(std::string_view name) const {
  const auto found = std::ranges::find(tables, name, &TableSpec::name);
  return found == tables.end() ? nullptr : &*found;
}

Projection make_projection(PostgresSchema schema, const ProjectionSettings& settings) {
  switch (schema) {
    case PostgresSchema::kOrchestrator:
      return make_orchestrator(settings);
    case PostgresSchema::kGuild:
      return make_guild(settings);
    case PostgresSchema::kConsolidation:
      return make_consolidation(settings);
    case PostgresSchema::kCompass:
      return make_compass(settings);
    case PostgresSchema::kCortex:
      return make_cortex(settings);
  }
  TULVING_DCHECK(false);
  return {};
}

Result<PostgresSchema> projection_named(std::string_view name) {
  if (const auto schema = parse_postgres_schema(name)) return *schema;
  std::string known;
  for (const auto schema : kPostgresSchemas) {
    known += (known.empty() ? "" : ", ") + std::string(to_string(schema));
  }
  return Error{ErrorCode::kInvalidArgument,
               "there is no projection \"" + std::string(name) + "\"; there are: " + known,
               "projections"};
}

std::string why_not_holdable(const TableSpec& table, const SourceRecord& record,
                             PostgresSchema schema) {
  if (record.value == nullptr || table.ownership == Ownership::kParent) return {};
  auto status = holdable(*record.value, schema);
  return status ? std::string() : std::move(status.error().message);
}

std::string of_known_models(const ProjectionSettings& settings, std::string_view column) {
  std::string names;
  for (const auto& model : settings.models) {
    names += (names.empty() ? "" : ", ") + Connection::quote_text(model);
  }
  return names.empty() ? "false" : "t." + std::string(column) + " IN (" + names + ")";
}

}  // namespace tulving::storage::postgres
