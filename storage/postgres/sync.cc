// sync_snapshot(): one transaction a projection.
//
// (1) Nothing of the target is changed before the snapshot was read through once and the tables there
//     have the expected shape.
// (2) Parents are settled before children are sent, so that what hangs on a skipped record is skipped
//     on this side, and no foreign key is ever violated.
// (3) The revision is recorded in the same transaction as the rows.

#include "tulving/postgres.h"

#include <algorithm>

#include "storage/postgres/connection.h"
#include "storage/postgres/copy_writer.h"
#include "storage/postgres/ledger.h"
#include "storage/postgres/merge.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/skip_list.h"
#include "storage/postgres/source.h"
#include "storage/postgres/target_schema.h"

namespace tulving {
namespace storage::postgres {
namespace {

// Settings of a user or a database that would break a long transaction in the middle, or change the
// meaning of a statement.
constexpr auto kBegin =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0; "
    "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL client_min_messages = error; "
    "SET LOCAL row_security = off";

Status check_namespace(const std::string& schema) {
  constexpr std::size_t kNameBytesMax = 63;  // Postgres would cut a longer one in silence.
  const bool is_ours_to_use = !schema.starts_with("pg_") && schema != "information_schema" &&
                              schema != "tulving";
  if (!schema.empty() && schema.size() <= kNameBytesMax && is_ours_to_use &&
      schema.find('\0') == std::string::npos) {
    return {};
  }
  return Error{ErrorCode::kInvalidArgument,
               "\"" + schema +
                   "\" cannot be a target schema: 1 to 63 bytes, not pg_*, information_schema or "
                   "tulving",
               "namespaces"};
}

struct NamedProjection {
  std::unique_ptr<Projection> projection;
  std::string schema;
};

Result<std::vector<NamedProjection>> projections_of(const PostgresSyncOptions& options) {
  const auto refuse = [](std::string message, std::string field) {
    return Error{ErrorCode::kInvalidArgument, std::move(message), std::move(field)};
  };
  if (options.projections.empty()) return refuse("no projection is named", "projections");
  if (options.all_tenants && !options.tenant.empty()) {
    return refuse("a tenant and all_tenants exclude each other", "tenant");
  }
  for (const auto& [projection, schema] : options.namespaces) {
    if (std::count(options.projections.begin(), options.projections.end(), projection) == 0) {
      return refuse("a namespace is given for \"" + projection + "\", which is not synced",
                    "namespaces");
    }
  }
  std::vector<NamedProjection> result;
  for (const auto& name : options.projections) {
    auto projection = make_projection(name);
    if (!projection) return projection.error();
    const auto given = options.namespaces.find(name);
    const std::string schema = given == options.namespaces.end() ? name : given->second;
    if (auto status = check_namespace(schema); !status) return status.error();
    for (const auto& other : result) {
      if (other.schema == schema) {
        return refuse("two projections would go into the schema " + schema, "projections");
      }
    }
    result.push_back({std::move(*projection), schema});
  }
  return result;
}

// Gives a projection's rows to the COPY, each under the record's name.
class CopySink final : public RowSink {
 public:
  CopySink(CopyWriter& copy, bool with_id) : copy_(copy), with_id_(with_id) {}
  void set_record(std::uint32_t tenant, std::string id) {
    tenant_ = tenant;
    id_ = std::move(id);
  }
  RowEncoder& begin_row() override {
    auto& row = copy_.begin_row();
    if (with_id_) row.text(id_);
    return row;
  }
  Status end_row() override { return copy_.end_row({tenant_, id_}); }

 private:
  CopyWriter& copy_;
  bool with_id_;
  std::uint32_t tenant_ = 0;
  std::string id_;
};

/// One snapshot into one schema.
class ProjectionSync {
 public:
  ProjectionSync(Connection& connection, Source& source, const Projection& projection,
                 const std::string& schema, const PostgresSyncOptions& options)
      : connection_(connection),
        source_(source),
        projection_(projection),
        options_(options),
        target_(connection, schema),
        ledger_(connection, {std::string(projection.name()), schema, source.info().store_id,
                             source.scope()}) {
    report_.projection = projection.name();
    report_.schema = schema;
  }

  Result<PostgresSyncReport> run();

 private:
  Status begin();
  Result<bool> is_needed();
  Status survey();
  Status send_table(const TableSpec& table);
  Status copy_rows(const TableSpec& table, const Merge& merge, bool direct);
  Status skip_foreign(const TableSpec& table, Merge& merge);
  Result<bool> is_direct(const TableSpec& table);
  void count_done(std::uint64_t rows);
  [[nodiscard]] bool is_full() const { return !source_.info().since; }

