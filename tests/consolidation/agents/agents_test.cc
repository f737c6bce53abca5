// What the agents promise: they find what SPEC section 5 says, change it as one plan, lose no fact,
// and can be undone to the byte. Every run is checked against the store's own export.

#include <random>

#include "tests/engine/one_tenant.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Agents : public OneTenantInRam {
 protected:
  Uuid add(const std::string& text, std::vector<float> vector = {},
           const std::function<void(Memory&)>& edit = {}) {
    Memory one = memory(text, std::move(vector));
    one.memory_type = "learning";
    if (edit) edit(one);
    return value_of(tenant_->add(one)).id;
  }

  ConsolidationReport run(std::vector<UpkeepAgent> agents, ConsolidationOptions options = {},
                          bool dry_run = false) {
    options.rate_limit = 0;
    auto consolidator = value_of(Consolidator::create(*store_, "acme", options));
    ConsolidationRun request;
    request.agents = std::move(agents);
    request.dry_run = dry_run;
    return value_of(consolidator.run(request));
  }

  // Three memories that say the same, and one apart.
  std::vector<Uuid> add_cluster() {
    return {add("Ada moved to Lyon in 2021. She likes it.", {1, 0, 0, 0.02F},
                [](Memory& m) {
                  m.tags = {"home"};
                  m.entities = {"Ada", "Lyon"};
                }),
            add("Ada moved to Lyon in 2021. Her street is Rue Royale 7.", {1, 0.02F, 0, 0},
                [](Memory& m) {
                  m.entities = {"Ada", "Rue Royale"};
                }),
            add("Ada lives in Lyon now.", {1, 0, 0.02F, 0}, [](Memory& m) { m.tags = {"city"}; }),
            add("The build needs g++ 12.", {0, 1, 0, 0})};
  }
};

TEST_F(Agents, DecayOpensATaskForWhatIsAboutToBeForgotten) {
  const Uuid old = add("An old note.");
  const Uuid used = add("An old note, often used.", {}, [](Memory& m) { m.use_count = 4; });
  clock_.advance(std::chrono::hours(24 * 60));
  const Uuid fresh = add("A fresh note.");

  const auto report = run({UpkeepAgent::kDecay});

  ASSERT_THAT(report.decay, SizeIs(2));
  EXPECT_EQ(report.decay[0].memory_id, old);
  EXPECT_EQ(report.decay[0].action, "gc");
  EXPECT_EQ(report.decay[0].urgency, Urgency::kHigh);
  EXPECT_EQ(report.decay[0].outcome, ItemOutcome::kWaiting);
  EXPECT_EQ(report.decay[1].memory_id, used);
  const auto tasks = value_of(list_all<ConsolidationTask>(*tenant_));
  ASSERT_FALSE(tasks.empty());
  EXPECT_EQ(tasks[0].approval, Approval::kWaiting);
  EXPECT_EQ(value_of(tenant_->get(old)).status, MemoryStatus::kActive) << "nobody approved";
  EXPECT_EQ(value_of(tenant_->get(fresh)).status, MemoryStatus::kActive);
}

TEST_F(Agents, AnApprovedTaskIsDone) {
  const Uuid old = add("An old note.");
  clock_.advance(std::chrono::hours(24 * 90));
  const auto report = run({UpkeepAgent::kDecay});
  value_of(tenant_->queue().decide(report.decay.at(0).task_id, true));

  run({UpkeepAgent::kDecay});

  EXPECT_EQ(value_of(tenant_->get(old)).status, MemoryStatus::kArchived);
  EXPECT_EQ(value_of(tenant_->get<ConsolidationTask>(report.decay[0].task_id)).status,
            ConsolidationTaskStatus::kClosed);
}

