// What is promised of maintenance: a full run comes on its schedule, when a tenant grew by so many
// memories, and the decay agent as memories become urgent, and none comes without a reason; a
// failure is reported and stops nothing; the thread rests for its share, and ends at once when it
// is stopped, when the store is closed or goes, also in the middle of a run.
//
// Reasons are tested without a thread: Upkeep::tick() is what the thread calls, and the clock
// stands still until it is moved. With the thread only outcomes are awaited, no test asserts a
// time.

#include "tulving/maintenance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "core/consolidation/upkeep/upkeep.h"
#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using consolidation::CpuShare;
using consolidation::Upkeep;
using consolidation::UpkeepReport;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr std::size_t kDim = 16;

class Maintaining : public ::testing::Test {
 protected:
  Maintaining() { options_.cpu_share = 1; }

  void add(Tenant& tenant, int count, const std::string& project = "apollo") {
    std::vector<Memory> memories;
    for (int i = 0; i < count; ++i) {
      memories.push_back(
          memory("Memory number " + std::to_string(made_++) + ".", random_vector(random_, kDim)));
      memories.back().project_id = project;
    }
    value_of(tenant.add(memories));
  }

  static std::vector<std::string> reasons(const UpkeepReport& report) {
    std::vector<std::string> found;
    EXPECT_THAT(report.errors, IsEmpty());
    for (const auto& run : report.runs) {
      found.push_back(run.tenant_id + " " + std::string(to_string(run.trigger)));
    }
    return found;
  }

  StoreOptions store_options() {
    StoreOptions options;
    options.clock = clock_.clock();
    return options;
  }

  // Until `holds`; the test's own time-out is what ends it otherwise.
  template <class Condition>
  static void wait_until(Condition holds) {
    while (!holds()) std::this_thread::sleep_for(1ms);
  }

  ManualClock clock_;
  std::mt19937 random_{7};
  int made_ = 0;
  Store store_ = value_of(Store::open_in_memory(store_options()));
  Tenant acme_ = value_of(store_.tenant("acme"));
  MaintenanceOptions options_;
  CpuShare cpu_share_{1};
};

TEST_F(Maintaining, RunsOnItsScheduleAndNotBetween) {
  add(acme_, 3);
  Upkeep upkeep(store_, options_, cpu_share_);

  EXPECT_THAT(reasons(upkeep.tick()), ElementsAre("acme scheduled"));
  EXPECT_THAT(reasons(upkeep.tick()), IsEmpty());
  clock_.advance(23h);
  EXPECT_THAT(reasons(upkeep.tick()), IsEmpty());
  clock_.advance(1h);
  EXPECT_THAT(reasons(upkeep.tick()), ElementsAre("acme scheduled"));
}

TEST_F(Maintaining, RunsWhenATenantGrewByAHundred) {
  options_.interval = 0s;
  Tenant other = value_of(store_.tenant("other"));
  add(acme_, 1);
  add(other, 1);
  Upkeep upkeep(store_, options_, cpu_share_);
  EXPECT_THAT(reasons(upkeep.tick()), IsEmpty());

  add(acme_, 99);
  EXPECT_THAT(reasons(upkeep.tick()), IsEmpty());
  add(acme_, 1);
  EXPECT_THAT(reasons(upkeep.tick()), ElementsAre("acme threshold"));
  EXPECT_THAT(reasons(upkeep.tick()), IsEmpty());
}

TEST_F(Maintaining, CountsWhatIsAddedDuringARunAndNotWhatTheRunMakes) {
  options_.interval = 0s;
  options_.new_memories = 5;
  add(acme_, 1);
  int calls = 0;
  options_.consolidation.writer.writer = [&](const TextRequest& request) -> Result<std::string> {
    if (calls++ == 0) add(acme_, 4, "");
    return std::string(request.draft);
  };
  Upkeep upkeep(store_, options_, cpu_share_);
  EXPECT_THAT(reasons(upkeep.tick()), IsEmpty());
  const auto same = random_vector(random_, kDim);
  for (int i = 0; i < 5; ++i) {
    Memory twin = memory("It rains. " + std::to_string(i), same);
    twin.project_id = "apollo";
    value_of(acme_.add(twin));
  }

  EXPECT_THAT(reasons(upkeep.tick()), ElementsAre("acme threshold"));
  EXPECT_GT(calls, 1) << "a pattern and a merge";
  EXPECT_THAT(reasons(upkeep.tick()), IsEmpty());
  add(acme_, 1);
  EXPECT_THAT(reasons(upkeep.tick()), ElementsAre("acme threshold"));
}

