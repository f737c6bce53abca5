// Jobs whose groups or phases fail, that are cut short, cancelled or given what they cannot do.

#include "tests/consolidation/jobs/job_testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(Jobs, AFailingGroupStopsNoOther) {
  add_topic(0, 0, 3, 0.9);
  add_topic(1, 0, 3, 0.9);
  JobRunnerOptions options;
  options.writer.writer = [](const TextRequest& request) -> Result<std::string> {
    if (request.draft.find("Topic 0") != std::string::npos) {
      return Error{ErrorCode::kIo, "the model is away"};
    }
    return std::string("Written by a model.");
  };

  const auto job = run(options);

  EXPECT_EQ(job.status, JobStatus::kCompleted);
  EXPECT_EQ(job.metrics.patterns_extracted, 1);
  ASSERT_THAT(of_level(2), SizeIs(1));
  EXPECT_EQ(of_level(2)[0].text, "Written by a model.");
  EXPECT_EQ(of_level(2)[0].consolidation_method, ConsolidationMethod::kLlm);
  EXPECT_THAT(job.errors, ElementsAre(HasSubstr("pattern_extraction: 1 of 2 groups failed")));
}

TEST_F(Jobs, AFailingPhaseStopsNoOther) {
  add_topic(0, 0, 3, 0.9);   // A pattern, which fails.
  add_topic(1, 0, 2, 0.98);  // A merge.
  JobRunnerOptions options;
  options.writer.writer = [](const TextRequest& request) -> Result<std::string> {
    if (request.kind == TextKind::kPattern) return Error{ErrorCode::kIo, "the model is away"};
    return std::string(request.draft);
  };

  const auto job = run(options);

  EXPECT_EQ(job.status, JobStatus::kCompleted);
  EXPECT_THAT(job.phases_completed, ElementsAre(kMerging, kHierarchy));
  EXPECT_THAT(job.errors, ElementsAre(HasSubstr("pattern_extraction: none of 1 groups")));
  EXPECT_EQ(job.metrics.merges_made, 1);
}

TEST_F(Jobs, AnInputChangedMeanwhileIsPlannedAnew) {
  const auto ids = add_topic(0, 0, 3, 0.9);
  JobRunnerOptions options;
  int calls = 0;
  options.writer.writer = [&](const TextRequest& request) -> Result<std::string> {
    if (calls++ == 0) {
      EXPECT_THAT(tenant_.touch(std::vector<Uuid>{ids[0]}), Succeeds());
    }
    return std::string(request.draft);
  };

  const auto job = run(options);

  EXPECT_EQ(calls, 2);
  EXPECT_EQ(job.metrics.patterns_extracted, 1);
  EXPECT_THAT(job.errors, IsEmpty());
}

TEST_F(Jobs, AJobCutShortIsResumedWhereItWas) {
  add_topic(0, 0, 3, 0.9);
  add_topic(1, 0, 2, 0.98);
  auto runner = value_of(JobRunner::create(store_, "acme", {.threads = 1}));
  std::atomic<bool> stop = false;
  JobControl control;
  control.stop = &stop;
  control.progress = [&](JobPhase phase, double) {
    stop = phase == kMerging;
    return true;
  };
  const auto cut = value_of(runner.start({.project_id = "apollo"}, control));
  ASSERT_EQ(cut.status, JobStatus::kRunning);
  ASSERT_THAT(cut.phases_completed, ElementsAre(kPatterns));
  EXPECT_THAT(of_level(1), IsEmpty());

  std::vector<JobPhase> phases;
  const auto job = value_of(runner.resume(cut.id, {.progress = [&](JobPhase phase, double) {
                                            if (phases.empty() || phases.back() != phase) {
                                              phases.push_back(phase);
                                            }
                                            return true;
                                          }}));

  EXPECT_EQ(phases.front(), kMerging);
  EXPECT_EQ(job.status, JobStatus::kCompleted);
  EXPECT_EQ(job.retry_count, 1);
  EXPECT_EQ(job.metrics.patterns_extracted, 1);
  EXPECT_EQ(job.metrics.merges_made, 1);
  EXPECT_THAT(job.plan_ids, SizeIs(2));
  EXPECT_THAT(runner.resume(job.id), FailsWith(ErrorCode::kConflict));
}

