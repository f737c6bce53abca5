// A command line is written by people: help without being asked for, plain words to search for, a
// misspelt word understood, the store and tenant named once in the environment, and each error in
// one sentence that says what to do.

#include <stdlib.h>  // setenv(3)

#include <random>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A variable of the environment, for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

class CliUsage : public Cli {
 protected:
  std::string error_of(const Arguments& arguments, int exit_code = 2) {
    const Outcome outcome = run(arguments);
    EXPECT_THAT(outcome, Failed(exit_code)) << ::testing::PrintToString(arguments);
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << "one sentence: " << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty());
    return outcome.err;
  }
};

TEST_F(CliUsage, WithoutAnythingItPrintsItsHelp) {
  const Outcome bare = run_bare({});

  EXPECT_EQ(bare.exit_code, 0);
  EXPECT_EQ(bare.out, run_bare({"--help"}).out);
  EXPECT_THAT(bare.out, HasSubstr("consolidate"));
  EXPECT_THAT(bare.err, IsEmpty());
  EXPECT_THAT(run_bare({"search", "--help"}).out, HasSubstr("--context-weight"));
}

TEST_F(CliUsage, AMisspeltWordGetsASuggestion) {
  EXPECT_THAT(error_of({"serach", "--tenant", "t", "tea"}), HasSubstr("did you mean search?"));
  EXPECT_THAT(error_of({"consolidte"}), HasSubstr("did you mean consolidate?"));
  EXPECT_THAT(error_of({"plans", "--tenant", "t", "shwo", "x"}), HasSubstr("did you mean show?"));
  EXPECT_THAT(error_of({"search", "--tenat", "t", "tea"}), HasSubstr("did you mean --tenant?"));
  EXPECT_THAT(error_of({"get", "--tenat", "t", "a"}), HasSubstr("did you mean --tenant?"));
  EXPECT_THAT(error_of({"get", "--tenat=t", "a"}), HasSubstr("did you mean --tenant?"));
  EXPECT_THAT(error_of({"--jsno", "stats"}), HasSubstr("did you mean --json?"));
  EXPECT_THAT(error_of({"stats", "--jsno"}), HasSubstr("did you mean --json?"));
  EXPECT_THAT(error_of({"tasks", "--tenant", "t", "claim", "--wroker", "w"}),
              HasSubstr("did you mean --worker?"));
  EXPECT_THAT(error_of({"frobnicate"}), Not(HasSubstr("did you mean")));
  EXPECT_THAT(error_of({"session"}), HasSubstr("put, get, list, erase"));
}

// One letter left out, put in, changed or swapped in any command's name is understood.
TEST_F(CliUsage, EverySlipInACommandIsUnderstood) {
  const std::vector<std::string> commands = {"import",      "export",  "update",   "search",
                                             "verify",      "history", "archive",  "recover",
                                             "consolidate", "lineage", "snapshot", "restore"};
  std::mt19937 random(1);
  constexpr int kCases = 120;
  for (int i = 0; i < kCases; ++i) {
    const std::string& meant = commands[static_cast<std::size_t>(i) % commands.size()];
    std::string word = meant;
    const std::size_t at = random() % (word.size() - 1);
    switch (random() % 4) {
      case 0:
        word.erase(at, 1);
        break;
      case 1:
        word.insert(at, 1, 'z');
        break;
      case 2:
        word[at] = 'z';
        break;
      default:
        std::swap(word[at], word[at + 1]);
    }
    if (word == meant) continue;
    const std::string error = error_of({word});
    EXPECT_THAT(error, HasSubstr("did you mean " + meant + "?")) << word;
  }
}

