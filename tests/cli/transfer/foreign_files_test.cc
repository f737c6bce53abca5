// A file of another system costs one error that says what to do, and what it says works: it is
// imported with the format, or the jq command that the error names is run, and its output imported.
// Times that name no zone are those of --zone.

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;

struct Foreign {
  const char* name;
  const char* says;
  const char* text;
  std::size_t records;  ///< After the command.
};

const Foreign kForeign[] = {
    {"McpMemory", "MCP memory server",
     R"({"type":"entity","name":"Ana","entityType":"person","observations":["likes \"tea\"","lives in York"]}
{"type":"entity","name":"York","entityType":"city","observations":[]}
{"type":"relation","from":"Ana","to":"York","relationType":"lives_in"}
)",
     3},
    {"McpGraph", "MCP memory server",
     R"({"entities":[{"name":"Ana","entityType":"person","observations":["a"]},{"name":"York","entityType":"city","observations":["b"]}],"relations":[{"from":"Ana","to":"York","relationType":"lives_in"}]})",
     3},
    {"Mem0Lines", "Mem0",
     R"({"id":"9f1c2d3e-4b5a-4c6d-8e7f-0123456789aa","memory":"likes tea","hash":"x","metadata":null,"created_at":"2024-07-20T01:30:36.275141-07:00","updated_at":null,"user_id":"ana"}
{"id":"9f1c2d3e-4b5a-4c6d-8e7f-0123456789bb","memory":"likes rain","hash":"y","metadata":{"a":1},"created_at":"2024-07-20T01:30:36.275141-07:00","updated_at":null,"user_id":"bo"}
)",
     2},
    {"Mem0Results", "Mem0",
     R"({"results":[{"id":"9f1c2d3e-4b5a-4c6d-8e7f-0123456789aa","memory":"likes tea","user_id":"ana","metadata":null}]})",
     1},
    {"CortexGraph", "CortexGraph",
     R"({"id":"a","content":"tea","meta":{"tags":[]},"created_at":1700000000,"last_used":1700000000,"use_count":0}
{"id":"b","content":"rain","meta":{"tags":[]},"created_at":1700000000,"last_used":1700000000,"use_count":0}
{"id":"r","from_memory_id":"a","to_memory_id":"b","relation_type":"references","created_at":1700000000}
)",
     3},
    {"Sessions", "SessionMemoryAgent",
     R"({"session_id":"s","conversation_history":[{"role":"user","content":"hi"}],"session_data":{}})",
     2},
    {"Contexts", "contextual_memory_pc2",
     R"([{"context_id":1,"context_data":{"text":"tea"}},{"context_id":2,"context_data":"rain"}])",
     2},
    {"Jarvis", "jarvis_memory_pc2", R"({"user_id":"ana","skill_states":{"chess":1}})", 2},
    {"LangGraphStore", "LangGraph",
     R"({"namespace":["memories","ana"],"key":"k1","value":{"text":"likes tea"},"created_at":"2026-01-01T00:00:00+00:00","updated_at":"2026-01-01T00:00:00+00:00"}
{"namespace":["memories","ana"],"key":"k2","value":{"colour":"red"},"created_at":"2026-01-01T00:00:00+00:00","updated_at":"2026-01-01T00:00:00+00:00"}
)",
     2},
    {"ChatLines", "chat log",
     R"({"role":"user","content":"Shall I?"}
{"role":"assistant","content":[{"type":"text","text":"Yes."}]}
)",
     2},
    {"ChatMessages", "chat log",
     R"({"messages":[{"role":"user","content":"Shall I?"},{"role":"assistant","content":"Yes."}]})",
     2},
    {"ArrayOfRecords", "JSON array",
     R"([{"kind":"memory","text":"a"},{"kind":"memory","text":"b"}])", 2},
    {"ArrayOverLines", "JSON array",
     "[\n  {\n    \"kind\": \"memory\",\n    \"text\": \"a\"\n  },\n"
     "  {\"kind\":\"memory\",\"text\":\"b\"},\n  {\n    \"kind\": \"memory\",\n"
     "    \"text\": \"c\"\n  }\n]\n",
     3},
    {"RecordsOverLines", "over many lines",
     "{\n  \"kind\": \"memory\",\n  \"text\": \"a\"\n}\n{\n  \"kind\": \"memory\",\n  \"text\": "
     "\"b\"\n}\n",
     2},
};

class CliForeign : public Cli, public ::testing::WithParamInterface<Foreign> {
 protected:
  /// The output of the command in `advice`, which ends with it.
  std::string converted(const std::string& advice, const std::string& input) {
    const std::size_t start = advice.rfind("jq -c");
    std::string command = advice.substr(start);
    command.replace(command.rfind("FILE"), 4, input);
    EXPECT_EQ(std::system((command + " > " + path("converted")).c_str()), 0) << command;
    std::ostringstream text;
    text << std::ifstream(path("converted")).rdbuf();
    return text.str();
  }
};

