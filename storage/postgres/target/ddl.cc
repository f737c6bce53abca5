#include "storage/postgres/target/ddl.h"

#include <algorithm>

#include "core/base/check.h"
#include "storage/postgres/schemas/schema_texts.h"

namespace tulving::storage::postgres {
namespace {

template <class Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

// None of our names is a word that must be quoted.
std::string column_list(const std::vector<std::string>& columns) {
  std::string list;
  for (const auto& column : columns) list += (list.empty() ? "" : ", ") + column;
  return "(" + list + ")";
}

}  // namespace

const DdlColumn* Ddl::Table::find(std::string_view column) const {
  return find_named(columns, column);
}

const Ddl::Table* Ddl::find(std::string_view table) const { return find_named(tables, table); }

Ddl read_ddl(PostgresSchema schema, const DdlSettings& settings) {
  TULVING_DCHECK(!settings.partitions || settings.partitions->hash_count > 0);
  auto ddl = parse_ddl(schema_text(schema), settings);
  TULVING_CHECK(ddl.has_value());  // It is our own text.
  return std::move(ddl).value();
}

std::string column_sql(const DdlColumn& column) {
  return column.name + " " + column.type_text +
         (column.is_generated ? " GENERATED ALWAYS AS " + column.generated_sql + " STORED" : "") +
         (column.default_sql.empty() ? "" : " DEFAULT " + column.default_sql) +
         (column.not_null ? " NOT NULL" : "");
}

std::string reference_sql(const DdlReference& reference) {
  std::string sql = "CONSTRAINT " + reference.name + " FOREIGN KEY (" + reference.column +
                    ") REFERENCES " + reference.table + " (" + reference.target + ")";
  if (reference.on_delete == OnDelete::kCascade) sql += " ON DELETE CASCADE";
  if (reference.on_delete == OnDelete::kSetNull) sql += " ON DELETE SET NULL";
  return sql;
}

std::string create_table(const Ddl::Table& table) {
  std::string body;
  const auto add = [&body](const std::string& part) {
    body += (body.empty() ? "\n  " : ",\n  ") + part;
  };
  for (const auto& column : table.columns) add(column_sql(column));
  add("PRIMARY KEY " + column_list(table.key));
  for (const auto& unique : table.uniques) {
    add("CONSTRAINT " + unique.name + " UNIQUE " + column_list(unique.columns));
  }
  for (const auto& reference : table.references) add(reference_sql(reference));
  for (const auto& check : table.checks) add("CONSTRAINT " + check.name + " CHECK " + check.sql);
  return "CREATE TABLE " + table.name + " (" + body + ")" +
         (table.partition_by.empty() ? "" : " PARTITION BY " + table.partition_by);
}

}  // namespace tulving::storage::postgres
