#include "storage/postgres/target/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/check.h"

namespace tulving::storage::postgres {
namespace {

// row: the serial of a row whose table does not hold the record's id.
// root_table: the oid of the schema's first table. A schema that was dropped and made anew has
// another one, and holds nothing.
// incarnation: of the revision, as a position of the store has it. NULL: not known.
constexpr auto kLedgerTables = R"(
  CREATE SCHEMA IF NOT EXISTS tulving;
  CREATE TABLE IF NOT EXISTS tulving.sync_state (
    store_id uuid NOT NULL,
    projection text NOT NULL,
    schema_name text NOT NULL,
    tenant text NOT NULL,
    revision bigint NOT NULL,
    root_table oid NOT NULL,
    synced_at timestamptz NOT NULL DEFAULT now(),
    incarnation uuid,
    PRIMARY KEY (store_id, projection, schema_name, tenant));
  COMMENT ON COLUMN tulving.sync_state.tenant IS 'Empty: all tenants.';
  CREATE TABLE IF NOT EXISTS tulving.sync_rows (
    schema_name text NOT NULL,
    table_name text NOT NULL,
    id text NOT NULL,
    store_id uuid NOT NULL,
    tenant text NOT NULL,
    row bigint,
    PRIMARY KEY (schema_name, table_name, id));
  CREATE UNIQUE INDEX IF NOT EXISTS sync_rows_row
    ON tulving.sync_rows (schema_name, table_name, row) WHERE row IS NOT NULL;)";

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string Ledger::fill(std::string_view sql, std::string_view table) const {
  using fmt::arg;
  return fmt::format(fmt::runtime(sql), arg("schema", Connection::quote_text(scope_.schema)),
                     arg("store", Connection::quote_text(scope_.store_id)),
                     arg("projection", Connection::quote_text(scope_.projection)),
                     arg("tenant", Connection::quote_text(scope_.tenant)),
                     arg("table", Connection::quote_text(table)),
                     arg("in_scope", scope_.tenant.empty()
                                         ? std::string("true")
                                         : "r.tenant = " + Connection::quote_text(scope_.tenant)));
}

std::string Ledger::qualified(std::string_view table) const {
  return Connection::quote_name(scope_.schema) + "." + Connection::quote_name(table);
}

Result<bool> Ledger::exists() {
  auto rows = connection_.query("SELECT to_regclass('tulving.sync_rows') IS NOT NULL");
  if (!rows) return rows.error();
  return rows->at(0, 0) == "t";
}

Status Ledger::prepare() {
  auto there = exists();
  if (!there) return there.error();
  if (*there) return add_incarnations();
  // Two first syncs at once: the second waits here for the first one's commit.
  if (auto status = connection_.run("SELECT pg_advisory_xact_lock(hashtext('tulving ledger'))");
      !status) {
    return status;
  }
  return connection_.run(kLedgerTables);
}

// A ledger of 0.1 has no incarnations: of what it says nobody knows whether it is of the history
// that the store has now.
Status Ledger::add_incarnations() {
  auto rows = connection_.query(
      "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'tulving.sync_state'::regclass "
      "AND attname = 'incarnation' AND NOT attisdropped)");
  if (!rows) return rows.error();
  if (rows->at(0, 0) == "t") return {};
  return connection_.run(
      "ALTER TABLE tulving.sync_state ADD COLUMN IF NOT EXISTS incarnation uuid");
}

// By way of JSON, which finds a column that may not be there.
Result<std::vector<Ledger::State>> Ledger::states(const std::string& root_table) {
  auto rows = connection_.query(
      fill("SELECT tenant, revision, coalesce(to_jsonb(s) ->> 'incarnation', '') "
           "FROM tulving.sync_state s WHERE store_id = {store} AND projection = {projection} "
           "AND schema_name = {schema} AND root_table = to_regclass({table})",
           qualified(root_table)));
  if (!rows) return rows.error();
  std::vector<State> states;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const Uuid incarnation = Uuid::parse(rows->at(i, 2)).value_or(Uuid());
    states.push_back({std::string(rows->at(i, 0)), {number_of(rows->at(i, 1)), incarnation}});
  }
  return states;
}

// A sync of all tenants takes the place of each one's: one that is there beside it came later.
Result<Ledger::Held> Ledger::held(const std::string& root_table) {
  auto found = states(root_table);
  if (!found) return found.error();
  Held held;
  for (const State& state : *found) {
    const bool is_own = state.tenant == scope_.tenant;
    if (is_own || (state.tenant.empty() && !held.own)) held.own = state.position;
    if (scope_.tenant.empty()) held.within.push_back(state.position);
  }
  if (!scope_.tenant.empty() && held.own) held.within.push_back(*held.own);
  return held;
}