TEST_F(CliUsage, SearchTakesPlainWords) {
  add("maya", "a", "Jonas cooks risotto");
  add("maya", "b", "The export list is long");
  const auto found = [&](const Arguments& more) {
    Arguments arguments = {"search", "--tenant", "maya"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return names(json(arguments)["results"]);
  };
  EXPECT_THAT(found({"what", "does", "Jonas", "cook"}), ElementsAre("a"));
  EXPECT_THAT(found({"what does Jonas cook"}), ElementsAre("a"));
  EXPECT_THAT(found({"export", "list"}), ElementsAre("b")) << "names of commands are words, too";
  EXPECT_THAT(found({"risotto", "--k", "3", "cooks"}), ElementsAre("a"));
  EXPECT_THAT(found({"--", "--json", "risotto"}), ElementsAre("a"));
  EXPECT_EQ(found({"Jonas"}), found({"--text", "Jonas"}));
  error_of({"search", "--tenant", "maya", "--text", "x", "y"});
  error_of({"search", "--queries", "q.jsonl", "y"});
}

TEST_F(CliUsage, TheEnvironmentNamesStoreAndTenant) {
  add("maya", "a", "tea");
  EXPECT_THAT(run_bare({"stats"}).err, HasSubstr("TULVING_DB"));
  const Variable store("TULVING_DB", db());
  EXPECT_EQ(run_bare({"stats"}).exit_code, 0);
  EXPECT_THAT(run_bare({"--db", path("none"), "stats"}), Failed(1)) << "the option goes first";
  EXPECT_THAT(run_bare({"get", "a"}), Failed(2));
  const Variable tenant("TULVING_TENANT", "maya");
  EXPECT_THAT(run_bare({"get", "a"}).out, HasSubstr("tea"));
  EXPECT_THAT(run_bare({"search", "tea"}).out, HasSubstr("tea"));
  EXPECT_THAT(run_bare({"plans"}).out, HasSubstr("PLAN"));
  EXPECT_EQ(run_bare({"add", "--text", "milk"}).exit_code, 0);
  EXPECT_THAT(run_bare({"list"}).out, HasSubstr("2 of 2 matching"));
  EXPECT_THAT(run_bare({"list", "--tenant", "other"}).out, HasSubstr("0 of 0"));
  EXPECT_THAT(
      run_bare({"add", "--json-record", R"({"kind":"memory","tenant_id":"zoe","text":"x"})"}).err,
      IsEmpty())
      << "a record that names its tenant is taken at its word";
  EXPECT_EQ(json({"tenants"})["tenants"].size(), 2U);
}

TEST_F(CliUsage, ContextCountsAndIsExplained) {
  std::string input = R"({"kind":"session","tenant_id":"t","session_id":"s"})"
                      "\n";
  const std::vector<std::string> turns = {"Do you keep hens?", "Yes, three of them!",
                                          "Lovely weather today."};
  for (std::size_t i = 0; i < turns.size(); ++i) {
    input += Json{{"kind", "memory"},
                  {"tenant_id", "t"},
                  {"session_id", "s"},
                  {"external_id", "turn" + std::to_string(i)},
                  {"memory_type", "conversation"},
                  {"text", turns[i]},
                  {"embedding", {1.0, static_cast<double>(i)}},
                  {"created_at", "2026-01-01T00:00:0" + std::to_string(i) + "Z"}}
                 .dump() +
             "\n";
  }
  ASSERT_EQ(json({"import", "-"}, 0, input)["imported"], 4);
  const Arguments search = {"search",    "--tenant",          "t",  "hens", "--vector", "1,0",
                            "--explain", "--priority-weight", "0.5"};
  const auto with = [&](const std::string& weight) {
    Arguments arguments = search;
    arguments.insert(arguments.end(), {"--context-weight", weight});
    return json(arguments)["results"];
  };
  const auto context_of = [](const Json& hits) {
    double sum = 0;
    for (const Json& hit : hits) sum += hit["explain"]["context_part"].get<double>();
    return sum;
  };
  EXPECT_EQ(context_of(with("0")), 0);
  EXPECT_GT(context_of(with("0.4")), 0);
  for (const Json& hit : with("0.7")) {
    const Json& parts = hit["explain"];
    const double relevance = parts["relevance"];
    EXPECT_NEAR(parts["vector_part"].get<double>() + parts["text_part"].get<double>() +
                    parts["context_part"].get<double>(),
                relevance, 1e-5);
    EXPECT_NEAR(relevance * parts["decay_factor"].get<double>() *
                    parts["priority_factor"].get<double>() * parts["recency_factor"].get<double>(),
                hit["score"].get<double>(), 1e-5);
  }
  const std::string people = run(search).out;
  EXPECT_THAT(people, HasSubstr("CONTEXT"));
  EXPECT_THAT(people, HasSubstr("RELEVANCE"));
  EXPECT_THAT(error_of({"search", "--tenant", "t", "x", "--context-weight", "2"}),
              HasSubstr("context_weight is 2; must be 0..1"));
}

TEST_F(CliUsage, ErrorsNameFieldValueAndRule) {
  add("t", "a", "tea");
  EXPECT_THAT(error_of({"search", "--tenant", "t", "x", "--k", "ten"}),
              HasSubstr("--k is \"ten\"; must be a number"));
  EXPECT_THAT(error_of({"stats", "--json=maybe"}), HasSubstr("must be true or false"));
  EXPECT_THAT(error_of({"list", "--tenant", "t", "--filter", "{\"tags\":"}), HasSubstr("JSON"));
  EXPECT_THAT(error_of({"list", "--tenant", "t", "--filter", R"({"prioritty":3})"}),
              HasSubstr("prioritty"));
  EXPECT_THAT(error_of({"search", "--tenant", "t", "x", "--now", "soon"}), HasSubstr("soon"));
  EXPECT_THAT(error_of({"undo", "--tenant", "t", "nonsense"}),
              HasSubstr("PLAN is \"nonsense\"; must be a plan's id, or last"));
  EXPECT_THAT(error_of({"undo", "--tenant", "t", "last"}, 1), HasSubstr("no applied plan"));
  EXPECT_THAT(run({"import", db()}).err, HasSubstr(db())) << "a directory for a file";
  EXPECT_EQ(run({"import", db()}).exit_code, 1);
  EXPECT_THAT(error_of({"import", path("none.jsonl")}, 1), HasSubstr("none.jsonl"));
  const std::string text = file("text", "no store");
  const Outcome file_for_store = run_bare({"--db", text, "stats"});
  EXPECT_NE(file_for_store.exit_code, 0);
  EXPECT_THAT(file_for_store.err, HasSubstr(text));
  const Outcome none = run_bare({"--db", path("nowhere"), "stats"});
  EXPECT_THAT(none, Failed(1));
  EXPECT_THAT(none.err, HasSubstr("nowhere"));
}

TEST_F(CliUsage, AReaderThatStopsReadingEndsItQuietly) {
  std::string input;
  for (int i = 0; i < 3000; ++i) {
    input += Json{{"kind", "memory"},
                  {"tenant_id", "t"},
                  {"text", std::to_string(i) + std::string(100, 'x')}}
                 .dump() +
             "\n";
  }
  ASSERT_EQ(json({"import", "-"}, 0, input)["imported"], 3000);
  Running running = start({"--db", db(), "export"});
  EXPECT_THAT(read_line(running), HasSubstr("kind"));
  close_output(running);
  EXPECT_EQ(wait_for(running), 128 + SIGPIPE) << "as every other tool of a pipe";
}

}  // namespace
}  // namespace tulving::testing
