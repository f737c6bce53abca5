#include "storage/postgres/hydrate/take_over.h"

#include <algorithm>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/postgres/target/ledger_rows.h"

namespace tulving::storage::postgres {
namespace {

constexpr auto kBeginWriting =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0; "
    "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL client_min_messages = error; "
    "SET LOCAL row_security = off";
constexpr auto kStaging =
    "CREATE TEMP TABLE tulving_taken (tbl text NOT NULL, id text NOT NULL, slot text NOT NULL, "
    "rank text NOT NULL, serial text NOT NULL) ON COMMIT DROP";
constexpr std::size_t kColumns = 5;

}  // namespace

TakeOver::TakeOver(Connection& connection, const Store& store, const Tenant& tenant,
                   const Projection& projection, const PostgresHydrateReport& report,
                   const std::map<std::string_view, RecordSink::Serials>& serials)
    : connection_(connection),
      store_(store),
      tenant_(tenant),
      projection_(projection),
      scope_{report.schema, report.name_in_database, store.id().to_string(), report.tenant_id},
      ledger_(connection, scope_),
      serials_(serials) {
  for (auto& [table, list] : serials_) std::ranges::sort(list);
}

Result<std::map<std::string, std::uint64_t>> TakeOver::run(std::uint64_t records) {
  TULVING_DCHECK(!store_.id().is_nil() && !scope_.tenant.empty());
  std::map<std::string, std::uint64_t> taken;
  auto status = begin();
  if (status) status = stage(records);
  for (const TableSpec& table : projection_.tables) {
    if (!status || table.ownership == Ownership::kParent) continue;
    auto rows = take(table);
    if (!rows) return rows.error();
    if (*rows > 0) taken[std::string(table.name)] = *rows;
  }
  if (status) status = take_rest();
  if (status) {
    status = ledger_.record_position(std::string(projection_.tables.front().name), position_);
  }
  if (status) status = connection_.commit();
  if (!status) return status.error();
  return taken;
}

Status TakeOver::begin() {
  connection_.set_activity("taking over the rows of " + scope_.schema);
  auto status = connection_.run(kBeginWriting);
  if (status) status = ledger_.prepare();
  return status ? connection_.run(kStaging) : status;
}

// What was written before the position must all have been read: the next sync looks at what comes
// after it.
Status TakeOver::stage(std::uint64_t records) {
  position_ = store_.position();
  CopyWriter copy(
      connection_, "tulving_taken (tbl, id, slot, rank, serial)", kColumns,
      [](const CopyWriter::RowName&, const std::string&) {}, nullptr);
  std::uint64_t count = 0;
  auto status = tenant_.export_records([&](const Record& record) {
    ++count;
    return stage_record(record, copy);
  });
  if (status) status = copy.finish();
  if (!status) return status;
  if (count != records) {
    return Error{
        ErrorCode::kConflict,
        "tenant \"" + tenant_.id() + "\" was written to beside the hydrate: nothing was taken over",
        "tenant"};
  }
  return connection_.run("ANALYZE tulving_taken");
}

Status TakeOver::stage_record(const Record& record, CopyWriter& copy) {
  const RecordKind kind =
      std::visit([]<class Kind>(const Kind&) { return kinds::Kind<Kind>::number; }, record);
  const SourceRecord source{.tenant_id = tenant_.id(), .kind = kind, .value = &record};
  for (const TableSpec& table : projection_.tables) {
    if (table.ownership == Ownership::kParent || !table.takes(source)) continue;
    const std::string id = record_id(source);
    std::string serial;
    if (table.ownership == Ownership::kSerial) {
      const auto found = serial_of(table, id);
      if (!found) continue;
      serial = std::to_string(*found);
    }
    RowEncoder& out = copy.begin_row();
    out.text(table.name);
    out.text(id);
    out.text(table.slot == nullptr ? std::string() : table.slot(source));
    out.text(std::to_string(table.rank == nullptr ? 0 : table.rank(source)));
    out.text(serial);
    if (auto status = copy.end_row({0, id}); !status) return status;
  }
  return {};
}

std::optional<std::int64_t> TakeOver::serial_of(const TableSpec& table,
                                                const std::string& id) const {
  const auto list = serials_.find(table.name);
  const auto uuid = Uuid::parse(id);
  if (list == serials_.end() || !uuid) return {};
  const auto found =
      std::ranges::lower_bound(list->second, *uuid, {}, &std::pair<Uuid, std::int64_t>::first);
  if (found == list->second.end() || found->first != *uuid) return {};
  return found->second;
}

// Only rows that are there; of the ledger's rows of the same key or id, none is left.
Result<std::uint64_t> TakeOver::take(const TableSpec& table) {
  const bool is_serial = table.ownership == Ownership::kSerial;
  const std::string name =
      Connection::quote_name(scope_.schema) + "." + Connection::quote_name(table.name);
  const std::string parameters[] = {name};
  auto there = connection_.query("SELECT to_regclass($1) IS NOT NULL", parameters);
  if (!there) return there.error();
  if (there->at(0, 0) != "t") return std::uint64_t{0};
  const std::string column = "t." + Connection::quote_name(key_column(table)) + "::text";
  const std::string key = is_serial             ? "w.serial"
                          : table.slot_is_key() ? "coalesce(nullif(w.slot, ''), w.id)"
                                                : "w.id";
  const std::string ledger_key = is_serial             ? "r.row::text"
                                 : table.slot_is_key() ? "coalesce(r.slot, r.id)"
                                                       : "r.id";
  const std::string here =
      scope_.fill("r.schema_name = {schema} AND r.table_name = {table}", table.name);
  const std::string staged = scope_.fill("w.tbl = {table}", table.name);
  auto status =
      connection_.run("DELETE FROM tulving_taken w WHERE " + staged +
                      " AND NOT EXISTS (SELECT FROM " + name + " t WHERE " + column + " = " + key +
                      "); DELETE FROM tulving.sync_rows r USING "
                      "tulving_taken w WHERE " +
                      here + " AND " + staged +
                      " AND r.id = w.id; "
                      "DELETE FROM tulving.sync_rows r USING tulving_taken w WHERE " +
                      here + " AND " + staged + " AND " + ledger_key + " = " + key);
  if (!status) return status.error();
  return connection_.execute(
      scope_.fill("INSERT INTO tulving.sync_rows (schema_name, table_name, id, store_id, tenant, "
                  "row, slot, rank) SELECT {schema}, w.tbl, w.id, {store}, {tenant}, "
                  "nullif(w.serial, '')::bigint, nullif(w.slot, ''), w.rank::bigint "
                  "FROM tulving_taken w WHERE ") +
      staged);
}

// Names, links and what waits are the tenant's, whichever store sent them. The position of a store
// that sent this tenant alone goes: should that store come back, it begins anew.
Status TakeOver::take_rest() {
  return connection_.run(scope_.fill(
      "INSERT INTO tulving.sync_names SELECT DISTINCT ON (r.id) {schema}, {store}::uuid, {tenant}, "
      "r.id, r.name FROM tulving.sync_names r WHERE r.schema_name = {schema} AND {in_scope} "
      "ORDER BY r.id, r.name ON CONFLICT DO NOTHING; "
      "DELETE FROM tulving.sync_names r WHERE r.schema_name = {schema} AND r.store_id <> {store} "
      "AND {in_scope}; "
      "INSERT INTO tulving.sync_links SELECT DISTINCT ON (r.id) {schema}, {store}::uuid, {tenant}, "
      "r.id, r.source_id, r.target_id FROM tulving.sync_links r WHERE r.schema_name = {schema} "
      "AND {in_scope} ON CONFLICT DO NOTHING; "
      "DELETE FROM tulving.sync_links r WHERE r.schema_name = {schema} AND r.store_id <> {store} "
      "AND {in_scope}; "
      "UPDATE tulving.sync_waiting r SET store_id = {store} WHERE r.schema_name = {schema} "
      "AND {in_scope}; "
      "DELETE FROM tulving.sync_state r WHERE r.schema_name = {schema} AND r.projection = "
      "{projection} AND r.store_id <> {store} AND {in_scope}"));
}

}  // namespace tulving::storage::postgres
