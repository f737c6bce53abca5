// What is promised: nothing that agents make crosses a border: user, agent, project, and for what
// is made of memories also their expiry. On random stores whose memories are all near to each other
// in vectors, words and names, so that whatever may be joined is: agents and jobs run several
// times, and every cluster, merge, pattern and relation is held against its sources. Clusters are
// also those of stores that each have one side alone. Old tasks and plans cross none either.

#include <map>
#include <random>
#include <set>
#include <tuple>

#include "tests/engine/plans/plan_testing.h"
#include "tulving/consolidation_queue.h"
#include "tulving/job_runner.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Scope = std::tuple<std::string, std::string, std::string>;
using Side = std::pair<Scope, std::optional<Timestamp>>;

Scope scope_of(const Memory& memory) {
  return {memory.user_id, memory.agent_id, memory.project_id};
}
Side side_of(const Memory& memory) { return {scope_of(memory), memory.expires_at}; }

class Borders : public ::testing::Test {
 protected:
  void open(unsigned seed) {
    random_.seed(seed);
    StoreOptions options;
    options.clock = clock_.clock();
    options.thresholds.log_confidence = 0.4;
    store_.emplace(value_of(Store::open_in_memory(options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }

  std::size_t below(std::size_t end) { return random_() % end; }
  template <std::size_t n>
  std::string pick(const char* const (&choices)[n]) {
    return choices[below(n)];
  }

  Memory random_memory() {
    static const std::string kStart =
        "The kettle in the second kitchen must be switched off before ";
    static const std::string kEnd =
        " since the fuse of that wall is old and nobody has replaced it yet.";
    Memory one = memory(kStart + std::to_string(random_()) + kEnd);
    if (below(3) != 0) {
      std::vector<float> vector(6, 0.03F * static_cast<float>(below(4)));
      vector[below(2)] = 1.0F;
      one.embeddings.push_back({below(4) == 0 ? "other" : "default", vector});
    }
    one.user_id = pick({"", "ana", "bo"});
    one.agent_id = pick({"", "", "tim"});
    one.project_id = pick({"", "web", "web", "api"});
    one.memory_type = "decision";
    if (below(3) == 0) one.expires_at = clock_.now() + std::chrono::hours(1'000 * (1 + below(2)));
    if (below(2) == 0) one.entities = {"Zephyr", "Ada " + std::to_string(below(3))};
    if (below(2) == 0) one.tags = {"kitchen"};
    return one;
  }

  std::map<Uuid, Memory> all() const { return memories_of(*tenant_); }

  ConsolidationReport consolidate(std::vector<UpkeepAgent> agents = {}) {
    ConsolidationOptions options;
    options.rate_limit = 0;
    options.threads = 1;
    auto consolidator = value_of(Consolidator::create(*store_, "acme", options));
    ConsolidationRun request;
    request.agents = std::move(agents);
    return value_of(consolidator.run(request));
  }

  std::set<std::vector<Uuid>> clusters_of(const Tenant& tenant, ClusterBy by) {
    ClusterRequest request;
    request.by = by;
    request.threshold = 0.9;
    request.threads = 1;
    std::set<std::vector<Uuid>> found;
    for (const auto& cluster : value_of(tenant.clusters(request)).clusters)
      found.insert(cluster.ids);
    return found;
  }

  ManualClock clock_;
  std::mt19937 random_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

TEST_F(Borders, AreCrossedByNothingThatAgentsAndJobsMake) {
  std::size_t made = 0, relations = 0, clusters = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    open(seed);
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 40; ++i) value_of(tenant_->add(random_memory()));
      clock_.advance(std::chrono::seconds(1));
      const auto report = consolidate();
      if (round == 1) {
        JobRunnerOptions options;
        options.threads = 1;
        JobRequest job;
        job.project_id = "web";
        value_of(value_of(JobRunner::create(*store_, "acme", options)).start(job));
      }
      const auto memories = all();
      for (const ClusterResult& cluster : report.cluster) {
        for (const Uuid& id : cluster.memory_ids) {
          ASSERT_EQ(side_of(memories.at(id)), side_of(memories.at(cluster.memory_ids[0])));
        }
        ++clusters;
      }
      for (const MergeResult& merge : report.merge) EXPECT_EQ(merge.error, "");
      for (const auto& [id, memory] : memories) {
        for (const Uuid& source : memory.source_memory_ids) {
          ASSERT_EQ(side_of(memories.at(source)), side_of(memory));
          ++made;
        }
        for (const Relation& relation : value_of(list_all<Relation>(*tenant_, {.filter = {id}}))) {
          ASSERT_EQ(scope_of(memories.at(relation.source_id)),
                    scope_of(memories.at(relation.target_id)));
          ++relations;
        }
      }
    }
  }
  EXPECT_GT(made, 1'000U);
  EXPECT_GT(relations, 1'000U);
  EXPECT_GT(clusters, 500U);
  std::cout << made << " sources, " << relations << " relations, " << clusters << " clusters\n";
}

TEST_F(Borders, MakeClustersThoseOfStoresOfOneSideEach) {
  std::size_t found = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    open(seed);
    std::map<Side, std::vector<Memory>> sides;
    for (int i = 0; i < 120; ++i) {
      Memory one = random_memory();
      // A store that has no vector but of one model compares those, whatever the model's name.
      for (Embedding& embedding : one.embeddings) embedding.model = "default";
      one.id = value_of(tenant_->add(one)).id;
      sides[side_of(one)].push_back(one);
    }
    for (const ClusterBy by : {ClusterBy::kVectors, ClusterBy::kTexts}) {
      std::set<std::vector<Uuid>> expected;
      for (const auto& [side, memories] : sides) {
        StoreOptions options;
        options.clock = clock_.clock();
        auto alone = value_of(Store::open_in_memory(options));
        auto tenant = value_of(alone.tenant("acme"));
        for (const Memory& one : memories) value_of(tenant.add(one));
        expected.merge(clusters_of(tenant, by));
      }
      ASSERT_EQ(clusters_of(*tenant_, by), expected);
      found += expected.size();
    }
  }
  EXPECT_GT(found, 500U);
}

// Two near memories of two users, and what a store of before there were borders may hold of them.
class OldWork : public Borders {
 protected:
  OldWork() {
    open(1);
    for (const char* user : {"ana", "bo"}) {
      Memory one = memory(std::string("My gate code is ") + (user[0] == 'a' ? "2291." : "7714."),
                          {1.0F, 0.1F});
      one.user_id = user;
      ids_.push_back(value_of(tenant_->add(one)).id);
    }
    std::ranges::sort(ids_);
  }

  void put_task(UpkeepAgent agent, std::string action) {
    ConsolidationTask task = task_for(ids_, std::move(action));
    task.agent = agent;
    task.cohesion = task.confidence = 0.95;
    value_of(tenant_->queue().add(task));
  }
  void expect_closed_and_nothing_done() {
    const auto tasks = value_of(list_all<ConsolidationTask>(*tenant_));
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks[0].status, ConsolidationTaskStatus::kClosed);
    for (const Uuid& id : ids_) {
      EXPECT_EQ(value_of(tenant_->get(id)).status, MemoryStatus::kActive);
      EXPECT_THAT(value_of(list_all<Relation>(*tenant_, {.filter = {id}})), IsEmpty());
    }
    EXPECT_EQ(all().size(), 2U);
  }

  std::vector<Uuid> ids_;
};

TEST_F(OldWork, OfTheMergeAgentIsClosed) {
  put_task(UpkeepAgent::kMerge, "merge");
  const auto report = consolidate({UpkeepAgent::kMerge});
  ASSERT_EQ(report.merge.size(), 1U);
  EXPECT_THAT(report.merge[0].reason, HasSubstr("differ in user_id"));
  expect_closed_and_nothing_done();
}

TEST_F(OldWork, OfTheClusterAgentIsClosed) {
  put_task(UpkeepAgent::kCluster, "link");
  const auto report = consolidate({UpkeepAgent::kCluster});
  ASSERT_EQ(report.cluster.size(), 1U);
  EXPECT_THAT(report.cluster[0].reason, HasSubstr("differ in user_id"));
  expect_closed_and_nothing_done();
}

TEST_F(OldWork, OfTheRelationsAgentIsClosed) {
  put_task(UpkeepAgent::kRelations, "relate");
  const auto report = consolidate({UpkeepAgent::kRelations});
  ASSERT_EQ(report.relations.size(), 1U);
  EXPECT_THAT(report.relations[0].reason, HasSubstr("differ in user_id"));
  expect_closed_and_nothing_done();
}

TEST_F(OldWork, ThatIsAPlanIsRefused) {
  const Plan plan = merge_plan(*tenant_, ids_);
  const auto applied = tenant_->apply_plan(plan);
  ASSERT_THAT(applied, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(applied.error().message, HasSubstr("user_id"));
  EXPECT_EQ(all().size(), 2U);
}

TEST_F(OldWork, IsNoneOfAPersonsOwn) {
  Relation relation;
  relation.source_id = ids_[0];
  relation.target_id = ids_[1];
  EXPECT_THAT(tenant_->put(relation), Succeeds());
}

}  // namespace
}  // namespace tulving
