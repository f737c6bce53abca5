#pragma once

// Where tests/torture gets in: places at which it ends the process, and promises that it breaks to
// see itself go red. Of the builds that tests run in alone, as TULVING_DCHECK (the CMake option
// TULVING_DCHECKS); in all others a kill point is nothing and a sabotage is `false`.

#ifdef TULVING_DCHECKS
#include <atomic>
#endif

namespace tulving {

/// A promise that a test may have broken, one at a time.
enum class Sabotage : int {
  kNone,
  kNoFsync,               ///< Files are not fsynced, nor the log.
  kNoDirectoryFsync,      ///< Nor are names.
  kChecksumNotRead,       ///< Of checkpoints and snapshots.
  kDeleteLoggedLate,      ///< What a write erases is logged after the write.
  kApplyBeforeLog,        ///< RAM is changed before the log.
  kTombstoneWithoutKind,  ///< Those of all kinds share their keys.
  kCheckpointUnbound,     ///< A checkpoint is taken for that of any log.
  kLockBySpelling,        ///< Two paths of a directory are two stores.
};

#ifdef TULVING_DCHECKS
/// Called at each kill point, from whatever thread comes by; null: nobody asks.
inline std::atomic<void (*)(const char* name)> at_kill_point = nullptr;
inline std::atomic<Sabotage> sabotage = Sabotage::kNone;
#endif

}  // namespace tulving

#ifdef TULVING_DCHECKS
/// A place between two steps whose order matters: "log.appended". Names are unique.
#define TULVING_KILL_POINT(name)                                                        \
  do {                                                                                  \
    if (auto* const visit = ::tulving::at_kill_point.load(std::memory_order_relaxed)) { \
      visit(name);                                                                      \
    }                                                                                   \
  } while (false)
/// Whether the promise is to be broken now.
#define TULVING_SABOTAGE(which) \
  (::tulving::sabotage.load(std::memory_order_relaxed) == ::tulving::Sabotage::which)
#else
#define TULVING_KILL_POINT(name) \
  do {                           \
  } while (false)
#define TULVING_SABOTAGE(which) false
#endif
