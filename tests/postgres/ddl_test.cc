// What we make of a schema's definition is what PostgreSQL makes of it: all tables, types, columns,
// constraints and indexes, compared from the catalog; and what we have read of it is what the
// catalog says.
//
// Where TULVING_SPEC names the folder that holds postgres/*.sql, its files are the definition. They
// and the ones compiled in are compared, too.

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "storage/postgres/schemas/schema_texts.h"
#include "tests/postgres/ddl_testing.h"
#include "tulving/schemas.h"

namespace tulving::testing {
namespace {

using namespace storage::postgres;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Strings = std::vector<std::string>;

// Empty: TULVING_SPEC is not set.
std::string specification(PostgresSchema schema) {
  const char* folder = std::getenv("TULVING_SPEC");
  if (folder == nullptr) return {};
  std::ostringstream text;
  text << std::ifstream(std::filesystem::path(folder) / "postgres" /
                        (std::string(to_string(schema)) + ".sql"))
              .rdbuf();
  return text.str();
}

// The definition for a dimension, with the one exception that it states: above what pgvector's
// index takes it is of half precision, and above what that takes there is none.
std::string definition_for(std::string sql, std::uint32_t dim) {
  const std::string size = std::to_string(dim);
  if (dim > 4000) {
    sql = std::regex_replace(sql, std::regex("CREATE INDEX[^;]*USING (hnsw|ivfflat)[^;]*;"), "");
  } else if (dim > 2000) {
    sql = replaced(sql, "(embedding vector_cosine_ops)",
                   "((embedding::halfvec(" + size + ")) halfvec_cosine_ops)");
  }
  return replaced(sql, "(:dim)", "(" + size + ")");
}

Strings without(const Strings& all, const Strings& others) {
  Strings left;
  std::set_difference(all.begin(), all.end(), others.begin(), others.end(),
                      std::back_inserter(left));
  return left;
}

struct Definition {
  PostgresSchema schema;
  std::uint32_t dim;
  friend void PrintTo(const Definition& definition, std::ostream* out) {
    *out << to_string(definition.schema) << " of " << definition.dim;
  }
};

std::vector<Definition> definitions() {
  std::vector<Definition> all;
  for (const auto schema : kPostgresSchemas) {
    for (const std::uint32_t dim : {3U, 1536U, 2000U, 2001U, 4000U, 4001U}) {
      all.push_back({schema, dim});
    }
  }
  return all;
}

class EachDefinition : public DdlTest, public ::testing::WithParamInterface<Definition> {};

TEST_P(EachDefinition, MakesWhatTheSpecificationMakes) {
  const auto specified = specification(GetParam().schema);
  if (specified.empty()) GTEST_SKIP() << "TULVING_SPEC is not set";
  run_in("specified", {definition_for(specified, GetParam().dim)});

  run_in("made", statements_of(read_ddl(GetParam().schema, {.dim = GetParam().dim})));

  const auto expected = catalog("specified");
  const auto made = catalog("made");
  EXPECT_THAT(expected, SizeIs(::testing::Gt(20U)));
  EXPECT_THAT(without(expected, made), IsEmpty()) << "is missing";
  EXPECT_THAT(without(made, expected), IsEmpty()) << "is too much";
}

INSTANTIATE_TEST_SUITE_P(Dimensions, EachDefinition, ::testing::ValuesIn(definitions()),
                         [](const auto& each) {
                           return std::string(to_string(each.param.schema)) +
                                  std::to_string(each.param.dim);
                         });

class EachSchema : public DdlTest, public ::testing::WithParamInterface<PostgresSchema> {
 protected:
  // One line a column, constraint of the tables that the compiled text itself made.
  Strings facts(const std::string& sql) {
    return database().lines(replaced(sql, "$1", "'written'::regnamespace"));
  }
};

INSTANTIATE_TEST_SUITE_P(Schemas, EachSchema, ::testing::ValuesIn(kPostgresSchemas),
                         [](const auto& each) { return std::string(to_string(each.param)); });

std::string type_name(const DdlColumn& column) {
  static const std::map<ColumnType, std::string> kNames = {
      {ColumnType::kJson, "jsonb"},          {ColumnType::kUuid, "uuid"},
      {ColumnType::kBoolean, "bool"},        {ColumnType::kInteger, "int4"},
      {ColumnType::kDouble, "float8"},       {ColumnType::kNumeric, "numeric"},
      {ColumnType::kTimestamp, "timestamp"}, {ColumnType::kTimestamptz, "timestamptz"},
      {ColumnType::kVector, "vector"},       {ColumnType::kTextArray, "_text"},
      {ColumnType::kUuidArray, "_uuid"},     {ColumnType::kRealArray, "_float4"},
  };
  if (column.type != ColumnType::kText) return kNames.at(column.type);
  if (!column.enum_type.empty()) return column.enum_type;
  if (column.type_text == "TSVECTOR") return "tsvector";
  return column.length ? "varchar" : "text";
}

Strings columns_read(const Ddl& ddl) {
  const auto yes = [](bool is) { return is ? "|t" : "|f"; };
  Strings lines;
  for (const auto& table : ddl.tables) {
    for (const auto& column : table.columns) {
      lines.push_back(table.name + "|" + column.name + "|" + type_name(column) + "|" +
                      (column.length ? std::to_string(*column.length) : "~") +
                      yes(column.not_null) + yes(!column.default_text.empty()) +
                      yes(column.is_generated) + yes(column.is_serial));
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string joined(const Strings& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

Strings constraints_read(const Ddl& ddl) {
  static const std::map<OnDelete, std::string> kActions = {
      {OnDelete::kNoAction, "a"}, {OnDelete::kCascade, "c"}, {OnDelete::kSetNull, "n"}};
  Strings lines;
  for (const auto& table : ddl.tables) {
    lines.push_back(table.name + "|p|" + table.name + "_pkey|" + joined(table.key) + "|~|~| ");
    for (const auto& unique : table.uniques) {
      lines.push_back(table.name + "|u|" + unique.name + "|" + joined(unique.columns) + "|~|~| ");
    }
    for (const auto& reference : table.references) {
      lines.push_back(table.name + "|f|" + reference.name + "|" + reference.column + "|" +
                      reference.table + "|" + reference.target + "|" +
                      kActions.at(reference.on_delete));
    }
    for (const auto& check : table.checks) {
      lines.push_back(table.name + "|c|" + check.name + "|-|~|~| ");
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST_P(EachSchema, IsReadAsTheCatalogSays) {
  const auto text = std::string(schema_text(GetParam()));
  run_in("written", {definition_for(text, 3)});

  const auto ddl = read_ddl(GetParam(), {.dim = 3});

  EXPECT_THAT(columns_read(ddl), ElementsAreArray(facts(R"(
    SELECT c.relname, a.attname, t.typname,
      CASE WHEN t.typname = 'varchar' THEN a.atttypmod - 4 END, a.attnotnull,
      d.adbin IS NOT NULL AND a.attgenerated = '' AND s.text NOT LIKE 'nextval(%',
      a.attgenerated = 's', s.text IS NOT NULL AND s.text LIKE 'nextval(%'
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    CROSS JOIN LATERAL (SELECT pg_get_expr(d.adbin, d.adrelid) AS text) s
    WHERE c.relnamespace = $1 AND c.relkind = 'r' AND a.attnum > 0
    ORDER BY (c.relname || '|' || a.attname || '|') COLLATE "C")")));
  EXPECT_THAT(constraints_read(ddl), ::testing::UnorderedElementsAreArray(facts(R"(
    SELECT c.relname, k.contype, k.conname,
      CASE WHEN k.contype = 'c' THEN '-' ELSE
        (SELECT string_agg(a.attname, ',' ORDER BY n) FROM unnest(k.conkey)
           WITH ORDINALITY u (at, n)
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.at) END,
      r.relname, (SELECT a.attname FROM pg_attribute a
                  WHERE a.attrelid = r.oid AND a.attnum = k.confkey[1]), k.confdeltype
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    LEFT JOIN pg_class r ON r.oid = k.confrelid WHERE k.connamespace = $1)")));
}

// What is sent in place of a default has to be the value that the default is.
TEST_P(EachSchema, HasTheDefaultsValuesAsText) {
  run_in("written", {definition_for(std::string(schema_text(GetParam())), 3)});
  for (const auto& table : read_ddl(GetParam(), {.dim = 3}).tables) {
    for (const auto& column : table.columns) {
      if (!column.default_sql.starts_with("'")) {
        EXPECT_EQ(column.default_text, column.default_sql);
        continue;
      }
      EXPECT_EQ("'" + column.default_text + "'", column.default_sql);
      EXPECT_THAT(facts("SELECT (" + column.default_sql + "::" + column.type_text + ")::text"),
                  ElementsAre(column.default_text));
    }
  }
}

TEST_P(EachSchema, IsCompiledInAsSpecified) {
  const auto specified = specification(GetParam());
  if (specified.empty()) GTEST_SKIP() << "TULVING_SPEC is not set";
  EXPECT_EQ(schema_text(GetParam()), specified);
}

// Without half precision there is no index from 2,001 dimensions on.
TEST(Ddl, HasNoVectorIndexThatPgvectorCannotMake) {
  const auto vector_indexes = [](PostgresSchema schema, DdlSettings settings) {
    Strings found;
    for (const auto& table : read_ddl(schema, settings).tables) {
      for (const auto& index : table.indexes) {
        if (index.find("_cosine_ops") != index.npos) found.push_back(index);
      }
    }
    return found;
  };
  for (const auto schema : {PostgresSchema::kOrchestrator, PostgresSchema::kConsolidation}) {
    EXPECT_THAT(vector_indexes(schema, {.dim = 2000, .has_halfvec = false}),
                ElementsAre(HasSubstr("(embedding vector_cosine_ops)")));
    EXPECT_THAT(vector_indexes(schema, {.dim = 2001, .has_halfvec = false}), IsEmpty());
    EXPECT_THAT(vector_indexes(schema, {.dim = 2001, .has_halfvec = true}),
                ElementsAre(HasSubstr("((embedding::halfvec(2001)) halfvec_cosine_ops)")));
    EXPECT_THAT(vector_indexes(schema, {.dim = 4001, .has_halfvec = true}), IsEmpty());
  }
}

// --- What no definition of ours has ---

struct Misunderstood {
  const char* name;
  const char* sql;
  const char* reason;
  friend void PrintTo(const Misunderstood& each, std::ostream* out) { *out << each.sql; }
};

class Text : public ::testing::TestWithParam<Misunderstood> {};

TEST_P(Text, ThatIsNotUnderstoodIsRefused) {
  const auto ddl = parse_ddl(GetParam().sql, {});
  ASSERT_FALSE(ddl);
  EXPECT_EQ(ddl.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(ddl.error().message, HasSubstr(GetParam().reason));
}

constexpr Misunderstood kMisunderstood[] = {
    {"AnotherStatement", "DROP TABLE a;", "expected CREATE TYPE"},
    {"AnotherType", "CREATE TABLE a (id MONEY PRIMARY KEY);", "a type that columns of ours have"},
    {"ATypeThatComesLater",
     "CREATE TABLE a (id later PRIMARY KEY); CREATE TYPE later AS ENUM ('x');",
     "a type that columns of ours have, not later"},
    {"AnotherClause", "CREATE TABLE a (id UUID PRIMARY KEY COLLATE \"C\");", "expected )"},
    {"NoPrimaryKey", "CREATE TABLE a (id UUID);", "expected a primary key in table a"},
    {"AnotherConstraint", "CREATE TABLE a (id UUID PRIMARY KEY, CONSTRAINT b EXCLUDE (id WITH =));",
     "expected CHECK"},
    {"AnEmptyDefault", "CREATE TABLE a (id TEXT PRIMARY KEY DEFAULT '');",
     "expected a default that is not ''"},
    {"AnotherOperand",
     "CREATE TABLE a (id UUID PRIMARY KEY, v VECTOR(:dim)); "
     "CREATE INDEX i ON a USING hnsw (v vector_l2_ops);",
     "expected one vector_cosine_ops operand"},
    {"AnIndexOfNoTable", "CREATE INDEX i ON a (b);", "a table that was made before, not a"},
    {"AnOpenLiteral", "CREATE TYPE a AS ENUM ('b);", "text literal without end"},
    {"AnOpenParenthesis", "CREATE TABLE a (id UUID PRIMARY KEY, CHECK (id = 3;", "expected"},
    {"AnOpenStatement", "CREATE TABLE a (id UUID PRIMARY KEY)", "has no \";\""},
    {"AnEmptyEnum", "CREATE TYPE a AS ENUM ();", "expected a label"},
    {"MoreAtItsEnd", "CREATE TABLE a (id UUID PRIMARY KEY) WITH (fillfactor = 70);",
     "expected the statement's end"},
};

INSTANTIATE_TEST_SUITE_P(Ddl, Text, ::testing::ValuesIn(kMisunderstood),
                         [](const auto& each) { return each.param.name; });

TEST(DdlText, HasCommentsAnywhereButInLiterals) {
  const auto ddl = parse_ddl(
      "-- ;CREATE\nCREATE TYPE kind AS ENUM ('a--b', -- 'c'\n 'd');;\n"
      "CREATE TABLE t ( -- (\n id UUID PRIMARY KEY, kind kind NOT NULL DEFAULT 'd') ; -- end",
      {});
  ASSERT_TRUE(ddl) << ddl.error().message;
  EXPECT_THAT(ddl->types.at(0).labels, ElementsAre("a--b", "d"));
  const auto* column = ddl->tables.at(0).find("kind");
  ASSERT_NE(column, nullptr);
  EXPECT_EQ(column->enum_type, "kind");
  EXPECT_EQ(column->default_text, "d");
  EXPECT_EQ(ddl->tables.at(0).find("kin"), nullptr);
}

}  // namespace
}  // namespace tulving::testing
