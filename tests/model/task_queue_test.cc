// The rules of the queue, which the store's acts and the consolidation's agents share: when a task
// is due, who may take it, how long it waits after a failure, how its priority rises.

#include "core/model/task_queue.h"

#include <gtest/gtest.h>

namespace tulving::model {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using TaskStatus = ConsolidationTaskStatus;

constexpr Timestamp kNow{std::chrono::microseconds(1'770'000'000'000'000)};

TEST(TaskQueue, ATaskIsDueWhenItIsOpenOrItsTimeToTryAgainHasCome) {
  ConsolidationTask task;
  EXPECT_TRUE(is_due(task, kNow));
  task.status = TaskStatus::kBlocked;
  EXPECT_FALSE(is_due(task, kNow)) << "never again";
  task.retry_at = kNow;
  EXPECT_TRUE(is_due(task, kNow));
  EXPECT_FALSE(is_due(task, kNow - minutes(1)));
  task.status = TaskStatus::kClosed;
  EXPECT_FALSE(is_due(task, kNow));
}

TEST(TaskQueue, ATaskWaitsForAPersonsWord) {
  ConsolidationTask task;
  for (const auto approval : {Approval::kWaiting, Approval::kRejected}) {
    task.approval = approval;
    EXPECT_FALSE(is_due(task, kNow));
    EXPECT_FALSE(is_claimable(task, kNow));
  }
  task.approval = Approval::kApproved;
  EXPECT_TRUE(is_due(task, kNow));
}

TEST(TaskQueue, ATaskInAWorkersHandsIsTakenOnceItsLeaseHasRunOut) {
  ConsolidationTask task;
  task.status = TaskStatus::kInProgress;
  task.claimed_until = kNow;
  EXPECT_FALSE(is_due(task, kNow)) << "agents leave it to the queue's workers";
  EXPECT_TRUE(is_claimable(task, kNow));
  EXPECT_FALSE(is_claimable(task, kNow - minutes(1)));
}

TEST(TaskQueue, AFailedTaskIsTriedAgainAfterAMinuteFiveAnd25AndThenNever) {
  ConsolidationTask task;
  task.claimed_by = "w";
  for (const int wait : {1, 5, 25}) {
    block_task(task, kNow, "no disk");
    EXPECT_EQ(task.status, TaskStatus::kBlocked);
    EXPECT_EQ(task.error, "no disk");
    EXPECT_EQ(task.claimed_by, "");
    EXPECT_EQ(task.retry_at, kNow + minutes(wait));
  }
  block_task(task, kNow, "no disk");
  EXPECT_EQ(task.retry_at, std::nullopt);
  EXPECT_EQ(task.retry_count, kConsolidationTaskRetriesMax);
}

TEST(TaskQueue, AClosedTaskIsInNobodysHands) {
  ConsolidationTask task;
  task.claimed_by = "w";
  task.claimed_until = kNow;
  task.error = "before";
  close_task(task, kNow);
  EXPECT_EQ(task.status, TaskStatus::kClosed);
  EXPECT_EQ(task.closed_at, kNow);
  EXPECT_EQ(task.updated_at, kNow);
  EXPECT_EQ(task.claimed_by + task.error, "");
  EXPECT_EQ(task.claimed_until, std::nullopt);
}

TEST(TaskQueue, PrioritiesRiseByTheWeek) {
  ConsolidationTask task;
  task.priority = 3;
  task.updated_at = kNow;
  EXPECT_EQ(escalated(task, kNow + days(6)), 3);
  EXPECT_EQ(escalated(task, kNow + days(7)), 2);
  EXPECT_EQ(escalated(task, kNow + days(70)), 1);
}

}  // namespace
}  // namespace tulving::model
