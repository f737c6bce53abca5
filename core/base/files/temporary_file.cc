#include "core/base/files/temporary_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "core/base/check.h"
#include "core/base/fault_points.h"

namespace tulving {

Result<std::unique_ptr<TemporaryFile>> TemporaryFile::create(const Descriptor& directory,
                                                             std::string temporary_name, int flags,
                                                             unsigned mode, std::string place,
                                                             ErrorOf error_of) {
  Descriptor file = directory.open(temporary_name, O_WRONLY | O_CREAT | flags, mode);
  if (!file.is_open()) return error_of("create a file beside", place, file.cause());
  return std::make_unique<TemporaryFile>(directory, std::move(file), std::move(temporary_name),
                                         std::move(place), error_of);
}

TemporaryFile::TemporaryFile(const Descriptor& directory, Descriptor file,
                             std::string temporary_name, std::string place, ErrorOf error_of)
    : directory_(directory),
      file_(std::move(file)),
      temporary_name_(std::move(temporary_name)),
      place_(std::move(place)),
      error_of_(error_of) {}

TemporaryFile::~TemporaryFile() {
  if (!temporary_name_.empty()) (void)directory_.remove(temporary_name_);
}

Status TemporaryFile::write(std::string_view bytes) {
  TULVING_DCHECK(!temporary_name_.empty());  // Under its own name it is somebody's answer.
  if (const int cause = file_.write(bytes); cause != 0) return error_of_("write", place_, cause);
  return {};
}

Status TemporaryFile::commit(const std::string& name, bool replaces,
                             const std::function<Status()>& may_replace) {
  TULVING_DCHECK(!temporary_name_.empty() && temporary_name_ != name);
  TULVING_KILL_POINT("file.written");
  const int unsafe = TULVING_SABOTAGE(kNoFsync) ? 0 : file_.fsync();
  if (unsafe != 0) return error_of_("fsync", place_, unsafe);
  TULVING_KILL_POINT("file.synced");
  if (may_replace) {
    if (auto status = may_replace(); !status) return status;
  }
  const int cause = directory_.rename(temporary_name_, name, replaces);
  if (cause == EEXIST && !replaces) {
    return Error{ErrorCode::kConflict, fmt::format("{} is there already", place_), {}};
  }
  if (cause != 0) return error_of_("replace", place_, cause);
  temporary_name_.clear();
  TULVING_KILL_POINT("file.renamed");
  const int failure = TULVING_SABOTAGE(kNoDirectoryFsync) ? 0 : directory_.fsync();
  if (failure != 0) {
    if (!replaces) (void)directory_.remove(name);
    return error_of_("fsync the folder of", place_, failure);
  }
  TULVING_KILL_POINT("file.committed");
  return {};
}

}  // namespace tulving
