#include "tests/postgres/ddl_testing.h"

#include <algorithm>

namespace tulving::testing {
namespace {

constexpr auto kDdlCatalog = R"(
  SELECT 'type ' || t.typname || ' '
    || (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e
        WHERE e.enumtypid = t.oid)
  FROM pg_type t
  WHERE t.typnamespace = quote_ident(current_schema())::regnamespace AND t.typtype = 'e'
  UNION ALL
  SELECT rtrim(c.relname || ' column ' || a.attnum || ' ' || a.attname || ' '
    || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') || ' ' || a.attgenerated::text
    || a.attidentity::text)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition AND a.attnum > 0
  UNION ALL
  SELECT c.relname || ' index '
    || replace(replace(pg_get_indexdef(i.indexrelid),
                       ' ON ' || quote_ident(current_schema()) || '.', ' ON '),
               ' ON ONLY ' || quote_ident(current_schema()) || '.', ' ON ')
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND NOT c.relispartition
  UNION ALL
  SELECT c.relname || ' constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND NOT c.relispartition
    AND k.conparentid = 0
  UNION ALL
  SELECT 'sequence ' || sequencename || ' ' || data_type || ' ' || max_value
  FROM pg_sequences WHERE schemaname = current_schema())";

}  // namespace

std::string replaced(std::string sql, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = sql.find(from, at)) != sql.npos; at += to.size()) {
    sql.replace(at, from.size(), to);
  }
  return sql;
}

void DdlTest::run_in(const std::string& schema, const std::vector<std::string>& statements) {
  database().run(
      "SET client_min_messages = error; CREATE EXTENSION IF NOT EXISTS vector; "
      "CREATE SCHEMA IF NOT EXISTS " +
      schema + "; SET search_path TO " + schema + ", public");
  for (const auto& statement : statements) database().run(statement);
  database().run("RESET search_path");
}

std::vector<std::string> DdlTest::statements_of(const storage::postgres::Ddl& ddl) {
  std::vector<std::string> statements;
  for (const auto& type : ddl.types) statements.push_back(type.create);
  for (const auto& table : ddl.tables) {
    statements.push_back(table.create);
    statements.insert(statements.end(), table.indexes.begin(), table.indexes.end());
  }
  return statements;
}

std::vector<std::string> DdlTest::catalog(const std::string& schema) {
  database().run("SET search_path TO " + schema + ", public");
  auto lines = database().lines(kDdlCatalog);
  database().run("RESET search_path");
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace tulving::testing
