// What is promised of jobs (SPEC section 5): groups of three at 0.85 become patterns, groups at
// 0.95 merges, patterns principles, each phase one plan that can be undone alone; the same job
// twice changes nothing; a failing phase or group stops no other; a job left running by a killed
// process goes on, at most retries_max times; cancel ends it between two items; lineage leads from
// a principle to its memories and back. Projects are planted: memories scattered by a known angle
// around centers, so that who belongs together is known; random ones have a printed seed.

#include "tests/consolidation/jobs/job_testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(Jobs, MakesAPatternOfThreeThatAreSimilar) {
  const auto ids = add_topic(0, 0, 3, 0.88);
  add_topic(1, 0, 2, 0.88);  // Too few.
  add_topic(2, 0, 3, 0.80);  // Too far apart.

  const auto job = run();

  EXPECT_EQ(job.status, JobStatus::kCompleted);
  EXPECT_THAT(job.phases_completed, ElementsAre(kPatterns, kMerging, kHierarchy));
  EXPECT_THAT(job.errors, IsEmpty());
  EXPECT_EQ(job.progress, 1);
  EXPECT_EQ(job.metrics.memories_processed, 8);
  EXPECT_EQ(job.metrics.patterns_extracted, 1);
  EXPECT_EQ(job.metrics.merges_made, 0);
  const auto patterns = of_level(2);
  ASSERT_THAT(patterns, SizeIs(1));
  EXPECT_EQ(patterns[0].source_memory_ids, sorted(ids));
  EXPECT_EQ(patterns[0].project_id, "apollo");
  EXPECT_EQ(patterns[0].memory_type, "discovery");
  for (const Uuid& id : ids) EXPECT_EQ(value_of(tenant_.get(id)).status, MemoryStatus::kActive);
  EXPECT_THAT(value_of(list_all<Relation>(tenant_, {.filter = {patterns[0].id}})), SizeIs(3));
}

TEST_F(Jobs, APatternSaysWhatMostOfItsSourcesSay) {
  // The first is nearest to the others: it lies on the axis that they scatter around.
  std::vector<float> center(kDim);
  center[0] = 1;
  const auto with = [](std::vector<std::string> tags) {
    return [tags = std::move(tags)](Memory& memory) { memory.tags = tags; };
  };
  add("The cache is warm. It was Monday.", center, with({"cache", "monday"}));
  add("Restart the node first. Bob said so.", near(0, 1, 0.86), with({"cache", "bob"}));
  add("Bob was late. Restart the node first.", near(0, 2, 0.86), with({"cache", "bob"}));
  add("Restart the node first. The log was empty.", near(0, 3, 0.86), with({"log"}));

  run();

  const auto patterns = of_level(2);
  ASSERT_THAT(patterns, SizeIs(1));
  EXPECT_EQ(patterns[0].text, "The cache is warm. It was Monday.\nRestart the node first.");
  EXPECT_THAT(patterns[0].tags, ElementsAre("cache"));
}

TEST_F(Jobs, APatternsTypeFollowsFromItsSources) {
  const std::vector<std::pair<std::function<void(Memory&)>, PatternType>> cases = {
      {[](Memory& one) { one.success = false; }, PatternType::kFailure},
      {[](Memory& one) { one.memory_type = "warning"; }, PatternType::kGotcha},
      {[](Memory& one) { one.memory_type = "decision"; }, PatternType::kDecision},
      {[](Memory& one) { one.success = true; }, PatternType::kSuccess},
      {[](Memory& one) { one.memory_type = "context"; }, PatternType::kWorkflow},
  };
  std::map<Uuid, PatternType> expected;
  for (std::size_t topic = 0; topic < cases.size(); ++topic) {
    for (std::size_t i = 0; i < 3; ++i) {
      const auto fill = i < 2 ? cases[topic].first : std::function<void(Memory&)>();
      expected[add(fmt_text(topic, i), near(topic, i, 0.9), fill)] = cases[topic].second;
    }
  }

  run();

  const auto patterns = of_level(2);
  EXPECT_THAT(patterns, SizeIs(cases.size()));
  for (const Memory& pattern : patterns) {
    const PatternType type = expected.at(pattern.source_memory_ids[0]);
    EXPECT_EQ(pattern.pattern_type, type);
    // The schema "consolidation" has no "context".
    if (type == PatternType::kWorkflow) {
      EXPECT_EQ(pattern.memory_type, "learning");
    }
  }
}

// A plan that holds two patterns and their relations, for five of them and what comes of them.
TEST_F(Jobs, MoreThanAPlanHoldsBecomesSeveral) {
  for (std::size_t topic = 0; topic < 5; ++topic) add_topic(topic, 0, 3, 0.88);
  JobRunnerOptions options;
  options.changes_max = 9;

  const auto job = run(options);

  EXPECT_EQ(job.status, JobStatus::kCompleted);
  EXPECT_THAT(job.errors, IsEmpty());
  EXPECT_EQ(job.metrics.patterns_extracted, 5);
  EXPECT_THAT(of_level(2), SizeIs(5));
  EXPECT_THAT(job.plan_ids, SizeIs(3));
  for (const Uuid& id : job.plan_ids) EXPECT_LE(value_of(tenant_.get_plan(id)).changes.size(), 9U);
  const auto before = data();
  run();
  EXPECT_EQ(data(), before);
}

TEST_F(Jobs, APatternThatNoPlanHoldsFailsAndTheOthersAreMade) {
  add_topic(0, 0, 6, 0.88);
  add_topic(1, 0, 3, 0.88);
  JobRunnerOptions options;
  options.changes_max = 5;

  const auto job = run(options);

  EXPECT_THAT(of_level(2), SizeIs(1));
  ASSERT_FALSE(job.errors.empty());
  EXPECT_THAT(job.errors.front(), HasSubstr("more than one plan holds"));
}

TEST_F(Jobs, MergesNearDuplicatesAndArchivesThem) {
  const auto ids = add_topic(0, 0, 2, 0.97);

  const auto job = run();

  EXPECT_EQ(job.metrics.merges_made, 1);
  EXPECT_EQ(job.metrics.memories_merged, 2);
  const auto merges = of_level(1);
  ASSERT_THAT(merges, SizeIs(1));
  EXPECT_EQ(merges[0].source_memory_ids, sorted(ids));
  for (const Uuid& id : ids) {
    EXPECT_EQ(value_of(tenant_.get(id)).status, MemoryStatus::kArchived);
    EXPECT_EQ(value_of(tenant_.get(id)).consolidated_into_id, merges[0].id);
  }
}

TEST_F(Jobs, AsksAPersonBeforeAMergeThatIsNotConfident) {
  add_topic(0, 0, 9, 0.96);  // 0.96 * 0.7 < 0.7: nine are many.

  const auto job = run();

  EXPECT_EQ(job.metrics.merges_made, 0);
  EXPECT_THAT(of_level(1), IsEmpty());
  ConsolidationTaskFilter waiting;
  waiting.approval = Approval::kWaiting;
  const auto tasks = value_of(list_all<ConsolidationTask>(tenant_, {.filter = waiting}));
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].action, "merge");
  EXPECT_THAT(tasks[0].memory_ids, SizeIs(9));
}

TEST_F(Jobs, LineageLeadsFromAPrincipleToItsMemoriesAndBack) {
  // Two topics whose centers have a cosine of about 0.8.
  std::vector<Uuid> ids;
  for (std::size_t topic = 0; topic < 2; ++topic) {
    for (std::size_t i = 0; i < 3; ++i) {
      auto vector = near(topic, 3 * topic + i, 0.9);
      vector[20] = 2.2F;
      vector[topic] = 1.1F;
      ids.push_back(add(fmt_text(topic, i), vector));
    }
  }

  const auto job = run({.pattern_similarity = 0.86, .merge_similarity = 0.999});

  const auto principles = of_level(3);
  ASSERT_THAT(principles, SizeIs(1)) << "patterns: " << of_level(2).size();
  ASSERT_THAT(of_level(2), SizeIs(2));
  EXPECT_EQ(job.metrics.principles_created, 1);
  std::set<Uuid> above, below;
  for (const auto& link : value_of(tenant_.lineage(principles[0].id)).sources) {
    above.insert(link.source_id);
  }
  for (const auto& link : value_of(tenant_.lineage(ids[0])).derived) below.insert(link.derived_id);
  EXPECT_THAT(above, SizeIs(2 + 6));
  for (const Uuid& id : ids) EXPECT_TRUE(above.contains(id));
  EXPECT_TRUE(below.contains(principles[0].id));
  EXPECT_THAT(below, SizeIs(2));
}

