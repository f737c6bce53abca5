#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

#include "core/engine/store/store_files.h"
#include "tests/torture/script.h"

namespace tulving::torture {

/// What a store lies on: the machine's files, or a disk that loses power.
struct Ground {
  StoreFiles files;
  StoreFiles::OpenJournal open_journal;
  FileSystem& disk;
  static Ground machine();
};

struct PlayerOptions {
  Durability durability = Durability::kDurable;
  bool has_maintenance = false;  ///< Collects in the tenant kKept while the script goes on.
};

/// Carries a script's operations out on a store, as an embedder would.
class Player {
 public:
  /// The store is "db" in `directory`; snapshots and restored copies lie beside it.
  Player(Ground ground, std::filesystem::path directory, const PlayerOptions& options);
  ~Player();

  /// Opens the store, which may not be open.
  Status open();
  /// Where the options say so. It is ended by whatever closes the store.
  Status start_maintenance();
  Status close();
  /// Lets go of it as a process that died would.
  void drop() { store_.reset(); }
  [[nodiscard]] bool is_open() const { return store_.has_value(); }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] Tenant tenant(int number);
  [[nodiscard]] std::filesystem::path snapshot_path(std::uint64_t number) const;
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] const Ground& ground() const { return ground_; }

  /// The operation's answer. `model` is what the store holds before it. A wrong answer that is no
  /// error, a retry that gave another id say, is told by wrong().
  Status play(const Operation& operation, const Model& model);
  /// Empty: none.
  [[nodiscard]] const std::string& wrong() const { return wrong_; }
  /// It was the disk's doing.
  void forget_wrong() { wrong_.clear(); }
  /// A retry key once more: as Step::kRetry.
  Status retry(int tenant, const std::string& key, const std::vector<NewMemory>& memories);
  void set_clock(std::uint64_t number) { clock_ = static_cast<std::int64_t>(number); }

 private:
  Status add(const Operation& operation);
  Status import(const Operation& operation);
  Status change(const Operation& operation);
  Status put_record(const Operation& operation);
  Status apply_plan(const Operation& operation);
  Status take_snapshot(std::uint64_t number);
  Status restore(const Operation& operation, const Model& model);
  Status remove_copy();
  Status check_copy(const Model& model, int slot);
  Status reopen(bool purges);
  Status age();
  void expect(bool holds, std::string what);

  const Ground ground_;
  const std::filesystem::path directory_;
  const PlayerOptions options_;
  std::atomic<std::int64_t> clock_ = 0;  ///< Seconds; maintenance reads it, too.
  std::optional<Store> store_;
  std::string wrong_;
};

/// Makes the closed store in `db` one of format 2, whose tombstones lie under one key for all
/// kinds. Nothing is done where two of them would have one key.
Status make_older(const Ground& ground, const std::filesystem::path& db);

}  // namespace tulving::torture
