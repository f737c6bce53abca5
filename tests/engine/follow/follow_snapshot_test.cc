// What incremental snapshots promise where memories are merged: a write to a source changes what
// was made of it in the same batch, and both are among the changes. Random sources, merges, undos
// and erasures; a replica that sees changes alone is compared with full snapshots.

#include "tests/engine/follow/random_following.h"
#include "tests/engine/store/replica.h"

namespace tulving::testing {
namespace {

TEST_F(RandomFollowing, ChangesTakeAReplicaToThePresent) {
  constexpr int kSteps = 400;
  IncrementalSnapshots snapshots(directory_ / "db", directory_ / "snapshots");
  for (int i = 0; i < 12; ++i) add_one();
  for (int step = 0; step < kSteps; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    if (sources_.size() < 4) add_one();
    change_something();
    if (below(8) == 0) {
      ASSERT_NO_FATAL_FAILURE(snapshots.check(*store_));
    }
    if (below(100) == 0) reopen();
    if (HasFailure()) return;
  }
  ASSERT_NO_FATAL_FAILURE(snapshots.check(*store_));
  expect_sound();
  EXPECT_GT(merges_, 0);
}

}  // namespace
}  // namespace tulving::testing
