#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tulving::torture {

/// What is done to a store.
enum class Kind : std::uint8_t {
  kKillPoint,     ///< SIGKILL at a named point.
  kKillRecovery,  ///< The same while the store is being opened after another.
  kKillTime,      ///< SIGKILL at some moment.
  kLeft,          ///< The process ends without closing, or closes in order.
  kCut,           ///< The power goes.
  kCutRecovery,
  kDiskError,  ///< The nth operation fails with EIO.
  kSyncError,  ///< The nth fsync does.
  kDiskFull,
  kRotCheckpoint,  ///< A byte is changed.
  kRotSnapshot,
  kRotLog,      ///< Of a store that was closed in order.
  kRotOpenLog,  ///< Of one that was not, though all of it was synced.
  kOlderLog,    ///< The log is put back from a backup, the checkpoints are not.
  kSpelling,    ///< The store is opened once more, by another path.
};
inline constexpr int kKinds = static_cast<int>(Kind::kSpelling) + 1;
[[nodiscard]] std::string_view name_of(Kind kind);

/// What was done and what came of it. Lies in memory that the processes share, so that it outlives
/// those that are killed.
struct Report {
  struct Row {
    std::atomic<std::uint64_t> trials, acknowledged, lost, resurrected, torn, others;
  };
  Row rows[kKinds];
  std::atomic<bool> has_failed;
  std::atomic<std::uint32_t> fault_bytes;
  char faults[1U << 16U];

  static Report* make();  ///< Never given back.
  Row& row(Kind kind) { return rows[static_cast<int>(kind)]; }
  /// Of what is no loss of a record: counted beside them.
  void fail(Kind kind, std::uint64_t seed, std::string_view what);
  /// Writes the text alone.
  void tell(Kind kind, std::uint64_t seed, std::string_view what);
  void print() const;
};

/// Runs `work` in a process of its own, which ends without destructors. What it was ended by: empty
/// if it returned; "killed" by SIGKILL; else what went wrong.
std::string run_in_child(const std::function<void()>& work, int seconds_max = 120,
                         std::int64_t kill_after_us = -1);

}  // namespace tulving::torture