Result<std::vector<Position>> Ledger::synced_positions(const std::string& root_table,
                                                       bool any_tenant) {
  std::vector<Position> positions;
  auto there = exists();
  if (!there) return there.error();
  if (!*there) return positions;
  if (!any_tenant) {
    auto state = held(root_table);
    if (!state) return state.error();
    // Where all tenants are not there yet, those of some are no beginning.
    if (!state->own) state->within.clear();
    return std::move(state->within);
  }
  auto all = states(root_table);
  if (!all) return all.error();
  for (const State& state : *all) positions.push_back(state.position);
  return positions;
}

Status Ledger::record_position(const std::string& root_table, const Position& position) {
  // All tenants' revision stands for each one's.
  auto status = connection_.run(
      fill("DELETE FROM tulving.sync_state WHERE store_id = {store} AND projection = {projection} "
           "AND schema_name = {schema} AND {tenant} = '' AND tenant <> ''"));
  if (!status) return status;
  const std::string number = std::to_string(position.revision);
  const std::string incarnation =
      position.incarnation.is_nil()
          ? "NULL::uuid"
          : Connection::quote_text(position.incarnation.to_string()) + "::uuid";
  return connection_.run(
      fill("INSERT INTO tulving.sync_state (store_id, projection, schema_name, tenant, revision, "
           "incarnation, root_table, synced_at) "
           "SELECT {store}, {projection}, {schema}, {tenant}, " +
               number + ", " + incarnation +
               ", to_regclass({table}), now() WHERE NOT EXISTS (SELECT FROM tulving.sync_state "
               "WHERE store_id = {store} AND projection = {projection} AND schema_name = {schema} "
               "AND tenant = {tenant} AND revision = " +
               number + " AND incarnation IS NOT DISTINCT FROM " + incarnation +
               " AND root_table = to_regclass({table})) "
               "ON CONFLICT (store_id, projection, schema_name, tenant) DO UPDATE SET "
               "revision = excluded.revision, incarnation = excluded.incarnation, "
               "root_table = excluded.root_table, synced_at = excluded.synced_at",
           qualified(root_table)));
}

Status Ledger::record_rows(const TableSpec& table) {
  if (table.ownership == Ownership::kKey) {
    return connection_.run(
        fill("INSERT INTO tulving.sync_rows "
             "SELECT {schema}, c.tbl, c.id, {store}, c.tenant, NULL FROM tulving_claims c "
             "WHERE c.tbl = {table} AND c.reason IS NULL ON CONFLICT DO NOTHING",
             table.name));
  }
  if (table.ownership != Ownership::kSerial) return {};
  std::string same;
  for (const auto& column : table.key) {
    same += fmt::format("{0}t.{1} = s.{1}", same.empty() ? "" : " AND ", column);
  }
  return connection_.run(
      fill("INSERT INTO tulving.sync_rows "
           "SELECT {schema}, c.tbl, c.id, {store}, c.tenant, t." +
               table.serial + " FROM tulving_claims c JOIN tulving_stage_" + table.name +
               " s ON s.tulving_id = c.id JOIN " + table.name + " t ON " + same +
               " WHERE c.tbl = {table} AND c.reason IS NULL AND NOT EXISTS "
               "(SELECT FROM tulving.sync_rows k WHERE k.schema_name = {schema} "
               "AND k.table_name = c.tbl AND k.id = c.id AND k.row = t." +
               table.serial +
               ") ON CONFLICT (schema_name, table_name, id) DO UPDATE SET row = excluded.row",
           table.name));
}

Status Ledger::withdraw(const std::string& table, std::span<const SkippedRow> rows) {
  constexpr std::size_t kRowsAtOnce = 1000;
  while (!rows.empty()) {
    std::string values;
    const auto some = rows.first(std::min(rows.size(), kRowsAtOnce));
    rows = rows.subspan(some.size());
    for (const auto& row : some) {
      values += (values.empty() ? "(" : ", (") + Connection::quote_text(row.id) + ", " +
                Connection::quote_text(row.tenant_id) + ")";
    }
    auto status =
        connection_.run("UPDATE tulving_claims c SET reason = 'withdrawn' FROM (VALUES " + values +
                        ") v (id, tenant) WHERE c.tbl = " + Connection::quote_text(table) +
                        " AND c.id = v.id AND c.tenant = v.tenant");
    if (!status) return status;
  }
  return {};
}

}  // namespace tulving::storage::postgres
