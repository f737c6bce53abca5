// search finds by every mode what the store holds, one query from the arguments or many from a
// file, in order; a wrong query is refused, by itself.

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class CliSearch : public Cli {
 protected:
  void SetUp() override {
    const std::string input =
        R"({"kind":"memory","tenant_id":"acme","external_id":"tea","text":"Maya drinks green tea","tags":["drinks"],"priority":8,"created_at":"2026-03-01T09:00:00Z","embedding":[1,0,0]}
{"kind":"memory","tenant_id":"acme","external_id":"coffee","text":"Jonas drinks coffee","tags":["drinks"],"created_at":"2026-03-02T09:00:00Z","embedding":[0.8,0.6,0]}
{"kind":"memory","tenant_id":"acme","external_id":"bike","text":"The bicycle is in the cellar","created_at":"2026-03-03T09:00:00Z","embedding":[0,0,1]}
)";
    ASSERT_EQ(json({"import", "-"}, 0, input)["imported"], 3);
  }

  Json search(const Arguments& more) {
    Arguments arguments = {"search", "--tenant", "acme"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json(arguments);
  }
  /// The lines of `search --queries`, each a document.
  std::vector<Json> lines(const Outcome& outcome) {
    std::vector<Json> documents;
    std::istringstream in(outcome.out);
    for (std::string line; std::getline(in, line);) documents.push_back(Json::parse(line));
    return documents;
  }
};

TEST_F(CliSearch, HasTheFormThatIsKeptStable) {
  const Json found = search({"--text", "tea"});

  ASSERT_THAT(found["results"], SizeIs(1));
  const Json& hit = found["results"][0];
  EXPECT_EQ(hit["external_id"], "tea");
  EXPECT_EQ(hit["text"], "Maya drinks green tea");
  EXPECT_EQ(hit["id"].get<std::string>().size(), 36U);
  EXPECT_TRUE(hit["score"].is_number());
  EXPECT_EQ(found["approximate"], false);
}

TEST_F(CliSearch, FindsByEachMode) {
  EXPECT_THAT(names(search({"--text", "drinking"})["results"]),
              UnorderedElementsAre("tea", "coffee"));
  EXPECT_THAT(names(search({"--vector", "0.7,0.7,0", "--k", "2"})["results"]),
              ElementsAre("coffee", "tea"));
  EXPECT_EQ(names(search({"--text", "bicycle", "--vector", "0,0,1"})["results"])[0], "bike");
  EXPECT_THAT(names(search({"--mode", "recent"})["results"]), ElementsAre("bike", "coffee", "tea"));
  EXPECT_NEAR(search({"--vector", "1,0,0"})["results"][1]["score"].get<double>(), 0.8, 0.01);
}

TEST_F(CliSearch, FiltersLimitsAndExplains) {
  EXPECT_THAT(
      names(search({"--vector", "0,0,1", "--filter", R"({"tags":{"any":["drinks"]}})"})["results"]),
      UnorderedElementsAre("tea", "coffee"));
  EXPECT_THAT(search({"--mode", "recent", "--k", "1"})["results"], SizeIs(1));
  const Json explained =
      search({"--text", "tea", "--vector", "1,0,0", "--explain", "--priority-weight", "0.5"});
  EXPECT_TRUE(explained.contains("plan"));
  EXPECT_TRUE(explained["results"][0].contains("explain"));
  EXPECT_EQ(explained["plan"]["matching"], 3);
  EXPECT_TRUE(search({"--text", "tea", "--timings"}).contains("microseconds"));
  EXPECT_EQ(search({"--text", "tea", "--deadline-ms", "10000"})["partial"], false);
}

TEST_F(CliSearch, PeopleGetATable) {
  const Outcome outcome = run({"search", "--tenant", "acme", "--text", "tea", "--vector", "1,0,0",
                               "--explain", "--timings"});

  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* word : {"SCORE", "Maya drinks green tea", "COSINE", "matching", " us"}) {
    EXPECT_THAT(outcome.out, HasSubstr(word));
  }
}

TEST_F(CliSearch, TouchReinforcesWhatIsFound) {
  search({"--text", "tea", "--touch"});

  EXPECT_EQ(json({"get", "--tenant", "acme", "tea"})["use_count"], 1);
  EXPECT_EQ(json({"get", "--tenant", "acme", "bike"}).value("use_count", 0), 0);
}

