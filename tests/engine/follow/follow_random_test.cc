// The rule of derived memories as a property: whatever is done to memories, in whatever order, and
// however often they are merged in between, what shows says exactly what the sources say that are
// there: each of their sentences, and no other.

#include "tests/engine/follow/random_following.h"

namespace tulving::testing {
namespace {

TEST_F(RandomFollowing, ShowsExactlyWhatTheSourcesSay) {
  constexpr int kSteps = 400;
  for (int i = 0; i < 12; ++i) add_one();
  for (int step = 0; step < kSteps; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    if (sources_.size() < 4) add_one();
    change_something();
    ASSERT_NO_FATAL_FAILURE(expect_exactly_what_the_sources_say());
    if (step % 20 == 0) expect_lineage_to_be_exact();
    if (step % 100 == 99) expect_the_same_after_reopening_and_in_a_snapshot(step);
    if (HasFailure()) return;
  }
  expect_sound();
  std::cout << kSteps << " steps, " << merges_ << " merges, " << undone_ << " plans undone\n";
}

}  // namespace
}  // namespace tulving::testing
