#pragma once

#include <rocksdb/file_system.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace tulving::storage {

/// A disk that tells written bytes from synced ones, and fails when told to.
///
/// What is appended to a file reaches the file system below only with that file's fsync; until then
/// it is kept here, where reads see it. crash() drops it, and with it what no fsync of the
/// directory made safe: names of new files, and renames, which are undone. From crash() to revive()
/// every call fails, so that no destructor of the dead process can save the day. (Deletions are
/// never undone: a file that comes back is obsolete to RocksDB anyway.)
class SimulatedDisk : public rocksdb::FileSystemWrapper {
 public:
  SimulatedDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "SimulatedDisk"; }

  /// A power cut. Of each file's unsynced bytes the first `kept_bytes` had reached the disk by
  /// themselves.
  void crash(std::size_t kept_bytes = 0);
  void revive();

  /// The nth fsync from now fails, once, and drops the bytes it was to write, as Linux does.
  void fail_sync(int nth);
  /// From the nth append on all fail with "no space left", until heal().
  void fill_up(int nth);
  void heal();

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFileSize(const std::string& name, const rocksdb::IOOptions& options,
                                std::uint64_t* bytes, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  friend class SimulatedFile;
  friend class SimulatedDirectory;

  struct File {
    std::string name;
    std::uint64_t synced_bytes = 0;
    std::string unsynced;
  };
  struct UnsafeName {
    std::optional<std::string> before;  ///< What the name stood for; empty: it is new.
    std::string renamed_from;           ///< Empty: it was created.
  };

  rocksdb::IOStatus append(File& file, std::string_view bytes);
  rocksdb::IOStatus sync(File& file);
  rocksdb::IOStatus sync_directory(const std::string& directory);
  [[nodiscard]] rocksdb::IOStatus alive() const;
  /// The bytes of a file some of which are unsynced; empty: all are on the disk below.
  [[nodiscard]] std::optional<std::string> pending_contents(const std::string& name) const;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  bool is_dead_ = false;
  int syncs_to_failure_ = 0;    ///< 0: none is to fail.
  int appends_to_failure_ = 0;  ///< 0: none is to fail. Stays 1 once reached.
  std::map<std::string, std::shared_ptr<File>> files_;  ///< Written since the last crash.
  std::map<std::string, UnsafeName> unsafe_names_;
};

}  // namespace tulving::storage