TEST_F(Agents, MergesWhatSaysTheSameAndLosesNothing) {
  const auto ids = add_cluster();

  const auto report = run({UpkeepAgent::kCluster, UpkeepAgent::kMerge});

  ASSERT_THAT(report.merge, SizeIs(1));
  EXPECT_EQ(report.merge[0].outcome, ItemOutcome::kPlanned) << report.merge[0].error;
  EXPECT_THAT(report.merge[0].source_ids, ::testing::UnorderedElementsAre(ids[0], ids[1], ids[2]));
  const Memory merge = value_of(tenant_->get(report.merge[0].memory_id, true));
  for (const char* fact : {"2021", "She likes it", "Rue Royale 7", "Lyon"}) {
    EXPECT_THAT(merge.text, HasSubstr(fact));
  }
  EXPECT_THAT(merge.tags, ::testing::ElementsAre("city", "home"));
  EXPECT_THAT(merge.entities, ::testing::UnorderedElementsAre("Ada", "Lyon", "Rue Royale"));
  EXPECT_THAT(merge.embeddings, SizeIs(1));
  for (int i = 0; i < 3; ++i) {
    const Memory source = value_of(tenant_->get(ids[static_cast<std::size_t>(i)]));
    EXPECT_EQ(source.status, MemoryStatus::kArchived);
    EXPECT_EQ(source.consolidated_into_id, merge.id);
  }
  EXPECT_THAT(value_of(list_all<Relation>(*tenant_, {.filter = {merge.id}})), SizeIs(3));
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

TEST_F(Agents, UndoRestoresEverything) {
  add_cluster();
  const auto before = exported_lines(*tenant_);
  const auto report = run({UpkeepAgent::kCluster, UpkeepAgent::kMerge});
  ASSERT_NE(exported_lines(*tenant_), before);

  auto consolidator = value_of(Consolidator::create(*store_, "acme"));
  ASSERT_THAT(consolidator.undo(report.plan_id), Succeeds());

  EXPECT_EQ(exported_lines(*tenant_), before);
  EXPECT_THAT(value_of(list_all<ConsolidationTask>(*tenant_)), IsEmpty());
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
  const auto again = run({UpkeepAgent::kCluster, UpkeepAgent::kMerge});
  EXPECT_EQ(again.changes, 0U) << "the undoing was undone";
}

TEST_F(Agents, MergesNearCopiesThatHaveNoEmbedding) {
  const std::string start = "The kettle in the second kitchen must be switched off before ";
  const std::string end = " since the fuse of that wall is old and nobody has replaced it yet.";
  std::vector<Uuid> copies;
  for (const char* day : {"Monday", "Tuesday", "Friday"}) copies.push_back(add(start + day + end));
  add("Nobody else speaks of kettles, and this one is new and may stay on all day long.");
  // The same words with an embedding are compared by that, and so with none of these.
  const Uuid embedded = add(start + "Sunday" + end, {1, 0, 0, 0});
  const auto before = exported_lines(*tenant_);
  auto consolidator = value_of(Consolidator::create(*store_, "acme"));
  EXPECT_THAT(value_of(consolidator.scan(UpkeepAgent::kCluster)), SizeIs(1));

  const auto report = run({UpkeepAgent::kCluster, UpkeepAgent::kMerge});

  ASSERT_THAT(report.merge, SizeIs(1));
  EXPECT_EQ(report.merge[0].outcome, ItemOutcome::kPlanned) << report.merge[0].error;
  EXPECT_THAT(report.merge[0].source_ids, ::testing::UnorderedElementsAreArray(copies));
  const Memory merge = value_of(tenant_->get(report.merge[0].memory_id, true));
  for (const char* day : {"Monday", "Tuesday", "Friday"}) EXPECT_THAT(merge.text, HasSubstr(day));
  EXPECT_THAT(merge.embeddings, IsEmpty());
  EXPECT_EQ(value_of(tenant_->get(embedded)).status, MemoryStatus::kActive);
  EXPECT_EQ(run({UpkeepAgent::kCluster, UpkeepAgent::kMerge}).changes, 0U);
  ASSERT_THAT(consolidator.undo(report.plan_id), Succeeds());
  EXPECT_EQ(exported_lines(*tenant_), before);
}

// A Consolidator that is kept knows its last run's clusters, and must find what a new one finds.
TEST_F(Agents, FindTheSameWhenTheyAreKeptAsWhenTheyAreNew) {
  constexpr unsigned kSeed = 7;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  auto kept = value_of(Consolidator::create(*store_, "acme"));
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    for (int i = 0; i < (round == 0 ? 90 : 2); ++i) {
      std::vector<float> vector = {0.05F * static_cast<float>(random() % 9), 0.1F, 0, 0};
      vector[random() % 4] = 1;
      add("Note " + std::to_string(random()) + ".", vector);
    }
    auto fresh = value_of(Consolidator::create(*store_, "acme"));
    ASSERT_EQ(value_of(kept.scan(UpkeepAgent::kCluster)),
              value_of(fresh.scan(UpkeepAgent::kCluster)));
    ConsolidationRun request;
    request.agents = {UpkeepAgent::kCluster, UpkeepAgent::kMerge};
    if (round % 3 == 2) value_of(kept.run(request));
  }
}