TEST_F(Maintaining, RunsForAnUrgentMemoryOnce) {
  options_.interval = 0s;
  add(acme_, 2);
  Upkeep upkeep(store_, options_, cpu_share_);
  EXPECT_THAT(reasons(upkeep.tick()), IsEmpty());

  clock_.advance(24h * 60);  // Their score is below 0.1 then.

  EXPECT_THAT(reasons(upkeep.tick()), ElementsAre("acme urgent"));
  EXPECT_THAT(value_of(list_all<ConsolidationTask>(acme_)), SizeIs(2))
      << "the decay agent opens a task for each";
  EXPECT_THAT(reasons(upkeep.tick()), IsEmpty());

  Memory late = memory("A late one.");
  late.created_at = late.last_used = clock_.now() - 24h * 60;
  value_of(acme_.add(late));
  EXPECT_THAT(reasons(upkeep.tick()), ElementsAre("acme urgent"));
  EXPECT_THAT(reasons(upkeep.tick()), IsEmpty());
}

TEST_F(Maintaining, RunsTheJobsOfEachProjectWithTheReason) {
  add(acme_, 2, "apollo");
  add(acme_, 2, "gemini");
  add(acme_, 2, "");
  Upkeep upkeep(store_, options_, cpu_share_);

  upkeep.tick();

  std::vector<std::string> projects;
  for (const auto& job : value_of(list_all<ConsolidationJob>(acme_))) {
    projects.push_back(job.project_id);
    EXPECT_EQ(job.trigger, JobTrigger::kScheduled);
    EXPECT_EQ(job.status, JobStatus::kCompleted);
    EXPECT_EQ(job.triggered_by, "maintenance");
  }
  EXPECT_THAT(projects, ::testing::UnorderedElementsAre("apollo", "gemini"));
}

TEST_F(Maintaining, ResumesAJobThatAKilledProcessLeft) {
  ConsolidationJob job;
  job.project_id = "apollo";
  job.status = JobStatus::kRunning;
  add(acme_, 2);
  const Uuid id = value_of(acme_.put(job)).record.id;
  options_.interval = 0s;
  Upkeep upkeep(store_, options_, cpu_share_);

  EXPECT_THAT(upkeep.tick().errors, IsEmpty());

  EXPECT_EQ(value_of(acme_.get<ConsolidationJob>(id)).status, JobStatus::kCompleted);
  EXPECT_EQ(value_of(acme_.get<ConsolidationJob>(id)).retry_count, 1);
}

TEST_F(Maintaining, CollectsWhatHasExpiredAtEachTick) {
  Memory brief = memory("For an hour.");
  brief.expires_at = clock_.now() + 1h;
  const Uuid id = value_of(acme_.add(brief)).id;
  Upkeep upkeep(store_, options_, cpu_share_);
  upkeep.tick();
  EXPECT_EQ(value_of(acme_.get(id)).status, MemoryStatus::kActive);

  clock_.advance(2h);
  upkeep.tick();

  EXPECT_EQ(value_of(acme_.get(id)).status, MemoryStatus::kDeleted);
}

TEST_F(Maintaining, AScheduleGoesOnAfterAReopening) {
  TemporaryDirectory directory;
  store_ = value_of(Store::open(directory / "store", store_options()));
  acme_ = value_of(store_.tenant("acme"));
  const auto same = random_vector(random_, kDim);
  for (int i = 0; i < 2; ++i) value_of(acme_.add(memory("It rains. " + std::to_string(i), same)));
  {
    Upkeep upkeep(store_, options_, cpu_share_);
    EXPECT_THAT(reasons(upkeep.tick()), ElementsAre("acme scheduled"));
  }
  ASSERT_THAT(value_of(acme_.plans()), SizeIs(1));
  clock_.advance(1h);
  ASSERT_THAT(store_.close(), Succeeds());
  store_ = value_of(Store::open(directory / "store", store_options()));

  Upkeep upkeep(store_, options_, cpu_share_);

  EXPECT_THAT(reasons(upkeep.tick()), IsEmpty());
}

class MaintenanceThread : public Maintaining {
 protected:
  MaintenanceThread() { options_.tick = 1ms; }

