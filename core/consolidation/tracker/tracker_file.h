#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/files/file_system.h"
#include "tulving/result.h"

namespace tulving::consolidation {

/// The tracker's file, held against other exports while this lives.
class TrackerFile {
 public:
  /// Waits for an export that is under way, then reads the file; one that is missing is empty. See
  /// export_tasks() for the errors.
  static Result<TrackerFile> open(const std::filesystem::path& path,
                                  FileSystem& files = FileSystem::machine());

  [[nodiscard]] const std::string& text() const { return text_; }

  /// All of it or, on an error, nothing. kConflict: the file is not the one that was read.
  Status replace(std::string_view text);

 private:
  TrackerFile(Descriptor folder, std::unique_ptr<DirectoryLock> lock, std::filesystem::path path)
      : folder_(std::move(folder)), lock_(std::move(lock)), path_(std::move(path)) {}

  [[nodiscard]] std::string name() const { return path_.filename().string(); }
  [[nodiscard]] Result<bool> is_as_read() const;
  Status read();

  Descriptor folder_;
  std::unique_ptr<DirectoryLock> lock_;  // Ends before folder_.
  std::filesystem::path path_;
  std::string text_;
  std::optional<struct stat> read_;  // Empty: there was no file.
};

/// The text of the tracker's file, to which a link may lead. See import_tasks() for the errors.
Result<std::string> read_tracker_file(const std::filesystem::path& path,
                                      FileSystem& files = FileSystem::machine());

}  // namespace tulving::consolidation
