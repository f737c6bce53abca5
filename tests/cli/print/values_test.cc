// One value has one meaning on every path: what is shown is what was given, byte for byte, and
// given back as a filter it finds its memory by list --filter, search --filter and search --queries
// alike.

#include <cctype>
#include <random>
#include <set>
#include <sstream>

#include "tests/base/fixed_point.h"
#include "tests/cli/cli.h"
#include "tulving/json_members.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CliValues : public Cli {
 protected:
  void import(const std::string& lines) { run({"--json", "import", "-"}, lines); }

  /// The names that a filter finds, by each path; all must agree.
  std::vector<std::string> found(const std::string& filter) {
    const Outcome list = run({"--json", "list", "--tenant", "t", "--filter", filter});
    EXPECT_EQ(list.exit_code, 0) << list.err;
    const auto listed = names_in(list.out);
    const auto searched =
        names(json({"search", "--tenant", "t", "--mode", "recent", "--filter", filter})["results"]);
    const std::string queries =
        file("q.jsonl", R"({"query_id":"q","tenant_id":"t","filter":)" + filter + "}\n");
    const auto queried = names(json({"search", "--queries", queries})["results"]);
    EXPECT_THAT(searched, ::testing::UnorderedElementsAreArray(listed)) << filter;
    EXPECT_EQ(searched, queried) << filter;
    return listed;
  }
};

TEST_F(CliValues, LongNumbersStayApart) {
  import(
      R"({"kind":"memory","tenant_id":"t","external_id":"a","text":"An order.","metadata":{"order":12345678901234567890123}}
{"kind":"memory","tenant_id":"t","external_id":"b","text":"Another order.","metadata":{"order":12345678901234567890124}}
)");

  EXPECT_THAT(found(R"({"metadata.order":12345678901234567890123})"), ElementsAre("a"));
  EXPECT_THAT(found(R"({"metadata.order":{"gt":12345678901234567890123}})"), ElementsAre("b"));
  EXPECT_THAT(found(R"({"metadata":{"order":12345678901234567890124}})"), ElementsAre("b"));
  const std::string number = R"("metadata":{"order":12345678901234567890123})";
  for (const Arguments& command :
       std::vector<Arguments>{{"--json", "get", "--tenant", "t", "a"},
                              {"--json", "list", "--tenant", "t"},
                              {"--json", "history", "--tenant", "t", "a"},
                              {"export"}}) {
    EXPECT_THAT(run(command).out, HasSubstr(number)) << command[1];
  }
  EXPECT_THAT(run({"get", "--tenant", "t", "a"}).out,
              HasSubstr(R"({"order":12345678901234567890123})"));
}

TEST_F(CliValues, ANumberTooLargeForADoubleIsANumber) {
  import(
      R"({"kind":"memory","tenant_id":"t","external_id":"ok","text":"A plain note."}
{"kind":"memory","tenant_id":"t","external_id":"bad","text":"A huge number.","metadata":{"x":1e400}}
{"kind":"session","tenant_id":"t","session_id":"s","metadata":{"x":-1e400}}
{"kind":"relation","tenant_id":"t","source_id":"ok","target_id":"bad","metadata":{"x":1e-400}}
)");

  for (const Arguments& command : std::vector<Arguments>{{"list", "--tenant", "t"},
                                                         {"get", "--tenant", "t", "bad"},
                                                         {"history", "--tenant", "t", "bad"},
                                                         {"related", "--tenant", "t", "ok"},
                                                         {"session", "list", "--tenant", "t"},
                                                         {"session", "get", "--tenant", "t", "s"},
                                                         {"search", "--tenant", "t"}}) {
    const Outcome people = run(command);
    EXPECT_EQ(people.exit_code, 0) << people.err;
    Arguments with_json = command;
    with_json.insert(with_json.begin(), "--json");
    const Outcome outcome = run(with_json);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    if (command[0] == "search") continue;  // Hits show no metadata.
    EXPECT_THAT(outcome.out, HasSubstr("1e400")) << command[0];
  }
  EXPECT_THAT(found(R"({"metadata.x":1e400})"), ElementsAre("bad"));
  EXPECT_THAT(found(R"({"metadata.x":{"gt":9e399}})"), ElementsAre("bad"));
}

