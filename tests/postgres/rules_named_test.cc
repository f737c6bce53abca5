// From the side of the databases: each NOT NULL, length, precision, CHECK, enum label, key, unique
// and foreign key that PostgreSQL's catalog has of the five schemas is a rule that is declared of
// the kind whose records are sent there, or holds by construction and is listed here with its
// reason. Where TULVING_SPEC names the folder that holds postgres/*.sql, its files are the schemas.

#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "core/model/rules/schema_needs.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/row_writer.h"
#include "storage/postgres/schemas/schema_texts.h"
#include "tests/postgres/by_construction.h"
#include "tests/postgres/ddl_testing.h"
#include "tests/postgres/declared_rules.h"

namespace tulving::testing {
namespace {

using namespace storage::postgres;
using enum PostgresSchema;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Strings = std::vector<std::string>;

std::string definition(PostgresSchema schema) {
  std::string sql(schema_text(schema));
  if (const char* folder = std::getenv("TULVING_SPEC")) {
    std::ostringstream text;
    text << std::ifstream(std::filesystem::path(folder) / "postgres" /
                          (std::string(to_string(schema)) + ".sql"))
                .rdbuf();
    sql = text.str();
  }
  return replaced(sql, "(:dim)", "(3)");
}

/// A rule that the catalog has: "TABLE|KIND|NAME|COLUMNS|DETAIL|ON DELETE", the name of a rule that
/// has none being its column's.
struct Rule {
  std::string table, kind, name;
  Strings columns;
  std::string detail, on_delete;

  [[nodiscard]] std::string said() const { return table + ' ' + kind + ' ' + name; }
};

constexpr auto kRules = R"(
  WITH tables AS (SELECT oid, relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT
                  relispartition AND relnamespace = quote_ident(current_schema())::regnamespace),
  columns AS (SELECT t.relname, a.*, y.typname, y.typtype FROM tables t
              JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
              JOIN pg_type y ON y.oid = a.atttypid)
  SELECT relname, 'not null', attname, attname, '', '' FROM columns WHERE attnotnull
  UNION ALL SELECT relname, 'length', attname, attname, (atttypmod - 4)::text, '' FROM columns
    WHERE typname IN ('varchar', 'bpchar') AND atttypmod > 0
  UNION ALL SELECT relname, 'precision', attname, attname,
    power(10::numeric, (((atttypmod - 4) >> 16) & 65535) - ((atttypmod - 4) & 2047))::text, ''
    FROM columns WHERE typname = 'numeric' AND atttypmod > 0
  UNION ALL SELECT c.relname, 'label', c.attname || ' ' || e.enumlabel, c.attname, e.enumlabel, ''
    FROM columns c JOIN pg_enum e ON e.enumtypid = c.atttypid
  UNION ALL SELECT t.relname, CASE k.contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key'
      WHEN 'u' THEN 'unique' WHEN 'p' THEN 'unique' ELSE 'another' END, k.conname,
    (SELECT string_agg(a.attname, ',' ORDER BY n) FROM unnest(k.conkey) WITH ORDINALITY u (at, n)
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.at),
    coalesce(r.relname::text, replace(pg_get_constraintdef(k.oid), '|', '!')), k.confdeltype::text
    FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid
    LEFT JOIN pg_class r ON r.oid = k.confrelid WHERE k.contype <> 'n'
  UNION ALL SELECT t.relname, 'unique', x.relname, (SELECT string_agg(a.attname, ',' ORDER BY n)
      FROM unnest(i.indkey::int2[]) WITH ORDINALITY u (at, n)
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.at), '', ''
    FROM pg_index i JOIN tables t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE i.indisunique AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid
                                        AND k.contype IN ('p', 'u')))";

