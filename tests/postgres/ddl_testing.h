#pragma once

#include <string>
#include <vector>

#include "storage/postgres/target/ddl.h"
#include "tests/postgres/postgres_testing.h"

namespace tulving::testing {

/// Tests that make tables from definitions, each set in a schema of its own.
class DdlTest : public PostgresTest {
 protected:
  /// Runs statements in a new schema, pgvector's tables beside it in `public`.
  void run_in(const std::string& schema, const std::vector<std::string>& statements);
  /// All that `ddl` makes: types, tables, indexes.
  static std::vector<std::string> statements_of(const storage::postgres::Ddl& ddl);
  /// All that the catalog says of the types, tables, constraints, indexes and sequences of a
  /// schema, sorted, the schema's name left out. Partitions are left out, too.
  std::vector<std::string> catalog(const std::string& schema);
};

/// `sql` with another text in each place of `from`.
[[nodiscard]] std::string replaced(std::string sql, const std::string& from, const std::string& to);

}  // namespace tulving::testing
