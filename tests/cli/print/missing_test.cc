// A name that the store does not have is said on stderr, by every command that reads, and changes
// neither the exit code nor what a program reads on stdout. `tenants` lists what there is.

#include <sstream>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CliMissing : public Cli {
 protected:
  void SetUp() override {
    const std::string input =
        R"({"kind":"session","tenant_id":"acme","session_id":"s1"}
{"kind":"memory","tenant_id":"acme","external_id":"tea","text":"green tea","agent_id":"aria","session_id":"s1","project_id":"quay","embeddings":[{"model":"minilm","vector":[1,0]}]}
{"kind":"memory","tenant_id":"other","external_id":"milk","text":"cold milk","embeddings":[{"model":"ada","vector":[1,0]},{"model":"bge","vector":[1,0]}]}
)";
    ASSERT_EQ(json({"import", "-"}, 0, input)["imported"], 3);
  }
  void expect_said(const Arguments& arguments, const std::string& name) {
    for (const bool as_json : {false, true}) {
      Arguments all = arguments;
      if (as_json) all.insert(all.begin(), "--json");
      const Outcome outcome = run(all);
      EXPECT_EQ(outcome.exit_code, 0) << ::testing::PrintToString(arguments);
      EXPECT_THAT(outcome.err, HasSubstr("\"" + name + "\"")) << ::testing::PrintToString(all);
      EXPECT_THAT(outcome.out, ::testing::Not(HasSubstr("tulving:")));
      if (as_json) {
        EXPECT_FALSE(Json::parse(outcome.out, nullptr, false).is_discarded()) << outcome.out;
      }
    }
  }
  void expect_silent(const Arguments& arguments) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.err, IsEmpty()) << ::testing::PrintToString(arguments);
  }
};

TEST_F(CliMissing, ATenantIsSaidByEveryCommandThatReads) {
  for (const Arguments& arguments :
       std::vector<Arguments>{{"list", "--tenant", "acmee"},
                              {"search", "--tenant", "acmee", "--text", "tea"},
                              {"search", "--tenant", "acmee", "--vector", "1,0"},
                              {"session", "list", "--tenant", "acmee"},
                              {"decay", "--tenant", "acmee"},
                              {"tasks", "--tenant", "acmee"},
                              {"plans", "--tenant", "acmee"},
                              {"jobs", "--tenant", "acmee"},
                              {"notes", "--tenant", "acmee"},
                              {"notes", "--tenant", "acmee", "--dry-run"},
                              {"gc", "--tenant", "acmee", "--dry-run"},
                              {"gc", "--tenant", "acmee"},
                              {"consolidate", "--tenant", "acmee", "--dry-run"},
                              {"consolidate", "--tenant", "acmee", "--scan"}}) {
    expect_said(arguments, "acmee");
  }
  EXPECT_THAT(run({"list", "--tenant", "acmee"}).err, HasSubstr("did you mean \"acme\"?"));
  EXPECT_EQ(json({"tenants"})["tenants"].size(), 2U) << "nobody made it";
  for (const Arguments& arguments :
       std::vector<Arguments>{{"get", "--tenant", "acmee", "tea"},
                              {"history", "--tenant", "acmee", "tea"},
                              {"lineage", "--tenant", "acmee", "tea"},
                              {"related", "--tenant", "acmee", "tea"}}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("no tenant \"acmee\""));
  }
  const std::string queries =
      file("q.jsonl", R"({"query_id":"a","tenant_id":"acmee","text":"tea"})");
  expect_said({"search", "--queries", queries}, "acmee");
  EXPECT_EQ(run({"add", "--tenant", "fresh", "--text", "x"}).err, "") << "it is made";
}

