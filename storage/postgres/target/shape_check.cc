// Whether the tables of a schema are the ones we would make. The expected shape is not written down
// a second time: the same CREATE TABLE statements run as temporary tables within a savepoint, the
// catalog is asked about both, and the savepoint is undone.

#include <array>
#include <map>

#include "storage/postgres/target/target_schema.h"

namespace tulving::storage::postgres {
namespace {

// Definitions are printed relative to the search path, so both sides read alike while their own
// schema is first on it. The kind '' is the table's own, and sorts first.
constexpr auto kParts = R"(
  SELECT c.relname, '', '',
    CASE WHEN c.relkind IN ('r', 'p') THEN 'a table' ELSE 'no table (relkind ' || c.relkind::text || ')' END
  FROM pg_class c WHERE c.relnamespace = to_regnamespace($1)
  UNION ALL
  SELECT c.relname, 'column', a.attname, format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || CASE WHEN a.attgenerated <> '' THEN ' generated as ' || pg_get_expr(d.adbin, d.adrelid)
            WHEN d.adbin IS NOT NULL THEN ' default ' || pg_get_expr(d.adbin, d.adrelid)
            ELSE '' END
    || CASE WHEN a.attidentity <> '' THEN ' identity' ELSE '' END
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p')
    AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT c.relname, 'constraint', pg_get_constraintdef(k.oid), k.conname
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  WHERE c.relnamespace = to_regnamespace($1) AND k.contype IN ('p', 'u', 'f', 'c', 'x')
)";

}  // namespace

Result<std::vector<TargetSchema::Part>> TargetSchema::parts(const std::string& schema,
                                                            const std::set<std::string>& tables) {
  const std::string parameters[] = {schema};
  auto rows = connection_.query(kParts, parameters);
  if (!rows) return rows.error();
  std::vector<Part> parts;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    Part part{rows->at(i, 0), rows->at(i, 1), rows->at(i, 2), rows->at(i, 3)};
    if (tables.contains(part.table)) parts.push_back(std::move(part));
  }
  return parts;
}

Result<std::vector<TargetSchema::Part>> TargetSchema::expected_parts(
    const std::vector<TableSpec>& tables) {
  // With pg_temp first on the path, CREATE TABLE makes temporary tables, and so needs no privilege
  // on any schema.
  auto status = connection_.run("SAVEPOINT tulving_shape; SET LOCAL search_path TO pg_temp, " +
                                Connection::quote_name(vector_schema_));
  std::set<std::string> names;
  for (const auto& table : tables) {
    if (!status) return status.error();
    status = connection_.run(table.create);
    names.insert(table.name);
  }
  if (!status) return status.error();
  auto own = connection_.query("SELECT pg_my_temp_schema()::regnamespace::text");
  if (!own) return own.error();
  auto expected = parts(own->at(0, 0), names);
  if (!expected) return expected;
  status = connection_.run("ROLLBACK TO SAVEPOINT tulving_shape; RELEASE SAVEPOINT tulving_shape");
  if (!status) return status.error();
  return expected;
}

Status TargetSchema::check_shape(const std::vector<TableSpec>& tables) {
  connection_.set_activity("comparing the tables of schema " + name_);
  auto there = existing(tables);
  if (!there) return there.error();
  if (there->empty()) return {};
  auto expected = expected_parts(tables);
  if (!expected) return expected.error();
  auto found = parts(Connection::quote_name(name_), *there);
  if (!found) return found.error();

  using Key = std::array<std::string, 3>;
  std::map<Key, std::array<std::string, 2>> both;  // Expected, found; empty: none.
  for (const auto& part : *expected) {
    if (there->contains(part.table)) {
      both[{part.table, part.kind, part.name}][0] = part.definition;
    }
  }
  for (const auto& part : *found) both[{part.table, part.kind, part.name}][1] = part.definition;
  for (const auto& [key, sides] : both) {
    const auto& [table, kind, name] = key;
    const bool is_constraint = kind == "constraint";  // Its name is free, its definition the key.
    if (is_constraint ? sides[0].empty() == sides[1].empty() : sides[0] == sides[1]) continue;
    const auto side = [&](const std::string& definition) {
      return definition.empty() ? "none" : is_constraint ? "constraint " + definition : definition;
    };
    return Error{ErrorCode::kConflict,
                 "table " + name_ + "." + table + " has another shape, nothing was changed: " +
                     (kind.empty() ? "" : kind + " " + name + ": ") + "expected " + side(sides[0]) +
                     ", found " + side(sides[1])};
  }
  return {};
}

}  // namespace tulving::storage::postgres
