#include "storage/postgres/target/ledger_rows.h"

#include <algorithm>
#include <charconv>

#include "core/base/check.h"
#include "storage/postgres/wire/copy_writer.h"

namespace tulving::storage::postgres {
namespace {

constexpr std::size_t kNamesAtOnce = 1000;
constexpr std::size_t kRowsAtOnce = 50'000;

std::int64_t signed_number(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// "(a), (b)" of quoted texts, or rows of them, at most kNamesAtOnce; `run` is called with each
// list.
template <class Run>
Status in_quoted_lists(const std::vector<std::string>& quoted, const Run& run) {
  for (std::size_t first = 0; first < quoted.size(); first += kNamesAtOnce) {
    std::string list;
    for (std::size_t i = first; i < std::min(quoted.size(), first + kNamesAtOnce); ++i) {
      list += (list.empty() ? "(" : ", (") + quoted[i] + ")";
    }
    if (auto status = run(list); !status) return status;
  }
  return {};
}
template <class Run>
Status in_lists(const std::vector<std::string>& texts, const Run& run) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(Connection::quote_text(text));
  return in_quoted_lists(quoted, run);
}

}  // namespace

std::string_view key_column(const TableSpec& table) {
  TULVING_DCHECK(table.ownership != Ownership::kParent);
  return table.ownership == Ownership::kSerial ? table.serial : table.key.front();
}

std::string ledger_key(const TableSpec& table, const Ddl& ddl, std::string_view alias) {
  const std::string row(alias);
  if (table.ownership == Ownership::kSerial) return row + ".row::integer";
  const std::string text =
      table.slot_is_key() ? "coalesce(" + row + ".slot, " + row + ".id)" : row + ".id";
  const bool is_uuid = ddl.find(table.name)->find(table.key.front())->type == ColumnType::kUuid;
  return is_uuid ? text + "::uuid" : text;
}

Status LedgerRows::read(const std::string& sql, Settlement& settlement) {
  if (auto status = connection_.run("DECLARE tulving_rows NO SCROLL CURSOR FOR " + sql); !status) {
    return status;
  }
  for (;;) {
    auto rows = connection_.query("FETCH " + std::to_string(kRowsAtOnce) + " FROM tulving_rows");
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) {
      const std::string table = rows->at(i, 0);
      const auto spec = std::ranges::find(projection_.tables, table, &TableSpec::name);
      if (spec == projection_.tables.end()) continue;
      const std::string store = rows->at(i, 2);
      TULVING_DCHECK(Uuid::parse(store).has_value());  // Else the row would look like ours.
      settlement.know({static_cast<std::size_t>(spec - projection_.tables.begin()),
                       rows->at(i, 1),
                       {store == scope_.store_id ? std::string() : store, rows->at(i, 3)},
                       rows->at(i, 4),
                       signed_number(rows->at(i, 5)),
                       signed_number(rows->at(i, 6))});
    }
    if (rows->size() < kRowsAtOnce) break;
  }
  return connection_.run("CLOSE tulving_rows");
}

Status LedgerRows::read_all(Settlement& settlement) {
  return read(scope_.fill("SELECT table_name, id, store_id, tenant, slot, rank, row "
                          "FROM tulving.sync_rows WHERE schema_name = {schema}"),
              settlement);
}

