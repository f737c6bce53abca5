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

std::string Removal::dead_key(const TableSpec& table) const {
  if (table.ownership == Ownership::kSerial) return "d.key::integer";
  const bool is_uuid = ddl_.find(table.name)->find(table.key.front())->type == ColumnType::kUuid;
  return is_uuid ? "d.key::uuid" : "d.key";
}

std::string Removal::joined_to_dead(const Column& column) const {
  const TableSpec& parent = parent_of(column);
  return scope_.fill(" JOIN tulving_dead d ON d.tbl = {table} AND t.", parent.name) +
         std::string(column.name) + " = " + dead_key(parent);
}

std::string Removal::joined_to_ledger(const TableSpec& table) const {
  return scope_.fill(
             " JOIN tulving.sync_rows r ON r.schema_name = {schema} "
             "AND r.table_name = {table} AND r.store_id = {store} AND ",
             table.name) +
         ledger_key(table, ddl_, "r") + " = t." + std::string(key_column(table));
}

Status Removal::stage(const std::vector<const KnownRow*>& dead) {
  auto status = connection_.run(
      "CREATE TEMP TABLE tulving_dead (tbl text NOT NULL, id text NOT NULL, key text NOT NULL, "
      "lost boolean NOT NULL, hangs_on text) ON COMMIT DROP; "
      "CREATE TEMP TABLE tulving_deferred (LIKE tulving_dead) ON COMMIT DROP");
  CopyWriter copy(
      connection_, "tulving_dead (tbl, id, key, lost)", 4,
      [](const CopyWriter::RowName&, const std::string&) { TULVING_DCHECK(false); }, nullptr);
  for (const KnownRow* row : dead) {
    if (!status) return status;
    const TableSpec& table = projection_.tables[row->table];
    auto& out = copy.begin_row();
    out.text(table.name);
    out.text(row->id);
    if (table.ownership == Ownership::kSerial) {
      out.text(std::to_string(row->serial));
    } else {
      out.text(table.slot_is_key() && !row->slot.empty() ? row->slot : row->id);
    }
    out.boolean(!settlement_.is_erased(row->table, row->owner.tenant, row->id));
    status = copy.end_row({0, row->id});
  }
  return status ? copy.finish() : status;
}

Result<std::vector<SkippedRow>> Removal::remove(const std::vector<const KnownRow*>& dead) {
  if (dead.empty()) return std::vector<SkippedRow>();
  TULVING_DCHECK(!is_staged_);  // Once a sync.
  TULVING_DCHECK(std::ranges::all_of(dead, [](const KnownRow* row) {
    return row->owner.store.empty();  // Only our rows are ever deleted.
  }));
  connection_.set_activity("deleting what is gone");
  is_staged_ = true;
  auto status = stage(dead);
  for (const TableSpec& table : projection_.tables) {
    if (status) status = defer(table);
  }
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
  status = delete_dead();
  if (!status) return status.error();
  return hanging;
}

Status Removal::remove_deferred() {
  if (!is_staged_) return {};
  auto left = connection_.query("SELECT FROM tulving_deferred LIMIT 1");
  if (!left) return left.error();
  if (left->empty()) return {};
  connection_.set_activity("deleting what is gone");
  auto status = connection_.run(
      "TRUNCATE tulving_dead; INSERT INTO tulving_dead SELECT DISTINCT * FROM tulving_deferred");
  for (const TableSpec& table : projection_.tables) {
    if (status) status = clear_columns(table);
  }
  return status ? delete_dead() : status;
}

// Sets aside those on which a row hangs that this sync writes: with another parent, by then.
Status Removal::defer(const TableSpec& table) {
  if (table.ownership == Ownership::kParent) return {};
  for (const Column& column : table.columns) {
    if (!is_reference(column) || column.reference.when_missing != WhenMissing::kSkip) continue;
    auto status = connection_.run(
        "WITH kept AS (SELECT DISTINCT d.tbl, d.id FROM " + std::string(table.name) + " t" +
        joined_to_dead(column) + joined_to_ledger(table) +
        scope_.fill(" JOIN tulving_written w ON w.tbl = {table} AND w.id = r.id), moved AS "
                    "(DELETE FROM tulving_dead d USING kept WHERE d.tbl = kept.tbl "
                    "AND d.id = kept.id RETURNING d.*) INSERT INTO tulving_deferred "
                    "SELECT * FROM moved",
                    table.name));
    if (!status) return status;
  }
  return {};
}