TEST_F(CliValues, FlagsKeepWhatIsWritten) {
  const std::string metadata = R"({ "order": 12345678901234567890123, "x": [1.10, 1e400] })";
  add("t", "a", "tea", {"--metadata", metadata, "--strength", "0.1"});
  add("t", "b", "milk");
  json({"update", "--tenant", "t", "b", "--set", R"({"metadata":{"n":9007199254740993}})", "--tag",
        "x"});
  json({"session", "put", "--tenant", "t", "s", "--metadata", metadata});
  run({"relate", "--tenant", "t", "a", "b", "--metadata", metadata, "--strength", "0.1"});

  EXPECT_THAT(run({"--json", "get", "--tenant", "t", "a"}).out, HasSubstr(metadata));
  EXPECT_THAT(run({"--json", "get", "--tenant", "t", "a"}).out, HasSubstr(R"("strength":0.1,)"));
  EXPECT_THAT(run({"--json", "get", "--tenant", "t", "b"}).out, HasSubstr("9007199254740993"));
  EXPECT_THAT(run({"--json", "session", "get", "--tenant", "t", "s"}).out, HasSubstr(metadata));
  EXPECT_THAT(run({"--json", "related", "--tenant", "t", "a"}).out,
              HasSubstr(R"("strength":0.1,)"));
  EXPECT_THAT(run({"export"}).out, HasSubstr(R"("strength":0.1,"metadata":)" + metadata));
}

TEST_F(CliValues, AFlagHoldsOneValue) {
  for (const Arguments& wrong : std::vector<Arguments>{
           {"--metadata", R"({"a":1},"status":"deleted")"},
           {"--metadata", R"({"a":1}} {)"},
           {"--metadata", R"({"a")"},
           {"--priority", R"(5,"status":"deleted")"},
           {"--priority", "5 "},
           {"--priority", "\"5\""},
           {"--text", "x", "--json-record", R"({"kind":"memory","text":"y"})"},
           {"--user", "u", "--json-record", R"({"kind":"memory","goal":"a","goal":"b"})"},
           {"--user", "u", "--json-record", "[]"}}) {
    Arguments arguments = {"add", "--tenant", "t"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    if (wrong[0] != "--text" && wrong[0] != "--user")
      arguments.insert(arguments.end(), {"--text", "x"});
    EXPECT_THAT(run(arguments), Failed(2)) << ::testing::PrintToString(wrong);
  }
}

TEST_F(CliValues, FieldsThatAreFloatsAreFoundByWhatTheyShow) {
  import(
      R"({"kind":"memory","tenant_id":"t","external_id":"n1","text":"One and a fifth.","strength":1.2,"confidence_score":0.7}
{"kind":"memory","tenant_id":"t","external_id":"n2","text":"A tenth.","strength":0.1,"relevance_score":1e-45}
)");

  EXPECT_THAT(found(R"({"strength":1.2})"), ElementsAre("n1"));
  EXPECT_THAT(found(R"({"strength":{"gt":1.2}})"), IsEmpty());
  EXPECT_THAT(found(R"({"strength":{"lte":0.10}})"), ElementsAre("n2"));
  EXPECT_THAT(found(R"({"strength":{"ne":1.2}})"), ElementsAre("n2"));
  EXPECT_THAT(found(R"({"confidence_score":{"in":[0.5,7e-1]}})"), ElementsAre("n1"));
  EXPECT_THAT(found(R"({"relevance_score":1e-45})"), ElementsAre("n2"));
}

TEST_F(CliValues, TimesAreExactToTheLastOne) {
  import(
      R"({"kind":"memory","tenant_id":"t","external_id":"never","text":"Never expires.","expires_at":"9999-12-31T23:59:59.999999Z"}
{"kind":"memory","tenant_id":"t","external_id":"far","text":"In three hundred years.","expires_at":"2326-05-01T10:00:00.000001Z"}
)");

  EXPECT_THAT(found(R"({"expires_at":"9999-12-31T23:59:59.999999Z"})"), ElementsAre("never"));
  EXPECT_THAT(found(R"({"expires_at":{"lt":"9999-12-31T23:59:59.999999Z"}})"), ElementsAre("far"));
  EXPECT_THAT(found(R"({"expires_at":{"gt":"2326-05-01T10:00:00Z"}})"),
              ::testing::UnorderedElementsAre("never", "far"));
  EXPECT_THAT(found(R"({"expires_at":{"gt":"2326-05-01T10:00:00.000001Z"}})"),
              ElementsAre("never"));
  EXPECT_THAT(found(R"({"expires_at":253402300799999999})"), ElementsAre("never"));
}

TEST_F(CliValues, RecentIsByTheTimesAndShowsThem) {
  std::string lines;
  for (int i = 10; i < 60; i += 5) {
    const std::string second = std::to_string(i);
    lines += R"({"kind":"memory","tenant_id":"t","external_id":"m)" + second +
             R"(","text":"Turn )" + second + R"(.","created_at":"2026-05-01T10:00:)" + second +
             "Z\"}\n";
  }
  import(lines);

  const Json found = json({"search", "--tenant", "t", "--mode", "recent", "--k", "3"})["results"];

  EXPECT_THAT(names(found), ElementsAre("m55", "m50", "m45"));
  EXPECT_EQ(found[0]["score"], "2026-05-01T10:00:55Z");
  EXPECT_THAT(run({"search", "--tenant", "t", "--mode", "recent", "--explain"}).out,
              HasSubstr("2026-05-01T10:00:55Z"));
  EXPECT_THAT(run({"search", "--tenant", "t", "--mode", "recent", "--priority-weight", "0.5"}),
              Failed(2));
}

