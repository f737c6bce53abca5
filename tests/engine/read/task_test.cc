// The queue gives each task to one worker at a time, in order of urgency, and never forgets one:
// what a worker lets fall comes back after its wait, at most three times, and everything is there
// after a restart. Time is a clock that the test moves. Claims by several threads are in
// task_concurrency_test.cc.

#include "tests/engine/one_tenant.h"
#include "tests/engine/plans/plan_testing.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Tasks : public OneTenant {
 protected:
  Tasks() {
    for (int i = 0; i < 4; ++i) {
      ids_.push_back(value_of(tenant_->add(memory("memory " + std::to_string(i)))).id);
    }
    std::ranges::sort(ids_);
  }

  ConsolidationTask add(const std::string& id, std::int32_t priority = 2) {
    ConsolidationTask task = task_for({ids_[0]});
    task.task_id = id;
    task.priority = priority;
    return value_of(tenant_->queue().add(task));
  }
  std::optional<ConsolidationTask> claim(const std::string& worker = "w") {
    return value_of(tenant_->queue().claim(claim_by(worker)));
  }
  std::string claimed_id(const std::string& worker = "w") {
    const auto task = claim(worker);
    return task ? task->task_id : "none";
  }
  std::vector<std::string> listed(const ConsolidationTaskFilter& filter = {}) {
    std::vector<std::string> names;
    for (const auto& task : value_of(list_all<ConsolidationTask>(*tenant_, {.filter = filter})))
      names.push_back(task.task_id);
    return names;
  }
  ConsolidationTask get(const std::string& id) {
    return value_of(tenant_->get<ConsolidationTask>(id));
  }

  std::vector<Uuid> ids_;
};

TEST_F(Tasks, OfTheSameFindingAreOne) {
  const ConsolidationTask first = value_of(tenant_->queue().add(task_for({ids_[0], ids_[1]})));
  ConsolidationTask again = task_for({ids_[1], ids_[0]});
  again.title = "Found again";
  const std::uint64_t revision = store_->revision();

  EXPECT_EQ(value_of(tenant_->queue().add(again)), first);

  EXPECT_EQ(store_->revision(), revision) << "nothing new was written";
  ConsolidationTask other = task_for({ids_[0], ids_[1]}, "link");
  EXPECT_NE(value_of(tenant_->queue().add(other)).task_id, first.task_id);
  other = task_for({ids_[0], ids_[1]});
  other.agent = UpkeepAgent::kRelations;
  EXPECT_NE(value_of(tenant_->queue().add(other)).task_id, first.task_id);
  EXPECT_NE(value_of(tenant_->queue().add(task_for({ids_[0]}))).task_id, first.task_id);
  EXPECT_THAT(listed(), SizeIs(4));
}

