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
                     "relation.get",
                     "relation.list"};

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
    return {sessions, tasks, jobs};
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
