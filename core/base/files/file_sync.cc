#include "core/base/files/file_sync.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace tulving {

Status sync_files(const std::filesystem::path& directory, std::string_view except) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().filename() == except) continue;
    const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    const bool is_synced = ::fsync(file) == 0;
    const int cause = errno;
    ::close(file);
    if (!is_synced) {
      return Error{ErrorCode::kIo, "cannot fsync " + entry.path().string() + ": " +
                                       std::generic_category().message(cause)};
    }
  }
  return {};
}

}  // namespace tulving