// Adds the rows of `table` that a foreign key hangs on the dead ones.
Status Removal::gather_hanging(const TableSpec& table) {
  if (table.ownership == Ownership::kParent) return {};
  for (const Column& column : table.columns) {
    if (!is_reference(column) || column.reference.when_missing != WhenMissing::kSkip) continue;
    auto status = connection_.run(
        scope_.fill("INSERT INTO tulving_dead SELECT DISTINCT {table}, r.id, t.", table.name) +
        std::string(key_column(table)) + "::text, d.lost, d.tbl || '#' || d.id FROM " +
        std::string(table.name) + " t" + joined_to_dead(column) + joined_to_ledger(table) +
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
    auto status = connection_.run(
        scope_.fill("INSERT INTO tulving.sync_waiting SELECT DISTINCT {schema}, {store}::uuid, "
                    "r.tenant, r.table_name, r.id, d.tbl || '#' || d.id FROM ") +
        std::string(table.name) + " t" + joined_to_dead(column) + joined_to_ledger(table));
    if (!status) return status;
  }
  return {};
}

Result<std::vector<SkippedRow>> Removal::list_hanging() {
  const std::string rows = scope_.fill(
      " FROM tulving_dead d JOIN tulving.sync_rows r ON r.schema_name = {schema} "
      "AND r.table_name = d.tbl AND r.id = d.id WHERE d.lost AND d.hangs_on IS NOT NULL");
  auto found = connection_.query("SELECT DISTINCT r.tenant, d.tbl, d.id, d.hangs_on" + rows +
                                 " ORDER BY 1, 2, 3");
  if (!found) return found.error();
  std::vector<SkippedRow> hanging;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const TableSpec* table = projection_.table(found->at(i, 1));
    std::string parent = found->at(i, 3);
    TULVING_DCHECK(parent.find('#') != parent.npos && table != nullptr);
    parent.replace(parent.find('#'), 1, " ");
    hanging.push_back({found->at(i, 0), std::string(kind_name(table->source)), found->at(i, 2),
                       "what it belongs to is not there: " + parent});
  }
  auto status = connection_.run(
      scope_.fill("INSERT INTO tulving.sync_waiting SELECT DISTINCT {schema}, {store}::uuid, "
                  "r.tenant, d.tbl, d.id, d.hangs_on") +
      rows);
  if (status) status = pass_on_waiting();
  if (!status) return status.error();
  return hanging;
}

// Who waits for the slot of a row that goes with its parent waits for that parent, too: should the
// row's record be gone by the time the parent comes back, nothing else would tell.
Status Removal::pass_on_waiting() {
  return connection_.run(scope_.fill(
      "INSERT INTO tulving.sync_waiting SELECT DISTINCT {schema}, {store}::uuid, w.tenant, "
      "w.table_name, w.id, d.hangs_on FROM tulving_dead d JOIN tulving.sync_rows r "
      "ON r.schema_name = {schema} AND r.table_name = d.tbl AND r.id = d.id "
      "JOIN tulving.sync_waiting w ON w.schema_name = {schema} AND w.store_id = {store} "
      "AND md5(w.awaits) = md5(d.tbl || '=' || r.slot) AND w.awaits = d.tbl || '=' || r.slot "
      "WHERE d.lost AND d.hangs_on IS NOT NULL AND r.slot IS NOT NULL"));
}

