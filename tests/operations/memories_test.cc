// Operations on memories, sessions and relations do what the calls do that they stand for, and
// answer as the table says.

#include "tests/operations/called.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Covers kCoversMemories{"memory.add",     "memory.update",  "memory.get",    "memory.list",
                             "memory.history", "memory.lineage", "memory.touch",  "memory.archive",
                             "memory.recover", "memory.forget",  "memory.erase",  "memory.values",
                             "relation.put",   "relation.erase", "relation.list", "related",
                             "search",         "search.batch",   "session.put",   "session.get",
                             "session.list",   "session.erase"};

class MemoryOperations : public Called {};

TEST_F(MemoryOperations, AddUpdateGetAndHistory) {
  const std::string id = add("m", "tea at five", {{"priority", 7}, {"metadata", {{"n", 1}}}});

  const Json updated =
      ask("memory.update", {{"tenant_id", "t"}, {"id", "m"}, {"patch", {{"priority", 8}}}});
  const Json memory = ask("memory.get", {{"tenant_id", "t"}, {"id", id}});
  const Json history = ask("memory.history", {{"tenant_id", "t"}, {"id", "m"}});

  EXPECT_EQ(updated["effect"], "updated");
  EXPECT_EQ(memory["priority"], 8);
  EXPECT_EQ(memory["revision"], updated["revision"]);
  EXPECT_EQ(history["history"].size(), 2U);
  EXPECT_EQ(history["history"][0]["memory"]["priority"], 7);
  EXPECT_EQ(
      refused("memory.update", R"({"tenant_id":"t","id":"m","patch":{"priority":1},"revision":1})")
          .code,
      ErrorCode::kConflict);
  EXPECT_EQ(refused("memory.update", R"({"tenant_id":"t","id":"m"})").field, "patch");
  EXPECT_EQ(refused("memory.get", R"({"tenant_id":"t","id":"nobody"})").code, ErrorCode::kNotFound);
}

TEST_F(MemoryOperations, ATextThatIsThere) {
  add("a", "twice");
  const Json again = ask("memory.add", {{"tenant_id", "t"}, {"memory", {{"text", "twice"}}}});
  EXPECT_EQ(again["effect"], "reinforced");
  EXPECT_EQ(refused("memory.add", R"({"tenant_id":"t","memory":{"text":"twice"},)"
                                  R"("on_duplicate":"reject"})")
                .code,
            ErrorCode::kConflict);
}

TEST_F(MemoryOperations, TheLifeOfAMemory) {
  for (const char* name : {"a", "b", "c"}) add(name, name);
  const auto on = [](const char* name) { return Json{{"tenant_id", "t"}, {"ids", {name}}}; };

  EXPECT_EQ(ask("memory.touch", {{"tenant_id", "t"}, {"ids", {"a", "b"}}})["touched"].size(), 2U);
  ask("memory.archive", on("a"));
  EXPECT_EQ(ask("memory.list", {{"tenant_id", "t"}})["matching"], 2);
  ask("memory.recover", on("a"));
  ask("memory.forget", on("b"));
  ask("memory.erase", on("c"));

  EXPECT_EQ(ask("memory.list", {{"tenant_id", "t"}})["matching"], 1);
  EXPECT_EQ(ask("memory.get", {{"tenant_id", "t"}, {"id", "b"}})["status"], "deleted");
  EXPECT_EQ(refused("memory.get", R"({"tenant_id":"t","id":"c"})").code, ErrorCode::kNotFound);
  // All are looked for before anything is done to any.
  refused("memory.forget", R"({"tenant_id":"t","ids":["a","nobody"]})");
  EXPECT_EQ(ask("memory.get", {{"tenant_id", "t"}, {"id", "a"}}).value("status", "active"),
            "active");
}

TEST_F(MemoryOperations, ListPagesSortsAndRemarksWhatIsNotThere) {
  for (int i = 0; i < 5; ++i) {
    add("m" + std::to_string(i), "x" + std::to_string(i), {{"priority", i + 1}});
  }

  Json request = {{"tenant_id", "t"}, {"limit", 2}, {"sort", "priority"}, {"order", "desc"}};
  const Json first = ask("memory.list", request);
  request["cursor"] = first["next_cursor"];
  const Json second = ask("memory.list", request);
  ask("memory.list", {{"tenant_id", "t"}, {"filter", {{"project_id", "nope"}}}});

  EXPECT_EQ(first["memories"][0]["external_id"], "m4");
  EXPECT_EQ(second["memories"][0]["external_id"], "m2");
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("has the project \"nope\"")));
}

