#include "storage/postgres/target/merge.h"

#include <algorithm>

#include "core/base/check.h"

namespace tulving::storage::postgres {
namespace {

template <class Range, class Format>
std::string joined(const Range& range, std::string_view separator, const Format& format) {
  std::string text;
  for (const auto& element : range) {
    if (!text.empty()) text += separator;
    text += format(element);
  }
  return text;
}

}  // namespace

Status Merge::create_staging() {
  const std::string name = staging();
  // LIKE brings types, NOT NULL and checks, so that a row the table would refuse is refused here,
  // where it costs a batch and not the transaction.
  std::string sql = "CREATE TEMP TABLE " + name + " (LIKE " + table_.name +
                    " INCLUDING CONSTRAINTS) ON COMMIT DROP";
  if (auto status = connection_.run(sql); !status) return status;
  const std::string parameters[] = {name};
  auto columns = connection_.query(
      "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('pg_temp.' || $1) "
      "AND attnum > 0 AND NOT attisdropped",
      parameters);
  if (!columns) return columns.error();
  std::vector<std::string> changes;
  for (std::size_t i = 0; i < columns->size(); ++i) {
    const std::string column = columns->at(i, 0);
    const auto sent = std::find_if(table_.columns.begin(), table_.columns.end(),
                                   [&](const Column& each) { return each.name == column; });
    const std::string quoted = Connection::quote_name(column);
    if (sent == table_.columns.end()) {
      changes.push_back("DROP COLUMN " + quoted);
    } else if (!sent->if_null.empty()) {
      changes.push_back("ALTER COLUMN " + quoted + " DROP NOT NULL");
    }
  }
  if (table_.ownership == Ownership::kSerial) changes.push_back("ADD COLUMN tulving_id text");
  if (!table_.staging_check.empty()) changes.push_back("ADD CHECK (" + table_.staging_check + ")");
  if (changes.empty()) return {};
  return connection_.run("ALTER TABLE " + name + " " +
                         joined(changes, ", ", [](const auto& change) { return change; }));
}

std::string Merge::copy_target(bool direct) const {
  const std::string names =
      joined(table_.columns, ", ", [](const Column& column) { return column.name; });
  if (direct) return table_.name + " (" + names + ")";
  const bool with_id = table_.ownership == Ownership::kSerial;
  return staging() + " (" + (with_id ? "tulving_id, " : "") + names + ")";
}

std::size_t Merge::copy_columns(bool direct) const {
  return table_.columns.size() + (!direct && table_.ownership == Ownership::kSerial ? 1 : 0);
}

std::string Merge::same_key() const {
  TULVING_DCHECK(!table_.key.empty());  // Or each row would be every other.
  return joined(table_.key, " AND ",
                [](const std::string& column) { return "t." + column + " = s." + column; });
}

std::string Merge::value_of(const Column& column) const {
  if (column.if_null.empty()) return "s." + column.name;
  return "coalesce(s." + column.name + ", " + column.if_null + ")";
}

std::vector<Column> Merge::value_columns() const {
  std::vector<Column> values;
  for (const auto& column : table_.columns) {
    if (std::find(table_.key.begin(), table_.key.end(), column.name) == table_.key.end()) {
      values.push_back(column);
    }
  }
  return values;
}

std::string Merge::differs() const {
  const auto values = value_columns();
  if (values.empty()) return "false";
  return "(" + joined(values, ", ", [](const Column& column) { return "t." + column.name; }) +
         ") IS DISTINCT FROM (" +
         joined(values, ", ", [this](const Column& column) { return value_of(column); }) + ")";
}

std::string Merge::insertion() const {
  const std::string names =
      joined(table_.columns, ", ", [](const Column& column) { return column.name; });
  const std::string values =
      joined(table_.columns, ", ", [this](const Column& column) { return value_of(column); });
  const std::string keys = joined(table_.key, ", ", [](const auto& column) { return column; });
  const std::string excluded = joined(value_columns(), ", ", [](const Column& column) {
    return column.name + " = excluded." + column.name;
  });
  // ON CONFLICT is for a row that another writer inserts between the two statements.
  return "INSERT INTO " + table_.name + " (" + names + ") SELECT " + values + " FROM " + staging() +
         " s WHERE NOT EXISTS (SELECT FROM " + table_.name + " t WHERE " + same_key() +
         ") ON CONFLICT (" + keys + ") DO " +
         (excluded.empty() ? "NOTHING" : "UPDATE SET " + excluded);
}

std::string Merge::deletion() const {
  TULVING_DCHECK(table_.ownership == Ownership::kParent);  // Others go by the ledger.
  const auto& parent = table_.references.front();
  return "DELETE FROM " + table_.name + " t USING tulving_claims c WHERE c.tbl = '" + parent.table +
         "' AND c.reason IS NULL AND t." + parent.column + " = c.id AND (" + table_.ours +
         ") AND NOT EXISTS (SELECT FROM " + staging() + " s WHERE " + same_key() + ")";
}

Status Merge::finish_staging() {
  const std::string keys = joined(table_.key, ", ", [](const auto& column) { return column; });
  // Without statistics the planner takes a temporary table for small and joins it by loops. Of the
  // key alone: those of the values would read every vector.
  return connection_.run("ANALYZE " + staging() + " (" + keys + ")");
}

Result<std::vector<SkippedRow>> Merge::remove_foreign() {
  TULVING_DCHECK(table_.ownership != Ownership::kParent);  // Its rows have no name of their own.
  const bool by_key = table_.ownership == Ownership::kKey;
  const std::string id = by_key ? "s." + table_.key.front() : "s.tulving_id";
  const std::string owned =
      by_key ? "r.id = t." + table_.key.front() : "r.row = t." + table_.serial;
  auto rows = connection_.query(
      "DELETE FROM " + staging() + " s USING " + table_.name + " t, tulving_claims c WHERE " +
      same_key() + " AND c.tbl = '" + table_.name + "' AND c.reason IS NULL AND c.id = " + id +
      " AND NOT EXISTS (SELECT FROM tulving.sync_rows r WHERE r.schema_name = " +
      Connection::quote_text(schema_) + " AND r.table_name = '" + table_.name + "' AND " + owned +
      ") AND " + differs() + " RETURNING " + id + ", c.tenant");
  if (!rows) return rows.error();
  std::vector<SkippedRow> foreign;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    foreign.push_back({rows->at(i, 1), std::string(kind_name(table_.source)), rows->at(i, 0),
                       "a row of this id that no sync wrote is there, and differs"});
  }
  return foreign;
}

Result<Merge::Counts> Merge::apply(bool full) {
  Counts counts;
  struct Step {
    std::string sql;
    std::uint64_t& count;
    bool wanted;
  };
  const auto values = value_columns();
  const std::string assignments = joined(values, ", ", [this](const Column& column) {
    return column.name + " = " + value_of(column);
  });
  const bool is_part = table_.ownership == Ownership::kParent;
  const Step steps[] = {
      {is_part ? deletion() : "", counts.deleted, is_part && (full || table_.parent_brings_all)},
      {"UPDATE " + table_.name + " t SET " + assignments + " FROM " + staging() + " s WHERE " +
           same_key() + " AND " + differs(),
       counts.updated, !values.empty()},
      {insertion(), counts.inserted, true}};
  for (const auto& step : steps) {
    if (!step.wanted) continue;
    auto rows = connection_.execute(step.sql);
    if (!rows) return rows.error();
    step.count = *rows;
  }
  return counts;
}

}  // namespace tulving::storage::postgres