  std::uint64_t runs() const { return store_.maintenance_status().runs; }
};

TEST_F(MaintenanceThread, IsOffUntilItIsStartedAndAfterItIsStopped) {
  add(acme_, 3);
  EXPECT_FALSE(store_.maintenance_status().started);

  ASSERT_THAT(store_.start_maintenance(options_), Succeeds());
  EXPECT_THAT(store_.start_maintenance(options_), FailsWith(ErrorCode::kConflict));
  wait_until([&] { return runs() == 1; });
  clock_.advance(48h);
  wait_until([&] { return runs() == 2; });
  EXPECT_EQ(store_.maintenance_status().last_trigger, JobTrigger::kScheduled);
  EXPECT_EQ(store_.maintenance_status().last_run_at, clock_.now());

  ASSERT_THAT(store_.stop_maintenance(), Succeeds());
  EXPECT_FALSE(store_.maintenance_status().started);
  EXPECT_THAT(store_.stop_maintenance(), Succeeds());
  EXPECT_THAT(store_.start_maintenance(options_), Succeeds());
}

TEST_F(MaintenanceThread, AFailureIsReportedAndStopsNoOtherTenant) {
  const TemporaryDirectory directory;
  options_.consolidation.vault = directory / "vault";
  std::filesystem::create_directory(directory / "vault");
  options_.new_memories = 1;
  ASSERT_THAT(store_.start_maintenance(options_), Succeeds());
  std::filesystem::remove_all(directory / "vault");
  std::ofstream(directory / "vault") << "a file";

  add(acme_, 1);
  wait_until([&] { return store_.maintenance_status().failures > 0; });

  EXPECT_THAT(store_.maintenance_status().last_error, HasSubstr("tenant \"acme\""));
  EXPECT_TRUE(store_.maintenance_status().started);
}

TEST_F(MaintenanceThread, RefusesOptionsOutOfRange) {
  options_.cpu_share = 0;
  EXPECT_THAT(store_.start_maintenance(options_), FailsWith(ErrorCode::kInvalidArgument));
  options_.cpu_share = 0.5;
  options_.tick = 0ms;
  EXPECT_THAT(store_.start_maintenance(options_), FailsWith(ErrorCode::kInvalidArgument));
  options_.tick = 1ms;
  options_.consolidation.cluster_size_max = 1;
  EXPECT_THAT(store_.start_maintenance(options_), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_FALSE(store_.maintenance_status().started);
}

TEST_F(MaintenanceThread, CloseEndsARunUnderWay) {
  // A thousandth of a core: the clustering of these would take minutes.
  add(acme_, 3000);
  options_.cpu_share = 0.001;
  ASSERT_THAT(store_.start_maintenance(options_), Succeeds());
  wait_until([&] { return store_.maintenance_status().running; });

  EXPECT_THAT(store_.close(), Succeeds());
  EXPECT_FALSE(store_.maintenance_status().started);
  EXPECT_THAT(store_.start_maintenance(options_), FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(MaintenanceThread, AStoreThatGoesOrIsMovedTakesItAlong) {
  add(acme_, 300);
  ASSERT_THAT(store_.start_maintenance(options_), Succeeds());
  {
    Store moved = std::move(store_);
    wait_until([&] { return moved.maintenance_status().runs > 0; });
  }
  EXPECT_THAT(acme_.add(memory("Too late.")), FailsWith(ErrorCode::kInvalidArgument));
  store_ = value_of(Store::open_in_memory());
}

TEST_F(MaintenanceThread, RunsBesideReadersAndWriters) {
  options_.new_memories = 20;
  add(acme_, 1);
  ASSERT_THAT(store_.start_maintenance(options_), Succeeds());
  const auto query = random_vector(random_, kDim);
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) EXPECT_THAT(acme_.search(vector_search(query)), Succeeds());
  });

  for (int i = 0; i < 200; ++i) add(acme_, 1);
  wait_until([&] { return runs() >= 1; });
  for (int i = 0; i < 20; ++i) add(acme_, 1);
  wait_until([&] { return runs() >= 2; });
  done = true;
  reader.join();
  ASSERT_THAT(store_.stop_maintenance(), Succeeds());

  EXPECT_EQ(store_.maintenance_status().last_error, "");
  EXPECT_THAT(value_of(store_.verify()).problems, IsEmpty());
}

}  // namespace
}  // namespace tulving
