// Power cuts, at any operation of the disk: while a script is played, while the store is opened
// after another cut, and again.

#include "tests/torture/disk_life.h"

namespace tulving::torture {
namespace {

void live_through_cuts(const RunPlan& plan, DiskLife& life) {
  for (int round = 0; round < 12; ++round) {
    if (!life.open_and_check(Kind::kCut)) return;
    const std::uint64_t reach = life.below(2) == 0 ? 60 : 900;
    life.disk.cut_power_at(static_cast<int>(1 + life.below(reach)));
    (void)life.play(Kind::kCut, 60).has_value();
    if (plan.report->has_failed) return;
    life.narrow(life.window());
    life.lose_power();
    ++plan.report->row(Kind::kCut).trials;
    while (life.below(2) == 0) {
      life.disk.cut_power_at(static_cast<int>(1 + life.below(250)));
      (void)life.player().open().has_value();
      life.lose_power();
      ++plan.report->row(Kind::kCutRecovery).trials;
    }
  }
}

}  // namespace

void run_cuts(const RunPlan& plan, double share) {
  run_disk_lives(plan, Budget(plan, share), plan.seed * 1000, false,
                 {Kind::kCut, Kind::kCutRecovery}, live_through_cuts);
}

}  // namespace tulving::torture
