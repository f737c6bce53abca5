#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/files/file_system.h"
#include "core/base/files/io_error.h"
#include "tulving/result.h"

namespace tulving {

/// A folder that is filled under a name of its own beside its place, and takes the place once it is
/// whole: the one way in which a folder of ours comes as a whole.
///
/// No two makers ever have one folder, so that whoever fails removes what is its own. A process
/// that is killed leaves its folder; the next one that makes a folder beside it removes it. It
/// knows it by its name, ".NAME.tulving-UUID", by its owner, and because nobody holds its flock(2),
/// which its maker has from its first moment to its last. Not thread-safe.
class TemporaryFolder {
 public:
  using ErrorOf = Error (*)(std::string_view what, std::string_view name, int cause);

  /// Makes one in `parent`, for its owner alone (0700), to be called `name` one day. kIo: it cannot
  /// be made there; told of by `error_of`.
  static Result<std::unique_ptr<TemporaryFolder>> create(FileSystem& files,
                                                         const std::filesystem::path& parent,
                                                         const std::string& name,
                                                         ErrorOf error_of = io_error);
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();  ///< Without commit(): removes it with all that is in it.

  [[nodiscard]] std::filesystem::path path() const { return parent_path_ / temporary_name_; }

  /// Gives the folder its name, in the place of an empty folder if there is one, whose mode it then
  /// has; the name is on the disk when this returns. What is in it must be already. The last call.
  ///
  /// kConflict: something else has the name. After an error nothing changed.
  Status commit();

 private:
  TemporaryFolder(Descriptor parent, std::filesystem::path parent_path, std::string name,
                  ErrorOf error_of);
  /// Makes the folder under a new name. False: a sweep took it before it was held.
  Result<bool> make();
  void remove();

  friend void remove_temporary_folders_and_stop();

  const Descriptor parent_;
  const std::filesystem::path parent_path_;
  const std::string name_;
  const ErrorOf error_of_;
  std::string temporary_name_;  // Empty: there is none, or it has its name.
  Descriptor folder_;           // Holds the lock.
};

/// Removes all such folders of this process, which is about to end: from now on a thread that
/// makes, names or drops one waits for ever. For a thread that then ends the process.
void remove_temporary_folders_and_stop();

}  // namespace tulving