TEST_F(Jobs, LooksOnlyAtItsScope) {
  add_topic(0, 0, 3, 0.9);
  const auto other_project = add_topic(1, 0, 3, 0.9);
  for (const Uuid& id : other_project) {
    MemoryPatch patch;
    patch.project_id = "gemini";
    ASSERT_THAT(tenant_.update(id, patch), Succeeds());
  }
  for (std::size_t i = 0; i < 3; ++i) {
    add(fmt_text(2, i), near(2, i, 0.9), [](Memory& one) { one.memory_type = "warning"; });
  }
  const Timestamp later = clock_.now() + std::chrono::hours(1);
  clock_.advance(std::chrono::hours(2));
  const auto recent = add_topic(3, 0, 3, 0.9);
  JobRequest request;
  request.scope.created_from = later;
  request.scope.memory_types = {"discovery"};

  const auto job = run({}, request);

  EXPECT_EQ(job.metrics.memories_processed, 3);
  ASSERT_THAT(of_level(2), SizeIs(1));
  EXPECT_EQ(of_level(2)[0].source_memory_ids, sorted(recent));
}

TEST_F(Jobs, AHeldMemoryGoesIntoNoSecondPatternUnlessAskedFor) {
  add_topic(0, 0, 3, 0.9);
  run();
  add_topic(0, 3, 2, 0.9);

  EXPECT_EQ(run().metrics.patterns_extracted, 0);

  JobRequest all;
  all.scope.unconsolidated_only = false;
  EXPECT_EQ(run({}, all).metrics.patterns_extracted, 1);
}

class RandomJobs : public Jobs, public ::testing::WithParamInterface<bool> {
 protected:
  void plant(std::mt19937& random) {
    const int topics = std::uniform_int_distribution<>(1, 6)(random);
    std::vector<std::vector<float>> centers;
    for (int i = 0; i < topics; ++i) {
      centers.push_back(random_vector(random, kDim));
      // Some centers near another: principles, and borders in doubt.
      if (i > 0 && random() % 2 == 0) {
        for (std::size_t k = 0; k < kDim; ++k) centers.back()[k] += 2 * centers[0][k];
      }
    }
    const int n = std::uniform_int_distribution<>(2, 60)(random);
    std::vector<Memory> memories;
    for (int i = 0; i < n; ++i) {
      const std::size_t topic = random() % centers.size();
      const float spread = std::uniform_real_distribution<float>(0.05F, 0.6F)(random);
      auto vector = centers[topic];
      const auto noise = random_vector(random, kDim);
      for (std::size_t k = 0; k < kDim; ++k) vector[k] += spread * noise[k];
      memories.push_back(memory(fmt_text(topic, static_cast<std::size_t>(i)), vector));
      memories.back().project_id = random() % 8 == 0 ? "gemini" : "apollo";
    }
    value_of(tenant_.add(memories));
  }

  void reset() {
    store_ = value_of(Store::open_in_memory(options()));
    tenant_ = value_of(store_.tenant("acme"));
  }
};

INSTANTIATE_TEST_SUITE_P(Scope, RandomJobs, ::testing::Bool(),
                         [](const auto& suite) { return suite.param ? "Unconsolidated" : "All"; });

TEST_P(RandomJobs, TheSameJobTwiceChangesNothing) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  JobRequest request;
  request.scope.unconsolidated_only = GetParam();
  std::uint64_t plans = 0;
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    reset();
    plant(random);
    // A small bound, so that some groups are split.
    const JobRunnerOptions options{.group_size_max = random() % 2 == 0 ? 12U : 4U};
    // Jobs over a growing project, each repeated.
    for (int step = 0; step < 2; ++step) {
      if (step > 0) plant(random);
      const auto first = run(options, request);
      ASSERT_EQ(first.status, JobStatus::kCompleted);
      ASSERT_THAT(first.errors, IsEmpty());
      plans += first.plan_ids.size();
      const auto before = data();
      clock_.advance(std::chrono::hours(1));

      const auto second = run(options, request);

      ASSERT_THAT(second.plan_ids, IsEmpty());
      ASSERT_EQ(second.metrics.patterns_extracted + second.metrics.merges_made +
                    second.metrics.principles_created,
                0);
      ASSERT_TRUE(data() == before);
    }
  }
  EXPECT_GT(plans, 60U);  // The projects had something to do.
}

TEST_P(RandomJobs, UndoingItsPlansRestoresWhatWasThere) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  JobRequest request;
  request.scope.unconsolidated_only = GetParam();
  for (int round = 0; round < 30; ++round) {
    reset();
    plant(random);
    const auto before = data();

    const auto job = run({}, request);
    for (auto id = job.plan_ids.rbegin(); id != job.plan_ids.rend(); ++id) {
      ASSERT_THAT(tenant_.undo_plan(*id), Succeeds());
    }

    ASSERT_TRUE(data() == before);
    const auto again = run({}, request).metrics;
    ASSERT_EQ(again.patterns_extracted + again.merges_made + again.principles_created, 0)
        << "what was undone is not done again";
  }
}

}  // namespace
}  // namespace tulving
