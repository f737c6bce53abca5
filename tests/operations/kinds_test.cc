// Every kind of record that is looked up has put, get, list and erase, made of its declaration.

#include "core/kinds/kinds.h"

#include "core/base/json/json_text.h"
#include "core/kinds/memory.h"
#include "core/operations/kinds/record_members.h"
#include "tests/kinds/random_record.h"
#include "tests/operations/called.h"
#include "tulving/json.h"

namespace tulving::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;
using testing_support::random_record;
using testing_support::RandomValues;

const Covers kCovers{"session.put",
                     "session.get",
                     "session.list",
                     "session.erase",
                     "consolidation_task.put",
                     "consolidation_task.get",
                     "consolidation_task.list",
                     "consolidation_task.erase",
                     "consolidation_job.put",
                     "consolidation_job.get",
                     "consolidation_job.list",
                     "consolidation_job.erase",
                     "session.update",
                     "consolidation_task.update",
                     "consolidation_job.update",
                     "relation.get",
                     "relation.list",
                     "relation.update",
                     "project.put",
                     "project.get",
                     "project.list",
                     "project.update",
                     "project.erase",
                     "task.put",
                     "task.get",
                     "task.list",
                     "task.update",
                     "task.erase",
                     "stage.put",
                     "stage.get",
                     "stage.list",
                     "stage.update",
                     "stage.erase",
                     "error_record.put",
                     "error_record.get",
                     "error_record.list",
                     "error_record.update",
                     "error_record.erase",
                     "compression_metric.put",
                     "compression_metric.get",
                     "compression_metric.list",
                     "compression_metric.update",
                     "compression_metric.erase",
                     "user_profile.put",
                     "user_profile.get",
                     "user_profile.list",
                     "user_profile.update",
                     "user_profile.erase",
                     "agent_state.put",
                     "agent_state.get",
                     "agent_state.list",
                     "agent_state.update",
                     "agent_state.erase",
                     "access_log_entry.put",
                     "access_log_entry.get",
                     "access_log_entry.list",
                     "access_log_entry.update",
                     "access_log_entry.erase",
                     "data_source.put",
                     "data_source.get",
                     "data_source.list",
                     "data_source.update",
                     "data_source.erase",
                     "access_policy.put",
                     "access_policy.get",
                     "access_policy.list",
                     "access_policy.update",
                     "access_policy.erase",
                     "agent_result.put",
                     "agent_result.get",
                     "agent_result.list",
                     "agent_result.update",
                     "agent_result.erase"};

// A kind and three records of it.
struct Example {
  std::string kind, noun, key, plural;
  std::vector<Json> records;
};

class KindOperations : public Called {
 protected:
  std::vector<Example> examples() {
    Example sessions{"session", "session", "session_id", "sessions", {}};
    Example tasks{"consolidation_task", "task", "task_id", "tasks", {}};
    Example jobs{"consolidation_job", "job", "id", "jobs", {}};
    const std::string memory = add("m", "x");
    for (const char* name : {"one", "two", "three"}) {
      sessions.records.push_back({{"session_id", name}, {"summary", "a talk"}});
      tasks.records.push_back({{"task_id", name},
                               {"title", "Look"},
                               {"action", "gc"},
                               {"agent", "decay"},
                               {"memory_ids", {memory}},
                               {"score", 0.1}});
      jobs.records.push_back({{"id", Uuid::random().to_string()},
                              {"project_id", name},
                              {"scope", {{"memory_types", {"decision"}}}}});
    }
    std::vector<Example> all = {sessions, tasks, jobs};
    // What stages and errors name.
    ask("task.put", {{"tenant_id", "t"}, {"task", {{"task_id", "there"}}}});
    all.push_back(example("project", "project_id", "projects", {{"name", "Garden"}}));
    all.push_back(example("stage", "stage_id", "stages",
                          {{"task_id", "there"}, {"stage_type", "execution"}}));
    all.push_back(example("error_record", "error_id", "error_records",
                          {{"task_id", "there"}, {"severity", 0.87}}));
    all.push_back(example("compression_metric", "metric_id", "compression_metrics",
                          {{"compression_type", "stage"}, {"model_used", "none"}}));
    all.push_back(example("user_profile", "user_id", "user_profiles", {{"preferences", {1, 2}}}));
    all.push_back(example("agent_state", "state_id", "agent_states", {{"agent_id", "gardener"}}));
    all.push_back(
        example("access_log_entry", "log_id", "access_log_entries", {{"operation", "read"}}));
    all.push_back(example("agent_result", "result_id", "agent_results",
                          {{"result", {{"x", 1}}}, {"decision", "wait"}}));
    Example sources = example("data_source", "source_id", "data_sources", {{"is_active", false}});
    for (Json& one : sources.records) one["source_name"] = one["source_id"];
    all.push_back(sources);
    Example policies =
        example("access_policy", "policy_id", "access_policies", {{"policy_rules", {"deny"}}});
    for (Json& one : policies.records) one["policy_name"] = one["policy_id"];
    all.push_back(policies);
    return all;
  }
  static Example example(const std::string& kind, const std::string& key, const std::string& plural,
                         Json members) {
    Example made{kind, kind, key, plural, {}};
    for (const char* name : {"one", "two", "three"}) {
      members[key] = name;
      made.records.push_back(members);
    }
    return made;
  }
  static Json of(const Example& kind, const Json& record) {
    return {{"tenant_id", "t"}, {kind.key, record[kind.key]}};
  }
  Json put(const Example& kind, const Json& record, const Json& more = Json::object()) {
    Json arguments = {{"tenant_id", "t"}, {kind.noun, record}};
    arguments.update(more);
    return ask(kind.kind + ".put", arguments);
  }
  /// All keys, a record a page.
  std::vector<Json> listed(const Example& kind) {
    std::vector<Json> keys;
    Json request = {{"tenant_id", "t"}, {"limit", 1}};
    while (true) {
      const Json page = ask(kind.kind + ".list", request);
      for (const Json& record : page[kind.plural]) keys.push_back(record[kind.key]);
      if (!page.contains("next_cursor")) return keys;
      EXPECT_EQ(page["matching"], kind.records.size());
      request["cursor"] = page["next_cursor"];
    }
  }
};

