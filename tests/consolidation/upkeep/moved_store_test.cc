// What is promised: whoever works for a store goes on when the caller moves their handle on it, as
// a Result or a member of a class does. Under ASan, the old place is gone.

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MovedStore : public ::testing::Test {
 protected:
  // The store's former place, overwritten.
  static void move_away(std::optional<Store>& from, std::optional<Store>& to) {
    to.emplace(*std::move(from));
    from.reset();
    from.emplace(value_of(Store::open_in_memory({})));
  }

  ManualClock clock_;
  StoreOptions options_ = [this] {
    StoreOptions options;
    options.clock = clock_.clock();
    return options;
  }();
  std::optional<Store> first_{value_of(Store::open_in_memory(options_))};
  std::optional<Store> second_;
};

TEST_F(MovedStore, KeepsItsConsolidator) {
  Tenant tenant = value_of(first_->tenant("acme"));
  auto consolidator = value_of(Consolidator::create(*first_, "acme"));
  Memory fading = memory("An old note.");
  EXPECT_THAT(tenant.add(fading), Succeeds());
  clock_.advance(std::chrono::hours(24 * 400));
  move_away(first_, second_);

  ConsolidationRun request;
  request.agents = {UpkeepAgent::kDecay};
  const auto report = value_of(consolidator.run(request));

  EXPECT_THAT(report.decay, SizeIs(1)) << "it goes by another store's clock";
  EXPECT_THAT(value_of(second_->verify()).problems, IsEmpty());
}

TEST_F(MovedStore, KeepsItsJobRunner) {
  auto runner = value_of(JobRunner::create(*first_, "acme"));
  clock_.advance(std::chrono::hours(24));
  move_away(first_, second_);

  JobRequest request;
  request.project_id = "p";
  const auto job = value_of(runner.start(request));

  EXPECT_EQ(job.created_at, clock_.now()) << "it goes by another store's clock";
  EXPECT_THAT(value_of(list_all<ConsolidationJob>(value_of(second_->tenant("acme")))), SizeIs(1));
}

}  // namespace
}  // namespace tulving