TEST_F(Tasks, ConcernMemoriesThatAreThere) {
  ConsolidationTask task = task_for({Uuid::random()});
  EXPECT_THAT(tenant_->queue().add(task), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(tenant_->put(task), FailsWith(ErrorCode::kNotFound));
  task.memory_ids.clear();
  EXPECT_THAT(tenant_->queue().add(task), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant_->get<ConsolidationTask>("none"), FailsWith(ErrorCode::kNotFound));
}

TEST_F(Tasks, PutTwiceAreUnchanged) {
  ConsolidationTask task = add("a");
  task.title = "Another title";

  EXPECT_EQ(value_of(tenant_->put(task)).effect, WriteEffect::kUpdated);
  EXPECT_EQ(value_of(tenant_->put(task)).effect, WriteEffect::kUnchanged);
  EXPECT_EQ(get("a").title, "Another title");
  task.task_id = "b";
  EXPECT_EQ(value_of(tenant_->put(task)).effect, WriteEffect::kAdded);
}

TEST_F(Tasks, ArePutOnlyAtTheRevisionThatWasRead) {
  ConsolidationTask task = task_for({ids_[0]});
  task.task_id = "a";
  EXPECT_THAT(tenant_->put(task, 7), FailsWith(ErrorCode::kConflict));
  EXPECT_EQ(value_of(tenant_->put(task, 0)).effect, WriteEffect::kAdded);
  EXPECT_THAT(tenant_->put(task, 0), FailsWith(ErrorCode::kConflict));
  const ConsolidationTask read = get("a");
  ASSERT_EQ(claimed_id(), "a");
  task.title = "Another title";
  EXPECT_THAT(tenant_->put(task, read.revision), FailsWith(ErrorCode::kConflict));
  EXPECT_EQ(get("a").claimed_by, "w") << "the claim is not written over";
  EXPECT_EQ(value_of(tenant_->put(task, get("a").revision)).effect, WriteEffect::kUpdated);
}

TEST_F(Tasks, AreTakenByPriorityThenAgeThenId) {
  add("late", 2);
  add("b", 2);
  clock_.advance(seconds(1));
  add("a", 2);
  add("first", 1);
  add("last", 3);
  // Added before the clock moved: of one age, so by id.
  EXPECT_THAT(listed(), ElementsAre("first", "b", "late", "a", "last"));

  std::vector<std::string> taken;
  while (const auto task = claim()) taken.push_back(task->task_id);

  EXPECT_THAT(taken, ElementsAre("first", "b", "late", "a", "last"));
}

TEST_F(Tasks, AreClosedByTheirWorkerAlone) {
  add("a");
  EXPECT_THAT(tenant_->queue().close("a", "w"), FailsWith(ErrorCode::kConflict));
  const auto task = claim("w");
  ASSERT_TRUE(task);
  EXPECT_EQ(task->status, ConsolidationTaskStatus::kInProgress);
  EXPECT_EQ(task->claimed_by, "w");
  EXPECT_EQ(task->claimed_until, clock_.now() + seconds(600));
  EXPECT_EQ(claimed_id("other"), "none");
  EXPECT_THAT(tenant_->queue().close("a", "other"), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(tenant_->queue().fail("a", "other", "no"), FailsWith(ErrorCode::kConflict));

  const ConsolidationTask closed = value_of(tenant_->queue().close("a", "w"));

  EXPECT_EQ(closed.status, ConsolidationTaskStatus::kClosed);
  EXPECT_EQ(closed.closed_at, clock_.now());
  EXPECT_EQ(closed.claimed_by, "");
  EXPECT_EQ(closed.revision, store_->revision());
  EXPECT_EQ(get("a"), closed);
  EXPECT_THAT(tenant_->queue().close("a", "w"), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(tenant_->queue().close("none", "w"), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(claimed_id(), "none");
}

TEST_F(Tasks, OfAWorkerThatDiedGoToAnotherWhenItsLeaseEnds) {
  add("a");
  ConsolidationTaskClaim short_claim = claim_by("dead");
  short_claim.lease = seconds(30);
  ASSERT_TRUE(value_of(tenant_->queue().claim(short_claim)));
  clock_.advance(seconds(30) - std::chrono::microseconds(1));
  EXPECT_EQ(claimed_id("heir"), "none");
  clock_.advance(std::chrono::microseconds(1));

  EXPECT_EQ(claimed_id("heir"), "a");

  EXPECT_THAT(tenant_->queue().close("a", "dead"), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(tenant_->queue().close("a", "heir"), Succeeds());
}

TEST_F(Tasks, ThatFailWaitOneFiveAndTwentyFiveMinutesAndThenStayBlocked) {
  add("a");
  int retries = 0;
  for (const minutes wait : {minutes(1), minutes(5), minutes(25)}) {
    ASSERT_EQ(claimed_id(), "a");
    const ConsolidationTask failed = value_of(tenant_->queue().fail("a", "w", "no answer"));
    EXPECT_EQ(failed.status, ConsolidationTaskStatus::kBlocked);
    EXPECT_EQ(failed.error, "no answer");
    EXPECT_EQ(failed.retry_count, ++retries);
    EXPECT_EQ(failed.retry_at, clock_.now() + wait);
    EXPECT_EQ(failed.claimed_by, "");
    clock_.advance(wait - std::chrono::microseconds(1));
    EXPECT_EQ(claimed_id(), "none");
    reopen();
    clock_.advance(std::chrono::microseconds(1));
  }
  ASSERT_EQ(claimed_id(), "a");

  const ConsolidationTask failed = value_of(tenant_->queue().fail("a", "w", ""));

  EXPECT_EQ(failed.retry_count, kConsolidationTaskRetriesMax);
  EXPECT_FALSE(failed.retry_at);
  EXPECT_THAT(failed.error, HasSubstr("did not say why"));
  clock_.advance(days(365));
  EXPECT_EQ(claimed_id(), "none");
  EXPECT_EQ(value_of(tenant_->queue().reopen("a")).retry_count, 0);
  EXPECT_EQ(claimed_id(), "a");
}

TEST_F(Tasks, OlderThanSevenDaysRiseByOneForEachSeven) {
  add("waiting", 3);
  clock_.advance(days(7) - seconds(1));
  EXPECT_EQ(value_of(tenant_->queue().escalate()), 0U);
  add("young", 3);
  clock_.advance(seconds(1));
  EXPECT_EQ(value_of(tenant_->queue().escalate()), 1U);
  EXPECT_EQ(get("waiting").priority, 2);
  EXPECT_EQ(get("young").priority, 3);
  EXPECT_EQ(value_of(tenant_->queue().escalate()), 0U) << "the days are counted once";
  clock_.advance(days(70));
  EXPECT_EQ(value_of(tenant_->queue().escalate()), 2U);
  EXPECT_EQ(get("waiting").priority, 1);
  EXPECT_EQ(get("young").priority, 1);
  EXPECT_EQ(value_of(tenant_->queue().escalate()), 0U);
}

TEST_F(Tasks, ThatWaitedRiseWhenTheyAreClaimedToo) {
  add("old", 3);
  clock_.advance(days(8));
  add("new", 2);
  clock_.advance(seconds(1));

  EXPECT_EQ(claimed_id(), "old") << "at priority 2 by now, and older";
}

TEST_F(Tasks, ClosedDoNotRise) {
  add("a", 3);
  ASSERT_EQ(claimed_id(), "a");
  ASSERT_THAT(tenant_->queue().close("a", "w"), Succeeds());
  clock_.advance(days(30));

  EXPECT_EQ(value_of(tenant_->queue().escalate()), 0U);
  EXPECT_EQ(get("a").priority, 3);
}

TEST_F(Tasks, ThatWaitForAPersonAreNotTaken) {
  ConsolidationTask task = task_for({ids_[0]});
  task.task_id = "a";
  task.approval = Approval::kWaiting;
  value_of(tenant_->queue().add(task));
  EXPECT_EQ(claimed_id(), "none");

  EXPECT_EQ(value_of(tenant_->queue().decide("a", true)).approval, Approval::kApproved);

  EXPECT_THAT(tenant_->queue().decide("a", true), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(tenant_->queue().decide("none", true), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(claimed_id(), "a");
}

TEST_F(Tasks, RejectedAreClosedUntilTheyAreReopened) {
  ConsolidationTask task = task_for({ids_[0]});
  task.task_id = "a";
  task.approval = Approval::kWaiting;
  value_of(tenant_->queue().add(task));

  const ConsolidationTask rejected = value_of(tenant_->queue().decide("a", false));

  EXPECT_EQ(rejected.status, ConsolidationTaskStatus::kClosed);
  EXPECT_EQ(rejected.approval, Approval::kRejected);
  EXPECT_EQ(rejected.closed_at, clock_.now());
  EXPECT_EQ(claimed_id(), "none");
  EXPECT_THAT(tenant_->queue().decide("a", true), FailsWith(ErrorCode::kConflict));
  const ConsolidationTask reopened = value_of(tenant_->queue().reopen("a"));
  EXPECT_EQ(reopened.status, ConsolidationTaskStatus::kOpen);
  EXPECT_EQ(reopened.approval, Approval::kWaiting) << "a person must look again";
  EXPECT_FALSE(reopened.closed_at);
  EXPECT_EQ(claimed_id(), "none");
}

TEST_F(Tasks, OpenOrInProgressAreNotReopened) {
  add("a");
  EXPECT_THAT(tenant_->queue().reopen("a"), FailsWith(ErrorCode::kConflict));
  ASSERT_EQ(claimed_id(), "a");
  EXPECT_THAT(tenant_->queue().reopen("a"), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(tenant_->queue().reopen("none"), FailsWith(ErrorCode::kNotFound));
}

TEST_F(Tasks, AreListedByEachFilter) {
  ConsolidationTask decay = task_for({ids_[1], ids_[2]}, "gc");
  decay.task_id = "decay";
  decay.agent = UpkeepAgent::kDecay;
  decay.urgency = Urgency::kHigh;
  decay.labels = {"weekly"};
  value_of(tenant_->queue().add(decay));
  ConsolidationTask waiting = task_for({ids_[2]});
  waiting.task_id = "waiting";
  waiting.approval = Approval::kWaiting;
  value_of(tenant_->queue().add(waiting));
  add("taken", 1);
  ASSERT_EQ(claimed_id(), "taken");
  const auto with = [&](auto set) {
    ConsolidationTaskFilter filter;
    set(filter);
    return listed(filter);
  };

  EXPECT_THAT(with([](auto& f) { f.agent = UpkeepAgent::kDecay; }), ElementsAre("decay"));
  EXPECT_THAT(with([](auto& f) { f.status = ConsolidationTaskStatus::kInProgress; }),
              ElementsAre("taken"));
  EXPECT_THAT(with([](auto& f) { f.approval = Approval::kWaiting; }), ElementsAre("waiting"));
  EXPECT_THAT(with([&](auto& f) { f.memory_id = ids_[2]; }), ElementsAre("decay", "waiting"));
  EXPECT_THAT(with([](auto& f) { f.label = "weekly"; }), ElementsAre("decay"));
  EXPECT_THAT(with([](auto& f) { f.label = "urgency:high"; }), ElementsAre("decay"));
  EXPECT_THAT(with([](auto& f) { f.label = "consolidation:merge"; }),
              ElementsAre("taken", "waiting"));
  EXPECT_THAT(with([](auto& f) { f.label = "none"; }), IsEmpty());
  const auto page = value_of(tenant_->list<ConsolidationTask>({.limit = 2}));
  EXPECT_THAT(page.records, ElementsAre(get("taken"), get("decay")));
  EXPECT_THAT(value_of(tenant_->list<ConsolidationTask>({.cursor = page.next_cursor})).records,
              ElementsAre(get("waiting")));
  EXPECT_THAT(tenant_->list<ConsolidationTask>({.limit = 0}),
              FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(Tasks, AreClaimedByAgentWithinBounds) {
  add("merge");
  ConsolidationTaskClaim claim = claim_by("w");
  claim.agent = UpkeepAgent::kDecay;
  EXPECT_FALSE(value_of(tenant_->queue().claim(claim)));
  claim.agent = UpkeepAgent::kMerge;
  claim.worker = "";
  EXPECT_THAT(tenant_->queue().claim(claim), FailsWith(ErrorCode::kInvalidArgument));
  claim.worker = "w";
  claim.lease = seconds(0);
  EXPECT_THAT(tenant_->queue().claim(claim), FailsWith(ErrorCode::kInvalidArgument));
  claim.lease = days(1) + seconds(1);
  EXPECT_THAT(tenant_->queue().claim(claim), FailsWith(ErrorCode::kInvalidArgument));
  claim.lease = days(1);
  EXPECT_TRUE(value_of(tenant_->queue().claim(claim)));
}

TEST_F(Tasks, SurviveARestartWithEveryField) {
  ConsolidationTask task = task_for({ids_[0], ids_[3]});
  task.score = 0.125;
  task.cohesion = 0.75;
  task.confidence = 0.5;
  task.labels = {"weekly"};
  task.notes = R"({"size":2})";
  task.tracker_fields = R"({"assignee":"ada"})";
  value_of(tenant_->queue().add(task));
  add("b");
  ASSERT_TRUE(claim());
  const auto before = value_of(list_all<ConsolidationTask>(*tenant_));

  reopen();

  EXPECT_EQ(value_of(list_all<ConsolidationTask>(*tenant_)), before);
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

TEST_F(Tasks, OfAnErasedMemoryAreClosed) {
  add("a");
  ASSERT_EQ(claimed_id(), "a");

  ASSERT_THAT(tenant_->erase(ids_[0]), Succeeds());

  const ConsolidationTask task = get("a");
  EXPECT_EQ(task.status, ConsolidationTaskStatus::kClosed);
  EXPECT_EQ(task.claimed_by, "");
  EXPECT_THAT(task.error, HasSubstr("erased"));
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

TEST_F(Tasks, JobsAreKeptWithTheirProgress) {
  ConsolidationJob job;
  job.project_id = "garden";
  const ConsolidationJob first = value_of(tenant_->put(job)).record;
  EXPECT_EQ(first.created_at, clock_.now());
  EXPECT_FALSE(first.id.is_nil());
  clock_.advance(seconds(1));
  job.project_id = "house";
  const ConsolidationJob second = value_of(tenant_->put(job)).record;
  ConsolidationJob running = first;
  running.status = JobStatus::kRunning;
  running.progress = 0.5;
  running.phases_completed = {JobPhase::kPatternExtraction};
  running = value_of(tenant_->put(running)).record;
  EXPECT_EQ(running.created_at, first.created_at);

  reopen();

  EXPECT_THAT(value_of(list_all<ConsolidationJob>(*tenant_)), ElementsAre(running, second));
  EXPECT_THAT(value_of(list_all<ConsolidationJob>(*tenant_, {.filter = {.project_id = "house"}})),
              ElementsAre(second));
  EXPECT_EQ(value_of(tenant_->get<ConsolidationJob>(first.id)), running);
  EXPECT_THAT(tenant_->get<ConsolidationJob>(Uuid::random()), FailsWith(ErrorCode::kNotFound));
  job.progress = 2;
  EXPECT_THAT(tenant_->put(job), FailsWith(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace tulving
