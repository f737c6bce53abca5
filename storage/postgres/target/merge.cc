#include "storage/postgres/target/merge.h"

#include <algorithm>

#include "core/base/check.h"
#include "storage/postgres/target/ledger_rows.h"

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

std::string name_of(const Column* column) { return std::string(column->name); }

}  // namespace

Merge::Merge(Connection& connection, const LedgerScope& scope, const Projection& projection,
             const Ddl& ddl, const TableSpec& table, const std::vector<const Column*>& columns)
    : connection_(connection),
      scope_(scope),
      projection_(projection),
      ddl_(ddl),
      table_(table),
      definition_(*ddl.find(table.name)),
      columns_(columns),
      name_(table.name) {}

Status Merge::create_staging() {
  // LIKE brings types, NOT NULL and checks, so that a row the table would refuse is refused here,
  // where it costs a batch and not the transaction.
  const std::string sql = "CREATE TEMP TABLE " + staging() + " (tulving_id text NOT NULL, LIKE " +
                          name_ + " INCLUDING CONSTRAINTS) ON COMMIT DROP";
  if (auto status = connection_.run(sql); !status) return status;
  const std::string parameters[] = {staging()};
  auto there = connection_.query(
      "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('pg_temp.' || $1) "
      "AND attnum > 1 AND NOT attisdropped",
      parameters);
  if (!there) return there.error();
  std::vector<std::string> changes;
  for (std::size_t i = 0; i < there->size(); ++i) {
    const std::string column = there->at(i, 0);
    const auto sent = std::ranges::find(columns_, column, &name_of);
    const std::string quoted = Connection::quote_name(column);
    if (table_.ownership == Ownership::kSerial && column == table_.serial) {
      changes.push_back("ALTER COLUMN " + quoted + " DROP NOT NULL");
    } else if (sent == columns_.end()) {
      changes.push_back("DROP COLUMN " + quoted);
    } else if (!(*sent)->if_null.empty()) {
      changes.push_back("ALTER COLUMN " + quoted + " DROP NOT NULL");
    }
  }
  if (!table_.staging_check.empty()) {
    changes.push_back("ADD CHECK (" + std::string(table_.staging_check) + ")");
  }
  if (changes.empty()) return {};
  return connection_.run("ALTER TABLE " + staging() + " " +
                         joined(changes, ", ", [](const auto& change) { return change; }));
}

std::string Merge::copy_target(bool direct) const {
  return (direct ? name_ : staging()) + " (" + (direct ? "" : "tulving_id, ") +
         joined(columns_, ", ", &name_of) + ")";
}

std::size_t Merge::copy_columns(bool direct) const { return columns_.size() + (direct ? 0 : 1); }

std::vector<std::string> Merge::key() const {
  TULVING_DCHECK(!table_.key.empty() || table_.ownership == Ownership::kSerial);
  if (table_.ownership == Ownership::kSerial) return {std::string(table_.serial)};
  return {table_.key.begin(), table_.key.end()};
}

std::string Merge::same_key() const {
  return joined(key(), " AND ",
                [](const std::string& column) { return "t." + column + " = s." + column; });
}

std::string Merge::value_of(const Column& column) const {
  const std::string name(column.name);
  if (column.if_null.empty()) return "s." + name;
  return "coalesce(s." + name + ", " + std::string(column.if_null) + ")";
}

std::vector<const Column*> Merge::value_columns() const {
  std::vector<const Column*> values;
  const auto keys = key();
  for (const Column* column : columns_) {
    if (std::ranges::find(keys, column->name) == keys.end()) values.push_back(column);
  }
  return values;
}

std::string Merge::differs() const {
  const auto values = value_columns();
  if (values.empty()) return "false";
  return "(" + joined(values, ", ", [](const Column* column) { return "t." + name_of(column); }) +
         ") IS DISTINCT FROM (" +
         joined(values, ", ", [this](const Column* column) { return value_of(*column); }) + ")";
}

// Whether the ledger knows the target's row `t`. As a scalar, which the planner leaves where it is:
// it would join the whole table with the whole ledger first.
std::string Merge::is_owned() const {
  const auto is_there = [&](const std::string& condition) {
    return scope_.fill(
               "EXISTS (SELECT FROM tulving.sync_rows r WHERE r.schema_name = {schema} "
               "AND r.table_name = {table} AND ",
               name_) +
           condition + ")";
  };
  const std::string column = "t." + key().front();
  if (table_.ownership == Ownership::kSerial)
    return "(SELECT " + is_there("r.row = " + column) + ")";
  const std::string by_id = "r.id = " + column + "::text";
  if (!table_.slot_is_key()) return "(SELECT " + is_there(by_id) + ")";
  const std::string by_slot =
      "md5(r.slot) = md5(" + column + "::text) AND r.slot = " + column + "::text";
  return "(SELECT " + is_there(by_slot) + " OR " + is_there(by_id + " AND r.slot IS NULL") + ")";
}

