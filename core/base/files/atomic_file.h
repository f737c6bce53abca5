#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "core/base/files/file_system.h"
#include "tulving/result.h"

namespace tulving {

/// A file that is written as a whole or not at all. Bytes go into ".NAME.tulving-tmp" beside it,
/// which commit() fsyncs and gives the name. Until then what has the name stays as it was, whatever
/// fails; a process killed meanwhile leaves the temporary file, which the next writer takes over.
///
/// A link that leads to a file stays, and the file that it leads to is replaced. Mode and owner of
/// a file that was there are kept; its other hard links keep the old content. What is no file, a
/// pipe, a terminal, /dev/null or /dev/stdout, is a stream: written as it comes, never replaced,
/// never removed.
///
/// Not thread-safe.
class AtomicFile {
 public:
  /// kInvalidArgument: `path` is a folder or a disk, or has no name. kNotFound: its folder is
  /// missing. kBusy: another process writes it. kIo: it may not be written, or not beside it.
  static Result<AtomicFile> create(const std::filesystem::path& path,
                                   FileSystem& files = FileSystem::machine());

  AtomicFile(AtomicFile&&) noexcept;
  AtomicFile& operator=(AtomicFile&&) noexcept;
  ~AtomicFile();  ///< Without commit(): as if it had never been made.

  /// kIo: a full disk, say.
  Status write(std::string_view bytes);
  /// All that was written is on the disk under its name, or nothing changed. Call it last. The
  /// error of `may_replace`, which is asked at the last moment, is such a reason. May be empty.
  /// After an error of the folder's fsync alone the name stands for the new file, which a power cut
  /// may undo.
  Status commit(const std::function<Status()>& may_replace = {});

 private:
  class Impl;
  explicit AtomicFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving
