#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/postgres/target/ddl.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// What the catalog says of a table, its own schema left out of every name.
struct TableShape {
  struct Column {
    std::string type;
    std::string default_sql;  ///< Of a generated column its expression.
    bool not_null = false;
    bool is_generated = false;
    bool is_identity = false;
    /// Of an enum type in another schema than the table's.
    std::vector<std::string> labels = {};
    [[nodiscard]] bool fills_itself() const {
      return is_generated || is_identity || !default_sql.empty();
    }
  };
  /// Names by definition: two of one definition are one to us.
  using Constraints = std::map<std::string, std::string>;

  std::string kind;  ///< "a table", "a table partitioned by RANGE (created_at)", "a view", ...
  std::map<std::string, Column> columns;
  Constraints keys;     ///< One at most: "(memory_id)".
  Constraints uniques;  ///< Of unique indexes without a constraint, too, and exclusions.
  Constraints references;
  Constraints checks;

  [[nodiscard]] bool is_table() const { return kind.starts_with("a table"); }
};
using Shapes = std::map<std::string, TableShape>;

/// The labels of the types of a schema; of one that is no enum, none.
using TypeLabels = std::map<std::string, std::vector<std::string>>;

/// Those of `ddl` that are in a schema; both names as they are, not quoted. Leaves the search path
/// changed, until the caller's savepoint is undone.
Result<Shapes> found_shapes(Connection& connection, const std::string& schema,
                            const std::string& vector_schema, const Ddl& ddl);
Result<TypeLabels> found_types(Connection& connection, const std::string& schema, const Ddl& ddl);

/// Those that `ddl` would make: it makes them, as temporary tables, which needs no privilege on any
/// schema. They stay until the caller's savepoint is undone.
Result<Shapes> expected_shapes(Connection& connection, const std::string& vector_schema,
                               const Ddl& ddl);

/// How the `memory_entries` of a schema is partitioned that a sync made so: a later sync need not
/// be told. Empty: there is none, or it is not partitioned. Of partitions by other spans and names
/// than ours the span is a month, and PostgreSQL refuses what overlaps.
Result<std::optional<Partitions>> found_partitions(Connection& connection,
                                                   const std::string& schema);

}  // namespace tulving::storage::postgres