std::string Merge::insertion() const {
  std::vector<std::string> names;
  std::vector<std::string> values;
  if (table_.ownership == Ownership::kSerial) {
    names.emplace_back(table_.serial);
    values.push_back("s." + std::string(table_.serial));
  }
  for (const Column* column : columns_) {
    names.emplace_back(column->name);
    values.push_back(value_of(*column));
  }
  const auto as_is = [](const std::string& text) { return text; };
  const std::string excluded = joined(value_columns(), ", ", [](const Column* column) {
    return name_of(column) + " = excluded." + name_of(column);
  });
  std::string sql = "INSERT INTO " + name_ + " (" + joined(names, ", ", as_is) + ") SELECT " +
                    joined(values, ", ", as_is) + " FROM " + staging() +
                    " s WHERE NOT EXISTS (SELECT FROM " + name_ + " t WHERE " + same_key() + ")";
  // ON CONFLICT is for a row that another writer inserts between the two statements. A partitioned
  // table has no unique key of these columns alone.
  if (!definition_.partition_by.empty()) return sql;
  return sql + " ON CONFLICT (" + joined(key(), ", ", as_is) + ") DO " +
         (excluded.empty() ? "NOTHING" : "UPDATE SET " + excluded);
}

std::string Merge::deletion() const {
  TULVING_DCHECK(table_.ownership == Ownership::kParent);  // Others go by the ledger.
  const auto reference = std::ranges::find_if(
      table_.columns, [](const Column& column) { return column.reference.id != nullptr; });
  const TableSpec& parent = *projection_.table(reference->reference.table);
  return "DELETE FROM " + name_ +
         scope_.fill(" t USING tulving_written w WHERE w.tbl = {table} AND t.", parent.name) +
         std::string(reference->name) + " = " + ledger_key(parent, ddl_, "w") + " AND (" +
         table_.ours + ") AND NOT EXISTS (SELECT FROM " + staging() + " s WHERE " + same_key() +
         ")";
}

Status Merge::finish_staging(bool is_full) {
  // Without statistics the planner takes a temporary table for small and joins it by loops. Of the
  // names alone: those of the values would read every vector.
  const auto analyze = [&](const std::string& columns) {
    return connection_.run("ANALYZE " + staging() + " (" + columns + ")");
  };
  if (table_.ownership == Ownership::kSerial) {
    auto status = analyze("tulving_id");
    if (status) status = draw_serials(is_full);
    return status ? analyze(std::string(table_.serial)) : status;
  }
  return analyze("tulving_id, " +
                 joined(key(), ", ", [](const std::string& column) { return column; }));
}

Status Merge::draw_serials(bool is_full) {
  TULVING_DCHECK(table_.ownership == Ownership::kSerial);
  const std::string serial(table_.serial);
  auto status = connection_.run(
      "UPDATE " + staging() + " s SET " + serial +
      scope_.fill(" = r.row FROM tulving.sync_rows r WHERE r.schema_name = {schema} "
                  "AND r.table_name = {table} AND r.id = s.tulving_id AND r.store_id = {store}",
                  name_));
  if (status && !table_.key.empty()) {
    const std::string same = joined(table_.key, " AND ", [](std::string_view column) {
      return "t." + std::string(column) + " = s." + std::string(column);
    });
    status = connection_.run("UPDATE " + staging() + " s SET " + serial + " = t." + serial +
                             " FROM " + name_ + " t WHERE s." + serial + " IS NULL AND " + same +
                             " AND NOT " + is_owned());
  }
  if (status && is_full) status = adopt_equal();
  if (!status) return status;
  return connection_.run("UPDATE " + staging() + " s SET " + serial +
                         " = nextval(pg_get_serial_sequence(" +
                         Connection::quote_text(Connection::quote_name(scope_.schema) + "." +
                                                Connection::quote_name(name_)) +
                         ", " + Connection::quote_text(serial) + ")) WHERE " + serial + " IS NULL");
}