TEST_F(Jobs, APlanAppliedJustBeforeTheKillIsKnownAgain) {
  add_topic(0, 0, 3, 0.9);
  auto job = run();
  ASSERT_THAT(job.plan_ids, SizeIs(1));
  const auto plan = job.plan_ids[0];
  // As a process leaves it that was killed between the plan and the job's progress.
  job.plan_ids.clear();
  job.phases_completed.clear();
  job.metrics = {};
  job.status = JobStatus::kRunning;
  job.completed_at.reset();
  value_of(tenant_.put(job));

  auto runner = value_of(JobRunner::create(store_, "acme", {.threads = 1}));
  job = value_of(runner.resume(job.id));

  EXPECT_THAT(job.plan_ids, ElementsAre(plan));
  EXPECT_EQ(job.metrics.patterns_extracted, 1);
  EXPECT_EQ(job.status, JobStatus::kCompleted);
}

TEST_F(Jobs, AJobFailsWhenItIsCutShortTooOften) {
  add_topic(0, 0, 3, 0.9);
  auto runner = value_of(JobRunner::create(store_, "acme", {.threads = 1}));
  const std::atomic<bool> stop = true;
  JobControl control;
  control.stop = &stop;
  const Uuid id = value_of(runner.start({.project_id = "apollo", .retries_max = 2}, control)).id;
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(value_of(runner.resume(id, control)).status, JobStatus::kRunning);
  }

  const auto job = value_of(runner.resume(id));

  EXPECT_EQ(job.status, JobStatus::kFailed);
  EXPECT_EQ(job.retry_count, 2);
  EXPECT_THAT(job.errors, ElementsAre(HasSubstr("cut short 3 times")));
  EXPECT_THAT(of_level(2), IsEmpty());
}

TEST_F(Jobs, CancelEndsARunningJobBetweenTwoItems) {
  add_topic(0, 0, 3, 0.9);
  add_topic(1, 0, 3, 0.9);
  auto other = value_of(JobRunner::create(store_, "acme"));
  JobRunnerOptions options;
  int calls = 0;
  options.writer.writer = [&](const TextRequest& request) -> Result<std::string> {
    ++calls;
    // From another thread, through another runner.
    EXPECT_THAT(other.cancel(value_of(list_all<ConsolidationJob>(tenant_))[0].id), Succeeds());
    return std::string(request.draft);
  };

  const auto job = run(options);

  EXPECT_EQ(calls, 1);
  EXPECT_EQ(job.status, JobStatus::kCancelled);
  EXPECT_TRUE(job.completed_at);
  EXPECT_THAT(of_level(2), IsEmpty()) << "half a phase was applied";
  EXPECT_THAT(other.cancel(job.id), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(other.resume(job.id), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(other.cancel(Uuid::random()), FailsWith(ErrorCode::kNotFound));
}

TEST_F(Jobs, ARunningJobIsNotResumedBesideItself) {
  add_topic(0, 0, 3, 0.9);
  auto other = value_of(JobRunner::create(store_, "acme"));
  JobRunnerOptions options;
  options.writer.writer = [&](const TextRequest& request) -> Result<std::string> {
    EXPECT_THAT(other.resume(value_of(list_all<ConsolidationJob>(tenant_))[0].id),
                FailsWith(ErrorCode::kBusy));
    return std::string(request.draft);
  };

  EXPECT_EQ(run(options).status, JobStatus::kCompleted);
}

TEST_F(Jobs, RefusesOptionsOutOfRange) {
  const auto create = [&](const JobRunnerOptions& options) {
    return JobRunner::create(store_, "acme", options);
  };
  EXPECT_THAT(create({.pattern_similarity = 0}), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(create({.merge_similarity = std::nan("")}), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(create({.group_size_max = 1}), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(create({.pattern_size_min = 13}), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(value_of(create({})).start({.project_id = ""}),
              FailsWith(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace tulving