TEST_F(CliValues, ListSortsEitherWay) {
  import(
      R"({"kind":"memory","tenant_id":"t","external_id":"a","text":"a","priority":3,"created_at":"2026-01-01"}
{"kind":"memory","tenant_id":"t","external_id":"b","text":"b","priority":1,"created_at":"2026-01-02"}
{"kind":"memory","tenant_id":"t","external_id":"c","text":"c","priority":2,"created_at":"2026-01-03"}
)");
  const auto listed = [&](const Arguments& more) {
    Arguments arguments = {"list", "--tenant", "t"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json(arguments);
  };

  EXPECT_THAT(names(listed({})["memories"]), ElementsAre("a", "b", "c"));
  EXPECT_THAT(names(listed({"--order", "desc"})["memories"]), ElementsAre("c", "b", "a"));
  EXPECT_THAT(names(listed({"--sort", "priority"})["memories"]), ElementsAre("b", "c", "a"));
  const Json page = listed({"--sort", "priority", "--order", "desc", "--limit", "2"});
  EXPECT_THAT(names(page["memories"]), ElementsAre("a", "c"));
  EXPECT_EQ(page["sort"], "priority");
  EXPECT_EQ(page["order"], "desc");
  EXPECT_THAT(names(listed({"--sort", "priority", "--order", "desc", "--cursor",
                            page["next_cursor"]})["memories"]),
              ElementsAre("b"));
  EXPECT_THAT(names(listed({"--sort", "decay"})["memories"]), SizeIs(3));
  EXPECT_THAT(run({"list", "--tenant", "t", "--sort", "colour"}), Failed(2));
  EXPECT_THAT(run({"list", "--tenant", "t", "--order", "up"}), Failed(2));
  EXPECT_THAT(run({"list", "--tenant", "t", "--cursor", page["next_cursor"]}), Failed(2));
}

TEST_F(CliValues, AMemberGivenTwiceIsRefusedOnEveryPath) {
  add("t", "a", "An order.");
  const std::string twice = R"({"not":{"external_id":"a"},"not":{"external_id":"b"}})";
  for (const Outcome& outcome :
       {run({"list", "--tenant", "t", "--filter", twice}),
        run({"search", "--tenant", "t", "--filter", twice}),
        run({"search", "--queries",
             file("q.jsonl", R"({"query_id":"twice","tenant_id":"t","filter":)" + twice + "}")})}) {
    EXPECT_THAT(outcome, Failed(2));
    EXPECT_THAT(outcome.err, HasSubstr("not is given twice"));
  }
  const Json answer =
      json({"search", "--queries",
            file("q.jsonl",
                 R"({"query_id":"text-twice","tenant_id":"t","text":"order","text":"nothing"})")},
           2);
  EXPECT_EQ(answer["query_id"], "text-twice");
  EXPECT_EQ(answer["field"], "text");
  EXPECT_THAT(answer["error"].get<std::string>(), HasSubstr("text is given twice"));
}

TEST_F(CliValues, AQueryIdComesBackAsItIsWritten) {
  add("t", "a", "An order.");
  const std::string queries =
      file("q.jsonl", R"({"query_id":12345678901234567890123,"tenant_id":"t","text":"order"}
{"query_id":"caf\u00e9","tenant_id":"t","text":"order","k":0}
)");
  const Outcome outcome = run({"--json", "search", "--queries", queries});

  EXPECT_THAT(outcome.out, HasSubstr(R"({"query_id":12345678901234567890123,"results":[{)"));
  EXPECT_THAT(outcome.out, HasSubstr(R"({"query_id":"caf\u00e9","results":[],)"));
}

}  // namespace
}  // namespace tulving::testing
