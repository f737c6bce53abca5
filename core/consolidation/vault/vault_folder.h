#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/consolidation/vault/folder_files.h"
#include "tulving/result.h"

namespace tulving::consolidation {

/// The files of a vault, by names in its opened folder. Of a caller that holds it: see Vault::Turn.
/// Names have been checked to be one component.
class VaultFolder {
 public:
  VaultFolder(Descriptor descriptor, std::string path)
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  /// Opens the folder if it was missing; true if it is there.
  Result<bool> look_again(bool creates);
  /// Of killed writers. Nobody else writes while the folder is held, so none of it is in use.
  Status remove_leftovers() const;

  Result<std::vector<std::string>> names() const { return names_in(fd(), path_); }
  Result<std::string> read(const std::string& name) const;
  /// Never replaces what has the name: kConflict.
  Status create(const std::string& name, std::string_view text) const;
  /// Keeps the mode of what has the name.
  Status replace(const std::string& name, std::string_view text) const;
  Status rename(const std::string& from, const std::string& to) const;
  Status remove(const std::string& name) const;

  [[nodiscard]] std::mutex& mutex() const { return mutex_; }
  [[nodiscard]] int fd() const { return descriptor_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string shown(std::string_view name) const;

 private:
  Result<std::string> write_temporary(std::string_view text, unsigned mode) const;
  Status give_name(const std::string& from, const std::string& to) const;
  Status sync() const;

  const std::string path_;
  // flock() does not part threads that share one descriptor.
  mutable std::mutex mutex_;
  // Guarded by mutex_; once open it stays.
  Descriptor descriptor_;
};

}  // namespace tulving::consolidation
