#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/wire/field.h"
#include "tulving/result.h"
#include "tulving/schemas.h"
#include "tulving/time.h"

namespace tulving::storage::postgres {

// What the tables of a target schema are, read from its own definition (schemas/NAME.sql), so that
// columns, keys and references are written down once. All names are unqualified: the statements are
// run with the target schema and pgvector's on the search path.

struct DdlColumn {
  std::string name;
  std::string type_text;  ///< As the definition has it: "VARCHAR(64)".
  ColumnType type = ColumnType::kText;
  bool not_null = false;      ///< Of the primary key's columns and serial ones, too.
  bool is_generated = false;  ///< GENERATED ALWAYS AS: no value can be sent.
  bool is_serial = false;     ///< Its default is the next of a sequence; default_text is empty.
  std::string default_text;   ///< A text literal's content ("{}"), else as written ("NOW()").
  std::optional<std::uint32_t> length = {};  ///< Of VARCHAR(n), in characters.
  std::string enum_type;                     ///< The name of one of Ddl::types; empty: none.
  std::string default_sql;                   ///< As written, with quotes.
  std::string generated_sql;                 ///< The expression, in parentheses.
};

enum class OnDelete : std::uint8_t { kNoAction, kCascade, kSetNull };

/// A foreign key; all of ours have one column.
struct DdlReference {
  std::string name;
  std::string column;
  std::string table;   ///< The one referred to, ...
  std::string target;  ///< ... and its column.
  OnDelete on_delete = OnDelete::kNoAction;
};

struct DdlUnique {
  std::string name;
  std::vector<std::string> columns;
};

struct DdlCheck {
  std::string name;
  std::string sql;  ///< The condition, in parentheses.
};

struct Ddl {
  struct Type {
    std::string name;
    std::string create;
    std::vector<std::string> labels;
  };
  /// Constraints have the names that PostgreSQL gives those without one in the definition.
  struct Table {
    std::string name;
    std::string create;                ///< CREATE TABLE, made of what follows.
    std::vector<std::string> indexes;  ///< CREATE INDEX; quicker once the rows are in.
    std::vector<DdlColumn> columns;
    std::vector<std::string> key;  ///< The primary key's columns.
    std::vector<DdlUnique> uniques;
    std::vector<DdlReference> references;
    std::vector<DdlCheck> checks;
    std::string partition_by;  ///< "RANGE (created_at)"; empty: not partitioned.

    [[nodiscard]] const DdlColumn* find(std::string_view column) const;
  };
  std::vector<Type> types;
  std::vector<Table> tables;  ///< Parents before children.

  [[nodiscard]] const Table* find(std::string_view table) const;
};

/// Of `orchestrator`: memory_entries by its created_at and memory_access_logs by its timestamp, a
/// partition a month or quarter (UTC); vector_embeddings by hash of memory_id. PostgreSQL then
/// wants the partition column in each primary key and unique, and takes no foreign key to
/// memory_id: those are left out.
struct Partitions {
  enum class Span : std::uint8_t { kMonth, kQuarter };
  Span span = Span::kMonth;
  std::uint32_t hash_count = 8;  ///< From 1 on.
};

struct DdlSettings {
  std::uint32_t dim = 1536;
  bool has_halfvec = true;  ///< pgvector 0.7 or later.
  /// Only `orchestrator` has tables worth it; of the others' definitions nothing changes.
  std::optional<Partitions> partitions = {};
};

[[nodiscard]] Ddl read_ddl(PostgresSchema schema, const DdlSettings& settings);

/// The same of a text. kInvalidArgument: it has something that none of our definitions has, and
/// that this reader does not understand.
Result<Ddl> parse_ddl(std::string_view text, const DdlSettings& settings);

/// One partition of a partitioned table.
struct Partition {
  std::string name;
  std::string create;  ///< CREATE TABLE ... PARTITION OF
};
/// The one of a table by RANGE that holds the rows of `time`. Requires: years 1 to 9999.
[[nodiscard]] Partition partition_for(const Ddl::Table& table, Timestamp time,
                                      Partitions::Span span);
/// All of a table by HASH.
[[nodiscard]] std::vector<Partition> hash_partitions(const Ddl::Table& table, std::uint32_t count);

/// Changes `ddl` into the partitioned one, but for `create`.
void partition_tables(Ddl& ddl);
/// CREATE TABLE from the rest of `table`.
[[nodiscard]] std::string create_table(const Ddl::Table& table);
/// What stands in CREATE TABLE, or after ADD COLUMN, for a column: its name, type, default and
/// NOT NULL.
[[nodiscard]] std::string column_sql(const DdlColumn& column);
/// "CONSTRAINT name FOREIGN KEY (column) REFERENCES table (target) ON DELETE action".
[[nodiscard]] std::string reference_sql(const DdlReference& reference);

}  // namespace tulving::storage::postgres
