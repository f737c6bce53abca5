#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/files/file_system.h"
#include "tulving/result.h"

namespace tulving::consolidation {

/// The files of a vault, by names in its opened folder. Of a caller that holds it: see Vault::Turn.
/// Names have been checked to be one component.
class VaultFolder {
 public:
  VaultFolder(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

  /// Opens the folder, which may be no link; with `creates` it is made when it is all that is
  /// missing. False: it is not there, but its parent is a folder that can be written to. See
  /// Vault::open() for the errors.
  Result<bool> open(bool creates);
  /// Of killed writers. Nobody else writes while the folder is held, so none of it is in use.
  Status remove_leftovers() const;

  Result<std::vector<std::string>> names() const;
  Result<std::string> read(const std::string& name) const;
  /// Never replaces what has the name: kConflict.
  Status create(const std::string& name, std::string_view text) const;
  /// Keeps the mode of what has the name.
  Status replace(const std::string& name, std::string_view text) const;
  Status rename(const std::string& from, const std::string& to) const;
  Status remove(const std::string& name) const;

  [[nodiscard]] std::mutex& mutex() const { return mutex_; }
  [[nodiscard]] const Descriptor& descriptor() const { return descriptor_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string shown(std::string_view name) const;

 private:
  Status put(const std::string& name, std::string_view text, unsigned mode, bool replaces) const;
  Status sync() const;

  FileSystem& files_;
  const std::string path_;
  // flock() does not part threads that share one descriptor.
  mutable std::mutex mutex_;
  // Guarded by mutex_; once open it stays.
  Descriptor descriptor_;
};

}  // namespace tulving::consolidation