// Rows without a key that no sync wrote are those of a ledger that was lost: each stands for one
// record that is equal to it.
Status Merge::adopt_equal() {
  const std::string serial(table_.serial);
  const auto content = [&](const std::string& row) {
    return "md5(ROW(" +
           joined(columns_, ", ",
                  [&](const Column* column) { return row + "." + name_of(column); }) +
           ")::text)";
  };
  return connection_.run(
      "UPDATE " + staging() + " s SET " + serial + " = o." + serial + " FROM (SELECT t." + serial +
      ", " + content("t") + " AS content, row_number() OVER (PARTITION BY " + content("t") +
      " ORDER BY t." + serial + ") AS place FROM " + name_ + " t WHERE NOT " + is_owned() +
      ") o JOIN (SELECT s.tulving_id, " + content("s") +
      " AS content, row_number() OVER (PARTITION BY " + content("s") +
      " ORDER BY s.tulving_id) AS place FROM " + staging() + " s WHERE s." + serial +
      " IS NULL) n USING (content, place) WHERE s.tulving_id = n.tulving_id");
}

Result<std::vector<Merge::Foreign>> Merge::remove_foreign() {
  TULVING_DCHECK(table_.ownership != Ownership::kParent);  // Its rows have no name of their own.
  std::vector<Foreign> foreign;
  const auto take_out = [&](const std::string& condition, const std::string& reason) -> Status {
    auto rows = connection_.query("DELETE FROM " + staging() + " s USING " + name_ + " t WHERE " +
                                  condition + " AND NOT " + is_owned() + " RETURNING s.tulving_id");
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) foreign.push_back({rows->at(i, 0), reason});
    return {};
  };
  auto status = take_out(same_key() + " AND " + differs(),
                         "a row of this id that no sync wrote is there, and differs");
  for (const DdlUnique& unique : definition_.uniques) {
    const bool is_sent = std::ranges::all_of(unique.columns, [&](const std::string& column) {
      return std::ranges::find(columns_, column, &name_of) != columns_.end();
    });
    if (!status || !is_sent || unique.columns == key()) continue;
    const std::string same = joined(unique.columns, " AND ", [](const std::string& column) {
      return "t." + column + " = s." + column;
    });
    status =
        take_out(same + " AND NOT (" + same_key() + ")",
                 "a row that no sync wrote has the same " +
                     joined(unique.columns, ", ", [](const std::string& each) { return each; }));
  }
  if (!status) return status.error();
  return foreign;
}

// Two rows may swap what no two rows may share, so what changes is first moved out of the way.
Status Merge::vacate() {
  if (table_.slot_columns.empty() || table_.slot_is_key()) return {};
  const auto list = [&](const std::string& row) {
    return joined(table_.slot_columns, ", ",
                  [&](std::string_view column) { return row + "." + std::string(column); });
  };
  const std::string assignment = table_.vacate.empty()
                                     ? std::string(table_.slot_columns.back()) + " = s.tulving_id"
                                     : std::string(table_.vacate);
  return connection_.run("UPDATE " + name_ + " t SET " + assignment + " FROM " + staging() +
                         " s WHERE " + same_key() + " AND (" + list("t") + ") IS DISTINCT FROM (" +
                         list("s") + ")");
}

Result<Merge::Counts> Merge::apply(bool full) {
  Counts counts;
  struct Step {
    std::string sql;
    std::uint64_t& count;
    bool wanted;
  };
  if (auto status = vacate(); !status) return status.error();
  const auto values = value_columns();
  const std::string assignments = joined(values, ", ", [this](const Column* column) {
    return name_of(column) + " = " + value_of(*column);
  });
  const bool is_part = table_.ownership == Ownership::kParent;
  const Step steps[] = {
      {is_part ? deletion() : "", counts.deleted, is_part && (full || table_.parent_brings_all)},
      {"UPDATE " + name_ + " t SET " + assignments + " FROM " + staging() + " s WHERE " +
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

Result<std::uint64_t> Merge::follow_parents() {
  TULVING_DCHECK(table_.ownership == Ownership::kParent);
  const Column& reference = table_.columns.front();
  const TableSpec& parent = *projection_.table(reference.reference.table);
  std::uint64_t updated = 0;
  for (const Column* column : columns_) {
    if (column->if_null.empty()) continue;
    const std::string name = name_of(column);
    auto rows = connection_.execute(
        "UPDATE " + name_ + " x SET " + name + " = n.value FROM (SELECT t.ctid AS place, " +
        "t.tableoid AS part, " + std::string(column->if_null) + " AS value FROM " + name_ +
        scope_.fill(" t JOIN tulving_written w ON w.tbl = {table} AND t.", parent.name) +
        std::string(reference.name) + " = " + ledger_key(parent, ddl_, "w") +
        " CROSS JOIN LATERAL (SELECT t.*) s WHERE " + table_.ours +
        ") n WHERE x.ctid = n.place AND x.tableoid = n.part AND x." + name +
        " IS DISTINCT FROM n.value");
    if (!rows) return rows.error();
    updated += *rows;
  }
  return updated;
}

}  // namespace tulving::storage::postgres
