#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "tulving/result.h"

namespace tulving {

// What those that write files beside the store have in common.

/// "cannot write to the vault X: No space left on device", kIo.
[[nodiscard]] Error io_error(std::string_view what, std::string_view name, int cause);

/// An open file or folder, closed with it.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Descriptor();
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

/// Holds a folder against the writers of other processes, and of other descriptors of this one.
class FolderLock {
 public:
  explicit FolderLock(int folder);  ///< Waits.
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  /// The errno of a lock that was not had; else 0.
  [[nodiscard]] int cause() const { return cause_; }

 private:
  int folder_;
  int cause_ = 0;
};

/// All bytes, or false with errno set.
[[nodiscard]] bool write_all(int file, std::string_view bytes);
[[nodiscard]] bool read_all(int file, std::string& bytes);

/// Without the byte order mark (U+FEFF) that some editors put before a text.
[[nodiscard]] inline std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

}  // namespace tulving
