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
#include <utility>

#include "core/base/check.h"

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
  source_.drop_added();
  Claims claims(source_, projection_, ledger_rows_, skips_, floor_);
  claims.leave_to_others(target_.shape().external);
  claims_ = &claims;
  auto status = remove_dropped(claims);
  if (status) status = claims.gather();
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
  const std::string key[] = {sync_lock_name(report_.schema)};
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

void ProjectionSync::count_done(std::uint64_t rows) {
  done_ += rows;
  if (options_.progress) options_.progress(std::min(done_, total_), total_);
}

}  // namespace tulving::storage::postgres
