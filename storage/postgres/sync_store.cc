// A live store is sent as the snapshot of what the database has not got yet.

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/check.h"
#include "core/base/files/temporary_folder.h"
#include "tulving/postgres.h"
#include "tulving/store.h"

namespace tulving {

namespace {

/// The least revision that the database holds for any of the projections: what a snapshot must
/// begin with to serve them all.
Result<std::uint64_t> revision_there(const std::string& store_id,
                                     const PostgresSyncOptions& options) {
  TULVING_DCHECK(!options.projections.empty());  // Or nothing would be the greatest of revisions.
  auto least = std::numeric_limits<std::uint64_t>::max();
  for (const std::string& projection : options.projections) {
    auto revision = synced_revision(store_id, projection, options);
    if (!revision) return revision.error();
    least = std::min(least, *revision);
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
  auto there = revision_there(store.id().to_string(), options);
  if (!there) return there.error();
  std::optional<std::uint64_t> since;
  if (*there != 0) since = *there;
  const auto snapshot = (*directory)->path() / "snapshot";
  auto info = store.snapshot(snapshot, since);
  if (!info) return info.error();
  TULVING_DCHECK(info->since == since);
  return sync_snapshot(snapshot, options);
}

}  // namespace tulving
