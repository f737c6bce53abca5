#include "storage/postgres/target/removal.h"

#include <algorithm>

#include "core/base/check.h"
#include "storage/postgres/target/ledger_rows.h"
#include "storage/postgres/wire/copy_writer.h"

namespace tulving::storage::postgres {
namespace {

bool is_reference(const Column& column) { return column.reference.id != nullptr; }

}  // namespace

const TableSpec& Removal::parent_of(const Column& column) const {
  const TableSpec* parent = projection_.table(column.reference.table);
  TULVING_DCHECK(parent != nullptr);
  return *parent;
}

std::string Removal::joined_to_dead(const Column& column) const {
  const TableSpec& parent = parent_of(column);
  return scope_.fill(" JOIN (tulving_dead d JOIN tulving.sync_rows p ON p.schema_name = {schema} "
                     "AND p.table_name = d.tbl AND p.id = d.id) ON d.tbl = {table} AND t.",
                     parent.name) +
         std::string(column.name) + " = " + ledger_key(parent, ddl_, "p");
}

Status Removal::stage(const std::vector<const KnownRow*>& dead) {
  auto status = connection_.run(
      "CREATE TEMP TABLE IF NOT EXISTS tulving_dead (tbl text NOT NULL, id text NOT NULL, "
      "hangs_on text) ON COMMIT DROP; TRUNCATE tulving_dead");
  CopyWriter copy(
      connection_, "tulving_dead (tbl, id)", 2,
      [](const CopyWriter::RowName&, const std::string&) { TULVING_DCHECK(false); }, nullptr);
  for (const KnownRow* row : dead) {
    if (!status) return status;
    auto& out = copy.begin_row();
    out.text(projection_.tables[row->table].name);
    out.text(row->id);
    status = copy.end_row({0, row->id});
  }
  return status ? copy.finish() : status;
}

Result<std::vector<SkippedRow>> Removal::remove(const std::vector<const KnownRow*>& dead) {
  if (dead.empty()) return std::vector<SkippedRow>();
  connection_.set_activity("deleting what is gone");
  auto status = stage(dead);
  for (const TableSpec& table : projection_.tables) {
    if (status) status = gather_hanging(table);
  }
  if (status) status = connection_.run("ANALYZE tulving_dead");
  for (const TableSpec& table : projection_.tables) {
    if (status) status = clear_columns(table);
  }
  if (!status) return status.error();
  auto hanging = list_hanging();
  if (!hanging) return hanging.error();
  for (auto table = projection_.tables.rbegin(); status && table != projection_.tables.rend();
       ++table) {
    status = delete_from(*table);
  }
  if (status) {
    status = connection_.run(
        scope_.fill("DELETE FROM tulving.sync_rows r USING tulving_dead d "
                    "WHERE r.schema_name = {schema} AND r.table_name = d.tbl AND r.id = d.id"));
  }
  if (!status) return status.error();
  return hanging;
}

// Adds the rows of `table` that a foreign key hangs on the dead ones.
Status Removal::gather_hanging(const TableSpec& table) {
  if (table.ownership == Ownership::kParent) return {};
  for (const Column& column : table.columns) {
    if (!is_reference(column) || column.reference.when_missing != WhenMissing::kSkip) continue;
    auto status = connection_.run(
        scope_.fill("INSERT INTO tulving_dead SELECT DISTINCT {table}, r.id, d.tbl || '#' || d.id "
                    "FROM ",
                    table.name) +
        std::string(table.name) + " t" + joined_to_dead(column) +
        scope_.fill(" JOIN tulving.sync_rows r ON r.schema_name = {schema} "
                    "AND r.table_name = {table} AND ",
                    table.name) +
        ledger_key(table, ddl_, "r") + " = t." + std::string(key_column(table)) +
        scope_.fill(" WHERE NOT EXISTS (SELECT FROM tulving_dead o WHERE o.tbl = {table} "
                    "AND o.id = r.id AND o.hangs_on IS NULL)",
                    table.name));
    if (!status) return status;
  }
  return {};
}

// Where a column becomes NULL with the parent, its row waits for the parent to come back.
Status Removal::clear_columns(const TableSpec& table) {
  if (table.ownership == Ownership::kParent) return {};
  for (const Column& column : table.columns) {
    if (!is_reference(column) || column.reference.when_missing != WhenMissing::kClear) continue;
    const std::string rows =
        std::string(table.name) + " t" + joined_to_dead(column) +
        scope_.fill(" JOIN tulving.sync_rows r ON r.schema_name = {schema} "
                    "AND r.table_name = {table} AND r.store_id = {store} AND ",
                    table.name) +
        ledger_key(table, ddl_, "r") + " = t." + std::string(key_column(table));
    auto status = connection_.run(
        scope_.fill("INSERT INTO tulving.sync_waiting SELECT DISTINCT {schema}, {store}::uuid, "
                    "r.tenant, r.table_name, r.id, d.tbl || '#' || d.id FROM ") +
        rows);
    if (!status) return status;
  }
  return {};
}

Result<std::vector<SkippedRow>> Removal::list_hanging() {
  auto rows = connection_.query(
      scope_.fill("SELECT DISTINCT r.tenant, d.tbl, d.id, d.hangs_on FROM tulving_dead d "
                  "JOIN tulving.sync_rows r ON r.schema_name = {schema} AND r.table_name = d.tbl "
                  "AND r.id = d.id WHERE d.hangs_on IS NOT NULL ORDER BY 1, 2, 3"));
  if (!rows) return rows.error();
  std::vector<SkippedRow> hanging;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const TableSpec* table = projection_.table(rows->at(i, 1));
    std::string parent = rows->at(i, 3);
    parent.replace(parent.find('#'), 1, " ");
    hanging.push_back({rows->at(i, 0), std::string(kind_name(table->source)), rows->at(i, 2),
                       "what it belongs to is not there: " + parent});
  }
  auto status = connection_.run(
      scope_.fill("INSERT INTO tulving.sync_waiting SELECT DISTINCT {schema}, {store}::uuid, "
                  "r.tenant, d.tbl, d.id, d.hangs_on FROM tulving_dead d "
                  "JOIN tulving.sync_rows r ON r.schema_name = {schema} AND r.table_name = d.tbl "
                  "AND r.id = d.id WHERE d.hangs_on IS NOT NULL"));
  if (!status) return status.error();
  return hanging;
}

