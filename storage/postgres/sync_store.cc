// A live store is sent as the snapshot of what the database has not got yet.

#include <fmt/format.h>
#include <stdlib.h>  // mkdtemp(3)

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/check.h"
#include "tulving/postgres.h"
#include "tulving/store.h"

namespace tulving {

namespace {

/// A new directory among the temporary files, removed with all in it.
class TemporaryDirectory {
 public:
  static Result<TemporaryDirectory> make() {
    std::error_code error;
    std::string path =
        (std::filesystem::temp_directory_path(error) / "tulving-sync.XXXXXX").string();
    if (error || mkdtemp(path.data()) == nullptr) {
      return Error{ErrorCode::kIo, fmt::format("cannot make a temporary directory {}", path)};
    }
    return TemporaryDirectory(path);
  }
  TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

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
  auto directory = TemporaryDirectory::make();
  if (!directory) return directory.error();
  auto there = revision_there(store.id().to_string(), options);
  if (!there) return there.error();
  std::optional<std::uint64_t> since;
  if (*there != 0) since = *there;
  auto info = store.snapshot(directory->path() / "snapshot", since);
  if (!info) return info.error();
  TULVING_DCHECK(info->since == since);
  return sync_snapshot(directory->path() / "snapshot", options);
}

}  // namespace tulving
