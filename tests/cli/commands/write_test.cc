// add, update, touch, forget, erase and session change what they say and nothing else; what they
// refuse they leave as it was.

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class CliWrite : public Cli {
 protected:
  Json get(const std::string& name, const Arguments& more = {}) {
    Arguments arguments = {"get", "--tenant", "acme", name};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json(arguments);
  }
  /// The command is refused with this exit code, and the store is as it was.
  void expect_refused(const Arguments& arguments, int exit_code, const std::string& says) {
    const std::string before = exported();
    const Outcome outcome = run(arguments);
    EXPECT_THAT(outcome, Failed(exit_code)) << arguments[0];
    EXPECT_THAT(outcome.err, HasSubstr(says));
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_EQ(exported(), before);
  }
};

TEST_F(CliWrite, AddSetsEveryFieldThatHasAFlag) {
  json({"session", "put", "--tenant", "acme", "s1"});
  const std::string id = add("acme", "a", "tea at five",
                             {"--type",
                              "decision",
                              "--layer",
                              "semantic",
                              "--tag",
                              "work",
                              "--tag",
                              "drinks",
                              "--entity",
                              "Maya",
                              "--fact",
                              "five",
                              "--keyword",
                              "tea",
                              "--metadata",
                              R"({"colour":"green"})",
                              "--content",
                              R"({"cups":2})",
                              "--summary",
                              "tea",
                              "--user",
                              "u",
                              "--project",
                              "p",
                              "--task",
                              "t",
                              "--stage",
                              "st",
                              "--goal",
                              "g",
                              "--result",
                              "r",
                              "--outcome",
                              "o",
                              "--priority",
                              "7",
                              "--strength",
                              "1.5",
                              "--critical",
                              "--expires-at",
                              "2030-01-01",
                              "--agent",
                              "aria",
                              "--session",
                              "s1",
                              "--source-type",
                              "document",
                              "--source-agent",
                              "reader",
                              "--created-at",
                              "2026-03-01T09:30:00Z",
                              "--vector",
                              "-0.5,0.25"});

  const Json memory = get("a", {"--with-embeddings"});

  EXPECT_EQ(memory["id"], id);
  EXPECT_EQ(memory["text"], "tea at five");
  EXPECT_EQ(memory["memory_type"], "decision");
  EXPECT_EQ(memory["layer"], "semantic");
  EXPECT_EQ(memory["tags"].size(), 2U);
  EXPECT_EQ(memory["entities"], Json{"Maya"});
  EXPECT_EQ(memory["metadata"], (Json{{"colour", "green"}}));
  EXPECT_EQ(memory["content"]["cups"], 2);
  EXPECT_EQ(memory["priority"], 7);
  EXPECT_EQ(memory["strength"], 1.5);
  EXPECT_EQ(memory["is_critical"], true);
  EXPECT_EQ(memory["session_id"], "s1");
  EXPECT_EQ(memory["source_type"], "document");
  EXPECT_EQ(memory["created_at"], "2026-03-01T09:30:00Z");
  EXPECT_EQ(memory["expires_at"], "2030-01-01T00:00:00Z");
  EXPECT_EQ(memory["embedding"], (Json{-0.5, 0.25}));
  EXPECT_EQ(memory["content_hash"].get<std::string>().size(), 32U);
}

TEST_F(CliWrite, AddTakesARecordAsImportDoes) {
  json({"add", "--tenant", "acme", "--priority", "8", "--json-record",
        R"({"kind":"memory","external_id":"a","text":"tea","embedding":[1,0]})"});
  json({"add", "--json-record",
        R"({"kind":"memory","tenant_id":"acme","external_id":"b","text":"x"})"});

  EXPECT_EQ(get("a")["priority"], 8);
  EXPECT_EQ(get("b")["text"], "x");
}

TEST_F(CliWrite, AVectorWithoutAModelIsOfTheTenantsOnlyOne) {
  const auto models = [&] {
    std::vector<std::string> names;
    const Json stats = json({"stats"});
    for (const Json& vectors : stats["tenants"][0]["vectors"]) {
      names.push_back(vectors["model"]);
    }
    return names;
  };
  add("acme", "a", "tea", {"--vector", "1,0", "--model", "bge"});
  add("acme", "b", "milk", {"--vector", "0,1"});
  json({"update", "--tenant", "acme", "a", "--text", "green tea", "--vector", "1,1"});
  json({"add", "--tenant", "acme", "--json-record",
        R"({"kind":"memory","text":"rye","embedding":[1,0.5]})"});
  json({"update", "--tenant", "acme", "b", "--set", R"({"embedding":[0.5,1]})"});
  EXPECT_THAT(models(), ElementsAre("bge"));
  add("acme", "c", "rum", {"--vector", "0,1,1", "--model", "e5"});
  add("acme", "d", "gin", {"--vector", "0,1,1,1"});  // several: the usual one
  EXPECT_THAT(models(), ::testing::UnorderedElementsAre("bge", "e5", "default"));
}

