// A live store is sent as the snapshot of what the database has not got yet.

#include <fmt/format.h>
#include <stdlib.h>  // mkdtemp(3)

#include <utility>

#include "core/base/check.h"
#include "storage/postgres/projection_sync.h"
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
  auto directory = TemporaryDirectory::make();
  if (!directory) return directory.error();
  auto since = position_there(store, options);
  if (!since) return since.error();
  auto info = store.snapshot(directory->path() / "snapshot", *since);
  if (!info) return info.error();
  TULVING_DCHECK(info->since.has_value() == since->has_value());
  return storage::postgres::send_snapshot(
      directory->path() / "snapshot", options,
      [&store](const Position& position) { return store.contains(position); });
}

}  // namespace tulving
