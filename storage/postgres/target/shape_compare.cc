#include "storage/postgres/target/shape_compare.h"

#include <algorithm>
#include <map>

#include "core/base/check.h"
#include "storage/postgres/target/shape_parts.h"

namespace tulving::storage::postgres {
namespace {

using ShapeColumn = TableShape::Column;

bool has_label(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::string described(const ShapeColumn& column) {
  return column.type + (column.not_null ? " not null" : "") +
         (column.is_identity ? " identity" : "") +
         (column.default_sql.empty()
              ? ""
              : (column.is_generated ? " generated as " : " default ") + column.default_sql);
}

std::string difference(const std::string& what, const std::string& expected,
                       const std::string& found) {
  return what + ": expected " + expected + ", found " + found;
}

// One table's differences.
class TableComparison {
 public:
  TableComparison(const Ddl::Table& table, const ShapeSettings& settings)
      : table_(table),
        settings_(settings),
        prefix_("table " + settings.schema + "." + table.name + ": ") {}

  void compare(const TableShape& expected, const TableShape& found) {
    if (expected.kind != found.kind) refuse(difference("kind", expected.kind, found.kind));
    if (!found.is_table()) return;
    for (const auto& [name, column] : expected.columns) {
      const auto other = found.columns.find(name);
      if (other == found.columns.end()) {
        missing_.insert(name);
        refused_missing_.push_back(prefix_ +
                                   difference("column " + name, described(column), "none"));
      } else {
        compare_column(name, column, other->second);
      }
    }
    for (const auto& [name, column] : found.columns) {
      if (!expected.columns.contains(name)) add_extra(name, column);
    }
    compare_strictly("primary key", expected.keys, found.keys);
    compare_strictly("unique", expected.uniques, found.uniques);
    compare_strictly("foreign key", references_of_columns(expected), found.references);
    compare_checks(expected.checks, found.checks);
  }

  /// Columns that are missing, and nothing else is refused.
  [[nodiscard]] bool lacks_only(const std::set<std::string>& columns) const {
    return refused_.empty() && !missing_.empty() &&
           std::includes(columns.begin(), columns.end(), missing_.begin(), missing_.end());
  }
  [[nodiscard]] const std::set<std::string>& missing() const { return missing_; }
  [[nodiscard]] const std::vector<std::string>& taken() const { return taken_; }
  [[nodiscard]] std::vector<std::string> refused() const {
    auto all = refused_missing_;
    all.insert(all.end(), refused_.begin(), refused_.end());
    return all;
  }

 private:
  void refuse(const std::string& line) { refused_.push_back(prefix_ + line); }
  void take(const std::string& line) { taken_.push_back(prefix_ + line); }

  [[nodiscard]] bool is_sent(const std::string& name, const ShapeColumn& expected) const {
    const DdlColumn* column = table_.find(name);
    TULVING_DCHECK(column != nullptr);
    return !expected.is_generated && !column->is_serial &&
           !settings_.not_sent.contains({table_.name, name});
  }

  // Whether rows of ours bring what the column needs. One that takes NULL with us may bring it, and
  // brings the default in its place only where the definition has one.
  [[nodiscard]] bool is_filled(const std::string& name, const ShapeColumn& expected,
                               const ShapeColumn& found) const {
    if (!found.not_null) return true;
    if (!is_sent(name, expected)) return found.fills_itself();
    return expected.not_null || (expected.fills_itself() && found.fills_itself());
  }

  void compare_column(const std::string& name, const ShapeColumn& expected,
                      const ShapeColumn& found) {
    const auto line = difference("column " + name, described(expected), described(found));
    if (expected.type != found.type || expected.is_generated != found.is_generated ||
        !is_filled(name, expected, found)) {
      return refuse(line);
    }
    if (described(expected) != described(found)) take(line);
  }

  void add_extra(const std::string& name, const ShapeColumn& found) {
    const auto line = difference("column " + name, "none", described(found));
    found.not_null && !found.fills_itself() ? refuse(line) : take(line);
  }

  // Of a column that is missing its foreign key is, too, and need not be said.
  [[nodiscard]] TableShape::Constraints references_of_columns(const TableShape& expected) const {
    auto references = expected.references;
    for (const auto& reference : table_.references) {
      if (!missing_.contains(reference.column)) continue;
      std::erase_if(references, [&](const auto& each) { return each.second == reference.name; });
    }
    return references;
  }

  void compare_strictly(const std::string& what, const TableShape::Constraints& expected,
                        const TableShape::Constraints& found) {
    for (const auto& [definition, name] : expected) {
      const auto other = found.find(definition);
      if (other == found.end()) {
        refuse(difference(what, definition, "none"));
      } else if (other->second != name) {
        take(difference("name of " + what + " " + definition, name, other->second));
      }
    }
    for (const auto& [definition, name] : found) {
      if (!expected.contains(definition)) refuse(difference(what, "none", definition));
    }
  }

  void compare_checks(const TableShape::Constraints& expected,
                      const TableShape::Constraints& found) {
    for (const auto& [definition, name] : expected) {
      const auto other = found.find(definition);
      if (other == found.end()) {
        take(difference("check", name + " " + definition, "none"));
      } else if (other->second != name) {
        take(difference("name of check " + definition, name, other->second));
      }
    }
    for (const auto& [definition, name] : found) {
      if (!expected.contains(definition)) {
        take(difference("check", "none", name + " " + definition));
      }
    }
  }

  const Ddl::Table& table_;
  const ShapeSettings& settings_;
  std::string prefix_;
  std::set<std::string> missing_;
  std::vector<std::string> refused_missing_;  // Of missing columns, ...
  std::vector<std::string> refused_;          // ... and of all else.
  std::vector<std::string> taken_;
};

// Why nothing can refer to the table by a UUID `id`; empty: it can.
std::string no_uuid_key(const TableShape& table) {
  if (!table.is_table()) return "it is " + table.kind;
  const auto id = table.columns.find("id");
  if (id == table.columns.end()) return "it has no column id";
  if (id->second.type != "uuid") return "its id is of type " + id->second.type + ", not uuid";
  if (!table.keys.contains("(id)") && !table.uniques.contains("(id)")) return "its id is no key";
  return {};
}

void add_external(const TableComparison& comparison, const std::string& table,
                  const ShapeSettings& settings, const TableShape& found, ShapeReport& report) {
  const auto reason = no_uuid_key(found);
  if (reason.empty()) {
    report.external.insert(table);
    return;
  }
  report.refused.push_back("table " + settings.schema + "." + table +
                           " is another application's, and cannot be referred to: " + reason);
  const auto lines = comparison.refused();
  report.refused.insert(report.refused.end(), lines.begin(), lines.end());
}

void add_alterations(const TableComparison& comparison, const Ddl::Table& table,
                     ShapeReport& report) {
  for (const auto& name : comparison.missing()) {
    const DdlColumn* column = table.find(name);
    TULVING_CHECK(column != nullptr);
    report.alterations.push_back("ALTER TABLE " + table.name + " ADD COLUMN " +
                                 column_sql(*column));
    for (const auto& reference : table.references) {
      if (reference.column != name) continue;
      report.alterations.push_back("ALTER TABLE " + table.name + " ADD " +
                                   reference_sql(reference));
    }
    for (const auto& index : table.indexes) {
      if (index.find("(" + name + ")") != index.npos) report.alterations.push_back(index);
    }
  }
}

void add_labels(const std::string& what, const std::vector<std::string>& expected,
                const std::vector<std::string>& found, ShapeReport& report) {
  for (const auto& label : expected) {
    if (!has_label(found, label))
      report.refused.push_back(difference(what, "label " + label, "none"));
  }
  for (const auto& label : found) {
    if (!has_label(expected, label))
      report.taken.push_back(difference(what, "none", "label " + label));
  }
}

Status compare_types(Connection& connection, const Ddl& ddl, const ShapeSettings& settings,
                     const Shapes& found, ShapeReport& report) {
  auto types = found_types(connection, settings.schema, ddl);
  if (!types) return types.error();
  for (const auto& type : ddl.types) {
    const auto there = types->find(type.name);
    if (there == types->end()) {
      report.missing_types.push_back(type.create);
    } else {
      add_labels("type " + settings.schema + "." + type.name, type.labels, there->second, report);
    }
    // A column's type may lie in another schema, that of an application's own tables say.
    for (const auto& table : ddl.tables) {
      const auto shape = found.find(table.name);
      if (shape == found.end()) continue;
      for (const auto& column : table.columns) {
        const auto other = shape->second.columns.find(column.name);
        if (column.enum_type != type.name || other == shape->second.columns.end()) continue;
        if (other->second.labels.empty()) continue;
        add_labels("table " + settings.schema + "." + table.name + ": column " + column.name,
                   type.labels, other->second.labels, report);
      }
    }
  }
  return {};
}

void compare_table(const Ddl::Table& table, const ShapeSettings& settings,
                   const TableShape& expected, const TableShape& found, ShapeReport& report) {
  static const std::set<std::string> kAddable = {"consolidated_into_id", "is_consolidated"};
  TableComparison comparison(table, settings);
  comparison.compare(expected, found);
  const auto refused = comparison.refused();
  const bool is_consolidation = settings.kind == PostgresSchema::kConsolidation;
  const bool is_shared = table.name == "projects" || table.name == "tasks";
  if (is_consolidation && is_shared && !refused.empty()) {
    return add_external(comparison, table.name, settings, found, report);
  }
  const auto& taken = comparison.taken();
  report.taken.insert(report.taken.end(), taken.begin(), taken.end());
  if (is_consolidation && table.name == "task_memories" && comparison.lacks_only(kAddable)) {
    return add_alterations(comparison, table, report);
  }
  report.refused.insert(report.refused.end(), refused.begin(), refused.end());
}

Result<ShapeReport> compare_within(Connection& connection, const Ddl& ddl,
                                   const ShapeSettings& settings) {
  auto expected = expected_shapes(connection, settings.vector_schema, ddl);
  if (!expected) return expected.error();
  // Temporary tables hide others of their names, which would be printed with their schema.
  auto status = connection.run("ROLLBACK TO SAVEPOINT tulving_shape");
  if (!status) return status.error();
  auto found = found_shapes(connection, settings.schema, settings.vector_schema, ddl);
  if (!found) return found.error();
  ShapeReport report;
  for (const auto& table : ddl.tables) {
    const auto there = found->find(table.name);
    if (there == found->end()) continue;
    compare_table(table, settings, expected->at(table.name), there->second, report);
  }
  status = compare_types(connection, ddl, settings, *found, report);
  if (!status) return status.error();
  return report;
}

}  // namespace

Result<ShapeReport> compare_shape(Connection& connection, const Ddl& ddl,
                                  const ShapeSettings& settings) {
  connection.set_activity("comparing the tables of schema " + settings.schema);
  auto status = connection.run("SAVEPOINT tulving_shape");
  if (!status) return status.error();
  auto report = compare_within(connection, ddl, settings);
  if (!report) return report;  // The transaction is of no more use.
  status = connection.run("ROLLBACK TO SAVEPOINT tulving_shape; RELEASE SAVEPOINT tulving_shape");
  if (!status) return status.error();
  return report;
}

}  // namespace tulving::storage::postgres
