#include "storage/rocksdb/status.h"

#include <fmt/format.h>

#include "core/base/check.h"

namespace tulving::storage {
namespace {

ErrorCode code_of(const rocksdb::Status& status) {
  if (status.IsNoSpace() || status.IsMemoryLimit()) return ErrorCode::kResourceExhausted;
  if (status.IsIOError() && status.subcode() == rocksdb::Status::kNoSpace) {
    return ErrorCode::kResourceExhausted;
  }
  return status.IsCorruption() ? ErrorCode::kCorruption : ErrorCode::kIo;
}

}  // namespace

Error to_error(const rocksdb::Status& status, std::string_view attempted,
               const std::filesystem::path& directory) {
  TULVING_DCHECK(!status.ok());
  return {code_of(status),
          fmt::format("{} in {} failed: {}", attempted, directory.string(), status.ToString())};
}

Error to_open_error(const rocksdb::Status& status, const std::filesystem::path& directory) {
  Error error = to_error(status, "opening the log", directory);
  // A store names its files itself, so one that is not there was lost; a column family that is not
  // known was added by a newer release.
  if (status.IsPathNotFound() || status.IsNotFound() || status.IsInvalidArgument() ||
      status.IsNotSupported()) {
    error.code = ErrorCode::kCorruption;
  }
  return error;
}

}  // namespace tulving::storage
