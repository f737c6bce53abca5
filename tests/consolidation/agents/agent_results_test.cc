// What is promised: the result of each of the five agents has the fields that Cortex's readers look
// for, whatever the plan it is of, and what it says of records is what the store has.

#include "tests/consolidation/agents/agent_results_testing.h"

namespace tulving {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_F(AgentResults, OfRealRunsHaveTheFieldsThatReadersLookFor) {
  std::map<UpkeepAgent, std::size_t> seen;
  std::set<std::string> ids;
  for (const char* id : {"maya", "harbor"}) {
    tenant_.emplace(value_of(store_->tenant(id)));
    run();
    approve_all();
    run_to_rest();
    for (const AgentResult& result : all()) {
      expect_fields(result);
      ++seen[result.agent];
      EXPECT_TRUE(ids.insert(result.result_id).second) << "two have one id";
    }
  }
  EXPECT_THAT(seen, SizeIs(5)) << "an agent found nothing in the demo's memories";
}

TEST_F(AgentResults, OfJobsHaveThemToo) {
  JobRunnerOptions options;
  options.pattern_similarity = 0.35;
  options.merge_similarity = 0.5;
  for (const auto& [memory_id, memory] : memories_of(*tenant_)) {
    MemoryPatch patch;
    patch.project_id = "household";
    value_of(tenant_->update(memory_id, patch));
  }
  JobRequest request;
  request.project_id = "household";
  value_of(value_of(JobRunner::create(*store_, tenant_->id(), options)).start(request));

  const auto results = all();

  std::set<UpkeepAgent> seen;
  for (const AgentResult& result : results) {
    expect_fields(result);
    seen.insert(result.agent);
  }
  EXPECT_TRUE(seen.contains(UpkeepAgent::kCluster)) << "no pattern was found";
}

TEST_F(AgentResults, SayWhatTheStoreHas) {
  run();

  std::map<UpkeepAgent, std::size_t> done;
  for (const AgentResult& result : all()) {
    const Json read = Json::parse(result.result);
    if (result.agent == UpkeepAgent::kMerge && read["success"] == true) {
      const Uuid id = *Uuid::parse(read["new_memory_id"].get<std::string>());
      EXPECT_EQ(value_of(tenant_->get(id)).entities.size(), read["entities_preserved"]);
      std::set<std::string> relations;
      for (const auto& one : value_of(list_all<Relation>(*tenant_, {.filter = {id}}))) {
        relations.insert(one.id.to_string());
      }
      EXPECT_EQ(read["relation_ids"].get<std::set<std::string>>(), relations);
      EXPECT_THAT(read["content_diff"].get<std::string>(), HasSubstr("characters became one of"));
      ++done[result.agent];
    } else if (result.agent == UpkeepAgent::kPromote && read["success"] == true) {
      EXPECT_TRUE(fs::exists(options_.vault / read["vault_path"].get<std::string>()));
      ++done[result.agent];
    } else if (result.agent == UpkeepAgent::kRelations && result.decision != Decision::kWait) {
      const auto relation =
          tenant_->get<Relation>(*Uuid::parse(read["relation_id"].get<std::string>()));
      ASSERT_TRUE(relation.has_value()) << result.result;
      EXPECT_EQ(relation->source_id.to_string(), read["from_memory_id"]);
      EXPECT_EQ(relation->target_id.to_string(), read["to_memory_id"]);
      ++done[result.agent];
    }
  }
  EXPECT_THAT(done, SizeIs(3));
}

TEST_F(AgentResults, OfAPlanSucceedOnlyWhileItStands) {
  const Uuid id = run({UpkeepAgent::kPromote}).plan_id;
  const auto successes = [&] {
    std::size_t count = 0;
    for (const auto& one : agent_results_of("maya", value_of(tenant_->get_plan(id)))) {
      count += Json::parse(one.result)["success"] == true ? 1U : 0U;
    }
    return count;
  };
  const auto before = agent_results_of("maya", value_of(tenant_->get_plan(id)));
  EXPECT_GT(successes(), 0U);

  auto consolidator = value_of(Consolidator::create(*store_, "maya", options_));
  value_of(consolidator.undo(id));

  EXPECT_EQ(successes(), 0U);
  const auto after = agent_results_of("maya", value_of(tenant_->get_plan(id)));
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].result_id, before[i].result_id);
    EXPECT_GT(after[i].revision, before[i].revision) << "a sync would not see the undo";
    expect_fields(after[i]);
  }
}