TEST_F(CliWrite, AddSaysWhatItDid) {
  EXPECT_THAT(run({"add", "--tenant", "acme", "--text", "tea"}).out,
              MatchesRegex("[-0-9a-f]{36} added, revision [0-9]+\n"));
  EXPECT_EQ(json({"add", "--tenant", "acme", "--text", "tea"})["effect"], "reinforced");
  EXPECT_EQ(json({"add", "--tenant", "acme", "--text", "tea", "--on-duplicate", "keep"})["effect"],
            "kept");
  EXPECT_EQ(json({"stats"})["memories"], 2);
  expect_refused({"add", "--tenant", "acme", "--text", "tea", "--on-duplicate", "reject"}, 1, "");
}

TEST_F(CliWrite, AnIdempotencyKeyMakesARetryWriteOnce) {
  const Arguments add = {"add",         "--tenant",          "acme", "--text", "tea", "--type",
                         "interaction", "--idempotency-key", "k1"};
  const Json first = json(add);

  EXPECT_EQ(json(add), first);
  EXPECT_EQ(json({"stats"})["memories"], 1);
}

TEST_F(CliWrite, AddRefusesWhatIsThereAndWhatIsWrong) {
  add("acme", "a", "tea", {"--vector", "1,0"});

  expect_refused({"add", "--tenant", "acme", "--external-id", "a", "--text", "other"}, 1, "a");
  const auto add_with = [](const Arguments& more) {
    Arguments arguments = {"add", "--tenant", "acme", "--text", "new"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  expect_refused(add_with({"--priority", "11"}), 2, "priority");
  expect_refused(add_with({"--tag", std::string(65, 't')}), 2, "tag");
  expect_refused(add_with({"--vector", "1,0,0"}), 2, "embedding");
  expect_refused(add_with({"--vector", "nan,1"}), 2, "embedding");
  expect_refused(add_with({"--vector", "inf,1"}), 2, "embedding");
  expect_refused(add_with({"--vector", "0,0"}), 2, "embedding");
  expect_refused(add_with({"--session", "nowhere"}), 2, "nowhere");
  expect_refused({"add", "--tenant", "", "--text", "x"}, 2, "tenant");
  expect_refused({"add", "--tenant", std::string(300, 't'), "--text", "x"}, 2, "tenant");
}

TEST_F(CliWrite, UpdateChangesTheFieldsGivenAlone) {
  add("acme", "a", "tea", {"--priority", "3", "--tag", "old"});

  const Json updated =
      json({"update", "--tenant", "acme", "a", "--set", R"({"priority":8,"tags":["new"]})",
            "--summary", "s", "--vector", "1,0"});

  EXPECT_EQ(updated["effect"], "updated");
  const Json memory = get("a", {"--with-embeddings"});
  EXPECT_EQ(memory["priority"], 8);
  EXPECT_EQ(memory["tags"], Json{"new"});
  EXPECT_EQ(memory["summary"], "s");
  EXPECT_EQ(memory["text"], "tea");
  EXPECT_EQ(memory["embedding"], (Json{1.0, 0.0}));
  EXPECT_EQ(memory["revision"], updated["revision"]);
}

TEST_F(CliWrite, UpdateWithAStaleRevisionIsAConflict) {
  add("acme", "a", "tea");
  const std::string stale = std::to_string(get("a")["revision"].get<int>());
  json({"update", "--tenant", "acme", "a", "--priority", "6", "--revision", stale});

  expect_refused({"update", "--tenant", "acme", "a", "--priority", "7", "--revision", stale}, 1,
                 stale);
  expect_refused({"update", "--tenant", "acme", "a", "--priority", "11"}, 2, "priority");
  expect_refused({"update", "--tenant", "acme", "a", "--set", R"({"colour":1})"}, 2, "colour");
  expect_refused(
      {"update", "--tenant", "acme", "a", "--set", R"({"priority":1})", "--priority", "2"}, 2,
      "twice");
  expect_refused({"update", "--tenant", "acme", "a"}, 2, "nothing");
  expect_refused({"update", "--tenant", "acme", "nobody", "--priority", "7"}, 1, "nobody");
}

TEST_F(CliWrite, TouchReinforces) {
  add("acme", "a", "tea");
  const std::string b = add("acme", "b", "coffee");

  EXPECT_EQ(json({"touch", "--tenant", "acme", "a", b})["touched"].size(), 2U);
  EXPECT_EQ(run({"touch", "--tenant", "acme", "a"}).out, "touched 1\n");

  EXPECT_EQ(get("a")["use_count"], 2);
  EXPECT_EQ(get("b")["use_count"], 1);
  expect_refused({"touch", "--tenant", "acme", "a", "nobody"}, 1, "nobody");
}

TEST_F(CliWrite, TouchExtendsALife) {
  add("acme", "a", "tea");
  json({"update", "--tenant", "acme", "a", "--set", R"({"expires_at":"2100-01-01T00:00:00Z"})"});

  json({"touch", "--tenant", "acme", "a", "--expires-after", "3000000000"});

  EXPECT_GT(get("a")["expires_at"].get<std::string>().substr(0, 4), "2115");
  expect_refused({"touch", "--tenant", "acme", "a", "--expires-after", "0"}, 2, "expires_after");
}

TEST_F(CliWrite, ForgetHidesAndKeeps) {
  add("acme", "a", "tea");

  EXPECT_EQ(json({"forget", "--tenant", "acme", "a"})["forgotten"].size(), 1U);

  EXPECT_EQ(get("a")["status"], "deleted");
  EXPECT_EQ(json({"list", "--tenant", "acme"})["matching"], 0);
  EXPECT_EQ(json({"list", "--tenant", "acme", "--include-deleted"})["matching"], 1);
  EXPECT_EQ(json({"search", "--tenant", "acme", "--text", "tea"})["results"], Json::array());
  expect_refused({"forget", "--tenant", "acme", "nobody"}, 1, "nobody");
}

TEST_F(CliWrite, EraseRemovesForGood) {
  add("acme", "a", "xylophone");
  add("acme", "b", "coffee");
  json({"relate", "--tenant", "acme", "a", "b"});

  EXPECT_EQ(json({"erase", "--tenant", "acme", "a", "--purge"})["erased"].size(), 1U);

  EXPECT_THAT(run({"get", "--tenant", "acme", "a"}), Failed(1));
  EXPECT_THAT(run({"history", "--tenant", "acme", "a"}), Failed(1));
  EXPECT_EQ(json({"related", "--tenant", "acme", "b"})["related"], Json::array());
  EXPECT_EQ(json({"search", "--tenant", "acme", "--text", "xylophone"})["results"], Json::array());
  expect_refused({"add", "--tenant", "acme", "--external-id", "a", "--text", "xylophone"}, 1,
                 "erased");
  EXPECT_EQ(json({"add", "--tenant", "acme", "--external-id", "a", "--text", "xylophone",
                  "--allow-erased"})["effect"],
            "added");
}

TEST_F(CliWrite, ANameAmongSeveralThatIsWrongChangesNone) {
  add("acme", "a", "tea");

  for (const char* command : {"touch", "forget", "erase"}) {
    expect_refused({command, "--tenant", "acme", "a", "nobody"}, 1, "nobody");
  }
}

TEST_F(CliWrite, SessionsComeAndGoWithTheirMemories) {
  EXPECT_EQ(json({"session", "put", "--tenant", "acme", "s1", "--user", "u", "--summary",
                  "tea"})["effect"],
            "added");
  EXPECT_EQ(json({"session", "put", "--tenant", "acme", "s1", "--user", "u", "--summary",
                  "more"})["effect"],
            "updated");
  run({"session", "put", "--tenant", "acme", "s2", "--type", "run"});
  add("acme", "a", "tea", {"--session", "s1"});
  add("acme", "b", "coffee", {"--session", "s2"});

  EXPECT_EQ(json({"session", "get", "--tenant", "acme", "s1"})["summary"], "more");
  EXPECT_THAT(run({"session", "get", "--tenant", "acme", "s1"}).out, HasSubstr("summary"));
  EXPECT_EQ(json({"session", "list", "--tenant", "acme"})["sessions"].size(), 2U);
  EXPECT_THAT(run({"session", "list", "--tenant", "acme"}).out, HasSubstr("s2"));
  EXPECT_EQ(json({"session", "erase", "--tenant", "acme", "s1"})["erased"], "s1");

  EXPECT_THAT(run({"session", "get", "--tenant", "acme", "s1"}), Failed(1));
  EXPECT_THAT(run({"get", "--tenant", "acme", "a"}), Failed(1));
  EXPECT_EQ(get("b")["text"], "coffee");
  expect_refused({"session", "erase", "--tenant", "acme", "nowhere"}, 1, "nowhere");
  expect_refused({"session", "put", "--tenant", "acme", std::string(65, 's')}, 2, "session_id");
}

}  // namespace
}  // namespace tulving::testing
