#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/postgres/target/ddl.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/result.h"
#include "tulving/schemas.h"

namespace tulving::storage::postgres {

struct ShapeSettings {
  PostgresSchema kind = PostgresSchema::kOrchestrator;
  std::string schema = {};         ///< The name of the schema that is looked at, ...
  std::string vector_schema = {};  ///< ... and of pgvector's; neither quoted.
  /// Table and column: those that no row brings a value for, beside generated and serial ones.
  std::set<std::pair<std::string, std::string>> not_sent = {};
};

/// How the tables and types of a schema differ from those that a Ddl makes. Tables and types that
/// are not there, and indexes that are not unique, are no difference.
struct ShapeReport {
  /// What no sync can be made into: a column missing, of another type, or NOT NULL without a
  /// default where no value is sent; another key, unique or foreign key; no table. Empty: none. All
  /// of it, in lines: "table public.sessions: column user_id: expected text, found integer".
  std::vector<std::string> refused;
  /// What does not matter to us: another default, check, or constraint's name; a column more that
  /// takes NULL or has a default; a label more.
  std::vector<std::string> taken;
  /// Of `consolidation`: `projects` and `tasks` that are another application's. They are referred
  /// to by their UUID `id`, and never written.
  std::set<std::string> external;
  /// Of `consolidation`: what adds to a task_memories of an application's own the two columns that
  /// it lacks. To be run after the missing tables are made.
  std::vector<std::string> alterations;
  /// CREATE TYPE of those that are missing. To be run before the missing tables are made.
  std::vector<std::string> missing_types;
};

/// Requires: a transaction. Changes nothing: what is expected is made as temporary tables, within a
/// savepoint that is undone, and the search path is left as it was.
Result<ShapeReport> compare_shape(Connection& connection, const Ddl& ddl,
                                  const ShapeSettings& settings);

}  // namespace tulving::storage::postgres