Status LedgerRows::read_named(const std::vector<std::string>& names, Settlement& settlement) {
  std::vector<std::string> ids;
  std::vector<std::string> slots;
  for (const std::string& name : names) {  // No table's name has either sign.
    const std::size_t sign = name.find_first_of("#=");
    TULVING_DCHECK(sign != name.npos);
    auto& list = name[sign] == '#' ? ids : slots;
    list.push_back(Connection::quote_text(name.substr(0, sign)) + ", " +
                   Connection::quote_text(name.substr(sign + 1)));
  }
  const auto look = [&](const std::vector<std::string>& list, const std::string& condition) {
    return in_quoted_lists(list, [&](const std::string& values) {
      return read(scope_.fill("SELECT r.table_name, r.id, r.store_id, r.tenant, r.slot, r.rank, "
                              "r.row FROM (VALUES ") +
                      values +
                      scope_.fill(") n (tbl, key) JOIN tulving.sync_rows r "
                                  "ON r.schema_name = {schema} AND r.table_name = n.tbl "
                                  "AND ") +
                      condition,
                  settlement);
    });
  };
  auto status = look(ids, "r.id = n.key");
  return status ? look(slots, "md5(r.slot) = md5(n.key) AND r.slot = n.key") : status;
}

Result<std::set<std::string>> LedgerRows::tenants() {
  std::set<std::string> tenants;
  for (const char* table : {"sync_rows", "sync_waiting", "sync_links", "sync_names"}) {
    auto rows =
        connection_.query("SELECT DISTINCT tenant FROM tulving." + std::string(table) +
                          scope_.fill(" WHERE schema_name = {schema} AND store_id = {store}"));
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) tenants.insert(rows->at(i, 0));
  }
  return tenants;
}

Result<std::vector<std::string>> LedgerRows::existing(const TableSpec& table,
                                                      const std::vector<std::string>& ids) {
  std::vector<std::string> there;
  auto status = in_lists(ids, [&](const std::string& list) -> Status {
    auto rows = connection_.query("SELECT DISTINCT v.id FROM (VALUES " + list + ") v (id) JOIN " +
                                  std::string(table.name) + " t ON t." +
                                  std::string(key_column(table)) + " = v.id::uuid");
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) there.push_back(rows->at(i, 0));
    return {};
  });
  if (!status) return status.error();
  return there;
}

Result<std::vector<LedgerRows::Waiter>> LedgerRows::waiters(
    const std::vector<std::string>& events) {
  std::vector<Waiter> waiters;
  auto status = in_lists(events, [&](const std::string& list) -> Status {
    auto rows = connection_.query(
        "SELECT DISTINCT w.tenant, w.table_name, w.id, w.awaits FROM (VALUES " + list +
        scope_.fill(") n (name) JOIN tulving.sync_waiting w ON w.schema_name = {schema} "
                    "AND w.store_id = {store} AND md5(w.awaits) = md5(n.name) "
                    "AND w.awaits = n.name"));
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) {
      waiters.push_back({rows->at(i, 0), rows->at(i, 1), rows->at(i, 2), rows->at(i, 3)});
    }
    return {};
  });
  if (!status) return status.error();
  return waiters;
}

Status LedgerRows::copy(const std::string& target, std::size_t columns,
                        const std::vector<std::vector<std::string>>& rows) {
  Status refused;
  CopyWriter writer(
      connection_, target, columns,
      [&](const CopyWriter::RowName& row, const std::string& why) {
        refused = Error{ErrorCode::kCorruption,
                        "the snapshot is damaged: the id \"" + row.id + "\" is no text: " + why};
      },
      nullptr);
  for (const auto& row : rows) {
    TULVING_DCHECK(row.size() == columns);
    auto& out = writer.begin_row();
    for (const auto& text : row) out.text(text);
    if (auto status = writer.end_row({0, row.front()}); !status) return status;
  }
  auto status = writer.finish();
  return status ? refused : status;
}

Status LedgerRows::stage_written(const Settlement& settlement) {
  auto status = connection_.run(
      "CREATE TEMP TABLE tulving_written (tbl text NOT NULL, id text NOT NULL, "
      "tenant text NOT NULL, slot text NOT NULL, rank text NOT NULL) ON COMMIT DROP");
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < settlement.claims().size(); ++i) {
    const Claim& claim = settlement.claims()[i];
    if (!settlement.writes(claim.table, claim.tenant, claim.id)) continue;
    rows.push_back({std::string(projection_.tables[claim.table].name), claim.id, claim.tenant,
                    claim.slot, std::to_string(claim.rank)});
  }
  if (status) {
    status = copy("tulving_written (tbl, id, tenant, slot, rank)", 5, rows);
  }
  // The planner takes a new temporary table for small, and would join 100,000 names by loops.
  return status ? connection_.run("ANALYZE tulving_written") : status;
}