Strings split(const std::string& text, char at) {
  Strings parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

/// Says of one schema's rules whether a declaration names them.
class Declarations {
 public:
  explicit Declarations(PostgresSchema schema)
      : projection_(make_projection(schema, {3, {"default"}})),
        ddl_(read_ddl(schema, {.dim = 3})) {}

  [[nodiscard]] bool name(const Rule& rule) const {
    const TableSpec* table = projection_.table(rule.table);
    if (table == nullptr) return false;
    for (const auto& need : model::schema_needs()) {
      if (need.schema == projection_.schema && need.table == rule.table && need.rule == rule.name &&
          (rule.kind == "check" || rule.kind == "not null")) {
        return true;
      }
    }
    if (rule.kind == "unique") return is_unique(*table, rule);
    if (rule.columns.size() != 1) return false;
    const Column* column = column_of(*table, rule.columns.front());
    const DeclaredKind kind = declared_kind(table->source);
    if (rule.kind == "not null") return is_there(*table, rule, column, kind);
    if (column == nullptr) return false;
    if (rule.kind == "foreign key") return is_reference(*table, rule, *column, kind);
    const auto fields = fields_of(*column, kind);
    return !fields.empty() && std::ranges::all_of(fields, [&](const DeclaredField* field) {
      if (rule.kind == "length") return fits(*field, std::stoul(rule.detail));
      if (rule.kind == "precision") {
        return field->is_number && field->bounds.most < std::stod(rule.detail) &&
               field->bounds.least > -std::stod(rule.detail);
      }
      if (rule.kind == "label") {
        return std::ranges::find(field->labels, rule.detail) != field->labels.end();
      }
      return rule.kind == "check" && is_checked(rule, *field);
    });
  }

 private:
  static const Column* column_of(const TableSpec& table, std::string_view name) {
    const auto found = std::ranges::find(table.columns, name, &Column::name);
    return found == table.columns.end() ? nullptr : &*found;
  }
  // Empty where one of them is no field.
  static std::vector<const DeclaredField*> fields_of(const Column& column,
                                                     const DeclaredKind& kind) {
    std::vector<const DeclaredField*> fields;
    for (std::string name : split(std::string(column.from), ',')) {
      name.erase(0, name.find_first_not_of(' '));
      fields.push_back(kind.find(name));
      if (fields.back() == nullptr) return {};
    }
    return fields;
  }

  static bool fits(const DeclaredField& field, std::size_t length) {
    if (field.is_uuid) return length >= 36;
    if (!field.labels.empty()) {
      return std::ranges::all_of(field.labels,
                                 [&](std::string_view label) { return label.size() <= length; });
    }
    return field.is_text && field.bounds.length_most != kinds::Bounds::kRecord &&
           field.bounds.length_most <= length;
  }

  // The field is never absent, or the column shows what is absent as '', {} or its default.
  bool is_there(const TableSpec& table, const Rule& rule, const Column* column,
                const DeclaredKind& kind) const {
    if (column == nullptr) return table.serial == rule.name;
    if (column->reference.id != nullptr) {
      return column->reference.when_missing == WhenMissing::kSkip;
    }
    const DdlColumn* ddl = ddl_.find(table.name)->find(rule.name);
    if (ddl != nullptr && !std::holds_alternative<std::monostate>(shown({}, *ddl))) return true;
    const auto fields = fields_of(*column, kind);
    return std::ranges::any_of(fields, [](const auto* field) { return field->is_there; });
  }

  // What a conjunction of bounds, or a list of values, allows is all that the field may be.
  static bool is_checked(const Rule& rule, const DeclaredField& field) {
    std::string text = std::regex_replace(rule.detail, std::regex("::[a-z ]+(\\[\\])?"), "");
    text = std::regex_replace(text, std::regex("^CHECK |[() ]"), "");
    const std::string& column = rule.columns.front();
    std::smatch parts;
    const std::string number = "(-?[0-9.]+)";
    if (std::regex_match(text, parts, std::regex(column + "<=" + number))) {
      return field.is_number && field.bounds.most <= std::stod(parts[1]);
    }
    if (std::regex_match(text, parts,
                         std::regex(column + ">=" + number + "AND" + column + "<=" + number))) {
      return field.is_number && field.bounds.least >= std::stod(parts[1]) &&
             field.bounds.most <= std::stod(parts[2]);
    }
    if (!std::regex_match(text, parts, std::regex(column + "=ANYARRAY\\[(.*)\\]"))) return false;
    Strings labels;
    for (const auto& label : field.labels) labels.push_back("'" + std::string(label) + "'");
    auto values = split(parts[1], ',');
    std::ranges::sort(labels);
    std::ranges::sort(values);
    return !labels.empty() && labels == values;
  }

  bool is_unique(const TableSpec& table, const Rule& rule) const {
    const auto& columns = rule.columns;
    if (columns.size() == 1 && columns.front() == table.serial) return true;
    if (std::ranges::equal(columns, table.slot_columns) && table.slot != nullptr) return true;
    const DeclaredKind kind = declared_kind(table.source);
    std::set<std::string_view> fields;
    for (const auto& name : columns) {
      const Column* column = column_of(table, name);
      if (column == nullptr) return false;
      for (const auto* field : fields_of(*column, kind)) {
        if (columns.size() == 1 && field->is_key) return true;
        // Of a table of a list's entries: none is there twice.
        if (table.elements != nullptr && columns == Strings{"memory_id", std::string(name)} &&
            field->bounds.distinct) {
          return true;
        }
        fields.insert(field->name);
      }
    }
    return std::ranges::any_of(kind.uniques, [&](const auto& unique) {
      return std::set<std::string_view>(unique.begin(), unique.end()) == fields;
    });
  }

  bool is_reference(const TableSpec& table, const Rule& rule, const Column& column,
                    const DeclaredKind& kind) const {
    if (column.reference.id == nullptr || column.reference.table != rule.detail) return false;
    const TableSpec* parents = projection_.table(rule.detail);
    const bool is_cascade = rule.on_delete == "c";
    if (column.from == "id") return is_cascade && table.ownership == Ownership::kParent;
    return std::ranges::any_of(kind.references, [&](const DeclaredReference& reference) {
      const auto when_gone = is_cascade ? kinds::WhenGone::kErase : kinds::WhenGone::kClear;
      return reference.field == column.from && reference.target == parents->source &&
             reference.when_gone == when_gone && (is_cascade || rule.on_delete == "n");
    });
  }

  Projection projection_;
  Ddl ddl_;
};

class CatalogRules : public DdlTest {
 protected:
  void make(PostgresSchema schema, const std::string& more = {}) {
    run_in("written", {definition(schema)});
    if (!more.empty()) run_in("written", {more});
  }

  std::vector<Rule> rules() {
    database().run("SET search_path TO written, public");
    std::vector<Rule> rules;
    for (const auto& line : database().lines(kRules)) {
      auto parts = split(line + "|", '|');
      parts.resize(6);
      rules.push_back({parts[0], parts[1], parts[2], split(parts[3], ','), parts[4], parts[5]});
    }
    database().run("RESET search_path");
    return rules;
  }

  // The rules that nothing names.
  Strings unnamed(PostgresSchema schema) {
    const Declarations declarations(schema);
    Strings unnamed;
    for (const Rule& rule : rules()) {
      if (declarations.name(rule)) continue;
      const auto listed = std::ranges::find_if(kByConstruction, [&](const ByConstruction& each) {
        return each.schema == schema && each.rule == rule.said();
      });
      if (listed == std::end(kByConstruction)) {
        unnamed.push_back(rule.said());
      } else {
        seen_.insert(&*listed);
      }
    }
    std::ranges::sort(unnamed);
    return unnamed;
  }

  std::set<const ByConstruction*> seen_;
};

class RulesNamed : public CatalogRules, public ::testing::WithParamInterface<PostgresSchema> {};

INSTANTIATE_TEST_SUITE_P(Schemas, RulesNamed, ::testing::ValuesIn(kPostgresSchemas),
                         [](const auto& each) { return std::string(to_string(each.param)); });

TEST_P(RulesNamed, AreAllThatTheCatalogHas) {
  make(GetParam());
  EXPECT_GT(rules().size(), 20U);
  EXPECT_THAT(unnamed(GetParam()), IsEmpty());
  for (const ByConstruction& each : kByConstruction) {
    if (each.schema != GetParam()) continue;
    EXPECT_TRUE(seen_.contains(&each)) << each.rule << " does not occur, or a declaration names it";
  }
}

// A schema that asks for more than we declare is found out, whatever it asks for.
TEST_F(CatalogRules, ThatAreNewAreFound) {
  make(kOrchestrator, R"(
    ALTER TABLE memory_entries ADD CONSTRAINT dear CHECK (priority > 3);
    ALTER TABLE memory_entries DROP CONSTRAINT valid_priority;
    ALTER TABLE memory_entries ADD CONSTRAINT valid_priority CHECK (priority BETWEEN 1 AND 9);
    ALTER TABLE sessions ALTER COLUMN user_id TYPE VARCHAR(63);
    ALTER TABLE sessions ALTER COLUMN ended_at SET NOT NULL;
    ALTER TABLE user_profiles ADD COLUMN mood TEXT NOT NULL DEFAULT 'good';
    ALTER TABLE sessions ADD CONSTRAINT one_a_user UNIQUE (user_id);
    CREATE UNIQUE INDEX one_a_time ON sessions (created_at);
    ALTER TABLE user_profiles ADD CONSTRAINT profiled FOREIGN KEY (user_id)
      REFERENCES sessions (session_id) ON DELETE CASCADE)");
  EXPECT_THAT(unnamed(kOrchestrator),
              ElementsAre("memory_entries check dear", "memory_entries check valid_priority",
                          "sessions length user_id", "sessions not null ended_at",
                          "sessions unique one_a_time", "sessions unique one_a_user",
                          "user_profiles foreign key profiled", "user_profiles not null mood"));
}

TEST_F(CatalogRules, ThatAreNewOfNumbersAndLabelsAreFound) {
  make(kCompass, R"(
    ALTER TYPE stagetype ADD VALUE 'waiting';
    ALTER TABLE compression_metrics ALTER COLUMN cost_usd TYPE NUMERIC(9, 4);
    ALTER TABLE memories DROP CONSTRAINT memories_stage_id_fkey;
    ALTER TABLE memories ADD FOREIGN KEY (stage_id) REFERENCES stage_memories ON DELETE CASCADE)");
  EXPECT_THAT(unnamed(kCompass), ElementsAre("compression_metrics precision cost_usd",
                                             "memories foreign key memories_stage_id_fkey",
                                             "stage_memories label stage_type waiting"));
}

}  // namespace
}  // namespace tulving::testing
