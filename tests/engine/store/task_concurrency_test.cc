// Claiming is atomic: of workers that claim at once, each task is given to exactly one, though half
// of them let tasks fall. Run under TSan, the same test shows that nothing races.

#include <mutex>
#include <set>
#include <thread>

#include "tests/engine/plans/plan_testing.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using namespace tulving::testing;

TEST(TaskConcurrency, EachTaskIsGivenToOneWorker) {
  constexpr int kTasks = 200;
  constexpr int kWorkers = 8;
  Store store = value_of(Store::open_in_memory());
  Tenant tenant = value_of(store.tenant("acme"));
  const Uuid id = value_of(tenant.add(memory("a"))).id;
  for (int i = 0; i < kTasks; ++i) {
    ConsolidationTask task = task_for({id});
    task.task_id = "task " + std::to_string(i);
    value_of(tenant.queue().add(task));
  }
  std::mutex mutex;
  std::map<std::string, int> given;
  std::set<std::string> fallen;

  const auto work = [&](int number) {
    const std::string worker = "worker " + std::to_string(number);
    while (const auto task = value_of(tenant.queue().claim(claim_by(worker)))) {
      EXPECT_EQ(task->claimed_by, worker);
      const bool falls = number % 2 == 0 && task->task_id.ends_with("7");
      {
        const std::lock_guard lock(mutex);
        ++given[task->task_id];
        if (falls) fallen.insert(task->task_id);
      }
      if (falls) {
        EXPECT_THAT(tenant.queue().fail(task->task_id, worker, "let fall"), Succeeds());
      } else {
        EXPECT_THAT(tenant.queue().close(task->task_id, worker), Succeeds());
      }
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < kWorkers; ++i) workers.emplace_back(work, i);
  // A reader beside them sees each task in one of its states, never none.
  std::thread reader([&] {
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(value_of(list_all<ConsolidationTask>(tenant)).size(),
                static_cast<std::size_t>(kTasks));
    }
  });
  for (auto& worker : workers) worker.join();
  reader.join();

  EXPECT_EQ(given.size(), static_cast<std::size_t>(kTasks));
  for (const auto& [task_id, times] : given) EXPECT_EQ(times, 1) << task_id;
  for (const auto& task : value_of(list_all<ConsolidationTask>(tenant))) {
    EXPECT_EQ(task.status, fallen.contains(task.task_id) ? ConsolidationTaskStatus::kBlocked
                                                         : ConsolidationTaskStatus::kClosed);
  }
}

TEST(TaskConcurrency, OneOfTwoUndosOfAPlanSucceeds) {
  Store store = value_of(Store::open_in_memory());
  Tenant tenant = value_of(store.tenant("acme"));
  std::vector<Uuid> ids;
  for (const char* text : {"one", "two"}) ids.push_back(value_of(tenant.add(memory(text))).id);
  for (int round = 0; round < 20; ++round) {
    const State before = state_of(tenant);
    const Plan plan = merge_plan(tenant, ids);
    std::atomic<int> applied = 0, undone = 0;
    const auto at_once = [](const std::function<void()>& call) {
      std::thread a(call), b(call);
      a.join();
      b.join();
    };
    at_once([&] { applied += tenant.apply_plan(plan).has_value() ? 1 : 0; });
    ASSERT_EQ(applied, 1);
    const Uuid id = value_of(tenant.plans()).back().id;
    at_once([&] { undone += tenant.undo_plan(id).has_value() ? 1 : 0; });
    ASSERT_EQ(undone, 1);
    EXPECT_THAT(differences(state_of(tenant), before), ::testing::IsEmpty());
  }
}

}  // namespace
}  // namespace tulving