Status LedgerRows::withdraw(std::string_view table, const std::vector<std::string>& ids) {
  return in_lists(ids, [&](const std::string& list) {
    return connection_.run("DELETE FROM tulving_written w USING (VALUES " + list +
                           ") v (id) WHERE w.tbl = " + Connection::quote_text(table) +
                           " AND w.id = v.id");
  });
}

Result<std::map<std::string, std::string>> LedgerRows::tenants_of(
    std::string_view table, const std::vector<std::string>& ids) {
  std::map<std::string, std::string> tenants;
  auto status = in_lists(ids, [&](const std::string& list) -> Status {
    auto rows =
        connection_.query("SELECT w.id, w.tenant FROM tulving_written w JOIN (VALUES " + list +
                          ") v (id) ON w.id = v.id WHERE w.tbl = " + Connection::quote_text(table));
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) tenants[rows->at(i, 0)] = rows->at(i, 1);
    return {};
  });
  if (!status) return status.error();
  return tenants;
}

Status LedgerRows::record(const TableSpec& table) {
  if (table.ownership == Ownership::kParent) return {};
  TULVING_DCHECK(projection_.table(table.name) == &table);
  const bool is_serial = table.ownership == Ownership::kSerial;
  const std::string name(table.name);
  const std::string serial =
      is_serial ? "s." + std::string(table.serial) + "::bigint" : std::string("NULL::bigint");
  const std::string rows =
      " FROM tulving_written w" +
      (is_serial ? " JOIN tulving_stage_" + name + " s ON s.tulving_id = w.id" : std::string());
  const std::string values =
      "{store}::uuid, w.tenant, " + serial + ", nullif(w.slot, ''), w.rank::bigint";
  const std::string same = "r.schema_name = {schema} AND r.table_name = w.tbl AND r.id = w.id";
  // Not by ON CONFLICT, which locks, and so writes, rows that stay as they are.
  return connection_.run(scope_.fill(
      "UPDATE tulving.sync_rows r SET (store_id, tenant, row, slot, rank) = (" + values + ")" +
          rows + " WHERE w.tbl = {table} AND " + same +
          " AND (r.store_id, r.tenant, r.row, r.slot, r.rank) IS DISTINCT FROM (" + values +
          "); INSERT INTO tulving.sync_rows (schema_name, table_name, id, "
          "store_id, tenant, row, slot, rank) SELECT {schema}, w.tbl, w.id, " +
          values + rows +
          " WHERE w.tbl = {table} AND NOT EXISTS (SELECT FROM "
          "tulving.sync_rows r WHERE " +
          same + ")",
      name));
}

