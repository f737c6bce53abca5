#include "storage/postgres/hydrate/hydration.h"

#include <algorithm>
#include <utility>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/postgres/hydrate/row_reader.h"
#include "storage/postgres/hydrate/table_query.h"
#include "storage/postgres/hydrate/take_over.h"
#include "storage/postgres/target/ledger.h"
#include "storage/postgres/wire/row_decoder.h"

namespace tulving::storage::postgres {
namespace {

// As in projection_sync.cc. Times without a zone are UTC.
constexpr auto kBeginReading =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; "
    "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL client_min_messages = error; "
    "SET LOCAL row_security = off; SET LOCAL TimeZone = 'UTC'";

// All records of the tenant.
std::uint64_t count_of(const TenantStats& stats) {
  std::uint64_t records = stats.memories;
  for (const auto& [kind, count] : stats.records) records += count;
  return records;
}

// Tables in the order in which records may name one another, as Record has its kinds.
std::vector<const TableSpec*> in_order(const Projection& projection) {
  const auto place_of = [](RecordKind kind) {
    std::size_t place = 0, found = 0;
    kinds::RecordKinds::each([&](auto tag) {
      if (kinds::Kind<typename decltype(tag)::Type>::number == kind) found = place;
      ++place;
    });
    return found;
  };
  std::vector<const TableSpec*> tables;
  for (const TableSpec& table : projection.tables) {
    if (table.ownership != Ownership::kParent) tables.push_back(&table);
  }
  std::ranges::stable_sort(tables, {},
                           [&](const TableSpec* table) { return place_of(table->source); });
  return tables;
}

}  // namespace

Hydration::Hydration(Connection& connection, Store& store, PostgresSchema kind,
                     const PostgresHydrateOptions& options)
    : connection_(connection),
      store_(store),
      options_(options),
      projection_(make_projection(kind, {})),
      ddl_(read_ddl(kind, {})) {
  check_sound(projection_, ddl_);
  TULVING_DCHECK(!options.tenant.empty());
  report_.schema = to_string(kind);
  report_.name_in_database = options.name_in_database();
  report_.tenant_id = options.tenant;
}

Result<PostgresHydrateReport> Hydration::run() {
  auto tenant = store_.tenant(options_.tenant);
  if (!tenant) return tenant.error();
  auto status = options_.take_over ? lock() : Status();
  if (status) status = begin();
  if (status) status = look();
  if (status) status = settle_target(*tenant);
  if (!status) return status.error();
  auto records = read_all(*tenant, Pass::kWrite);
  if (!records) return records.error();
  records_ = *records;
  connection_.set_activity("ending the reading");
  status = connection_.run("COMMIT");
  if (status) status = store_.make_durable();
  if (status && options_.take_over) status = hand_over(*tenant);
  if (!status) return status.error();
  report_.revision = store_.revision();
  return report_;
}

// Syncs into the schema wait for it from here on, so that what was read is what is handed over. It
// goes with the connection.
Status Hydration::lock() {
  connection_.set_activity("waiting for a sync into " + report_.name_in_database);
  const std::string key[] = {sync_lock_name(options_.name_in_database())};
  auto locked = connection_.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", key);
  return locked ? Status() : Status(locked.error());
}

Status Hydration::begin() {
  connection_.set_activity("beginning");
  return connection_.run(kBeginReading);
}

Status Hydration::look() {
  auto place = Place::look(connection_, report_.name_in_database, options_.tenant);
  if (!place) return place.error();
  place_ = *std::move(place);
  const bool has_any = std::ranges::any_of(
      projection_.tables, [&](const TableSpec& table) { return place_.has_table(table.name); });
  if (!has_any) {
    return Error{ErrorCode::kNotFound,
                 "the schema \"" + report_.name_in_database + "\" has none of the tables of " +
                     report_.schema,
                 "schema"};
  }
  if (options_.take_over && place_.is_of_others()) {
    return Error{ErrorCode::kConflict,
                 "the ledger has no rows of tenant \"" + options_.tenant + "\" in the schema " +
                     report_.name_in_database + ", only others'; they cannot be taken over",
                 "tenant"};
  }
  return {};
}

// What an earlier hydrate left must be what the rows say, and nothing else.
Status Hydration::settle_target(Tenant& tenant) {
  auto plans = tenant.plans();
  if (!plans) return plans.error();
  const std::uint64_t held = count_of(tenant.stats());
  if (held == 0 && plans->empty()) return {};
  auto matched = read_all(tenant, Pass::kCompare);
  if (!matched) return matched.error();
  report_.rows.clear();
  report_.differences.clear();
  if (*matched == held && plans->empty()) return {};
  return Error{ErrorCode::kConflict,
               "tenant \"" + options_.tenant +
                   "\" must be empty, or hold only what an earlier hydrate read from there: " +
                   std::to_string(held - std::min(held, *matched)) +
                   " of its records are not in the schema, and it has " +
                   std::to_string(plans->size()) + " plans",
               "tenant"};
}

Result<std::uint64_t> Hydration::read_all(Tenant& tenant, Pass pass) {
  RecordSink sink(tenant, projection_, report_, pass == Pass::kCompare);
  const auto tables = in_order(projection_);
  if (pass == Pass::kWrite) {
    if (auto status = count_rows(tables); !status) return status.error();
  }
  for (const TableSpec* const table : tables) {
    if (auto status = read_table(*table, sink); !status) return status.error();
  }
  serials_ = sink.serials();
  return sink.records();
}

Status Hydration::read_table(const TableSpec& table, RecordSink& sink) {
  if (!place_.has_table(table.name)) {
    report_.differences.push_back(std::string(table.name) + " is not there");
    return {};
  }
  const TableQuery query(place_, projection_, ddl_, table);
  for (const std::string& column : query.missing()) {
    report_.differences.push_back(column + " is not there");
  }
  if (!query.is_readable()) return {};
  connection_.set_activity("reading " + report_.name_in_database + "." + std::string(table.name));
  RowReader reader(query, projection_, place_,
                   {[&](ReadRecord&& record) {
                      count_done();
                      return sink.take(table, std::move(record));
                    },
                    [&](const std::string& key, std::string reason) {
                      count_done();
                      sink.refuse(table, key, std::move(reason));
                    },
                    [&](std::string_view parent, const std::string& key) {
                      return sink.was_refused(parent, key);
                    },
                    ids_});
  RowDecoder decoder(query.types(), [&](RowDecoder::Row& row) { return reader.take(row); });
  auto status = connection_.copy_out(query.sql(),
                                     [&](std::string_view bytes) { return decoder.feed(bytes); });
  if (status) status = decoder.finish();
  if (status) status = reader.finish();
  return status ? sink.flush() : status;
}

Status Hydration::hand_over(Tenant& tenant) {
  TakeOver take_over(connection_, store_, tenant, projection_, report_, serials_);
  auto taken = take_over.run(records_);
  if (!taken) return taken.error();
  report_.taken_over = *std::move(taken);
  const std::string key[] = {sync_lock_name(options_.name_in_database())};
  auto freed = connection_.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", key);
  return freed ? Status() : Status(freed.error());
}

// For the progress alone; those of other tenants count, too.
Status Hydration::count_rows(const std::vector<const TableSpec*>& tables) {
  if (!options_.progress) return {};
  for (const TableSpec* const table : tables) {
    if (!place_.has_table(table->name)) continue;
    auto rows =
        connection_.query("SELECT count(*) FROM " + Connection::quote_name(place_.schema()) + "." +
                          Connection::quote_name(table->name));
    if (!rows) return rows.error();
    total_ += std::stoull(rows->at(0, 0));
  }
  return {};
}

void Hydration::count_done() {
  constexpr std::uint64_t kRowsAtOnce = 1000;
  ++done_;
  if (options_.progress && (done_ % kRowsAtOnce == 0 || done_ == total_)) {
    options_.progress(std::min(done_, total_), total_);
  }
}

}  // namespace tulving::storage::postgres