TEST_P(CliForeign, GetsOneErrorAndWhatItSaysWorks) {
  const std::string input = file("in.json", GetParam().text);
  for (const bool strict : {false, true}) {
    Arguments arguments = {"import", "--tenant", "t", input};
    if (strict) arguments.emplace_back("--strict");

    const Json summary = json(arguments, 2);

    ASSERT_EQ(summary["errors"].size(), 1U) << summary;
    EXPECT_EQ(summary["errors"][0]["line"], 1);
    EXPECT_EQ(summary["errors"][0]["lines"], summary["rejected"]);
    EXPECT_THAT(summary["errors"][0]["error"].get<std::string>(), HasSubstr(GetParam().says));
    EXPECT_EQ(summary["imported"], 0);
  }
  const Outcome people = run({"import", "--tenant", "t", input});
  EXPECT_LE(std::count(people.err.begin(), people.err.end(), '\n'), 2) << people.err;

  const std::string advice =
      json({"import", "--tenant", "t", input}, 2)["errors"][0]["error"].get<std::string>();
  if (const auto format = advice.find("--format "); format != std::string::npos) {
    const std::string name = advice.substr(format + 9, advice.find(')', format) - format - 9);
    const Arguments as_it_is = {"import", "--tenant", "t", "--format", name, input};
    EXPECT_EQ(json(as_it_is, 0)["imported"], GetParam().records);
    EXPECT_EQ(json(as_it_is, 0)["unchanged"], GetParam().records);
    return;
  }
  if (std::system("jq --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "jq is not installed";
  const std::string records = converted(advice, input);
  EXPECT_EQ(json({"import", "--tenant", "t", "-"}, 0, records)["imported"], GetParam().records)
      << records;
  EXPECT_EQ(json({"import", "--tenant", "t", "-"}, 0, records)["imported"], 0);
}

INSTANTIATE_TEST_SUITE_P(Each, CliForeign, ::testing::ValuesIn(kForeign),
                         [](const auto& instance) { return std::string(instance.param.name); });

class CliForeignFormats : public Cli {};

TEST_F(CliForeignFormats, ABadEntryIsToldWithItsLineAndPlace) {
  const std::string input =
      file("in.json", "{\"results\":[\n{\"id\":\"a\",\"memory\":\"tea\"},\n{\"memory\":7}]}");
  const Arguments arguments = {"import", "--tenant", "t", "--format", "mem0", input};

  const Outcome people = run(arguments);
  const Json summary = json(arguments, 2);

  EXPECT_THAT(people, Failed(2));
  EXPECT_THAT(people.err, HasSubstr("line 3 (/results/1): memory is 7; must be a string"));
  EXPECT_EQ(summary["unchanged"], 1);
  EXPECT_EQ(summary["errors"][0]["line"], 3);
  EXPECT_EQ(summary["errors"][0]["place"], "/results/1");
}

TEST_F(CliForeignFormats, AFileThatIsCutOrNoneSaysWhatWasTaken) {
  const auto errors = [&](const std::string& text) {
    return run({"import", "--tenant", "t", "--format", "mem0", "-"}, text);
  };
  const Outcome cut = errors(R"([{"id":"a","memory":"tea"},{"id":"b","mem)");
  const Outcome text = errors("Dear sir,\n");
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "line of a log\n";
  const Outcome log = errors(many);

  EXPECT_THAT(cut, Failed(2));
  EXPECT_THAT(cut.err, HasSubstr("was cut; the 1 entries before it were read"));
  EXPECT_THAT(cut.out, HasSubstr("imported 1"));
  EXPECT_THAT(text, Failed(2));
  EXPECT_THAT(text.err, HasSubstr("not JSON"));
  EXPECT_THAT(log.err, HasSubstr("none of the first 100 lines can be read"));
  EXPECT_LE(std::count(log.err.begin(), log.err.end(), '\n'), 110);
}

TEST_F(CliForeignFormats, AStrictImportIntoNoStoreLeavesNoneWhenAnEntryIsBad) {
  const Arguments arguments = {"import", "--tenant", "t", "--format", "mem0", "--strict", "-"};
  EXPECT_THAT(run(arguments, R"([{"id":"a","memory":"tea"},{"memory":7}])"), Failed(2));
  EXPECT_FALSE(std::filesystem::exists(db()));

  EXPECT_THAT(run(arguments, R"([{"id":"a","memory":"tea","run_id":"r"}])").out,
              HasSubstr("imported 2"));
}

TEST_F(CliForeignFormats, WrongArgumentsAreRefused) {
  const std::string input = file("in.json", "[]");
  EXPECT_THAT(run({"import", "--tenant", "t", "--format", "mem1", input}), Failed(2));
  EXPECT_THAT(run({"import", "--format", "mem0", input}).err, HasSubstr("needs --tenant"));
  EXPECT_THAT(run({"import", "--tenant", "t", "--format", "mem0", "--ack", input}), Failed(2));
  EXPECT_THAT(run({"import", "--tenant", "t", "--format", "mem0", "--vectors", input, input}),
              Failed(2));
}

class CliForeignLines : public Cli {};

TEST_F(CliForeignLines, SoundLinesAmongThemGoIn) {
  const std::string input = R"({"kind":"memory","tenant_id":"t","text":"a"}
{"type":"entity","name":"Ana","entityType":"person","observations":["x"]}
{"kind":"memory","tenant_id":"t","text":"b"}
{"type":"entity","name":"Bo","entityType":"person","observations":["y"]}
)";

  const Json summary = json({"import", "-"}, 2, input);

  EXPECT_EQ(summary["imported"], 2);
  EXPECT_EQ(summary["rejected"], 2);
  ASSERT_EQ(summary["errors"].size(), 1U);
  EXPECT_EQ(summary["errors"][0]["line"], 2);
}

TEST_F(CliForeignLines, OneErrorNamesAllThatIsWrongWithALine) {
  const std::string line =
      R"({"kind":"memory","tenant_id":"t","content":"likes tea","tags":null,"priority":7.0,)"
      R"("created_at":1777629600,"updated_at":"2026-05-01T10:00:00","colour":"red"})";

  const Json summary = json({"import", "-"}, 2, line);

  ASSERT_EQ(summary["errors"].size(), 1U);
  const auto error = summary["errors"][0]["error"].get<std::string>();
  EXPECT_THAT(error, HasSubstr(R"(a text goes in "text")"));
  EXPECT_THAT(error, HasSubstr("2026-05-01T10:00:00Z"));
  EXPECT_THAT(error, HasSubstr("--zone"));
  EXPECT_THAT(error, HasSubstr("colour"));
  EXPECT_THAT(error, ::testing::Not(HasSubstr("tags")));
  EXPECT_THAT(error, ::testing::Not(HasSubstr("priority")));
}

TEST_F(CliForeignLines, NullsAndWholeNumbersWithAPointAreTaken) {
  const std::string line =
      R"({"kind":"memory","tenant_id":null,"text":"tea","content":null,"tags":null,"entities":null,)"
      R"("external_id":"a","user_id":null,"metadata":null,"priority":7.0,"use_count":3e0,)"
      R"("expires_at":null,"embedding":null,"created_at":"2026-05-01 10:00:00.5+00"})";

  EXPECT_EQ(json({"import", "--tenant", "t", "-"}, 0, line)["imported"], 1);

  const Json memory = json({"get", "--tenant", "t", "a"});
  EXPECT_EQ(memory["priority"], 7);
  EXPECT_EQ(memory["use_count"], 3);
  EXPECT_EQ(memory["created_at"], "2026-05-01T10:00:00.5Z");
  const std::string halves = R"({"kind":"memory","tenant_id":"t","text":"x","priority":7.5})";
  EXPECT_EQ(json({"import", "-"}, 2, halves)["errors"][0]["field"], "priority");
}

TEST_F(CliForeignLines, ZoneIsThatOfTimesThatNameNone) {
  const std::string line =
      R"({"kind":"memory","tenant_id":"t","external_id":"a","text":"tea",)"
      R"("created_at":"2026-07-15T12:00:00","updated_at":"2026-07-15T12:00:00Z"})";
  const auto created = [&](const Arguments& zone) {
    std::filesystem::remove_all(db());
    Arguments arguments = {"import", "-"};
    arguments.insert(arguments.end(), zone.begin(), zone.end());
    json(arguments, 0, line);
    const Json memory = json({"get", "--tenant", "t", "a"});
    EXPECT_EQ(memory["updated_at"], "2026-07-15T12:00:00Z");
    return memory["created_at"].get<std::string>();
  };

  EXPECT_EQ(created({"--zone", "UTC"}), "2026-07-15T12:00:00Z");
  EXPECT_EQ(created({"--zone", "+02:00"}), "2026-07-15T10:00:00Z");
  setenv("TZ", "America/New_York", 1);
  EXPECT_EQ(created({"--zone", "local"}), "2026-07-15T16:00:00Z");
  unsetenv("TZ");
  EXPECT_THAT(run({"import", "-"}, line).err, HasSubstr("--zone"));
  EXPECT_THAT(run({"import", "--zone", "CEST", "-"}, line), Failed(2));
}

}  // namespace
}  // namespace tulving::testing