  Connection& connection_;
  Source& source_;
  const Projection& projection_;
  const PostgresSyncOptions& options_;
  TargetSchema target_;
  Ledger ledger_;
  ProjectionSettings settings_;
  std::vector<TableSpec> tables_;
  SkipList skips_;
  PostgresSyncReport report_;
  std::uint64_t done_ = 0, total_ = 0;
};

Result<PostgresSyncReport> ProjectionSync::run() {
  if (auto status = begin(); !status) return status.error();
  auto needed = is_needed();
  if (!needed) return needed.error();
  if (!*needed) {
    if (auto status = connection_.run("ROLLBACK"); !status) return status.error();
    return report_;
  }
  if (auto status = survey(); !status) return status.error();
  if (auto status = target_.create_missing(tables_); !status) return status.error();

  connection_.set_activity("settling what is written");
  auto status = ledger_.send_claims(source_, projection_, settings_, skips_);
  if (status) status = ledger_.delete_gone(tables_, is_full(), report_.deleted);
  if (status) status = ledger_.settle(tables_, is_full(), skips_, report_.deleted);
  for (const auto& table : tables_) {
    if (status && table.source != SourceKind::kNone) status = send_table(table);
  }
  if (status) status = target_.create_indexes(tables_);
  if (status) status = ledger_.record_revision(tables_.front().name, source_.info().revision);
  if (status) status = connection_.commit();
  if (!status) return status.error();
  report_.to_revision = source_.info().revision;
  report_.skipped = skips_.rows();
  return report_;
}

Status ProjectionSync::begin() {
  connection_.set_activity("beginning");
  if (auto status = connection_.run(kBegin); !status) return status;
  // Two syncs into one schema take turns.
  const std::string key[] = {"tulving sync " + report_.schema};
  auto locked = connection_.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key);
  if (!locked) return locked.error();
  if (auto status = target_.prepare(); !status) return status;
  return ledger_.prepare();
}

// Whether the snapshot brings the database forward. False: it holds all of it already.
Result<bool> ProjectionSync::is_needed() {
  connection_.set_activity("reading the state of earlier syncs");
  const std::string root = projection_.tables({}).front().name;
  auto held = ledger_.held(root);
  if (!held) return held.error();
  const auto& info = source_.info();
  report_.from_revision = held->revision;
  report_.to_revision = held->revision;
  const std::string holds = "schema " + report_.schema + " holds revision ";
  if (info.since && *info.since > held->revision) {
    return Error{ErrorCode::kConflict,
                 holds + std::to_string(held->revision) +
                     " of this store, and the incremental snapshot starts after revision " +
                     std::to_string(*info.since) + ": send a full one, or one since revision " +
                     std::to_string(held->revision)};
  }
  if (info.since && held->revision >= info.revision) return false;
  if (held->greatest > info.revision || held->revision > info.revision) {
    return Error{ErrorCode::kConflict,
                 holds + std::to_string(std::max(held->greatest, held->revision)) +
                     " of this store; the snapshot is older, of revision " +
                     std::to_string(info.revision)};
  }
  if (info.since) {
    source_.set_floor(held->revision);
    return true;
  }
  // A full sync joins whole tables. Where the planner has no statistics yet, as right after a first
  // sync, it takes them for small and loops: 100,000 names against 100,000 took hours. An incremental
  // one joins few names against tables with an index, where loops are right.
  if (auto status = connection_.run("SET LOCAL enable_nestloop = off"); !status) {
    return status.error();
  }
  return true;
}

Status ProjectionSync::survey() {
  constexpr std::uint32_t kDefaultDim = 1536;
  auto survey = source_.survey();
  if (!survey) return survey.error();
  const auto [table, column] = projection_.vector_column();
  auto dim = target_.vector_dim(table, column);
  if (!dim) return dim.error();
  settings_.dim = *dim != 0 ? *dim : survey->dim != 0 ? survey->dim : kDefaultDim;
  settings_.models = source_.model_names();
  settings_.has_halfvec = target_.has_halfvec();
  tables_ = projection_.tables(settings_);
  for (const auto& [kind, records] : survey->records) total_ += records;
  total_ += survey->tags;
  return target_.check_shape(tables_);
}

Status ProjectionSync::send_table(const TableSpec& table) {
  connection_.set_activity("sending " + report_.schema + "." + table.name);
  auto direct = is_direct(table);
  if (!direct) return direct.error();
  Merge merge(connection_, report_.schema, table);
  if (!*direct) {
    if (auto status = merge.create_staging(); !status) return status;
  }
  if (auto status = copy_rows(table, merge, *direct); !status) return status;
  if (*direct) return {};
  if (auto status = merge.finish_staging(); !status) return status;
  if (table.ownership != Ownership::kParent) {
    if (auto status = skip_foreign(table, merge); !status) return status;
  }
  auto counts = merge.apply(is_full());
  if (!counts) return counts.error();
  report_.inserted[table.name] += counts->inserted;
  report_.updated[table.name] += counts->updated;
  report_.deleted[table.name] += counts->deleted;
  return ledger_.record_rows(table);
}

// Staging writes every row twice, which for vectors is most of a first sync's time.
Result<bool> ProjectionSync::is_direct(const TableSpec& table) {
  if (!table.is_bulky || !is_full()) return false;
  auto rows = connection_.query("SELECT FROM " + table.name + " LIMIT 1");
  if (!rows) return rows.error();
  return rows->empty();
}

Status ProjectionSync::copy_rows(const TableSpec& table, const Merge& merge, bool direct) {
  const auto kind = kind_name(table.source);
  const std::size_t skipped_before = skips_.rows().size();
  std::uint64_t rows_refused = 0;
  const auto on_refused = [&](const CopyWriter::RowName& row, const std::string& why) {
    ++rows_refused;
    skips_.add(source_.tenant_id(row.tenant), kind, {table.name, row.id},
               "PostgreSQL cannot hold it in " + table.name + ": " + why);
  };
  std::uint64_t rows_sent = 0;
  CopyWriter copy(connection_, merge.copy_target(direct), merge.copy_columns(direct), on_refused,
                  [&](std::uint64_t rows) {
                    rows_sent += rows;
                    count_done(rows);
                  });
  CopySink sink(copy, !direct && table.ownership == Ownership::kSerial);
  auto status = source_.visit(table.source, [&](const SourceRecord& record) -> Status {
    Claim claim = projection_.claim(record);
    if (skips_.contains(record.tenant_id, claim.table, claim.id)) return {};
    if (auto why = projection_.refusal(record, settings_); !why.empty()) {
      skips_.add(record.tenant_id, kind, claim, std::move(why));
      return {};
    }
    if (const auto* need = skips_.missing_need(record.tenant_id, claim); need != nullptr) {
      skips_.add(record.tenant_id, kind, claim,
                 "what it belongs to was skipped: " + need->table + " " + need->id);
      return {};
    }
    sink.set_record(record.tenant, std::move(claim.id));
    return projection_.write(table, record, sink);
  });
  if (status) status = copy.finish();
  if (!status) return status;
  if (direct) report_.inserted[table.name] += rows_sent - rows_refused;
  if (table.ownership == Ownership::kParent) return {};  // Not claimed.
  return ledger_.withdraw(table.name, std::span(skips_.rows()).subspan(skipped_before));
}

Status ProjectionSync::skip_foreign(const TableSpec& table, Merge& merge) {
  auto foreign = merge.remove_foreign();
  if (!foreign) return foreign.error();
  for (const auto& row : *foreign) {
    skips_.add(row.tenant_id, row.kind, {table.name, row.id}, row.reason);
  }
  return ledger_.withdraw(table.name, *foreign);
}

void ProjectionSync::count_done(std::uint64_t rows) {
  done_ += rows;
  if (options_.progress) options_.progress(std::min(done_, total_), total_);
}

}  // namespace
}  // namespace storage::postgres

