// What goes with a record that is erased, and what stays without it: SPEC section 1 and the foreign
// keys of the five Postgres schemas.

#include "tests/engine/one_tenant.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class Cascades : public OneTenant {
 protected:
  template <class T>
  T put(const T& record) {
    return value_of(tenant_->put(record)).record;
  }
  void put_task(const std::string& id, const std::string& project = {}) {
    Task task;
    task.task_id = id;
    task.project_id = project;
    put(task);
  }
  void put_stage(const std::string& id, const std::string& task) {
    Stage stage;
    stage.stage_id = id;
    stage.task_id = task;
    put(stage);
  }
  Uuid add(const std::string& text, const std::string& task, const std::string& stage,
           const std::string& project, std::int32_t level = 0) {
    Memory one = memory(text);
    one.task_id = task;
    one.stage_id = stage;
    one.project_id = project;
    one.abstraction_level = level;
    return value_of(tenant_->add(one)).id;
  }
  template <class T>
  std::vector<std::string> keys() {
    std::vector<std::string> found;
    for (const T& record : value_of(list_all<T>(*tenant_))) found.push_back(kinds::key_of(record));
    return found;
  }
  bool is_there(const Uuid& id) { return tenant_->get(id).has_value(); }
  void expect_sound_after_restart() {
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
    reopen();
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
  }
};

TEST_F(Cascades, AProjectTakesItsJobsTasksAndMerges) {
  Project garden;
  garden.project_id = "garden";
  put(garden);
  put_task("beans", "garden");
  put_task("roof", "house");
  put_stage("sow", "beans");
  ConsolidationJob job;
  job.project_id = "garden";
  put(job);
  const Uuid raw = add("Beans were sown.", "", "", "garden");
  const Uuid of_task = add("The bed is dug.", "beans", "sow", "garden");
  const Uuid merge = add("Beans, and how.", "", "", "garden", 1);
  const Uuid other = add("The roof leaks.", "roof", "", "house", 1);

  ASSERT_THAT(tenant_->erase<Project>("garden"), Succeeds());
  EXPECT_THAT(keys<Task>(), ElementsAre("roof"));
  EXPECT_THAT(keys<Stage>(), IsEmpty());
  EXPECT_THAT(value_of(list_all<ConsolidationJob>(*tenant_)), IsEmpty());
  EXPECT_TRUE(is_there(raw));  // Of no task, and no merge: no table of the project's holds it.
  EXPECT_TRUE(is_there(other));
  EXPECT_FALSE(is_there(of_task));
  EXPECT_FALSE(is_there(merge));
  expect_sound_after_restart();
  EXPECT_THAT(keys<Task>(), ElementsAre("roof"));
}

TEST_F(Cascades, ATaskTakesItsStagesErrorsAndRawMemories) {
  put_task("beans");
  put_stage("sow", "beans");
  ErrorRecord error;
  error.task_id = "beans";
  put(error);
  CompressionMetric metric;
  metric.metric_id = "m";
  metric.task_id = "beans";
  metric.stage_id = "sow";
  metric.compression_type = "stage";
  metric.model_used = "extractive";
  put(metric);
  const Uuid raw = add("The bed is dug.", "beans", "sow", "");
  const Uuid merge = add("Of several tasks.", "beans", "sow", "", 1);

  ASSERT_THAT(tenant_->erase<Task>("beans"), Succeeds());
  const std::uint64_t revision = store_->revision();
  EXPECT_THAT(keys<Stage>(), IsEmpty());
  EXPECT_THAT(value_of(list_all<ErrorRecord>(*tenant_)), IsEmpty());
  EXPECT_FALSE(is_there(raw));
  const Memory left = value_of(tenant_->get(merge));
  EXPECT_EQ(left.stage_id, "");
  EXPECT_EQ(left.revision, revision);  // So that a sync sees it.
  const CompressionMetric lone = value_of(tenant_->get<CompressionMetric>("m"));
  EXPECT_EQ(lone.task_id + lone.stage_id, "");
  EXPECT_EQ(lone.revision, revision);
  expect_sound_after_restart();
}