TEST_F(MemoryOperations, ValuesOfAFieldAndOfAPath) {
  add("a", "x", {{"tags", {"red", "blue"}}, {"is_critical", true}, {"metadata", {{"n", 1.0}}}});
  add("b", "y", {{"tags", {"red"}}, {"metadata", {{"n", "1"}}}});
  const auto ask_values = [&](const char* field, Json more = Json::object()) {
    more.update({{"tenant_id", "t"}, {"field", field}});
    return ask("memory.values", more);
  };

  const Json tags = ask_values("tags", {{"order", "count"}, {"limit", 1}});
  EXPECT_EQ(tags, (Json{{"field", "tags"},
                        {"values", {{{"value", "red"}, {"count", 2}}}},
                        {"distinct", 2},
                        {"matching", 2}}));
  EXPECT_EQ(ask_values("tags", {{"filter", {{"external_id", "b"}}}})["distinct"], 1);
  EXPECT_EQ(ask_values("tags", {{"offset", 1}})["values"][0]["value"], "red");
  EXPECT_EQ(ask_values("metadata.n")["values"][0]["value"], 1);
  EXPECT_EQ(ask_values("metadata.n")["values"][1]["value"], "1");
  EXPECT_EQ(ask_values("is_critical")["values"][1],
            (Json{{"value", true}, {"count", 1}}));  // As a filter takes it.
  EXPECT_EQ(refused("memory.values", R"({"tenant_id":"t","field":"priority"})").field, "field");
  EXPECT_EQ(refused("memory.values", R"({"tenant_id":"t"})").field, "field");
}

TEST_F(MemoryOperations, AVectorOfSeveralPassages) {
  const Json both = {{"tenant_id", "t"},
                     {"memory", {{"external_id", "a"}, {"text", "x"}}},
                     {"vector", {1, 0, 0, 1}},
                     {"passages", 2}};
  ask("memory.add", both);
  const auto embeddings = [&] {
    return ask("memory.get", {{"tenant_id", "t"}, {"id", "a"}, {"with_embeddings", true}});
  };
  EXPECT_EQ(embeddings()["embeddings"][0]["passages"], 2);
  ask("memory.update",
      {{"tenant_id", "t"}, {"id", "a"}, {"vector", {1, 0, 0, 1, 1, 1}}, {"passages", 3}});
  EXPECT_EQ(embeddings()["embeddings"][0]["passages"], 3);
  Json uneven = both;
  uneven["memory"] = {{"text", "y"}};
  uneven["vector"] = {1, 0, 0};
  EXPECT_EQ(refused("memory.add", uneven.dump()).code, ErrorCode::kInvalidArgument);
  uneven.erase("vector");
  EXPECT_EQ(refused("memory.add", uneven.dump()).field, "passages");
  EXPECT_EQ(
      refused("memory.update", R"({"tenant_id":"t","id":"a","patch":{},"passages":65})").field,
      "passages");
}

TEST_F(MemoryOperations, ATouchExtendsALife) {
  add("a", "x", {{"expires_at", "2100-01-01T00:00:00Z"}});
  add("b", "y");
  const auto expiry = [&](const char* name) {
    return ask("memory.get", {{"tenant_id", "t"}, {"id", name}}).value("expires_at", "never");
  };

  ask("memory.touch", {{"tenant_id", "t"}, {"ids", {"a", "b"}}, {"expires_after", 0.5}});
  EXPECT_EQ(expiry("a").substr(0, 4), "2100");
  ask("memory.touch", {{"tenant_id", "t"}, {"ids", {"a", "b"}}, {"expires_after", 3153600000}});
  EXPECT_GT(expiry("a").substr(0, 4), "2120");
  EXPECT_EQ(expiry("b"), "never");
  for (const char* bad : {"0", "-1", "3153600001", "1e-9"}) {
    EXPECT_EQ(refused("memory.touch",
                      R"({"tenant_id":"t","ids":["a"],"expires_after":)" + std::string(bad) + "}")
                  .field,
              "expires_after");
  }
}

