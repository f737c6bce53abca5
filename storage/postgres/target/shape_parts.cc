#include "storage/postgres/target/shape_parts.h"

#include <set>

#include "core/base/check.h"

namespace tulving::storage::postgres {
namespace {

constexpr auto kFoundTables = R"(
  SELECT c.relname, CASE c.relkind
    WHEN 'r' THEN 'a table'
    WHEN 'p' THEN 'a table partitioned by ' || pg_get_partkeydef(c.oid)
    WHEN 'v' THEN 'a view'
    ELSE 'something else (relkind ' || c.relkind::text || ')' END
  FROM pg_class c WHERE c.relnamespace = to_regnamespace($1))";

// A type is named without its schema: an enum type is the same in whichever it lies, if it has the
// labels.
constexpr auto kFoundColumns = R"(
  SELECT c.relname, a.attname, regexp_replace(format_type(a.atttypid, a.atttypmod), '^.*\.', ''),
    coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attnotnull, a.attgenerated <> '',
    a.attidentity <> '', coalesce(l.label, '')
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN LATERAL (SELECT e.enumlabel::text AS label, e.enumsortorder FROM pg_enum e
                     WHERE e.enumtypid = a.atttypid AND t.typnamespace <> c.relnamespace) l ON true
  WHERE c.relnamespace = to_regnamespace($1) AND a.attnum > 0 AND NOT a.attisdropped
    AND c.relkind IN ('r', 'p')
  ORDER BY c.relname, a.attnum, l.enumsortorder)";

// Of keys the indexes are asked: a unique one serves without a constraint, too. A foreign key that
// refers to a partitioned table has further rows, which have a parent.
constexpr auto kFoundConstraints = R"(
  SELECT c.relname, CASE WHEN i.indisprimary THEN 'key' ELSE 'unique' END,
    regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING btree ', '')
      || CASE WHEN i.indimmediate THEN '' ELSE ' DEFERRABLE' END, x.relname
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
  WHERE c.relnamespace = to_regnamespace($1) AND i.indisunique AND i.indisvalid
  UNION ALL
  SELECT c.relname, CASE k.contype WHEN 'f' THEN 'reference' WHEN 'c' THEN 'check'
                                   ELSE 'unique' END,
    CASE WHEN k.contype = 'f' THEN
      regexp_replace(replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''), 'REFERENCES [^(]*\(',
        'REFERENCES ' || CASE WHEN r.relnamespace = c.relnamespace THEN ''
                              ELSE r.relnamespace::regnamespace::text || '.' END
          || r.relname || '(')
    ELSE replace(pg_get_constraintdef(k.oid), ' NOT VALID', '') END, k.conname
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  LEFT JOIN pg_class r ON r.oid = k.confrelid
  WHERE c.relnamespace = to_regnamespace($1) AND k.contype IN ('f', 'c', 'x')
    AND k.conparentid = 0)";

constexpr auto kFoundTypes = R"(
  SELECT t.typname, coalesce(e.enumlabel::text, '')
  FROM pg_type t LEFT JOIN pg_enum e ON e.enumtypid = t.oid
  WHERE t.typnamespace = to_regnamespace($1) ORDER BY t.typname, e.enumsortorder)";

// The names of partitions say their span: memory_entries_2026_q1.
constexpr auto kFoundPartitions = R"(
  SELECT c.relname, coalesce(bool_or(p.relname ~ '_[0-9]{4}_q[1-4]$'), false), count(p.oid)
  FROM pg_class c LEFT JOIN pg_inherits i ON i.inhparent = c.oid
  LEFT JOIN pg_class p ON p.oid = i.inhrelid
  WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'p'
    AND c.relname IN ('memory_entries', 'memory_access_logs', 'vector_embeddings')
  GROUP BY c.relname)";

Status read_columns(Connection& connection, const std::string& schema, Shapes& shapes) {
  const std::string parameters[] = {schema};
  auto rows = connection.query(kFoundColumns, parameters);
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto table = shapes.find(rows->at(i, 0));
    if (table == shapes.end()) continue;
    auto& column = table->second.columns[rows->at(i, 1)];
    column.type = rows->at(i, 2);
    column.default_sql = rows->at(i, 3);
    column.not_null = rows->at(i, 4) == "t";
    column.is_generated = rows->at(i, 5) == "t";
    column.is_identity = rows->at(i, 6) == "t";
    if (auto label = rows->at(i, 7); !label.empty()) column.labels.push_back(std::move(label));
  }
  return {};
}

