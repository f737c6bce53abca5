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

namespace {

// Of one table, `earlier` the names of those before it.
void check_table(const TableSpec& table, const Ddl::Table& ddl,
                 const std::vector<std::string_view>& earlier) {
  const auto is_sent = [&](std::string_view column) {
    return std::ranges::find(table.columns, column, &Column::name) != table.columns.end();
  };
  for (const Column& column : table.columns) {
    const DdlColumn* defined = ddl.find(column.name);
    TULVING_DCHECK(defined != nullptr);      // The definition has the column, ...
    TULVING_DCHECK(!defined->is_generated);  // ... and it takes a value, ...
    TULVING_DCHECK((column.get == nullptr) == (column.reference.id != nullptr));  // ... from here.
    if (column.reference.id == nullptr) continue;
    TULVING_DCHECK(std::ranges::count(earlier, column.reference.table) == 1);
    TULVING_DCHECK(column.reference.when_missing == WhenMissing::kSkip || !defined->not_null);
  }
  TULVING_DCHECK(std::ranges::all_of(table.key, is_sent));
  TULVING_DCHECK(std::ranges::all_of(table.slot_columns, is_sent));
  TULVING_DCHECK(table.vector_column.empty() || is_sent(table.vector_column));
  TULVING_DCHECK(table.related_column.empty() || is_sent(table.related_column));
  TULVING_DCHECK(table.ownership != Ownership::kKey || table.key.size() == 1);
  TULVING_DCHECK(table.ownership != Ownership::kSerial || ddl.find(table.serial)->is_serial);
  TULVING_DCHECK(table.ownership != Ownership::kParent ||
                 table.columns.front().reference.id != nullptr);  // It says whose rows these are.
  TULVING_DCHECK(table.slot == nullptr || !table.slot_noun.empty());
}

}  // namespace

void check_sound(const Projection& projection, const Ddl& ddl) {
  std::vector<std::string_view> earlier;
  TULVING_DCHECK(projection.tables.size() == ddl.tables.size());
  for (const TableSpec& table : projection.tables) {
    const Ddl::Table* defined = ddl.find(table.name);
    TULVING_DCHECK(defined != nullptr);
    check_table(table, *defined, earlier);
    earlier.push_back(table.name);
  }
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