TEST_F(Cascades, WhatNamesAStageASessionOrAMemoryForgetsIt) {
  put_task("beans");
  put_stage("sow", "beans");
  Task at_stage = value_of(tenant_->get<Task>("beans"));
  at_stage.current_stage_id = "sow";
  put(at_stage);
  Session session;
  session.session_id = "s";
  put(session);
  AgentState state;
  state.state_id = "a";
  state.agent_id = "gardener";
  state.session_id = "s";
  put(state);
  const Uuid id = add("The bed is dug.", "", "sow", "");
  AccessLogEntry entry;
  entry.log_id = "l";
  entry.operation = "read";
  entry.memory_id = id;
  entry.session_id = "s";
  put(entry);

  ASSERT_THAT(tenant_->erase<Stage>("sow"), Succeeds());
  EXPECT_EQ(value_of(tenant_->get<Task>("beans")).current_stage_id, "");
  EXPECT_EQ(value_of(tenant_->get(id)).stage_id, "");
  ASSERT_THAT(tenant_->erase<Session>("s"), Succeeds());
  EXPECT_EQ(value_of(tenant_->get<AgentState>("a")).session_id, "");
  EXPECT_EQ(value_of(tenant_->get<AccessLogEntry>("l")).session_id, "");
  ASSERT_THAT(tenant_->erase(id), Succeeds());
  const auto left = value_of(tenant_->get<AccessLogEntry>("l"));
  EXPECT_TRUE(left.memory_id.is_nil());
  EXPECT_EQ(left.revision, store_->revision());
  expect_sound_after_restart();
}

TEST_F(Cascades, WithinOneWriteSeeWhatItPut) {
  put_task("beans");
  Stage stage;
  stage.stage_id = "sow";
  stage.task_id = "beans";
  Memory one = memory("The bed is dug.");
  one.task_id = "beans";
  one.stage_id = "sow";
  const std::vector<Record> records = {stage, one};
  const auto written = value_of(tenant_->write(records));
  ASSERT_THAT(tenant_->erase<Task>("beans"), Succeeds());
  EXPECT_THAT(keys<Stage>(), IsEmpty());
  EXPECT_FALSE(is_there(written[1].id));
  EXPECT_THAT(tenant_->put(stage), FailsWith(ErrorCode::kNotFound));
}

TEST_F(Cascades, NameRulesAreThoseOfTheSchemas) {
  AgentState state;
  state.agent_id = "gardener";
  EXPECT_NE(put(state).state_id, put(state).state_id);  // Any number without a session.
  Session session;
  session.session_id = "s";
  put(session);
  state.session_id = "s";
  const AgentState first = put(state);
  state.state_data = "[1]";
  const AgentState second = put(state);  // Without an id it is that agent's of that session.
  EXPECT_EQ(second.state_id, first.state_id);
  EXPECT_EQ(second.state_data, "[1]");
  state.state_id = "mine";
  EXPECT_THAT(tenant_->put(state), FailsWith(ErrorCode::kConflict));
  DataSource source;
  source.source_id = "d1";
  source.source_name = "crm";
  put(source);
  source.source_id = "d2";
  const auto refused = tenant_->put(source);
  ASSERT_THAT(refused, FailsWith(ErrorCode::kConflict));
  EXPECT_EQ(refused.error().field, "source_name");
}

TEST_F(Cascades, AnIdMayBeAUuidOfAnyVersion) {
  Task task;
  task.task_id = "0190163d-8694-739b-aea5-966c26f8ad91";  // Version 7.
  put(task);
  EXPECT_TRUE(tenant_->get<Task>(task.task_id).has_value());
  task.task_id = "0190163D-8694-739B-AEA5-966C26F8AD91";
  EXPECT_THAT(tenant_->put(task), FailsWith(ErrorCode::kConflict));  // The same to a database.
  EXPECT_EQ(Uuid::standing_for("acme", task.task_id).to_string(),
            "0190163d-8694-739b-aea5-966c26f8ad91");
  EXPECT_EQ(Uuid::standing_for("acme", "beans"), Uuid::derive("acme", "beans"));
  const std::string nil = Uuid().to_string();
  EXPECT_EQ(Uuid::standing_for("acme", nil), Uuid::derive("acme", nil));
}

TEST_F(Cascades, ListsAreFilteredByFields) {
  put_task("beans", "garden");
  put_task("peas", "garden");
  put_task("roof", "house");
  const auto of = [&](std::vector<FieldEquals> equals) {
    std::vector<std::string> found;
    for (const Task& task : value_of(list_all<Task>(*tenant_, {.filter = {std::move(equals)}}))) {
      found.push_back(task.task_id);
    }
    return found;
  };
  EXPECT_THAT(of({}), SizeIs(3));
  EXPECT_THAT(of({{"project_id", "garden"}}), UnorderedElementsAre("beans", "peas"));
  EXPECT_THAT(of({{"project_id", "garden"}, {"task_id", "peas"}}), ElementsAre("peas"));
  EXPECT_THAT(of({{"project_id", ""}}), IsEmpty());
  EXPECT_THAT(tenant_->list<Task>({.filter = {{{"colour", "red"}}}}),
              FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant_->list<Task>({.filter = {{{"created_at", "now"}}}}),
              FailsWith(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace tulving
