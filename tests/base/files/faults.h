#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <system_error>

#include "tests/base/files/simulated_disk.h"
#include "tulving/result.h"

namespace tulving {

/// What is to be proved of something that changes files, on a disk that fails.
struct FaultTrial {
  std::function<void()> prepare;  ///< Puts the files into the state that `act` starts from.
  std::function<Status()> act;    ///< On the disk; keeps nothing open.
  /// What must be true of the files afterwards. Success: the act was told to be done.
  std::function<void(const Status& told)> check;
  bool says_why = true;  ///< Its errors end with what the system said.
};

inline constexpr int kOperationsMax = 2000;  // More, and the act never ends.

/// Cuts the power before each operation of the act in turn, at last after it; then checks what the
/// disk kept. The number of operations.
inline int cut_power_at_each_operation(SimulatedDisk& disk, const FaultTrial& trial) {
  for (int nth = 1; nth < kOperationsMax; ++nth) {
    trial.prepare();
    disk.cut_power_at(nth);
    const Status told = trial.act();
    const std::string stopped_at = disk.stopped_at();
    SCOPED_TRACE(::testing::Message() << "power cut before operation " << nth << ": " << stopped_at
                                      << "; told: " << (told ? "done" : told.error().message));
    const bool was_cut = disk.is_dead();
    disk.crash();
    disk.revive();
    trial.check(told);
    disk.settle();
    if (::testing::Test::HasFailure()) return nth;
    if (was_cut) continue;
    EXPECT_TRUE(told) << "nothing was in its way";
    return nth - 1;
  }
  ADD_FAILURE() << "more than " << kOperationsMax << " operations";
  return kOperationsMax;
}

/// Lets each operation of the act fail in turn with the errno `cause`; then checks what it left. An
/// act that was told to have failed must say why.
inline int fail_each_operation(SimulatedDisk& disk, int cause, const FaultTrial& trial) {
  for (int nth = 1; nth < kOperationsMax; ++nth) {
    trial.prepare();
    disk.fail(nth, cause);
    const Status told = trial.act();
    disk.heal();
    SCOPED_TRACE(::testing::Message() << "operation " << nth << " fails: " << disk.stopped_at()
                                      << "; told: " << (told ? "done" : told.error().message));
    if (!told && trial.says_why) {
      EXPECT_NE(told.error().message.find(std::generic_category().message(cause)),
                std::string::npos);
    }
    trial.check(told);
    disk.settle();
    if (::testing::Test::HasFailure()) return nth;
    if (disk.has_failed()) continue;
    EXPECT_TRUE(told) << "nothing was in its way";
    return nth - 1;
  }
  ADD_FAILURE() << "more than " << kOperationsMax << " operations";
  return kOperationsMax;
}

}  // namespace tulving
