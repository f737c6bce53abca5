// Operations of the disk that fail: with EIO, in an fsync, from some write on for want of room.
// What RAM shows afterwards is what the log holds, and a store that is opened again holds all that
// was acknowledged.

#include <fmt/format.h>

#include <cerrno>

#include "tests/torture/disk_life.h"

namespace tulving::torture {
namespace {

Kind arm(const RunPlan& plan, DiskLife& life) {
  const int nth = static_cast<int>(1 + life.below(life.below(2) == 0 ? 20 : 200));
  for (;;) {
    switch (life.below(3)) {
      case 0:
        if (!plan.does(Kind::kDiskError)) continue;
        life.disk.fail(nth, EIO);
        return Kind::kDiskError;
      case 1:
        if (!plan.does(Kind::kSyncError)) continue;
        life.disk.fail_sync(nth);
        return Kind::kSyncError;
      default:
        if (!plan.does(Kind::kDiskFull)) continue;
        life.disk.fill_up(nth);
        return Kind::kDiskFull;
    }
  }
}

// Reads go on after a write has failed, and show no more and no less than the log holds.
bool reads_go_on(const RunPlan& plan, DiskLife& life, Kind kind) {
  if (!life.player().is_open()) return true;
  life.disk.heal();  // Only what was damaged already is asked about.
  Store& store = life.player().store();
  const Window window{life.acknowledged(), life.begun()};
  if (!find_position(life.script(), store, window, *plan.report, kind, life.seed())) return false;
  const auto report = store.verify();
  if (!report || report->problems.empty()) return true;
  plan.report->fail(kind, life.seed(), "after a failed write: " + report->problems.front());
  return false;
}

void live_with_faults(const RunPlan& plan, DiskLife& life) {
  for (int round = 0; round < 12; ++round) {
    if (!life.open_and_check(Kind::kDiskError)) return;
    const Kind kind = arm(plan, life);
    const Status status = life.play(kind, 60);
    ++plan.report->row(kind).trials;
    if (plan.report->has_failed) return;
    if (!status && !reads_go_on(plan, life, kind)) return;
    life.narrow(life.window());
    life.drop();
  }
}

}  // namespace

void run_disk_faults(const RunPlan& plan, double share) {
  // Durable alone: README.md, "What it does not prove yet".
  run_disk_lives(plan, Budget(plan, share), plan.seed * 1000 + 500'000, true,
                 {Kind::kDiskError, Kind::kSyncError, Kind::kDiskFull}, live_with_faults);
}

}  // namespace tulving::torture