TEST_F(MemoryOperations, RelationsAreByTheMemoriesNames) {
  for (const char* name : {"a", "b", "c"}) add(name, name);
  const Json link = {
      {"tenant_id", "t"}, {"source", "a"}, {"target", "b"}, {"relation_type", "causes"}};
  Json put = link;
  put["strength"] = 0.3;
  put["confidence"] = 0.5;
  put["metadata"] = {{"why", 1}};

  const Json made = ask("relation.put", put);
  ask("relation.put", {{"tenant_id", "t"}, {"source", "b"}, {"target", "c"}});
  const Json near = ask("related", {{"tenant_id", "t"}, {"id", "a"}, {"hops_max", 2}});
  const Json out = ask("related", {{"tenant_id", "t"}, {"id", "b"}, {"direction", "out"}});
  const Json listed = ask("relation.list", {{"tenant_id", "t"}, {"id", "b"}});
  const Json removed = ask("relation.erase", link);

  EXPECT_EQ(made["strength"], 0.3);
  EXPECT_EQ(near["related"].size(), 2U);
  EXPECT_EQ(near["related"][0]["strength"], 0.3);
  EXPECT_EQ(out["related"].size(), 1U);
  EXPECT_EQ(listed["relations"].size(), 2U);
  EXPECT_EQ(removed["removed"]["id"], made["id"]);
  EXPECT_EQ(refused("relation.erase", link.dump()).code, ErrorCode::kNotFound);
}

TEST_F(MemoryOperations, LineageOfAMemoryThatWasMadeOfNothing) {
  const std::string id = add("a", "x");
  const Json lineage = ask("memory.lineage", {{"tenant_id", "t"}, {"id", "a"}});
  EXPECT_EQ(lineage, (Json{{"id", id}, {"sources", Json::array()}, {"derived", Json::array()}}));
}

TEST_F(MemoryOperations, SearchExplainsItself) {
  add("a", "green tea", {{"embedding", {1, 0}}});
  add("b", "black coffee", {{"embedding", {0, 1}}});

  const Json found = ask("search", {{"tenant_id", "t"},
                                    {"text", "tea"},
                                    {"vector", {1, 0}},
                                    {"explain", true},
                                    {"timings", true},
                                    {"deadline_ms", 1000}});
  const Json nothing = ask("search", {{"tenant_id", "t"}, {"text", "the"}});

  EXPECT_EQ(found["results"][0]["external_id"], "a");
  EXPECT_TRUE(found["results"][0].contains("explain"));
  EXPECT_TRUE(found.contains("plan"));
  EXPECT_EQ(found["partial"], false);
  EXPECT_GT(found["microseconds"], 0);
  EXPECT_EQ(nothing["text_unsearchable"], true);
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("has no word to look for")));
}

TEST_F(MemoryOperations, ABatchAnswersLineByLine) {
  add("a", "green tea");

  const auto answers = stream(
      "search.batch", {{"mode", "text"}},
      {R"({"query_id":"q","tenant_id":"t","text":"tea"})",
       R"({"query_id":7,"tenant_id":"t","k":0})", "no json", R"({"query_id":8,"text":"tea"})"});

  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(answers[0]["results"][0]["external_id"], "a");
  EXPECT_EQ(answers[1]["query_id"], 7);
  EXPECT_THAT(answers[1]["error"].get<std::string>(), HasSubstr("k is 0"));
  EXPECT_EQ(answers[2]["query_id"], nullptr);
  EXPECT_EQ(answers[3]["field"], "tenant_id");
  EXPECT_EQ(summary_, (Json{{"queries", 4}, {"refused", 3}}));
}

TEST_F(MemoryOperations, ABoundCallersBatchStaysWithItsTenant) {
  add("a", "green tea");
  const auto answers = stream(
      "search.batch", Json::object(),
      {R"({"query_id":1,"text":"tea"})", R"({"query_id":2,"tenant_id":"t","text":"tea"})"}, {"u"});
  EXPECT_THAT(answers[0]["results"], IsEmpty());
  EXPECT_THAT(answers[1]["error"].get<std::string>(), HasSubstr("must be \"u\", the caller's"));
}

TEST_F(MemoryOperations, Sessions) {
  const Json put = ask("session.put", {{"tenant_id", "t"},
                                       {"session", {{"session_id", "s"}, {"summary", "a talk"}}}});
  ask("session.put", {{"tenant_id", "t"}, {"session", {{"kind", "session"}, {"session_id", "r"}}}});
  const Json session = ask("session.get", {{"tenant_id", "t"}, {"session_id", "s"}});
  const Json all = ask("session.list", {{"tenant_id", "t"}});
  const Json erased = ask("session.erase", {{"tenant_id", "t"}, {"session_id", "s"}});

  EXPECT_EQ(put["effect"], "added");
  EXPECT_EQ(session["summary"], "a talk");
  EXPECT_EQ(session["revision"], put["revision"]);
  EXPECT_EQ(all["sessions"].size(), 2U);
  EXPECT_EQ(erased["erased"], "s");
  EXPECT_EQ(ask("session.list", {{"tenant_id", "t"}})["sessions"].size(), 1U);
}

}  // namespace
}  // namespace tulving::testing