Status LedgerRows::record_waiting(const Settlement& settlement, const std::vector<Waiting>& more,
                                  bool is_full) {
  auto status = connection_.run(
      "CREATE TEMP TABLE tulving_settled (tbl text NOT NULL, id text NOT NULL, "
      "tenant text NOT NULL, awaits text NOT NULL) ON COMMIT DROP");
  std::vector<std::vector<std::string>> rows;
  const auto add = [&](const std::vector<Waiting>& list) {
    for (const Waiting& waiting : list) {
      for (const std::string& event : waiting.awaits) {
        rows.push_back({std::string(projection_.tables[waiting.table].name), waiting.id,
                        waiting.tenant, event});
      }
    }
  };
  add(settlement.waiting());
  add(more);
  if (!is_full) {  // Each claim's name, with nothing to wait for, so that what it did is undone.
    for (const Claim& claim : settlement.claims()) {
      rows.push_back(
          {std::string(projection_.tables[claim.table].name), claim.id, claim.tenant, ""});
    }
  }
  if (status) status = copy("tulving_settled (tbl, id, tenant, awaits)", 4, rows);
  if (status) status = connection_.run("ANALYZE tulving_settled");
  if (!status) return status;
  const std::string mine =
      is_full ? scope_.fill("{in_scope}")
              : std::string(
                    "EXISTS (SELECT FROM tulving_settled s WHERE r.table_name = s.tbl "
                    "AND r.id = s.id AND r.tenant = s.tenant)");
  const std::string same =
      "r.table_name = s.tbl AND r.id = s.id AND r.tenant = s.tenant AND r.awaits = s.awaits";
  return connection_.run(
      scope_.fill("DELETE FROM tulving.sync_waiting r WHERE r.schema_name = {schema} "
                  "AND r.store_id = {store} AND ") +
      mine + " AND NOT EXISTS (SELECT FROM tulving_settled s WHERE " + same +
      scope_.fill("); INSERT INTO tulving.sync_waiting SELECT DISTINCT {schema}, {store}::uuid, "
                  "s.tenant, s.tbl, s.id, s.awaits FROM tulving_settled s WHERE s.awaits <> '' "
                  "AND NOT EXISTS (SELECT FROM tulving.sync_waiting r "
                  "WHERE r.schema_name = {schema} AND r.store_id = {store} AND ") +
      same + ")");
}

Status LedgerRows::record_names(const SyncNames& names, bool is_full) {
  auto status = connection_.run(
      "CREATE TEMP TABLE tulving_names (tenant text NOT NULL, id text NOT NULL, "
      "name text NOT NULL) ON COMMIT DROP");
  std::vector<std::vector<std::string>> rows;
  rows.reserve(names.size());
  for (const auto& [key, name] : names) rows.push_back({key.first, key.second.to_string(), name});
  if (status) status = copy("tulving_names (tenant, id, name)", 3, rows);
  if (status && is_full) {
    status = connection_.run(
        scope_.fill("DELETE FROM tulving.sync_names r WHERE r.schema_name = {schema} "
                    "AND r.store_id = {store} AND {in_scope} AND NOT EXISTS (SELECT FROM "
                    "tulving_names n WHERE n.tenant = r.tenant AND n.id::uuid = r.id "
                    "AND n.name = r.name)"));
  }
  if (!status) return status;
  return connection_.run(
      scope_.fill("INSERT INTO tulving.sync_names SELECT {schema}, {store}, tenant, id::uuid, "
                  "name FROM tulving_names n WHERE NOT EXISTS (SELECT FROM tulving.sync_names r "
                  "WHERE r.schema_name = {schema} AND r.store_id = {store} AND r.tenant = n.tenant "
                  "AND r.id = n.id::uuid)"));
}

// Names of other kinds' records may be the same, and rows may name what is no record (any more).
Status LedgerRows::forget_names(const std::vector<std::string>& ids, const Ddl& ddl) {
  std::string is_unused;
  for (const TableSpec& table : projection_.tables) {
    for (const Column& column : table.columns) {
      if (column.get == nullptr ||
          ddl.find(table.name)->find(column.name)->type != ColumnType::kUuid) {
        continue;
      }
      is_unused += " AND NOT EXISTS (SELECT FROM " + std::string(table.name) + " t WHERE t." +
                   std::string(column.name) + " = r.id)";
    }
  }
  return in_lists(ids, [&](const std::string& list) {
    return connection_.run(scope_.fill("DELETE FROM tulving.sync_names r USING (VALUES ") + list +
                           scope_.fill(") v (id) WHERE r.schema_name = {schema} "
                                       "AND r.store_id = {store} AND {in_scope} "
                                       "AND r.id = v.id::uuid") +
                           is_unused);
  });
}

}  // namespace tulving::storage::postgres