Status Removal::delete_from(const TableSpec& table) {
  const std::string name(table.name);
  std::vector<std::string> conditions;
  if (table.ownership == Ownership::kParent) {
    const Column& column = *std::ranges::find_if(table.columns, is_reference);
    conditions.push_back("SELECT t.ctid, t.tableoid FROM " + name + " t" + joined_to_dead(column));
  } else {
    conditions.push_back(
        "SELECT t.ctid, t.tableoid FROM " + name + " t JOIN (tulving_dead d " +
        scope_.fill("JOIN tulving.sync_rows r ON r.schema_name = {schema} AND r.table_name = d.tbl "
                    "AND r.id = d.id) ON d.tbl = {table} AND t.",
                    table.name) +
        std::string(key_column(table)) + " = " + ledger_key(table, ddl_, "r"));
  }
  for (const std::string& rows : conditions) {
    auto deleted = connection_.execute("DELETE FROM " + name +
                                       " x USING (" + rows +
                                       ") g WHERE x.ctid = g.ctid AND x.tableoid = g.tableoid");
    if (!deleted) return deleted.error();
    deleted_[name] += *deleted;
  }
  return {};
}

Status Removal::remove_vectors(const std::vector<GoneVector>& gone, std::string_view column_model) {
  if (gone.empty()) return {};
  std::string values;
  for (const GoneVector& vector : gone) {
    values += (values.empty() ? "(" : ", (") + Connection::quote_text(vector.memory) + ", " +
              Connection::quote_text(vector.model) + ", " + Connection::quote_text(vector.tenant) +
              ")";
  }
  for (const TableSpec& table : projection_.tables) {
    const bool is_part = table.source == kEmbeddingKind;
    const bool is_column = table.source == RecordKind::kMemory && !table.vector_column.empty();
    if (!is_part && !is_column) continue;
    const auto reference = std::ranges::find_if(table.columns, is_reference);
    const TableSpec& owner = is_part ? parent_of(*reference) : table;
    const std::string name(table.name);
    const std::string key(is_part ? reference->name : key_column(table));
    const std::string rows =
        " FROM (VALUES " + values + ") g (memory, model, tenant) " +
        scope_.fill("JOIN tulving.sync_rows r ON r.schema_name = {schema} AND r.table_name = "
                    "{table} AND r.id = g.memory AND r.store_id = {store} AND r.tenant = g.tenant",
                    owner.name) +
        " WHERE t." + key + " = " + ledger_key(owner, ddl_, "r");
    std::string sql;
    if (is_part) {
      sql = "DELETE FROM " + name + " t USING" + rows.substr(5) + " AND t." +
            std::string(table.key.back()) + " = g.model";
    } else {
      sql = "UPDATE " + name + " t SET " + std::string(table.vector_column) + " = NULL" + rows +
            " AND g.model = " + Connection::quote_text(column_model) + " AND t." +
            std::string(table.vector_column) + " IS NOT NULL";
    }
    auto changed = connection_.execute(sql);
    if (!changed) return changed.error();
    if (is_part) deleted_[name] += *changed;
  }
  return {};
}

}  // namespace tulving::storage::postgres