TEST_F(Agents, ADryRunWritesNothing) {
  add_cluster();
  const auto revision = store_->revision();

  const auto report = run({}, {}, true);

  EXPECT_GT(report.changes, 0U);
  EXPECT_THAT(report.merge, SizeIs(1));
  EXPECT_EQ(store_->revision(), revision);
}

TEST_F(Agents, TheSameRunTwiceChangesNothingMore) {
  add_cluster();
  run({UpkeepAgent::kCluster, UpkeepAgent::kMerge});
  const auto revision = store_->revision();

  const auto again = run({UpkeepAgent::kCluster, UpkeepAgent::kMerge});

  EXPECT_EQ(again.changes, 0U);
  EXPECT_EQ(store_->revision(), revision);
}

TEST_F(Agents, AWriterThatFailsBlocksItsTaskAndNothingElse) {
  add_cluster();
  ConsolidationOptions options;
  options.writer.writer = [](const TextRequest&) -> Result<std::string> {
    throw std::runtime_error("no model today");
  };

  const auto report = run({UpkeepAgent::kCluster, UpkeepAgent::kMerge}, options);

  ASSERT_THAT(report.merge, SizeIs(1));
  EXPECT_EQ(report.merge[0].outcome, ItemOutcome::kFailed);
  EXPECT_THAT(report.merge[0].error, HasSubstr("no model today"));
  const auto task = value_of(tenant_->get<ConsolidationTask>(report.merge[0].task_id));
  EXPECT_EQ(task.status, ConsolidationTaskStatus::kBlocked);
  EXPECT_EQ(task.retry_count, 1);
  clock_.advance(std::chrono::minutes(2));
  EXPECT_EQ(run({UpkeepAgent::kMerge}).merge.at(0).outcome, ItemOutcome::kPlanned) << "not retried";
}

TEST_F(Agents, PromotesOnceIntoTheVault) {
  TemporaryDirectory directory;
  const Uuid id = add("Ada's badge number is 4711.", {}, [](Memory& m) { m.review_count = 3; });
  clock_.advance(std::chrono::hours(24 * 30));
  ConsolidationOptions options;
  options.vault = directory / "vault";

  const auto report = run({UpkeepAgent::kPromote}, options);

  ASSERT_THAT(report.promote, SizeIs(1));
  EXPECT_THAT(report.promote[0].criteria, ::testing::ElementsAre("review_count"));
  const Memory promoted = value_of(tenant_->get(id));
  EXPECT_EQ(promoted.status, MemoryStatus::kPromoted);
  EXPECT_TRUE(std::filesystem::exists(options.vault / promoted.ltm_path));
  EXPECT_THAT(run({UpkeepAgent::kPromote}, options).promote, IsEmpty());

  auto consolidator = value_of(Consolidator::create(*store_, "acme", options));
  ASSERT_THAT(consolidator.undo(report.plan_id), Succeeds());
  EXPECT_EQ(value_of(tenant_->get(id)).status, MemoryStatus::kActive);
  EXPECT_FALSE(std::filesystem::exists(options.vault / promoted.ltm_path));
}

