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
#include <set>
#include <span>

#include "core/base/check.h"
#include "storage/postgres/wire/copy_writer.h"

namespace tulving::storage::postgres {
namespace {

// Settings of a user or a database that would break a long transaction in the middle, or change the
// meaning of a statement.
constexpr auto kBegin =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0; "
    "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL client_min_messages = error; "
    "SET LOCAL row_security = off";

// Whether each table comes after those that it refers to: rows are sent in this order.
bool stand_after_parents(const std::vector<TableSpec>& tables) {
  std::set<std::string_view> seen;
  return std::ranges::all_of(tables, [&](const TableSpec& table) {
    const bool has_parents = std::ranges::all_of(
        table.references, [&](const Reference& to) { return seen.contains(to.table); });
    seen.insert(table.name);
    return has_parents;
  });
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
    TULVING_DCHECK(!id_.empty());  // By it a row that is refused is named.
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

}  // namespace

Result<PostgresSyncReport> ProjectionSync::run() {
  if (auto status = begin(); !status) return status.error();
  auto needed = is_needed();
  if (!needed) return needed.error();
  if (!*needed) {
    if (auto status = connection_.run("ROLLBACK"); !status) return status.error();
    return report_;
  }
  if (auto status = settle_shape(); !status) return status.error();
  if (auto status = target_.create_missing(tables_); !status) return status.error();

  connection_.set_activity("settling what is written");
  auto rows = ledger_.send_claims(source_, floor_, projection_, tables_, settings_, skips_);
  if (!rows) return rows.error();
  total_ = *rows;
  auto status = ledger_.delete_gone(tables_, is_full(), report_.deleted);
  if (status) status = ledger_.settle(tables_, is_full(), skips_, report_.deleted);
  for (const auto& table : tables_) {
    if (status && table.source != SourceKind::kNone) status = send_table(table);
  }
  if (status) status = target_.create_indexes(tables_);
  if (status) status = ledger_.record_position(tables_.front().name, source_.position());
  if (status) status = connection_.commit();
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
  const std::string root = projection_.tables({}).front().name;
  auto held = ledger_.held(root);
  if (!held) return held.error();
  for (const Position& position : held->within) {
    if (history_ ? history_(position) : source_.contains(position)) continue;
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
  if (!history_ && stranger.revision > info.revision) {
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
  const auto [table, column] = projection_.vector_column();
  auto dim = target_.vector_dim(table, column);
  if (!dim) return dim.error();
  const std::uint32_t usual_dim = source_.usual_dim();
  settings_.dim = *dim != 0 ? *dim : usual_dim != 0 ? usual_dim : kDefaultDim;
  settings_.models = source_.model_names();
  settings_.has_halfvec = target_.has_halfvec();
  tables_ = projection_.tables(settings_);
  TULVING_DCHECK(!tables_.empty());  // The first stands for the schema in the ledger.
  TULVING_DCHECK(stand_after_parents(tables_));
  return target_.check_shape(tables_);
}

Status ProjectionSync::send_table(const TableSpec& table) {
  connection_.set_activity("sending " + report_.schema + "." + table.name);
  auto direct = is_direct(table);
  if (!direct) return direct.error();
  TULVING_DCHECK(table.ownership != Ownership::kParent || !table.references.empty());
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
  auto status = source_.visit({table.source}, floor_, [&](const SourceRecord& record) -> Status {
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
    return write_rows(table, record, sink);
  });
  if (status) status = copy.finish();
  if (!status) return status;
  TULVING_DCHECK(rows_refused <= rows_sent);
  if (direct) report_.inserted[table.name] += rows_sent - rows_refused;
  if (table.ownership == Ownership::kParent) return {};    // Not claimed.
  TULVING_DCHECK(skips_.rows().size() >= skipped_before);  // Only added to.
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

}  // namespace tulving::storage::postgres