TEST_F(KindOperations, EachPutsGetsListsAndErases) {
  for (Example& kind : examples()) {
    SCOPED_TRACE(kind.kind);
    std::vector<Json> keys;
    for (const Json& record : kind.records) {
      const Json done = put(kind, record);
      EXPECT_EQ(done["effect"], "added");
      EXPECT_EQ(done[kind.key], record[kind.key]);
      const Json kept = ask(kind.kind + ".get", of(kind, record));
      EXPECT_EQ(kept["revision"], done["revision"]);
      for (const auto& [name, value] : record.items()) {
        if (!value.is_object()) {
          EXPECT_EQ(kept[name], value) << name;
        }
      }
      keys.push_back(record[kind.key]);
    }
    EXPECT_THAT(listed(kind), UnorderedElementsAreArray(keys));

    EXPECT_EQ(put(kind, kind.records[0])["effect"], "unchanged");
    const Json again = {{"tenant_id", "t"}, {kind.noun, kind.records[0]}, {"expected_revision", 0}};
    EXPECT_EQ(refused(kind.kind + ".put", again.dump()).code, ErrorCode::kConflict);

    EXPECT_EQ(ask(kind.kind + ".erase", of(kind, kind.records[1]))["erased"],
              kind.records[1][kind.key]);
    EXPECT_EQ(refused(kind.kind + ".get", of(kind, kind.records[1]).dump()).code,
              ErrorCode::kNotFound);
    EXPECT_EQ(refused(kind.kind + ".erase", of(kind, kind.records[1]).dump()).code,
              ErrorCode::kNotFound);
    keys.erase(keys.begin() + 1);
    kind.records.pop_back();
    EXPECT_THAT(listed(kind), UnorderedElementsAreArray(keys));
    EXPECT_EQ(refused(kind.kind + ".list", R"({"tenant_id":"t","cursor":"?"})").field, "cursor");
  }
}

// A JSON Merge Patch (RFC 7396): what is given replaces, null empties, the rest stays.
TEST_F(KindOperations, AreUpdatedByAPatch) {
  ask("task.put",
      {{"tenant_id", "t"}, {"task", {{"task_id", "beans"}, {"goal", "Grow"}, {"title", "Beans"}}}});
  const auto patch = [](const Json& members, const Json& more = Json::object()) {
    Json arguments = {{"tenant_id", "t"}, {"task_id", "beans"}, {"patch", members}};
    arguments.update(more);
    return arguments;
  };
  const Json done = ask("task.update", patch({{"title", nullptr}, {"agent_id", "tim"}}));
  EXPECT_EQ(done["effect"], "updated");
  const Json now = ask("task.get", {{"tenant_id", "t"}, {"task_id", "beans"}});
  EXPECT_EQ(now["goal"], "Grow");
  EXPECT_EQ(now["agent_id"], "tim");
  EXPECT_FALSE(now.contains("title"));
  EXPECT_EQ(ask("task.update", patch(Json::object()))["effect"], "unchanged");
  const auto old = patch({{"goal", "Eat"}}, {{"expected_revision", 1}});
  EXPECT_EQ(refused("task.update", old.dump()).code, ErrorCode::kConflict);
  EXPECT_EQ(refused("task.update", patch({{"task_id", "peas"}}).dump()).field, "task_id");
  EXPECT_THAT(refused("task.update", patch({{"colour", 1}}).dump()).message,
              HasSubstr("unknown field \"colour\""));
  EXPECT_EQ(refused("task.update", patch({{"goal", 7}}).dump()).field, "goal");
  EXPECT_EQ(ask("task.get", {{"tenant_id", "t"}, {"task_id", "beans"}}), now);

  Example jobs{"consolidation_job", "job", "id", "jobs", {}};
  const Json job = {{"id", Uuid::random().to_string()},
                    {"project_id", "garden"},
                    {"scope", {{"memory_types", {"decision"}}, {"unconsolidated_only", false}}}};
  put(jobs, job);
  ask("consolidation_job.update",
      {{"tenant_id", "t"}, {"id", job["id"]}, {"patch", {{"scope", {{"memory_types", nullptr}}}}}});
  const Json scope = ask("consolidation_job.get", of(jobs, job))["scope"];
  EXPECT_EQ(scope["unconsolidated_only"], false);
  EXPECT_EQ(scope["memory_types"], Json::array());
}