TEST_F(Agents, RelatesWhatSharesRareNamesAndNothingTwice) {
  const auto with = [](std::vector<std::string> entities) {
    return [entities](Memory& m) { m.entities = entities; };
  };
  const Uuid a = add("The Zephyr project starts in May.", {}, with({"Zephyr", "Ada"}));
  const Uuid b = add("Zephyr was moved to June.", {}, with({"Zephyr", "Ada"}));
  for (int i = 0; i < 60; ++i) add("Note " + std::to_string(i), {}, with({"Common"}));

  const auto report = run({UpkeepAgent::kRelations});

  ASSERT_THAT(report.relations, SizeIs(1)) << "a common name relates nobody";
  EXPECT_EQ(report.relations[0].source_id, std::min(a, b));
  EXPECT_THAT(report.relations[0].shared_entities, ::testing::ElementsAre("Ada", "Zephyr"));
  EXPECT_EQ(run({UpkeepAgent::kRelations}).changes, 0U);
}

// Thanks are nearer to each other than what two memories say of one thing.
TEST_F(Agents, RelatesWhatIsNearerThanItsSurroundingsAndNoPleasantries) {
  std::mt19937 random(5);
  const auto around = [&](std::size_t direction, float noise) {
    auto vector = random_vector(random, 64);
    for (float& x : vector) x *= noise;
    vector[direction] += 1;
    return vector;
  };
  std::set<Uuid> thanks;
  for (int i = 0; i < 60; ++i) {
    thanks.insert(add("Thanks, your help means a lot, take care " + std::to_string(i) + "!",
                      around(0, 0.05F)));
  }
  for (std::size_t i = 2; i < 60; ++i) {
    add("Topic " + std::to_string(i) + " has a word of its own: w" + std::to_string(i) + "w.",
        around(i, 0.05F));
  }
  const Uuid a =
      add("Ada learns to play the violin from an old neighbour on Thursdays.", around(1, 0.12F));
  const Uuid b =
      add("Her violin teacher wants Ada to try a Bach sonata before summer.", around(1, 0.12F));

  const auto report = run({UpkeepAgent::kRelations});

  ASSERT_THAT(report.relations, ::testing::Not(IsEmpty()));
  EXPECT_EQ(report.relations[0].source_id, std::min(a, b));  // Of one moment: by id.
  EXPECT_EQ(report.relations[0].target_id, std::max(a, b));
  EXPECT_THAT(report.relations[0].reason, HasSubstr("against their surroundings"));
  for (const RelationsResult& relation : report.relations) {
    EXPECT_FALSE(thanks.contains(relation.source_id) || thanks.contains(relation.target_id));
  }
}

TEST_F(Agents, TheRateLimitDefersTheRest) {
  for (int i = 0; i < 8; ++i) {
    add("Reviewed " + std::to_string(i), {}, [](Memory& m) { m.review_count = 3; });
  }
  TemporaryDirectory directory;
  ConsolidationOptions options;
  options.vault = directory / "vault";
  options.rate_limit = 5;
  auto consolidator = value_of(Consolidator::create(*store_, "acme", options));
  ConsolidationRun request;
  request.agents = {UpkeepAgent::kPromote};

  const auto report = value_of(consolidator.run(request));

  const auto deferred = std::count_if(report.promote.begin(), report.promote.end(), [](auto& one) {
    return one.outcome == ItemOutcome::kDeferred;
  });
  EXPECT_EQ(deferred, 3);
}

TEST_F(Agents, AnInputChangedMeanwhileIsPlannedAnew) {
  const auto ids = add_cluster();
  ConsolidationOptions options;
  int calls = 0;
  options.writer.writer = [&](const TextRequest& request) -> Result<std::string> {
    if (++calls == 1) {
      MemoryPatch patch;
      patch.text = "Ada lives in Lyon now, with a cat.";
      patch.keep_vectors = true;  // Else it is in no cluster any more.
      if (auto updated = tenant_->update(ids[2], patch); !updated) return updated.error();
    }
    return std::string(request.draft);
  };

  const auto report = run({UpkeepAgent::kCluster, UpkeepAgent::kMerge}, options);

  EXPECT_EQ(report.replanned, 1U);
  const Memory merge = value_of(tenant_->get(report.merge.at(0).memory_id));
  EXPECT_THAT(merge.text, HasSubstr("with a cat"));
}

}  // namespace
}  // namespace tulving
