#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/postgres/target/ddl.h"
#include "storage/postgres/target/shape_compare.h"
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

  /// Compares the tables that exist with those of `ddl`, see compare_shape(). kConflict: they do
  /// not fit; the message has all that does not. Changes nothing.
  Status check_shape(PostgresSchema kind, const Ddl& ddl,
                     const std::set<std::pair<std::string, std::string>>& not_sent);
  /// What check_shape() found.
  [[nodiscard]] const ShapeReport& shape() const { return shape_; }

  /// Makes the schema, and the types, tables and columns that are missing, without their indexes.
  Status create_missing(const Ddl& ddl);
  /// Makes the indexes of the tables that create_missing() made.
  Status create_indexes(const Ddl& ddl);

  /// Makes the partitions that hold `times`, where they are missing.
  Status create_partitions(const Ddl::Table& table, const std::set<Timestamp>& times,
                           Partitions::Span span);

 private:
  Result<std::set<std::string>> existing(const Ddl& ddl);
  [[nodiscard]] std::string search_path(const std::string& first) const;

  Connection& connection_;
  std::string name_;
  std::string vector_schema_;
  bool has_halfvec_ = false;
  std::set<std::string> created_;
  ShapeReport shape_;
};

}  // namespace tulving::storage::postgres
