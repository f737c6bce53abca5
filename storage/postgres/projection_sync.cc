// One transaction a projection.
//
// (1) Nothing of the target is changed before the snapshot was read through once and the tables
// there
//     have the expected shape.
// (2) Parents are settled before children are sent, so that what hangs on a skipped record is
// skipped
//     on this side, and no foreign key is ever violated.
// (3) The position is recorded in the same transaction as the rows.

#include "storage/postgres/projection_sync.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "core/base/check.h"
#include "storage/postgres/target/links.h"
#include "storage/postgres/target/merge.h"
#include "storage/postgres/target/removal.h"
#include "storage/postgres/target/shape_parts.h"
#include "storage/postgres/target/vector_update.h"
#include "storage/postgres/wire/copy_writer.h"

namespace tulving::storage::postgres {
namespace {

// Settings of a user or a database that would break a long transaction in the middle, or change the
// meaning of a statement.
constexpr auto kBegin =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0; "
    "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL client_min_messages = error; "
    "SET LOCAL row_security = off";

}  // namespace

ProjectionSync::ProjectionSync(Connection& connection, Source& source, PostgresSchema kind,
                               const std::string& schema, const PostgresSyncOptions& options,
                               const LiveStore& store)
    : store_(store),
      connection_(connection),
      source_(source),
      options_(options),
      scope_{std::string(to_string(kind)), schema, source.info().store_id, source.scope()},
      target_(connection, schema),
      ledger_(connection, scope_),
      projection_(make_projection(kind, {0, source.model_names()})),
      ledger_rows_(connection, scope_, projection_) {
  report_.projection = to_string(kind);
  report_.schema = schema;
}

Result<PostgresSyncReport> ProjectionSync::run() {
  if (auto status = begin(); !status) return status.error();
  auto needed = is_needed();
  if (!needed) return needed.error();
  if (!*needed && !options_.verify) {
    if (auto status = connection_.run("ROLLBACK"); !status) return status.error();
    return report_;
  }
  if (auto status = settle_shape(); !status) return status.error();
  connection_.set_activity("settling what is written");
  Claims claims(source_, projection_, ledger_rows_, skips_, floor_);
  claims.leave_to_others(target_.shape().external);
  claims_ = &claims;
  auto status = claims.gather();
  if (status) status = claims.settle(store_.fetch);
  if (status) status = send_rows(claims);
  if (status) status = record(claims);
  if (status) status = options_.verify ? connection_.run("ROLLBACK") : connection_.commit();
  claims_ = nullptr;
  if (!status) return status.error();
  if (done_ < total_) count_done(total_ - done_);  // What was skipped is done, too.
  TULVING_DCHECK(report_.from_revision <= source_.info().revision);  // It never goes back.
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

// Whether there is anything to do. False: the database holds all of the snapshot already.
Result<bool> ProjectionSync::is_needed() {
  connection_.set_activity("reading the state of earlier syncs");
  const std::string root(projection_.tables.front().name);
  auto held = ledger_.held(root);
  if (!held) return held.error();
  for (const Position& position : held->within) {
    if (store_.history ? store_.history(position) : source_.contains(position)) continue;
    // The same session of writing, later: the snapshot is a part of what is there.
    if (source_.info().since && position.incarnation == source_.position().incarnation &&
        position.revision >= source_.info().revision) {
      report_.from_revision = report_.to_revision = position.revision;
      return false;
    }
    if (auto status = replace(position); !status) return status.error();
    return true;
  }
  return is_ahead(*held);
}

// What the database holds is of a history that is not, or no longer, the store's: of what was
// written there the store knows nothing, so nothing but all of it, with what is gone deleted, mends
// that.
Status ProjectionSync::replace(const Position& stranger) {
  const auto& info = source_.info();
  const std::string holds = "schema " + report_.schema + " holds " + stranger.to_string() +
                            " of this store, and the snapshot is of " +
                            source_.position().to_string();
  if (!store_.history && stranger.revision > info.revision) {
    return Error{ErrorCode::kConflict,
                 holds + ": it is older, or of a history that parted from it"};
  }
  if (info.since) {
    return Error{ErrorCode::kConflict,
                 holds + ", in whose history that is not known to lie: send a full one"};
  }
  report_.replaced = stranger;
  return plan_full_joins();
}

// Of what lies in the snapshot's own history.
Result<bool> ProjectionSync::is_ahead(const Ledger::Held& held) {
  const auto& info = source_.info();
  const std::uint64_t own = held.own ? held.own->revision : 0;
  std::uint64_t greatest = own;
  for (const Position& position : held.within) greatest = std::max(greatest, position.revision);
  report_.from_revision = own;
  report_.to_revision = own;
  const std::string holds = "schema " + report_.schema + " holds revision ";
  if (info.since && *info.since > own) {
    return Error{ErrorCode::kConflict,
                 holds + std::to_string(own) +
                     " of this store, and the incremental snapshot starts after revision " +
                     std::to_string(*info.since) + ": send a full one, or one since revision " +
                     std::to_string(own)};
  }
  if (info.since && own >= info.revision) return false;
  if (greatest > info.revision) {
    return Error{ErrorCode::kConflict, holds + std::to_string(greatest) +
                                           " of this store; the snapshot is older, of revision " +
                                           std::to_string(info.revision)};
  }
  if (info.since) {
    floor_ = own;
    // The snapshot begins where the database ends, or before, and ends after it.
    TULVING_DCHECK(floor_ >= *info.since && floor_ < info.revision);
    return true;
  }
  if (auto status = plan_full_joins(); !status) return status.error();
  return true;
}

// A full sync joins whole tables. Where the planner has no statistics yet, as right after a first
// sync, it takes them for small and loops: 100,000 names against 100,000 took hours. An
// incremental one joins few names against tables with an index, where loops are right.
Status ProjectionSync::plan_full_joins() {
  return connection_.run("SET LOCAL enable_nestloop = off");
}

Status ProjectionSync::settle_shape() {
  constexpr std::uint32_t kDefaultDim = 1536;
  std::uint32_t dim = 0;
  for (const TableSpec& table : projection_.tables) {
    if (table.vector_column.empty() || dim != 0) continue;
    auto there = target_.vector_dim(std::string(table.name), std::string(table.vector_column));
    if (!there) return there.error();
    dim = *there;
  }
  const std::uint32_t usual_dim = source_.usual_dim();
  dim_ = dim != 0 ? dim : usual_dim != 0 ? usual_dim : kDefaultDim;
  model_ = source_.model_of(dim_);
  auto partitions = found_partitions(connection_, report_.schema);
  if (!partitions) return partitions.error();
  if (!*partitions && options_.partitions) {
    (*partitions).emplace().span = *options_.partitions == PartitionSpan::kQuarter
                                       ? Partitions::Span::kQuarter
                                       : Partitions::Span::kMonth;
  }
  if (*partitions) span_ = (*partitions)->span;
  ddl_ = read_ddl(projection_.schema,
                  {.dim = dim_, .has_halfvec = target_.has_halfvec(), .partitions = *partitions});
  std::set<std::pair<std::string, std::string>> not_sent;
  for (const auto& table : ddl_.tables) {
    const TableSpec* spec = projection_.table(table.name);
    for (const DdlColumn& column : table.columns) {
      if (spec == nullptr ||
          std::ranges::find(spec->columns, column.name, &Column::name) == spec->columns.end()) {
        not_sent.emplace(table.name, column.name);
      }
    }
  }
  if (auto status = target_.check_shape(projection_.schema, ddl_, not_sent); !status) return status;
  report_.differences = target_.shape().taken;
  return target_.create_missing(ddl_);
}

// The partitions that a table's rows will lie in.
Status ProjectionSync::make_partitions(const TableSpec& table) {
  const Ddl::Table& definition = *ddl_.find(table.name);
  if (!definition.partition_by.starts_with("RANGE")) return {};
  const auto column = std::ranges::find_if(table.columns, [&](const Column& each) {
    return definition.partition_by == "RANGE (" + std::string(each.name) + ")";
  });
  TULVING_DCHECK(column != table.columns.end());
  std::set<Timestamp> days;
  auto status = source_.visit({{table.source}, floor_}, [&](const SourceRecord& record) -> Status {
    const Field value = column->get({record});
    if (const auto* time = std::get_if<Timestamp>(&value)) {
      days.insert(std::chrono::floor<std::chrono::days>(*time));
    }
    return {};
  });
  return status ? target_.create_partitions(definition, days, span_) : status;
}

Status ProjectionSync::send_rows(Claims& claims) {
  total_ = claims.rows();
  if (is_full()) total_ += source_.vector_count();
  Removal removal(connection_, scope_, projection_, ddl_, claims.settlement(), report_.deleted);
  auto status = ledger_rows_.stage_written(claims.settlement());
  if (!status) return status;
  auto hanging = removal.remove(claims.settlement().dead());
  if (!hanging) return hanging.error();
  if (!is_full()) {  // Of a full one each has been settled by itself.
    for (SkippedRow& row : *hanging) {
      const std::string name = row.id;
      skips_.add("", std::move(row));
    }
  }
  status = removal.remove_vectors(claims.gone_vectors(), model_);
  const bool has_related = std::ranges::any_of(
      projection_.tables, [](const TableSpec& table) { return !table.related_column.empty(); });
  if (status && has_related && is_full()) status = source_.read_related();
  if (status && has_related) {
    status = send_links(connection_, scope_, source_, floor_);
  }
  for (std::size_t table = 0; status && table < projection_.tables.size(); ++table) {
    status = send_table(table);
  }
  if (status) status = removal.remove_deferred();
  for (const TableSpec& table : projection_.tables) {
    if (status && !is_full()) status = send_vectors(table);
    if (status && !is_full() && !table.related_column.empty()) {
      auto changed = refresh_links(connection_, scope_, table);
      if (!changed) return changed.error();
      report_.updated[std::string(table.name)] += *changed;
    }
  }
  return status;
}

Status ProjectionSync::record(Claims& claims) {
  auto status = target_.create_indexes(ddl_);
  if (status) {
    status = ledger_rows_.record_waiting(claims.settlement(), waiting_, is_full());
  }
  if (status && !is_full()) status = ledger_rows_.forget_names(claims.gone_ids(), ddl_);
  if (status) status = ledger_rows_.record_names(names_, is_full());
  return status ? ledger_.record_position(std::string(projection_.tables.front().name),
                                          source_.position())
                : status;
}

Status ProjectionSync::send_table(std::size_t place) {
  const TableSpec& table = projection_.tables[place];
  if (target_.shape().external.contains(std::string(table.name))) return {};
  connection_.set_activity("sending " + report_.schema + "." + std::string(table.name));
  auto direct = is_direct(table);
  if (!direct) return direct.error();
  RowWriter rows({projection_, ddl_, claims_->settlement(), skips_, names_}, place, is_full());
  if (auto status = make_partitions(table); !status) return status;
  Merge merge(connection_, scope_, projection_, ddl_, table, rows.columns());
  if (!*direct) {
    if (auto status = merge.create_staging(); !status) return status;
  }
  if (auto status = copy_rows(place, rows, merge, *direct); !status) return status;
  if (*direct) return ledger_rows_.record(table);
  if (auto status = merge.finish_staging(is_full()); !status) return status;
  if (table.ownership != Ownership::kParent) {
    if (auto status = skip_foreign(table, merge); !status) return status;
  }
  auto counts = merge.apply(is_full());
  if (!counts) return counts.error();
  const std::string name(table.name);
  report_.inserted[name] += counts->inserted;
  report_.updated[name] += counts->updated;
  report_.deleted[name] += counts->deleted;
  return ledger_rows_.record(table);
}

// Staging writes every row twice, which for vectors is most of a first sync's time. Serials are
// drawn, placeholders filled in, and what an index would refuse is found, where rows are staged.
Result<bool> ProjectionSync::is_direct(const TableSpec& table) {
  if (!is_full() || table.ownership == Ownership::kSerial || table.has_placeholders ||
      !table.staging_check.empty()) {
    return false;
  }
  auto rows = connection_.query("SELECT FROM " + std::string(table.name) + " LIMIT 1");
  if (!rows) return rows.error();
  return rows->empty();
}

void ProjectionSync::skip(const TableSpec& table, const SourceRecord& record, std::string reason) {
  skips_.add(table.name, {std::string(record.tenant_id), std::string(kind_name(record.kind)),
                          record_id(record), std::move(reason)});
}

Status ProjectionSync::copy_rows(std::size_t place, RowWriter& rows, const Merge& merge,
                                 bool direct) {
  const TableSpec& table = projection_.tables[place];
  const Settlement& settlement = claims_->settlement();
  std::vector<std::string> withdrawn;
  std::uint64_t rows_refused = 0;
  const auto on_refused = [&](const CopyWriter::RowName& row, const std::string& why) {
    ++rows_refused;
    withdrawn.push_back(row.id);
    skips_.add(table.name,
               {source_.tenant_id(row.tenant), std::string(kind_name(table.source)), row.id,
                "PostgreSQL cannot hold it in " + std::string(table.name) + ": " + why});
  };
  std::uint64_t rows_sent = 0;
  CopyWriter copy(connection_, merge.copy_target(direct), merge.copy_columns(direct), on_refused,
                  [&](std::uint64_t sent) {
                    rows_sent += sent;
                    count_done(sent);
                  });
  const bool is_part = table.ownership == Ownership::kParent;
  const auto send = [&](const SourceRecord& record) -> Status {
    if (!table.takes(record)) return {};
    std::string id = record_id(record);
    if (!is_part && !settlement.writes(place, record.tenant_id, id)) return {};
    if (skips_.contains(record.tenant_id, table.name, id)) return {};
    if (table.source == kEmbeddingKind && !table.vector_column.empty() &&
        record.embedding->vector.size() != dim_) {
      skip(table, record,
           "the vector has " + std::to_string(record.embedding->vector.size()) +
               " dimensions; the column " + std::string(table.name) + "." +
               std::string(table.vector_column) + " takes " + std::to_string(dim_));
      return {};
    }
    if (std::string parent = rows.missing_parent(record); !parent.empty()) {
      if (is_part && table.source != kEmbeddingKind) return {};  // Its record is listed.
      skip(table, record, "what it belongs to was skipped: " + parent);
      if (!is_part) {
        withdrawn.push_back(id);
        parent.replace(parent.find(' '), 1, "#");
        waiting_.push_back({place, std::string(record.tenant_id), id, {parent}, "skipped"});
      }
      return {};
    }
    return rows.write(record, {record.tenant, std::move(id)}, !direct, copy);
  };
  const bool has_vectors =
      is_full() && table.source == RecordKind::kMemory && !is_part && !table.vector_column.empty();
  auto status = source_.visit(
      {{table.source}, floor_, has_vectors ? std::string_view(model_) : std::string_view()}, send);
  if (status && table.has_placeholders) status = claims_->visit_placeholders(place, send);
  if (status) status = copy.finish();
  if (!status) return status;
  TULVING_DCHECK(rows_refused <= rows_sent);
  if (direct) report_.inserted[std::string(table.name)] += rows_sent - rows_refused;
  return is_part ? Status() : ledger_rows_.withdraw(table.name, withdrawn);
}

Status ProjectionSync::skip_foreign(const TableSpec& table, Merge& merge) {
  auto foreign = merge.remove_foreign();
  if (!foreign) return foreign.error();
  std::vector<std::string> ids;
  for (const auto& row : *foreign) ids.push_back(row.id);
  auto owners = ledger_rows_.tenants_of(table.name, ids);
  if (!owners) return owners.error();
  for (const auto& row : *foreign) {
    skips_.add(table.name,
               {(*owners)[row.id], std::string(kind_name(table.source)), row.id, row.reason});
  }
  return ledger_rows_.withdraw(table.name, ids);
}

// Vectors that come without their memories, or whose memories have rows by now.
Status ProjectionSync::send_vectors(const TableSpec& table) {
  if (table.source != RecordKind::kMemory || table.vector_column.empty() || model_.empty()) {
    return {};
  }
  VectorUpdate update(connection_, scope_, ddl_, table);
  if (auto status = update.start(); !status) return status;
  auto status =
      source_.visit({{kEmbeddingKind}, floor_}, [&](const SourceRecord& record) -> Status {
        const auto& embedding = *record.embedding;
        if (embedding.model != model_) return {};
        return update.add(record, embedding.vector);
      });
  if (!status) return status;
  auto rows = update.finish();
  if (!rows) return rows.error();
  report_.updated[std::string(table.name)] += *rows;
  return {};
}

void ProjectionSync::count_done(std::uint64_t rows) {
  done_ += rows;
  if (options_.progress) options_.progress(std::min(done_, total_), total_);
}

}  // namespace tulving::storage::postgres
