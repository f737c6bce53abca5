#include "storage/snapshot/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tulving::storage {
namespace {

Error failure(const std::filesystem::path& path, std::string_view what) {
  const int code = errno;
  return {code == ENOSPC || code == EDQUOT ? ErrorCode::kResourceExhausted : ErrorCode::kIo,
          fmt::format("{} cannot be {}: {}", path.string(), what,
                      std::generic_category().message(code))};
}

}  // namespace

File::File(std::filesystem::path path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {}

File::File(File&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<File> File::create(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) return failure(path, "created");
  return File(path, descriptor);
}

Result<File> File::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return failure(path, "opened");
  return File(path, descriptor);
}

Status File::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(path_, "written");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::size_t> File::read(std::string& bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto count = ::read(descriptor_, bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(path_, "read");
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

Status File::fsync() {
  if (::fsync(descriptor_) != 0) return failure(path_, "synced");
  return {};
}

Status write_durably(const std::filesystem::path& path, std::string_view bytes) {
  auto file = File::create(path);
  if (!file) return file.error();
  if (auto status = file->write(bytes); !status) return status;
  return file->fsync();
}

Status fsync_directory(const std::filesystem::path& directory) {
  auto file = File::open(directory);
  if (!file) return file.error();
  return file->fsync();
}

}  // namespace tulving::storage
