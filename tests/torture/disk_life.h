#pragma once

#include <random>

#include "storage/rocksdb/rocksdb_journal_internal.h"
#include "tests/base/files/simulated_disk.h"
#include "tests/storage/rocksdb/files_of_rocksdb.h"
#include "tests/torture/check.h"
#include "tests/torture/harness.h"

namespace tulving::torture {

/// A store on a disk that loses power and fails, in this process. What goes wrong is told to the
/// plan's report.
class DiskLife {
 public:
  DiskLife(const RunPlan& plan, std::uint64_t seed, Durability durability,
           const std::filesystem::path& directory)
      : plan_(plan),
        seed_(seed),
        random_(static_cast<std::mt19937::result_type>(seed)),
        script_(seed, {}),
        options_{durability, false},
        player_(ground(), directory, options_) {}

  /// Opens the store on a sound disk, holds it against the script and asks it everything. False: a
  /// fault, which is told as one of `kind`.
  bool open_and_check(Kind kind);
  /// Plays until an operation fails or `operations_max` are done. The error; empty: none failed. An
  /// answer that is wrong, and no error, is a fault of `kind`.
  Status play(Kind kind, int operations_max);
  /// The power goes. What is then left must be within window().
  void lose_power();
  /// Lets go of the store, as far as the disk lets it.
  void drop() { player_.drop(); }

  [[nodiscard]] Window window() const {
    const bool is_durable = options_.durability == Durability::kDurable;
    return {is_durable ? acks_.acknowledged() : acks_.safe(), begun_};
  }
  void narrow(const Window& window) { window_ = window; }
  [[nodiscard]] std::uint64_t acknowledged() const { return acks_.acknowledged(); }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] std::uint64_t begun() const { return begun_; }
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] Player& player() { return player_; }
  [[nodiscard]] Script& script() { return script_; }

  SimulatedDisk disk;

 private:
  Ground ground() {
    const auto open_journal = [this](const std::filesystem::path& log,
                                     const storage::RocksdbJournalOptions& options) {
      return storage::open_rocksdb_journal(log, options, disk, storage::files_of_rocksdb(disk));
    };
    return {StoreFiles(disk, open_journal), open_journal, disk};
  }

  const RunPlan& plan_;
  const std::uint64_t seed_;
  std::mt19937 random_;
  Script script_;
  const PlayerOptions options_;
  Player player_;
  Acknowledgements acks_;
  std::uint64_t begun_ = 0;
  Window window_;
  std::string last_error_ = "nothing failed";  ///< For messages.
};

/// Runs `rounds` of lives on a disk, each in a process of its own, as long as the budget lasts.
/// `rows`: whose trials count. Every third is of mode process, unless all are durable.
void run_disk_lives(const RunPlan& plan, const Budget& budget, std::uint64_t first_seed,
                    bool is_durable, std::initializer_list<Kind> rows,
                    void (*live)(const RunPlan&, DiskLife&));

}  // namespace tulving::torture
