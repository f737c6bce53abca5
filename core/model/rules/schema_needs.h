#pragma once

#include <span>
#include <string_view>

#include "tulving/records.h"
#include "tulving/schemas.h"

namespace tulving::model {

/// Something that a column of a Postgres schema asks for, and that a record may come without.
struct SchemaNeed {
  PostgresSchema schema;
  std::string_view table;
  std::string_view rule;    ///< The column that takes no NULL, or the constraint.
  std::string_view field;   ///< Of the record.
  std::string_view reason;  ///< One for all records.
};

/// All that there are; tests/storage/postgres holds them against the catalogs.
[[nodiscard]] std::span<const SchemaNeed> schema_needs();

/// What is asked of a memory, which may be one in a store's row.
struct HeldMemory {
  std::string_view memory_type, agent_id, session_id, user_id, task_id, project_id;
  std::int32_t abstraction_level = 0;
  bool has_success = false;
};

/// The first need that the record does not meet; null: none.
[[nodiscard]] const SchemaNeed* unmet_need(const HeldMemory& memory, PostgresSchema schema);
[[nodiscard]] const SchemaNeed* unmet_need(const Task& task, PostgresSchema schema);
[[nodiscard]] const SchemaNeed* unmet_need(const Stage& stage, PostgresSchema schema);
[[nodiscard]] const SchemaNeed* unmet_need(const ErrorRecord& error, PostgresSchema schema);
template <class Record>
[[nodiscard]] const SchemaNeed* unmet_need(const Record&, PostgresSchema) {
  return nullptr;  // What the rules of every record ask for is all that any column wants.
}

}  // namespace tulving::model
