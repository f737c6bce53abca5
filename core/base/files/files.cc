#include "core/base/files/files.h"

#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tulving {

Error io_error(std::string_view what, std::string_view name, int cause) {
  return {ErrorCode::kIo,
          fmt::format("cannot {} {}: {}", what, name, std::generic_category().message(cause)),
          {}};
}

Descriptor::~Descriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FolderLock::FolderLock(int folder) : folder_(folder) {
  int result = 0;
  do {
    result = ::flock(folder_, LOCK_EX);
  } while (result != 0 && errno == EINTR);
  cause_ = result == 0 ? 0 : errno;
}

FolderLock::~FolderLock() {
  if (cause_ == 0) ::flock(folder_, LOCK_UN);
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_all(int file, std::string& bytes) {
  char buffer[65536];
  while (true) {
    const ssize_t count = ::read(file, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0;
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
}

}  // namespace tulving