// As 0.4 wrote them: our own names, ids of clusters that are no UUIDs.
TEST_F(AgentResults, OfAnEarlierVersionsPlansAreMadeWhole) {
  const std::string a = "11111111-1111-4111-8111-111111111111",
                    b = "22222222-2222-4222-8222-222222222222";
  Plan plan;
  plan.id = Uuid::random();
  plan.created_at = clock_.now();
  plan.status = PlanStatus::kApplied;
  const auto add = [&](UpkeepAgent agent, const char* action, const std::string& result) {
    PlanItem& item = plan.items.emplace_back();
    item.agent = agent;
    item.action = action;
    item.inputs = {{*Uuid::parse(a), 1}, {*Uuid::parse(b), 2}};
    item.outcome = ItemOutcome::kPlanned;
    item.reason = "because";
    item.result = result;
  };
  const std::string both = "[\"" + a + "\",\"" + b + "\"]";
  add(UpkeepAgent::kDecay, "gc",
      R"({"memory_id":")" + a + R"(","score":0.04,"urgency":"high","action":"gc"})");
  add(UpkeepAgent::kCluster, "link",
      R"({"cluster_id":"45bb9c1e-8f1f-4c3b-9a83-5e1a3c1d2b4f","memory_ids":)" + both +
          R"(,"cohesion":1.0000000000000002,"action":"link","confidence":null})");
  add(UpkeepAgent::kCluster, "pattern",
      R"({"memory_id":")" + a + R"(","source_ids":)" + both +
          R"(,"cohesion":0.9,"method":"heuristic"})");
  add(UpkeepAgent::kMerge, "merge",
      R"({"memory_id":null,"source_ids":)" + both + R"(,"cohesion":-0.1,"method":"llm"})");
  add(UpkeepAgent::kPromote, "promote",
      R"({"memory_id":")" + a + R"(","score":1,"criteria":["score","use_count"],"ltm_path":""})");
  add(UpkeepAgent::kRelations, "relate",
      R"({"source_id":")" + b + R"(","target_id":")" + a +
          R"(","strength":0.5,"shared_entities":["Ada"],"shared_tags":[],"similarity":null})");

  const auto results = agent_results_of("maya", plan);

  ASSERT_EQ(results.size(), plan.items.size());
  for (const AgentResult& result : results) expect_fields(result);
  EXPECT_EQ(Json::parse(results[1].result)["cohesion"], 1.0);
  EXPECT_EQ(Json::parse(results[3].result)["success"], false);
  EXPECT_EQ(Json::parse(results[4].result)["vault_path"], nullptr);
  EXPECT_EQ(Json::parse(results[5].result)["from_memory_id"], b) << "as it says, not as it lies";
  EXPECT_EQ(Json::parse(results[5].result)["source_id"], b) << "our own names stay";
}

TEST_F(AgentResults, OfStrangeItemsAreStillRecords) {
  Plan plan;
  plan.id = Uuid::random();
  plan.created_at = clock_.now();
  for (const auto agent : {UpkeepAgent::kDecay, UpkeepAgent::kCluster, UpkeepAgent::kMerge,
                           UpkeepAgent::kPromote, UpkeepAgent::kRelations}) {
    for (const char* result :
         {"", "{}", R"({"success":1,"success":2,"beads_issue_id":3})",
          R"({"memory_ids":[1,{}],"source_ids":"x","cohesion":"x","score":1e400,"criteria":[7]})",
          "{\n \"source_id\" : 7,\n \"target_id\":null,\"ltm_path\":[]}"}) {
      PlanItem& item = plan.items.emplace_back();
      item.agent = agent;
      item.action = "look";
      item.result = result;
    }
  }

  for (const AgentResult& result : agent_results_of("maya", plan)) {
    const auto again = parse_record(to_json_line("maya", result));
    ASSERT_TRUE(again.has_value()) << again.error().message << ": " << result.result;
    AgentResult expected = result;
    expected.result = std::get<AgentResult>(again->record).result;  // Blanks aside.
    EXPECT_EQ(std::get<AgentResult>(again->record), expected);
    EXPECT_THAT(result.result, HasSubstr(R"("beads_issue_id":null)"));
  }
}

}  // namespace
}  // namespace tulving
