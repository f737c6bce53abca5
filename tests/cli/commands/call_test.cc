// `tulving call` reaches every operation with JSON, `tulving operations` lists them; a command's
// --json is its operation's answer.

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliCall : public Cli {
 protected:
  std::string call(const std::string& operation, const std::string& arguments,
                   const std::string& input = "") {
    const Outcome outcome = run({"call", operation, arguments}, input);
    EXPECT_EQ(outcome.exit_code, 0) << operation << ": " << outcome.err;
    return outcome.out;
  }
};

TEST_F(CliCall, ACommandsJsonIsTheOperationsAnswer) {
  add("t", "a", "green tea", {"--created-at", "2026-01-01"});
  add("t", "b", "black tea", {"--created-at", "2026-01-02"});
  json({"relate", "--tenant", "t", "a", "b"});

  EXPECT_EQ(call("memory.get", R"({"tenant_id":"t","id":"a"})"),
            run({"--json", "get", "--tenant", "t", "a"}).out);
  EXPECT_EQ(call("memory.list", R"({"tenant_id":"t"})"),
            run({"--json", "list", "--tenant", "t"}).out);
  EXPECT_EQ(call("search", R"({"tenant_id":"t","text":"tea","k":1})"),
            run({"--json", "search", "--tenant", "t", "tea", "--k", "1"}).out);
  EXPECT_EQ(call("related", R"({"tenant_id":"t","id":"a"})"),
            run({"--json", "related", "--tenant", "t", "a"}).out);
  EXPECT_EQ(call("tenants", "{}"), run({"--json", "tenants"}).out);
}

TEST_F(CliCall, TakesItsJsonFromAnArgumentAFileOrStdin) {
  const std::string arguments = R"({"tenant_id":"t","memory":{"external_id":"m","text":"tea"}})";

  EXPECT_THAT(call("memory.add", arguments), HasSubstr("\"added\""));
  const std::string from_file = file("arguments", R"({"tenant_id":"t",)"
                                                  "\n"
                                                  R"("memory":{"text":"tea"}})");
  EXPECT_THAT(call("memory.add", "@" + from_file), HasSubstr("\"reinforced\""));
  EXPECT_THAT(call("memory.get", "-", R"({"tenant_id":"t","id":"m"})"), HasSubstr("\"tea\""));
  EXPECT_THAT(call("store.stats", "{}"), HasSubstr("\"memories\":1"));
  EXPECT_THAT(run({"call", "store.stats"}).out, HasSubstr("\"memories\":1"));
}

TEST_F(CliCall, ARefusalNamesTheOperationAndMakesNoStore) {
  const Outcome outcome = run({"call", "memory.add", R"({"tenant_id":"t","memory":{"nope":1}})"});
  EXPECT_THAT(outcome, Failed(2));
  EXPECT_EQ(outcome.err, "tulving: memory.add: unknown field \"nope\"\n");
  EXPECT_FALSE(std::filesystem::exists(db()));
  EXPECT_THAT(run({"call", "memory.gte", "{}"}).err, HasSubstr("did you mean memory.get?"));
  EXPECT_THAT(run({"call", "memory.get", "nonsense"}).err,
              HasSubstr("memory.get: the call is not valid JSON"));
  EXPECT_THAT(run({"call", "memory.get", "@" + path("nowhere")}), Failed(1));
}

TEST_F(CliCall, AStreamsLinesGoThroughStdinAndStdout) {
  const std::string line =
      R"({"kind":"memory","tenant_id":"t","external_id":"m","text":"tea","embedding":[1,0.25]})";

  EXPECT_EQ(call("import", R"({"ack":true})", line + "\n"), "1\n");
  EXPECT_EQ(call("export", R"({"with_embeddings":true})"), exported());
  EXPECT_THAT(call("search.batch", R"({"tenant_id":"t"})", R"({"query_id":1,"text":"tea"})"),
              HasSubstr("{\"query_id\":1,\"results\":[{"));
}

TEST_F(CliCall, ReadsBesideAWriterAndWritesWhereItMust) {
  add("t", "a", "tea");
  EXPECT_THAT(run_bare({"--db", path("none"), "call", "memory.list", R"({"tenant_id":"t"})"}),
              Failed(1));
  EXPECT_THAT(
      run_bare({"--db", path("none"), "call", "memory.touch", R"({"tenant_id":"t","ids":["a"]})"}),
      Failed(1));
  EXPECT_FALSE(std::filesystem::exists(path("none")));
  EXPECT_THAT(call("memory.touch", R"({"tenant_id":"t","ids":["a"]})"), HasSubstr("touched"));
}

TEST_F(CliCall, OperationsListsThem) {
  const Outcome table = run_bare({"operations"});
  const Json schema = Json::parse(run_bare({"--json", "operations"}).out);

  EXPECT_THAT(table.out, HasSubstr("memory.add"));
  EXPECT_EQ(std::ranges::count(table.out, '\n'),
            static_cast<std::ptrdiff_t>(schema["properties"].size()) + 1);
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_THAT(table.err, IsEmpty());
}

}  // namespace
}  // namespace tulving::testing