TEST_F(CliSearch, RefusesWhatDoesNotApply) {
  for (const Arguments& wrong :
       std::vector<Arguments>{{"--text", "x", "--mode", "vector"},
                              {"--vector", "1,0,0", "--mode", "text"},
                              {"--text", "x", "--vector", "1,0,0", "--mode", "recent"},
                              {"--mode", "hybrid", "--text", "x"},
                              {"--mode", "psychic", "--text", "x"},
                              {"--vector", "1,0"},
                              {"--vector", "nan,0,0"},
                              {"--vector", "inf,0,0"},
                              {"--vector", "0,0,0"},
                              {"--vector", "1;0;0"},
                              {"--vector", ""},
                              {"--text", "x", "--k", "0"},
                              {"--text", "x", "--k", "10001"},
                              {"--text", "x", "--filter", R"({"colour":"red"})"},
                              {"--text", "x", "--filter", "[]"},
                              {"--text", "x", "--fusion", "magic"},
                              {"--text", "x", "--vector", "1,0,0", "--vector-weight", "-1"},
                              {"--text", "x", "--decay-weight", "2"},
                              {"--text", "x", "--now", "soon"},
                              {"--text", "x", "--deadline-ms", "-1"},
                              {"--text", "x", "--vectors", "nowhere.fvecs"}}) {
    Arguments arguments = {"search", "--tenant", "acme"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    const Outcome outcome = run(arguments);
    EXPECT_THAT(outcome, Failed(2)) << ::testing::PrintToString(wrong);
    EXPECT_TRUE(outcome.out.empty());
  }
}

TEST_F(CliSearch, ABatchAnswersLineForLine) {
  const std::string queries =
      file("q.jsonl", R"({"query_id":"q1","tenant_id":"acme","text":"bicycle"}
{"query_id":"q2","tenant_id":"acme","text":"drinks","k":1}
{"query_id":3,"tenant_id":"acme","text":"drinks","filter":{"priority":{"gte":8}}}

{"query_id":"q4","tenant_id":"acme","mode":"recent","k":2}
)");

  const Outcome outcome = run({"--json", "search", "--queries", queries});

  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto found = lines(outcome);
  ASSERT_THAT(found, SizeIs(4));
  EXPECT_EQ(found[0]["query_id"], "q1");
  EXPECT_THAT(names(found[0]["results"]), ElementsAre("bike"));
  EXPECT_THAT(found[1]["results"], SizeIs(1));
  EXPECT_EQ(found[2]["query_id"], 3);
  EXPECT_THAT(names(found[2]["results"]), ElementsAre("tea"));
  EXPECT_THAT(names(found[3]["results"]), ElementsAre("bike", "coffee"));
}

TEST_F(CliSearch, ABatchTakesRowIForQueryI) {
  const std::string queries = file("q.jsonl", R"({"query_id":"a","tenant_id":"acme","text":"drinks"}
{"query_id":"b","tenant_id":"acme","text":"drinks"}
)");
  const std::string vectors = fvecs("q.fvecs", {{1, 0, 0}, {0, 0, 1}});

  const auto by_vector = lines(run({"--json", "search", "--queries", queries, "--vectors", vectors,
                                    "--mode", "vector", "--k", "1"}));
  const auto by_text = lines(
      run({"--json", "search", "--queries", queries, "--vectors", vectors, "--mode", "text"}));

  ASSERT_THAT(by_vector, SizeIs(2));
  EXPECT_THAT(names(by_vector[0]["results"]), ElementsAre("tea"));
  EXPECT_THAT(names(by_vector[1]["results"]), ElementsAre("bike"));
  ASSERT_THAT(by_text, SizeIs(2));
  EXPECT_THAT(names(by_text[1]["results"]), UnorderedElementsAre("tea", "coffee"));
}

TEST_F(CliSearch, ABatchTellsItsTimes) {
  const std::string queries =
      file("q.jsonl", R"({"query_id":"a","tenant_id":"acme","text":"tea"})");

  const Outcome outcome = run({"--json", "search", "--queries", queries, "--timings"});

  EXPECT_TRUE(lines(outcome)[0]["microseconds"].is_number());
  EXPECT_THAT(outcome.err, HasSubstr("p50"));
  EXPECT_THAT(outcome.err, HasSubstr("p99"));
  EXPECT_THAT(run({"search", "--queries", queries}).out, HasSubstr("Maya"));
}

TEST_F(CliSearch, AWrongQueryIsRefusedByItself) {
  const std::string queries = file("q.jsonl", R"({"query_id":"a","tenant_id":"acme","text":"tea"}
{"query_id":"b","tenant_id":"acme","text":"tea","colour":"red"}
{"query_id":"c","tenant_id":"acme","text":"tea","k":0}
{"query_id":"d","text":"tea"}
no json
{"query_id":"e","tenant_id":"acme","vector":[1,0]}
{"query_id":"f","tenant_id":"acme","text":"tea","filter":{"layer":"deep"}}
{"query_id":"g","tenant_id":"acme","text":"bicycle"}
)");

  const Outcome outcome = run({"--json", "search", "--queries", queries});

  EXPECT_EQ(outcome.exit_code, 2);
  const auto found = lines(outcome);
  ASSERT_THAT(found, SizeIs(8));
  EXPECT_THAT(names(found[0]["results"]), ElementsAre("tea"));
  for (std::size_t i = 1; i < 7; ++i) {
    EXPECT_TRUE(found[i].contains("error")) << found[i];
    EXPECT_EQ(found[i]["results"], Json::array());
  }
  EXPECT_EQ(found[1]["field"], "colour");
  EXPECT_EQ(found[2]["field"], "k");
  EXPECT_THAT(names(found[7]["results"]), ElementsAre("bike"));
}

TEST_F(CliSearch, ABatchWithAnotherNumberOfRowsIsRefused) {
  const std::string queries = file("q.jsonl", R"({"query_id":"a","tenant_id":"acme"})");

  const Outcome outcome = run({"--json", "search", "--queries", queries, "--vectors",
                               fvecs("q.fvecs", {{1, 0, 0}, {0, 1, 0}})});

  EXPECT_THAT(outcome, Failed(2));
  EXPECT_THAT(outcome.err, HasSubstr("2 rows"));
  EXPECT_THAT(outcome.err, HasSubstr("1 queries"));
}

}  // namespace
}  // namespace tulving::testing
