// doctor says what is wrong and changes nothing; init leaves what else a configuration has.

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;

class CliSetup : public Cli {
 protected:
  std::string health_of(const Outcome& outcome, const std::string& matter) {
    const Json whole = Json::parse(outcome.out);
    for (const Json& one : whole["findings"]) {
      if (one["matter"] == matter) return one["health"];
    }
    return "not looked at";
  }
};

TEST_F(CliSetup, TheDoctorLooksAtAStore) {
  ASSERT_EQ(run({"add", "--tenant", "t", "--text", "one"}).exit_code, 0);
  const Outcome outcome = run({"doctor", "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  EXPECT_EQ(health_of(outcome, "store"), "ok");
  EXPECT_EQ(health_of(outcome, "access"), "ok");
  EXPECT_EQ(health_of(outcome, "vectors"), "note") << "the memory has none";
  EXPECT_EQ(health_of(outcome, "embedder"), "note") << "there is none";
  EXPECT_THAT(run({"doctor"}).out, HasSubstr("1 memories of 1 tenants"));
}

TEST_F(CliSetup, TheDoctorMakesNoStore) {
  const Outcome outcome = run({"doctor", "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  EXPECT_EQ(health_of(outcome, "store"), "note");
  EXPECT_EQ(run({"stats"}).exit_code, 1);
}

TEST_F(CliSetup, TheDoctorTellsWhatIsBad) {
  const Outcome embedder = run({"doctor", "--json", "--embedder", "nonsense"});
  EXPECT_EQ(embedder.exit_code, 1);
  EXPECT_EQ(health_of(embedder, "embedder"), "bad");
  const Outcome store = run_bare({"--db", file("no-store", "x"), "doctor", "--json"});
  EXPECT_EQ(store.exit_code, 1);
  EXPECT_EQ(health_of(store, "store"), "bad");
}

TEST_F(CliSetup, InitPrintsWhatAClientWants) {
  const Outcome printed = run({"init", "--tenant", "ana"});
  ASSERT_EQ(printed.exit_code, 0) << printed.err;
  const Json server = Json::parse(printed.out)["mcpServers"]["tulving"];
  EXPECT_EQ(server["command"], "tulving");
  EXPECT_EQ(server["args"][2], "mcp");
  EXPECT_EQ(server["args"][4], "ana");
  EXPECT_TRUE(std::string(server["args"][1]).starts_with('/'));
  EXPECT_TRUE(Json::parse(run({"init", "--client", "vscode"}).out).contains("servers"));
}

TEST_F(CliSetup, InitWritesBesideWhatIsThere) {
  const std::string config =
      file("mcp.json", R"({"x":1,"mcpServers":{"other":{"command":"o"},"tulving":{}}})");
  ASSERT_EQ(run({"init", "--write", "--file", config}).exit_code, 0);
  const Json written = Json::parse(contents(config));
  EXPECT_EQ(written["x"], 1);
  EXPECT_EQ(written["mcpServers"]["other"]["command"], "o");
  EXPECT_EQ(written["mcpServers"]["tulving"]["command"], "tulving");
  const std::string fresh = path("folder/mcp.json");
  ASSERT_EQ(run({"init", "--write", "--file", fresh}).exit_code, 0);
  EXPECT_TRUE(Json::parse(contents(fresh)).contains("mcpServers"));
}

TEST_F(CliSetup, InitDoesNotTouchWhatItCannotRead) {
  for (const char* text : {"// comment\n{}", "[]", R"({"mcpServers":[]})", ""}) {
    const std::string config = file("mcp.json", text);
    const Outcome refused = run({"init", "--write", "--file", config});
    EXPECT_EQ(refused.exit_code, 2) << text;
    EXPECT_EQ(contents(config), text);
  }
}

}  // namespace
}  // namespace tulving::testing