TEST_F(CliMissing, ANameInAFilterIsSaid) {
  for (const char* field : {"agent_id", "session_id", "project_id", "user_id", "task_id"}) {
    const std::string filter =
        std::string(R"({"or":[{")") + field + R"(":"nosuch"},{"not":{"memory_type":"warning"}}]})";
    expect_said({"list", "--tenant", "acme", "--filter", filter}, "nosuch");
    expect_said({"search", "--tenant", "acme", "--text", "tea", "--filter", filter}, "nosuch");
    EXPECT_THAT(names(json({"list", "--tenant", "acme", "--filter", filter})["memories"]),
                ElementsAre("tea"))
        << "the answer is what it was";
  }
  expect_said({"jobs", "--tenant", "acme", "--project", "nosuch"}, "nosuch");
  expect_silent({"list", "--tenant", "acme", "--filter",
                 R"({"agent_id":"aria","session_id":"s1","project_id":"quay"})"});
  expect_silent({"list", "--tenant", "acme", "--filter", R"({"tags":{"any":["none"]}})"});
  run({"session", "put", "--tenant", "acme", "empty"});
  expect_silent({"list", "--tenant", "acme", "--filter", R"({"session_id":"empty"})"});
  run({"forget", "--tenant", "acme", "tea"});
  expect_silent({"list", "--tenant", "acme", "--filter", R"({"agent_id":"aria"})"});
}

TEST_F(CliMissing, AModelIsChosenOrSaid) {
  const auto found = [&](const Arguments& more) {
    Arguments arguments = {"search", "--tenant", "acme"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return names(json(arguments)["results"]);
  };
  EXPECT_THAT(found({"--vector", "1,0"}), ElementsAre("tea"));
  EXPECT_THAT(found({"--vector", "1,0", "--text", "tea"}), ElementsAre("tea"));
  const std::string queries = file("q.jsonl", R"({"query_id":"a","tenant_id":"acme"})");
  const Json batch =
      json({"search", "--queries", queries, "--vectors", fvecs("q.fvecs", {{1, 0}})});
  EXPECT_THAT(names(batch["results"]), ElementsAre("tea"));

  const Outcome several = run({"search", "--tenant", "other", "--vector", "1,0"});
  EXPECT_THAT(several, Failed(2));
  EXPECT_THAT(several.err, HasSubstr("\"ada\", \"bge\""));
  expect_said({"search", "--tenant", "acme", "--vector", "1,0", "--model", "ada"}, "ada");
  EXPECT_EQ(json({"search", "--tenant", "acme", "--vector", "1,0", "--model",
                  "ada"})["vector_unsearchable"],
            true);
  const Outcome unknown =
      run({"search", "--tenant", "acme", "--vector", "1,0", "--model", "nosuch"});
  EXPECT_THAT(unknown, Failed(2));
  EXPECT_THAT(unknown.err, HasSubstr("\"minilm\""));
}

TEST_F(CliMissing, AQueryFileSaysItOnce) {
  std::string lines;
  for (int i = 0; i < 5; ++i) {
    lines += R"({"query_id":1,"tenant_id":"acme","text":"tea","filter":{"agent_id":"nosuch"}})";
    lines += '\n';
  }
  const Outcome outcome = run({"--json", "search", "--queries", file("q.jsonl", lines)});
  EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 5);
}

TEST_F(CliMissing, TenantsAreListed) {
  const Json tenants = json({"tenants"})["tenants"];

  ASSERT_THAT(tenants, SizeIs(2));
  EXPECT_EQ(tenants[0]["tenant_id"], "acme");
  EXPECT_EQ(tenants[0]["memories"], 1);
  EXPECT_EQ(tenants[0]["sessions"], 1);
  EXPECT_EQ(tenants[0]["models"][0]["model"], "minilm");
  EXPECT_EQ(tenants[0]["models"][0]["vectors"], 1);
  const Outcome people = run({"tenants"});
  for (const char* word : {"TENANT", "acme", "other", "ada, bge"}) {
    EXPECT_THAT(people.out, HasSubstr(word));
  }
}

}  // namespace
}  // namespace tulving::testing
