// A live store is sent as the snapshot of what the database has not got yet.

#include <fmt/format.h>

#include <utility>

#include "core/base/check.h"
#include "core/base/files/temporary_folder.h"
#include "storage/postgres/projection_sync.h"
#include "tulving/postgres.h"
#include "tulving/store.h"

namespace tulving {

namespace {

/// What a snapshot must begin with to serve all of the projections: the least that the database
/// holds for any. Empty: it must be a full one, since for one of them the database holds nothing,
/// or something that the store never had.
Result<std::optional<Position>> position_there(const Store& store,
                                               const PostgresSyncOptions& options) {
  TULVING_DCHECK(!options.projections.empty());  // Or nothing would be the least of positions.
  std::optional<Position> least;
  for (const std::string& projection : options.projections) {
    auto positions = synced_positions(store.id().to_string(), projection, options);
    if (!positions) return positions.error();
    if (positions->empty()) return std::optional<Position>();
    for (const Position& position : *positions) {
      if (position.revision == 0 || !store.contains(position)) return std::optional<Position>();
      if (!least || position.revision < least->revision) least = position;
    }
  }
  return least;
}

}  // namespace

Result<std::vector<PostgresSyncReport>> sync_store(const Store& store,
                                                   const PostgresSyncOptions& options) {
  if (options.projections.empty()) {
    return Error{ErrorCode::kInvalidArgument, "no projection is named", "projections"};
  }
  std::error_code error;
  const auto temporary = std::filesystem::temp_directory_path(error);
  if (error) {
    return Error{ErrorCode::kIo,
                 fmt::format("there is no temporary directory: {}", error.message())};
  }
  // What syncs that were killed left there goes now.
  auto directory = TemporaryFolder::create(FileSystem::machine(), temporary, "tulving-sync");
  if (!directory) return directory.error();
  auto since = position_there(store, options);
  if (!since) return since.error();
  const auto snapshot = (*directory)->path() / "snapshot";
  auto info = store.snapshot(snapshot, *since);
  if (!info) return info.error();
  TULVING_DCHECK(info->since.has_value() == since->has_value());
  return storage::postgres::send_snapshot(
      snapshot, options, [&store](const Position& position) { return store.contains(position); });
}

}  // namespace tulving