Status Removal::delete_dead() {
  Status status;
  for (auto table = projection_.tables.rbegin(); status && table != projection_.tables.rend();
       ++table) {
    status = delete_from(*table);
  }
  if (!status) return status;
  return connection_.run(
      scope_.fill("DELETE FROM tulving.sync_rows r USING tulving_dead d "
                  "WHERE r.schema_name = {schema} AND r.table_name = d.tbl AND r.id = d.id "
                  "AND NOT EXISTS (SELECT FROM tulving_written w WHERE w.tbl = d.tbl "
                  "AND w.id = d.id)"));
}

Status Removal::delete_from(const TableSpec& table) {
  const std::string name(table.name);
  std::string rows = "SELECT t.ctid, t.tableoid FROM " + name + " t";
  if (table.ownership == Ownership::kParent) {
    rows += joined_to_dead(*std::ranges::find_if(table.columns, is_reference));
  } else {
    rows += scope_.fill(" JOIN tulving_dead d ON d.tbl = {table} AND t.", name) +
            std::string(key_column(table)) + " = " + dead_key(table);
  }
  auto deleted = connection_.execute("DELETE FROM " + name + " x USING (" + rows +
                                     ") g WHERE x.ctid = g.ctid AND x.tableoid = g.tableoid");
  if (!deleted) return deleted.error();
  deleted_[name] += *deleted;
  return {};
}

// `of_them`: SQL, whether the row `r` of a ledger's table is one of theirs.
Status Removal::stage_tenants(const std::string& of_them) {
  auto status = connection_.run(
      "CREATE TEMP TABLE tulving_dead (tbl text NOT NULL, id text NOT NULL, key text NOT NULL) "
      "ON COMMIT DROP");
  for (const TableSpec& table : projection_.tables) {
    if (!status) return status;
    const char* const key = table.ownership == Ownership::kSerial ? "r.row::text"
                            : table.slot_is_key()                 ? "coalesce(r.slot, r.id)"
                                                                  : "r.id";
    status = connection_.run(
        scope_.fill("INSERT INTO tulving_dead SELECT r.table_name, r.id, ") + key +
        scope_.fill(" FROM tulving.sync_rows r WHERE r.table_name = {table} AND ", table.name) +
        of_them);
  }
  return status ? connection_.run("ANALYZE tulving_dead") : status;
}

Result<std::vector<std::string>> Removal::remove_tenants(const std::vector<std::string>& tenants) {
  std::vector<std::string> awaited;
  if (tenants.empty()) return awaited;
  TULVING_DCHECK(!is_staged_);
  connection_.set_activity("deleting tenants that were dropped");
  std::string names;
  for (const std::string& tenant : tenants) {
    names += (names.empty() ? "" : ", ") + Connection::quote_text(tenant);
  }
  const std::string of_them = scope_.fill("r.schema_name = {schema} AND r.store_id = {store}") +
                              " AND r.tenant IN (" + names + ")";
  auto status = stage_tenants(of_them);
  if (!status) return status.error();
  auto found = connection_.query(
      scope_.fill("SELECT DISTINCT w.awaits FROM tulving.sync_rows r JOIN tulving.sync_waiting w "
                  "ON w.schema_name = {schema} AND w.store_id = {store} AND md5(w.awaits) IN "
                  "(md5(r.table_name || '#' || r.id), md5(r.table_name || '=' || r.slot)) WHERE ") +
      of_them + " AND w.tenant NOT IN (" + names + ")");
  if (!found) return found.error();
  for (std::size_t i = 0; i < found->size(); ++i) awaited.push_back(found->at(i, 0));
  for (auto table = projection_.tables.rbegin(); status && table != projection_.tables.rend();
       ++table) {
    status = delete_from(*table);
  }
  for (const char* ledger : {"sync_rows", "sync_waiting", "sync_links", "sync_names"}) {
    if (status) {
      status =
          connection_.run("DELETE FROM tulving." + std::string(ledger) + " r WHERE " + of_them);
    }
  }
  if (status) status = connection_.run("DROP TABLE tulving_dead");
  if (!status) return status.error();
  return awaited;
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
        scope_.fill(
            "JOIN tulving.sync_rows r ON r.schema_name = {schema} AND r.table_name = "
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