Result<std::vector<PostgresSyncReport>> sync_snapshot(const std::filesystem::path& directory,
                                                      const PostgresSyncOptions& options) {
  using namespace storage::postgres;
  auto projections = projections_of(options);
  if (!projections) return projections.error();
  auto connection = Connection::open(options.uri);
  if (!connection) return connection.error();
  std::vector<PostgresSyncReport> reports;
  for (const auto& [projection, schema] : *projections) {
    auto source = Source::open(directory, options);
    if (!source) return source.error();
    ProjectionSync sync(*connection, *source, *projection, schema, options);
    auto report = sync.run();
    if (!report) return report.error();
    reports.push_back(std::move(*report));
  }
  return reports;
}

Result<std::uint64_t> synced_revision(const std::string& store_id, const std::string& projection,
                                      const PostgresSyncOptions& options) {
  using namespace storage::postgres;
  auto named = options;
  named.projections = {projection};
  std::erase_if(named.namespaces, [&](const auto& entry) { return entry.first != projection; });
  auto projections = projections_of(named);
  if (!projections) return projections.error();
  if (!Uuid::parse(store_id)) {
    return Error{ErrorCode::kInvalidArgument, "\"" + store_id + "\" is no store's id", "store_id"};
  }
  auto connection = Connection::open(options.uri);
  if (!connection) return connection.error();
  connection->set_activity("reading the state of earlier syncs");
  const auto& [made, schema] = projections->front();
  Ledger ledger(*connection, {projection, schema, store_id, options.tenant});
  return ledger.synced_revision(made->tables({}).front().name,
                                options.tenant.empty() && !options.all_tenants);
}

}  // namespace tulving
