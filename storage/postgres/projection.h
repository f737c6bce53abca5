#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/table.h"
#include "storage/postgres/target/ddl.h"
#include "tulving/result.h"
#include "tulving/schemas.h"

namespace tulving::storage::postgres {

/// What a projection may depend on.
struct ProjectionSettings {
  std::uint32_t dim = 0;
  std::vector<std::string> models;  ///< Names of the store's embedding models.
};

/// One target schema: its tables, parents before children. To add one: its .sql file in schemas/,
/// its tables in projections/, and its name in make_projection().
struct Projection {
  PostgresSchema schema{};
  std::vector<TableSpec> tables;
  /// The names that a record uses and that want a row, whether or not a record of that name is
  /// there. Null: none.
  std::vector<Placeholder> (*placeholders)(const SourceRecord& record) = nullptr;

  [[nodiscard]] std::string_view name() const { return to_string(schema); }
  /// Null: there is none.
  [[nodiscard]] const TableSpec* table(std::string_view name) const;
};

/// Checks (TULVING_DCHECK) that the declarations agree with each other and with the definition.
void check_sound(const Projection& projection, const Ddl& ddl);

[[nodiscard]] Projection make_projection(PostgresSchema schema, const ProjectionSettings& settings);
/// kInvalidArgument: there is no schema of that name; the message lists those that are.
Result<PostgresSchema> projection_named(std::string_view name);

// In projections/, each in a file of its own.
[[nodiscard]] Projection make_orchestrator(const ProjectionSettings& settings);
[[nodiscard]] Projection make_guild(const ProjectionSettings& settings);
[[nodiscard]] Projection make_consolidation(const ProjectionSettings& settings);
[[nodiscard]] Projection make_compass(const ProjectionSettings& settings);
[[nodiscard]] Projection make_cortex(const ProjectionSettings& settings);

/// Why the record has no row in the table: what the schema asks for and the record does not have.
/// Empty: it can have one.
[[nodiscard]] std::string why_not_holdable(const TableSpec& table, const SourceRecord& record,
                                           PostgresSchema schema);

/// For TableSpec::ours: rows of a model that the store does not know are someone else's.
[[nodiscard]] std::string of_known_models(const ProjectionSettings& settings,
                                          std::string_view column);

}  // namespace tulving::storage::postgres