TEST_F(KindOperations, AreListedByTheirFields) {
  for (const char* id : {"a", "b", "c"}) {
    ask("task.put", {{"tenant_id", "t"},
                     {"task", {{"task_id", id}, {"project_id", id[0] == 'c' ? "q" : "p"}}}});
    ask("data_source.put",
        {{"tenant_id", "t"},
         {"data_source", {{"source_id", id}, {"source_name", id}, {"is_active", id[0] == 'c'}}}});
  }
  const auto count = [&](const std::string& kind, const Json& filter) {
    Json arguments = {{"tenant_id", "t"}};
    arguments.update(filter);
    return ask(kind + ".list", arguments)[kind + "s"].size();
  };
  EXPECT_EQ(count("task", {{"project_id", "p"}}), 2U);
  EXPECT_EQ(count("data_source", {{"is_active", true}}), 1U);
  EXPECT_EQ(count("data_source", {{"is_active", false}}), 2U);
  EXPECT_EQ(count("data_source", {{"source_type", "manual"}}), 3U);
  EXPECT_EQ(refused("data_source.list", R"({"tenant_id":"t","source_type":"paper"})").field,
            "source_type");
  EXPECT_EQ(refused("access_log_entry.list", R"({"tenant_id":"t","memory_id":"nobody"})").code,
            ErrorCode::kNotFound);
}

TEST_F(KindOperations, RelationsAreFoundByIdAndListedInPages) {
  for (const char* name : {"a", "b", "c"}) add(name, name);
  const Json made = ask("relation.put", {{"tenant_id", "t"}, {"source", "a"}, {"target", "b"}});
  ask("relation.put", {{"tenant_id", "t"}, {"source", "b"}, {"target", "c"}});

  EXPECT_EQ(ask("relation.get", {{"tenant_id", "t"}, {"id", made["id"]}})["target_id"],
            made["target_id"]);
  const Json page = ask("relation.list", {{"tenant_id", "t"}, {"limit", 1}});
  EXPECT_EQ(page["matching"], 2);
  EXPECT_EQ(ask("relation.list", {{"tenant_id", "t"}, {"id", "a"}})["relations"].size(), 1U);
  EXPECT_EQ(refused("relation.list", R"({"tenant_id":"t","id":"nobody"})").code,
            ErrorCode::kNotFound);
}

// A record's line has no member that the schema of its kind does not know.
TEST(RecordMembers, NameAllThatARecordsLineCanHave) {
  RandomValues random(7);
  kinds::RecordKinds::each([&]<class Record>(kinds::Tag<Record>) {
    constexpr std::string_view kind = kinds::Kind<Record>::name;
    std::vector<std::string> known;
    for (const Param& param : operations::record_members(kind)) known.emplace_back(param.name);
    for (int i = 0; i < 200; ++i) {
      const std::string line = to_json_line("t", Record(random_record<Record>(random)));
      JsonValue::whole(line).each_member([&](std::string_view name, JsonValue) {
        EXPECT_THAT(known, Contains(name)) << kind;
        return true;
      });
    }
  });
}

// What the schema of a patch names, a patch takes, and one that sets nothing of it changes nothing.
TEST(RecordMembers, OfAPatchAreThoseThatAPatchTakes) {
  std::vector<std::string_view> names;
  for (const Param& param : operations::patch_members()) {
    names.push_back(param.name);
    const auto read = parse_patch("{\"" + std::string(param.name) + "\": {\"?\": 1}}");
    if (!read) {
      EXPECT_THAT(read.error().message, ::testing::Not(HasSubstr("unknown"))) << param.name;
    }
  }
  EXPECT_THAT(names, ::testing::IsSupersetOf({"text", "tags", "strength", "embedding"}));
  EXPECT_THAT(names, ::testing::Not(Contains("id")));
  EXPECT_FALSE(parse_patch(R"({"id":"7d444840-9dc0-41d1-b245-5ffdce74fad2"})"));
}

}  // namespace
}  // namespace tulving::testing
