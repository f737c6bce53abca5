#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "storage/postgres/projection.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// The Postgres schema that a projection's tables are in.
class TargetSchema {
 public:
  TargetSchema(Connection& connection, std::string name)
      : connection_(connection), name_(std::move(name)) {}

  /// Checks the server (UTF-8, pgvector there or can be made), makes pgvector known to the
  /// database, and puts the schema on the search path, whether it exists yet or not. kConflict: no
  /// pgvector.
  Status prepare();
  [[nodiscard]] bool has_halfvec() const { return has_halfvec_; }

  /// n of a vector(n) column that exists; 0: none does.
  Result<std::uint32_t> vector_dim(const std::string& table, const std::string& column);

  /// Compares those of `tables` that exist with what their `create` makes: columns by name, type,
  /// nullability and default, and constraints by definition. Indexes may differ. kConflict: one has
  /// another shape; the message names table, part, expected and found. Changes nothing.
  Status check_shape(const std::vector<TableSpec>& tables);

  /// Makes the schema and the tables that are missing, without their indexes.
  Status create_missing(const std::vector<TableSpec>& tables);
  /// Makes the indexes of the tables that create_missing() made.
  Status create_indexes(const std::vector<TableSpec>& tables);

 private:
  struct Part {
    std::string table, kind, name, definition;
  };
  Result<std::vector<Part>> parts(const std::string& schema, const std::set<std::string>& tables);
  Result<std::vector<Part>> expected_parts(const std::vector<TableSpec>& tables);
  Result<std::set<std::string>> existing(const std::vector<TableSpec>& tables);
  [[nodiscard]] std::string search_path(const std::string& first) const;

  Connection& connection_;
  std::string name_;
  std::string vector_schema_;
  bool has_halfvec_ = false;
  std::set<std::string> created_;
};

}  // namespace tulving::storage::postgres
