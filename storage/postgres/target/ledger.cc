#include "storage/postgres/target/ledger.h"

#include <fmt/format.h>

#include <charconv>

#include "core/base/check.h"

namespace tulving::storage::postgres {
namespace {

// row: the serial of a row whose table does not hold the record's id.
// slot, rank: what no two rows of the table may share, and who comes first; see Settlement.
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
    slot text,
    rank bigint,
    PRIMARY KEY (schema_name, table_name, id));
  CREATE UNIQUE INDEX IF NOT EXISTS sync_rows_row
    ON tulving.sync_rows (schema_name, table_name, row) WHERE row IS NOT NULL;)";

// awaits: "TABLE#ID", a row that comes or goes, or "TABLE=SLOT", a slot that becomes free; one row
// each. Slots may be longer than an index takes, hence the hash.
constexpr auto kLaterTables = R"(
  ALTER TABLE tulving.sync_state ADD COLUMN IF NOT EXISTS incarnation uuid;
  ALTER TABLE tulving.sync_rows ADD COLUMN IF NOT EXISTS slot text,
    ADD COLUMN IF NOT EXISTS rank bigint;
  CREATE INDEX IF NOT EXISTS sync_rows_slot ON tulving.sync_rows
    (schema_name, table_name, md5(slot)) WHERE slot IS NOT NULL;
  CREATE TABLE IF NOT EXISTS tulving.sync_waiting (
    schema_name text NOT NULL,
    store_id uuid NOT NULL,
    tenant text NOT NULL,
    table_name text NOT NULL,
    id text NOT NULL,
    awaits text NOT NULL);
  CREATE INDEX IF NOT EXISTS sync_waiting_id ON tulving.sync_waiting
    (schema_name, store_id, table_name, id);
  CREATE INDEX IF NOT EXISTS sync_waiting_awaits ON tulving.sync_waiting
    (schema_name, store_id, md5(awaits));
  CREATE TABLE IF NOT EXISTS tulving.sync_links (
    schema_name text NOT NULL,
    store_id uuid NOT NULL,
    tenant text NOT NULL,
    id uuid NOT NULL,
    source_id uuid NOT NULL,
    target_id uuid NOT NULL,
    PRIMARY KEY (schema_name, store_id, tenant, id));
  CREATE INDEX IF NOT EXISTS sync_links_source ON tulving.sync_links (schema_name, source_id);
  CREATE INDEX IF NOT EXISTS sync_links_target ON tulving.sync_links (schema_name, target_id);
  CREATE TABLE IF NOT EXISTS tulving.sync_names (
    schema_name text NOT NULL,
    store_id uuid NOT NULL,
    tenant text NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (schema_name, store_id, tenant, id));
  COMMENT ON TABLE tulving.sync_names IS
    'The caller''s own names behind UUIDs: of agents, users, tasks, projects, memories ...')";

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string LedgerScope::fill(std::string_view sql, std::string_view table) const {
  using fmt::arg;
  return fmt::format(
      fmt::runtime(sql), arg("schema", Connection::quote_text(schema)),
      arg("store", Connection::quote_text(store_id)),
      arg("projection", Connection::quote_text(projection)),
      arg("tenant", Connection::quote_text(tenant)), arg("table", Connection::quote_text(table)),
      arg("in_scope",
          tenant.empty() ? std::string("true") : "r.tenant = " + Connection::quote_text(tenant)));
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
  constexpr auto kParts =
      "SELECT to_regclass('tulving.sync_rows') IS NOT NULL, "
      "to_regclass('tulving.sync_names') IS NOT NULL, EXISTS (SELECT FROM pg_attribute "
      "WHERE attrelid = to_regclass('tulving.sync_state') AND attname = 'incarnation')";
  auto parts = connection_.query(kParts);
  if (!parts) return parts.error();
  const bool is_there = parts->at(0, 0) == "t";
  const bool has_names = parts->at(0, 1) == "t";
  if (is_there && has_names && parts->at(0, 2) == "t") return {};
  // Two first syncs at once: the second waits here for the first one's commit.
  if (auto status = connection_.run("SELECT pg_advisory_xact_lock(hashtext('tulving ledger'))");
      !status) {
    return status;
  }
  if (auto status = connection_.run(kLedgerTables); !status) return status;
  if (auto status = connection_.run(kLaterTables); !status) return status;
  // 0.1 kept no incarnations, so of what it says nobody knows whether it is of the history that the
  // store has now. Without slots, names and links there is nothing to build on: the next sync is a
  // full one.
  return is_there && !has_names ? connection_.run("DELETE FROM tulving.sync_state") : Status();
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

}  // namespace tulving::storage::postgres