Status read_constraints(Connection& connection, const std::string& schema, Shapes& shapes) {
  const std::string parameters[] = {schema};
  auto rows = connection.query(kFoundConstraints, parameters);
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto found = shapes.find(rows->at(i, 0));
    if (found == shapes.end()) continue;
    auto& table = found->second;
    const std::string kind = rows->at(i, 1);
    auto& constraints = kind == "key"         ? table.keys
                        : kind == "unique"    ? table.uniques
                        : kind == "reference" ? table.references
                                              : table.checks;
    constraints.emplace(rows->at(i, 2), rows->at(i, 3));
  }
  return {};
}

// `schema` as to_regnamespace() and the search path take it. Definitions are printed relative to
// the path, so what is compared is asked for with its own schema first on it.
Result<Shapes> shapes_in(Connection& connection, const std::string& schema,
                         const std::string& vector_schema, const Ddl& ddl) {
  auto status = connection.run("SET LOCAL search_path TO " + schema + ", " +
                               Connection::quote_name(vector_schema));
  if (!status) return status.error();
  const std::string parameters[] = {schema};
  auto rows = connection.query(kFoundTables, parameters);
  if (!rows) return rows.error();
  Shapes shapes;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    if (ddl.find(rows->at(i, 0)) != nullptr) shapes[rows->at(i, 0)].kind = rows->at(i, 1);
  }
  status = read_columns(connection, schema, shapes);
  if (status) status = read_constraints(connection, schema, shapes);
  if (!status) return status.error();
  return shapes;
}

}  // namespace

Result<Shapes> found_shapes(Connection& connection, const std::string& schema,
                            const std::string& vector_schema, const Ddl& ddl) {
  return shapes_in(connection, Connection::quote_name(schema), vector_schema, ddl);
}

Result<TypeLabels> found_types(Connection& connection, const std::string& schema, const Ddl& ddl) {
  const std::string parameters[] = {Connection::quote_name(schema)};
  auto rows = connection.query(kFoundTypes, parameters);
  if (!rows) return rows.error();
  std::set<std::string> ours;
  for (const auto& type : ddl.types) ours.insert(type.name);
  TypeLabels types;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    if (!ours.contains(rows->at(i, 0))) continue;
    auto& labels = types[rows->at(i, 0)];
    if (auto label = rows->at(i, 1); !label.empty()) labels.push_back(std::move(label));
  }
  return types;
}

Result<Shapes> expected_shapes(Connection& connection, const std::string& vector_schema,
                               const Ddl& ddl) {
  // With pg_temp first on the path, CREATE TABLE and CREATE TYPE make temporary ones.
  auto status =
      connection.run("SET LOCAL search_path TO pg_temp, " + Connection::quote_name(vector_schema));
  for (const auto& type : ddl.types) {
    if (status) status = connection.run(type.create);
  }
  for (const auto& table : ddl.tables) {
    if (status) status = connection.run(table.create);
  }
  if (!status) return status.error();
  auto own = connection.query("SELECT pg_my_temp_schema()::regnamespace::text");
  if (!own) return own.error();
  auto shapes = shapes_in(connection, own->at(0, 0), vector_schema, ddl);
  TULVING_DCHECK(!shapes || shapes->size() == ddl.tables.size());
  return shapes;
}

Result<std::optional<Partitions>> found_partitions(Connection& connection,
                                                   const std::string& schema) {
  const std::string parameters[] = {Connection::quote_name(schema)};
  auto rows = connection.query(kFoundPartitions, parameters);
  if (!rows) return rows.error();
  bool is_partitioned = false;
  Partitions partitions;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const std::string table = rows->at(i, 0);
    if (table == "memory_entries") is_partitioned = true;
    if (rows->at(i, 1) == "t") partitions.span = Partitions::Span::kQuarter;
    const auto count = static_cast<std::uint32_t>(std::stoul(rows->at(i, 2)));
    if (table == "vector_embeddings" && count > 0) partitions.hash_count = count;
  }
  if (!is_partitioned) return std::optional<Partitions>();
  return std::optional(partitions);
}

}  // namespace tulving::storage::postgres
