// Reads CREATE TYPE, TABLE and INDEX, as far as our definitions use them.

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/base/check.h"
#include "storage/postgres/target/ddl.h"
#include "storage/postgres/target/ddl_reader.h"

namespace tulving::storage::postgres {
namespace {

using TokenKind = DdlToken::Kind;

constexpr std::array<std::pair<std::string_view, ColumnType>, 16> kColumnTypes = {{
    {"TEXT[]", ColumnType::kTextArray},
    {"UUID[]", ColumnType::kUuidArray},
    {"REAL[]", ColumnType::kRealArray},
    {"TEXT", ColumnType::kText},
    {"VARCHAR", ColumnType::kText},
    {"TSVECTOR", ColumnType::kText},
    {"JSONB", ColumnType::kJson},
    {"UUID", ColumnType::kUuid},
    {"BOOLEAN", ColumnType::kBoolean},
    {"INTEGER", ColumnType::kInteger},
    {"SERIAL", ColumnType::kInteger},
    {"FLOAT", ColumnType::kDouble},
    {"NUMERIC", ColumnType::kNumeric},
    {"TIMESTAMP", ColumnType::kTimestamp},
    {"TIMESTAMPTZ", ColumnType::kTimestamptz},
    {"VECTOR", ColumnType::kVector},
}};

std::string unquoted(std::string_view literal) {
  TULVING_DCHECK(literal.size() >= 2);
  return std::string(literal.substr(1, literal.size() - 2));
}

// The name that PostgreSQL gives a constraint without one. It cuts names of more than 63 bytes,
// which none of ours comes to.
std::string constraint_name(const Ddl::Table& table, const std::vector<std::string>& columns,
                            std::string_view suffix) {
  constexpr std::size_t kNameMax = 63;
  std::string name = table.name;
  for (const auto& column : columns) name += "_" + column;
  name += suffix;
  TULVING_CHECK(name.size() <= kNameMax);
  return name;
}

void read_type(DdlReader& reader, const Ddl& ddl, DdlColumn& column) {
  const auto first = reader.position();
  const std::string name = reader.word();
  if (reader.take("(")) {
    const auto number = reader.next(TokenKind::kNumber, "a number");
    if (same_word(name, "VARCHAR")) {
      std::from_chars(number.data(), number.data() + number.size(), column.length.emplace());
    }
    if (reader.take(",")) reader.next(TokenKind::kNumber, "a number");
    reader.expect(")");
  }
  const bool is_array = reader.take("[ ]");
  if (reader.failed()) return;
  column.type_text = reader.since(first);
  column.is_serial = same_word(name, "SERIAL");
  column.not_null = column.is_serial;
  const std::string wanted = name + (is_array ? "[]" : "");
  for (const auto& [text, type] : kColumnTypes) {
    if (!same_word(text, wanted)) continue;
    column.type = type;
    return;
  }
  for (const auto& type : ddl.types) {
    if (type.name == wanted) column.enum_type = type.name;
  }
  if (column.enum_type.empty()) reader.fail("a type that columns of ours have, not " + wanted);
}

void read_default(DdlReader& reader, DdlColumn& column) {
  const auto first = reader.position();
  if (reader.kind() == TokenKind::kText) {
    column.default_text = unquoted(reader.next(TokenKind::kText, "a literal"));
    // An empty default_text says that there is none.
    if (column.default_text.empty()) return reader.fail("a default that is not ''");
  } else if (reader.kind() == TokenKind::kNumber) {
    reader.next(TokenKind::kNumber, "a number");
  } else {
    reader.word();
    if (reader.take("(")) reader.expect(")");
  }
  if (reader.failed()) return;
  column.default_sql = reader.since(first);
  if (column.default_text.empty()) column.default_text = column.default_sql;
}

DdlReference read_reference(DdlReader& reader, const Ddl::Table& table, const std::string& column) {
  DdlReference reference{.name = constraint_name(table, {column}, "_fkey"),
                         .column = column,
                         .table = reader.word(),
                         .target = {}};
  reader.expect("(");
  reference.target = reader.word();
  reader.expect(")");
  if (reader.take("ON DELETE CASCADE")) reference.on_delete = OnDelete::kCascade;
  if (reader.take("ON DELETE SET NULL")) reference.on_delete = OnDelete::kSetNull;
  return reference;
}

void read_column(DdlReader& reader, const Ddl& ddl, Ddl::Table& table) {
  DdlColumn column;
  column.name = reader.word();
  read_type(reader, ddl, column);
  while (!reader.at_end()) {
    if (reader.take("NOT NULL")) {
      column.not_null = true;
    } else if (reader.take("PRIMARY KEY")) {
      column.not_null = true;
      table.key = {column.name};
    } else if (reader.take("UNIQUE")) {
      table.uniques.push_back({constraint_name(table, {column.name}, "_key"), {column.name}});
    } else if (reader.take("DEFAULT")) {
      read_default(reader, column);
    } else if (reader.take("GENERATED ALWAYS AS")) {
      column.is_generated = true;
      column.generated_sql = reader.parenthesised();
      reader.expect("STORED");
    } else if (reader.take("REFERENCES")) {
      table.references.push_back(read_reference(reader, table, column.name));
    } else if (reader.take("CHECK")) {
      table.checks.push_back(
          {constraint_name(table, {column.name}, "_check"), reader.parenthesised()});
    } else {
      break;
    }
  }
  table.columns.push_back(std::move(column));
}

// UNIQUE (...), and with a name UNIQUE or CHECK. False: no table's constraint comes next.
bool read_constraint(DdlReader& reader, Ddl::Table& table) {
  const std::string name = reader.take("CONSTRAINT") ? reader.word() : "";
  if (reader.take("UNIQUE")) {
    const auto columns = reader.words();
    if (reader.failed()) return true;
    table.uniques.push_back(
        {name.empty() ? constraint_name(table, columns, "_key") : name, columns});
    return true;
  }
  if (name.empty()) return false;
  reader.expect("CHECK");
  table.checks.push_back({name, reader.parenthesised()});
  return true;
}

void read_table(DdlReader& reader, Ddl& ddl) {
  Ddl::Table table;
  table.name = reader.word();
  reader.expect("(");
  do {
    if (!read_constraint(reader, table)) read_column(reader, ddl, table);
  } while (reader.take(","));
  reader.expect(")");
  if (table.key.empty()) reader.fail("a primary key in table " + table.name);
  ddl.tables.push_back(std::move(table));
}

void read_enum(DdlReader& reader, const std::string& statement, Ddl& ddl) {
  Ddl::Type type{.name = reader.word(), .create = statement, .labels = {}};
  reader.expect("AS ENUM (");
  do {
    const auto label = reader.next(TokenKind::kText, "a label");
    if (!reader.failed()) type.labels.push_back(unquoted(label));
  } while (reader.take(","));
  reader.expect(")");
  ddl.types.push_back(std::move(type));
}

// pgvector's indexes take a vector of so many dimensions at most, and a halfvec of twice as many.
constexpr std::uint32_t kVectorIndexDimMax = 2000;
constexpr std::uint32_t kHalfvecIndexDimMax = 4000;

// Empty: there can be no such index.
std::string vector_index(const std::string& statement, const std::string& operand,
                         const DdlSettings& settings) {
  if (settings.dim <= kVectorIndexDimMax) return statement;
  if (settings.dim > kHalfvecIndexDimMax || !settings.has_halfvec) return {};
  const auto column = operand.substr(1, operand.find(' ') - 1);
  std::string changed = statement;
  return changed.replace(
      changed.find(operand), operand.size(),
      "((" + column + "::halfvec(" + std::to_string(settings.dim) + ")) halfvec_cosine_ops)");
}

void read_index(DdlReader& reader, std::string statement, const DdlSettings& settings, Ddl& ddl) {
  reader.word();
  reader.expect("ON");
  const std::string name = reader.word();
  if (reader.take("USING hnsw") || reader.take("USING ivfflat")) {
    const std::string operand = reader.parenthesised();
    if (!operand.ends_with(" vector_cosine_ops)")) reader.fail("one vector_cosine_ops operand");
    if (reader.failed()) return;
    statement = vector_index(statement, operand, settings);
    if (reader.take("WITH")) reader.parenthesised();
  } else {
    if (reader.take("USING")) reader.word();
    reader.parenthesised();
    if (reader.take("WHERE")) {
      // The rest is the condition, whatever it is.
      while (!reader.at_end()) reader.next(reader.kind(), "a condition");
    }
  }
  const auto table = std::find_if(ddl.tables.begin(), ddl.tables.end(),
                                  [&](const auto& each) { return each.name == name; });
  if (table == ddl.tables.end()) return reader.fail("a table that was made before, not " + name);
  if (!statement.empty()) table->indexes.push_back(std::move(statement));
}

Status read_statement(const std::vector<DdlToken>& tokens, const DdlSettings& settings, Ddl& ddl) {
  const std::string text(
      tokens.front().text.data(),
      static_cast<std::size_t>(tokens.back().text.data() + tokens.back().text.size() -
                               tokens.front().text.data()));
  DdlReader reader(tokens);
  if (reader.take("CREATE TYPE")) {
    read_enum(reader, text, ddl);
  } else if (reader.take("CREATE TABLE")) {
    read_table(reader, ddl);
  } else if (reader.take("CREATE INDEX")) {
    read_index(reader, text, settings, ddl);
  } else {
    reader.fail("CREATE TYPE, CREATE TABLE or CREATE INDEX");
  }
  if (!reader.at_end()) reader.fail("the statement's end");
  return reader.status();
}

}  // namespace

Result<Ddl> parse_ddl(std::string_view text, const DdlSettings& settings) {
  constexpr std::string_view kDim = "(:dim)";
  std::string sql = without_comments(text);
  const std::string dim = "(" + std::to_string(settings.dim) + ")";
  for (std::size_t at = 0; (at = sql.find(kDim, at)) != sql.npos; at += dim.size()) {
    sql.replace(at, kDim.size(), dim);
  }
  auto statements = split_statements(sql);
  if (!statements) return statements.error();
  Ddl ddl;
  for (const auto& tokens : *statements) {
    if (auto status = read_statement(tokens, settings, ddl); !status) return status.error();
  }
  if (settings.partitions) partition_tables(ddl);
  for (auto& table : ddl.tables) table.create = create_table(table);
  return ddl;
}

}  // namespace tulving::storage::postgres
