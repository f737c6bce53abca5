#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/files/file_system.h"
#include "core/base/files/io_error.h"
#include "tulving/result.h"

namespace tulving {

/// A file that is written under a temporary name beside its place, and takes its own name once all
/// of it is on the disk: the one way in which a file of ours comes or is replaced as a whole.
///
/// Whatever fails, and whenever the power goes, its name stands for what it stood for or for all of
/// the new file. A process that is killed leaves the temporary file, which is its caller's to find.
/// Not thread-safe.
class TemporaryFile {
 public:
  using ErrorOf = Error (*)(std::string_view what, std::string_view name, int cause);

  /// Creates the file. `directory` must outlive it; `flags` are added to those that writing needs;
  /// `place` is the path that messages name, told of by `error_of`.
  static Result<std::unique_ptr<TemporaryFile>> create(const Descriptor& directory,
                                                       std::string temporary_name, int flags,
                                                       unsigned mode, std::string place,
                                                       ErrorOf error_of = io_error);
  /// Of a file that is open, empty and the caller's, as create() would have made it.
  TemporaryFile(const Descriptor& directory, Descriptor file, std::string temporary_name,
                std::string place, ErrorOf error_of = io_error);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();  ///< Without commit(): removes it.

  Status write(std::string_view bytes);
  [[nodiscard]] const Descriptor& file() const { return file_; }

  /// Fsyncs the file, gives it `name`, fsyncs the directory. The last call. `may_replace`, asked at
  /// the last moment, stops it by an error; it may be empty.
  ///
  /// After an error nothing changed; but if it was the directory's fsync that failed, and the file
  /// `replaces` another, the name stands for the new one, and after a power cut perhaps for the
  /// other. kConflict: something has the name, and `replaces` is false.
  Status commit(const std::string& name, bool replaces = true,
                const std::function<Status()>& may_replace = {});

 private:
  const Descriptor& directory_;
  const Descriptor file_;
  std::string temporary_name_;  // Empty: it has its name.
  const std::string place_;
  const ErrorOf error_of_;
};

}  // namespace tulving
