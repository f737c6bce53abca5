#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/base/files/file_system.h"

namespace tulving {

/// A disk that tells what was written from what was synced, loses power and fails when told to.
///
/// The files lie in the machine's temporary directory and show what a running system would: all
/// that was written. Beside them the disk keeps what they would be after a power cut: a file's
/// bytes are safe by its fsync, a name that was made, changed or removed by that of its directory,
/// and crash() puts the files back to that. From crash() to revive() every call fails, so that no
/// destructor of the dead process can save the day. Modes, owners and times are not taken back.
///
/// Thread-safe.
class SimulatedDisk final : public FileSystem {
 public:
  SimulatedDisk();
  ~SimulatedDisk() override;
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  /// A power cut at its worst: nothing unsynced is there, but of each file's bytes the first
  /// `kept_bytes`, which had reached the disk by themselves.
  void crash(std::size_t kept_bytes = 0);
  /// A power cut as it comes: of each file's unsynced bytes a part from the first on, and of the
  /// changes of names those up to one of them, had reached the disk.
  void crash(std::mt19937& random);
  void revive();
  /// All that was written is safe, as after a quiet minute.
  void settle();
  /// The nth operation from now does not happen, nor any after it, as if the power went before it.
  /// crash() then says what is left.
  void cut_power_at(int nth);

  /// The nth operation from now fails with the errno `cause`, once. A write has half its bytes
  /// written, an fsync drops those it was to write, as Linux does.
  void fail(int nth, int cause);
  /// The nth fsync from now fails with EIO, once.
  void fail_sync(int nth);
  /// From the nth write on all fail with ENOSPC, until heal().
  void fill_up(int nth);
  /// Nothing more is to fail.
  void heal();
  /// The power is cut.
  [[nodiscard]] bool is_dead() const;
  /// Whether what fail() asked for came to pass.
  [[nodiscard]] bool has_failed() const;
  /// What the last operation was that was stopped, "rename a to b", for messages.
  [[nodiscard]] std::string stopped_at() const;

  Descriptor open(int directory, const std::string& name, int flags, unsigned mode) override;
  int read(int file, std::uint64_t offset, std::span<std::byte> into, std::size_t& count) override;
  int write(int file, std::string_view bytes) override;
  int truncate(int file, std::uint64_t bytes) override;
  int fsync(int file) override;
  int stat(int file, struct stat& info) override;
  int chmod(int file, unsigned mode) override;
  int chown(int file, uid_t user, gid_t group) override;
  int lock(int file, bool waits) override;
  void unlock(int file) override;
  int stat(int directory, const std::string& name, struct stat& info) override;
  int access(int directory, const std::string& name, int mode) override;
  int rename(int from_directory, const std::string& from, int to_directory, const std::string& to,
             bool replaces) override;
  int remove(int directory, const std::string& name, bool is_directory) override;
  int create_directory(int directory, const std::string& name, unsigned mode) override;
  int list(int directory, std::vector<std::string>& names) override;

 private:
  using Inode = std::pair<dev_t, ino_t>;

  /// A file with bytes that are not safe.
  struct UnsafeFile {
    Descriptor file;
    std::uint64_t synced_bytes = 0;     ///< As many from the first on are safe, unless
    std::optional<std::string> before;  ///< these are: some were written over, or cut off.
  };
  /// A name in a directory, found without its path.
  struct Place {
    std::shared_ptr<const Descriptor> directory;
    Inode inode;
    std::string name;
  };
  /// A change of names that is not safe.
  struct Change {
    Place place;              ///< What was made, removed or renamed.
    std::optional<Place> to;  ///< Renamed: to this.
    std::string kept = {};    ///< In the attic: what was removed, or replaced.
    bool is_removal = false;
  };

  // All under mutex_.
  int step(const std::string& operation);
  int tell(const std::string& operation, int cause);
  Place place_of(int directory, const std::string& name, int& cause) const;
  UnsafeFile* unsafe(int file);
  void keep_before(UnsafeFile& file);
  void sync_names(const Inode& directory);
  void undo(const Change& change) const;
  void rewind(const UnsafeFile& file, std::uint64_t kept_bytes) const;
  void die();
  [[nodiscard]] std::string next_kept() { return std::to_string(++kept_count_); }

  mutable std::mutex mutex_;
  std::filesystem::path attic_path_;
  std::optional<Descriptor> attic_;  ///< Files that a power cut would bring back.
  int kept_count_ = 0;
  std::map<Inode, UnsafeFile> unsafe_files_;
  std::list<Change> changes_;  ///< In the order in which they were made.
  bool is_dead_ = false;
  int to_power_cut_ = 0;  ///< Of these, 0: it is not to come.
  int to_failure_ = 0;
  int to_sync_failure_ = 0;
  int to_full_ = 0;  ///< Stays 1 once reached.
  int failure_cause_ = 0;
  bool has_failed_ = false;
  std::string stopped_at_;
};

}  // namespace tulving
