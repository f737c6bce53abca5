#pragma once

#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace tulving::testing {

/// A file system of its own in memory, so small that it fills. Mounting one takes root:
/// has_mounted() tells whether it is there.
class SmallFilesystem {
 public:
  SmallFilesystem(std::filesystem::path directory, int megabytes, uid_t owner = ::geteuid())
      : directory_(std::move(directory)) {
    std::filesystem::create_directories(directory_);
    const std::string options =
        "mode=0700,uid=" + std::to_string(owner) + ",size=" + std::to_string(megabytes) + "m";
    has_mounted_ = ::mount("tmpfs", directory_.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  SmallFilesystem(const SmallFilesystem&) = delete;
  SmallFilesystem& operator=(const SmallFilesystem&) = delete;
  ~SmallFilesystem() {
    if (has_mounted_) ::umount2(directory_.c_str(), MNT_DETACH);
    std::error_code ignored;
    std::filesystem::remove(directory_, ignored);
  }

  [[nodiscard]] bool has_mounted() const { return has_mounted_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  void grow_to(int megabytes) {
    const std::string options = "size=" + std::to_string(megabytes) + "m";
    if (::mount("tmpfs", directory_.c_str(), "tmpfs", MS_REMOUNT, options.c_str()) != 0) {
      throw std::runtime_error("the file system cannot be made larger");
    }
  }

 private:
  std::filesystem::path directory_;
  bool has_mounted_ = false;
};

}  // namespace tulving::testing
