// Each kind of bad line is refused with its number and field, whatever surrounds it, and the lines
// around it go in; and what is only unusual (CRLF, blank lines, a byte order mark) is no error.

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;

const std::string kGood =
    R"({"kind":"memory","tenant_id":"acme","external_id":"good","text":"tea"})";
const std::string kLast =
    R"({"kind":"memory","tenant_id":"acme","external_id":"last","text":"end"})";

struct BadLine {
  std::string name;
  std::string line;
  std::string field;  ///< What the error must name.
};

std::string memory(const std::string& members) {
  return R"({"kind":"memory","tenant_id":"acme",)" + members + "}";
}

std::vector<BadLine> bad_lines() {
  return {
      {"MalformedJson", R"({"kind":"memory","tenant_id":"acme","text":)", ""},
      {"NoObject", "[1,2]", ""},
      {"TwoDocuments", kLast + kLast, ""},
      {"UnknownKind", R"({"kind":"dream","tenant_id":"acme"})", "kind"},
      {"NoKind", R"({"tenant_id":"acme","text":"x"})", "kind"},
      {"NoTenant", R"({"kind":"memory","text":"x"})", "tenant_id"},
      {"UnknownField", memory(R"("text":"x","colour":"red")"), "colour"},
      {"FieldTwice", memory(R"("text":"x","priority":1,"priority":2)"), "priority"},
      {"UnknownEnum", memory(R"("text":"x","layer":"deep")"), "layer"},
      {"WrongType", memory(R"("text":"x","tags":"work")"), "tags"},
      {"Priority11", memory(R"("text":"x","priority":11)"), "priority"},
      {"Priority0", memory(R"("text":"x","priority":0)"), "priority"},
      {"Strength3", memory(R"("text":"x","strength":3)"), "strength"},
      {"TagOf65Bytes", memory(R"("text":"x","tags":[")" + std::string(65, 't') + R"("])"), "tags"},
      {"TextOf8MB", memory(R"("text":")" + std::string(8'000'000, 'x') + R"(")"), "text"},
      {"InvalidUtf8", memory("\"text\":\"caf\xE9 au lait\""), ""},
      {"NulInText", memory(R"("text":"a\u0000b")"), "text"},
      {"NothingToRemember", memory(R"("priority":3)"), ""},
      {"WrongDimension", memory(R"("text":"x","embedding":[1,0,0])"), "embedding"},
      {"ZeroVector", memory(R"("text":"x","embedding":[0,0])"), "embedding"},
      {"EmptyVector", memory(R"("text":"x","embedding":[])"), "embedding"},
      {"VectorBeyondFloat", memory(R"("text":"x","embedding":[1e300,0])"), "embedding"},
      {"ExternalIdOf65Bytes",
       memory(R"("text":"x","external_id":")" + std::string(65, 'e') + R"(")"), "external_id"},
      {"IdThatIsNoUuid", memory(R"("text":"x","id":"12345678-1234-1234-1234-1234567890")"), "id"},
      {"SessionThatIsNotThere", memory(R"("text":"x","session_id":"nowhere")"), "session_id"},
      {"BadTime", memory(R"("text":"x","created_at":"2026-13-01T00:00:00Z")"), "created_at"},
      {"RelationToNothing",
       R"({"kind":"relation","tenant_id":"acme","source_id":"good","target_id":"nothing"})", ""},
      {"RelationToItself",
       R"({"kind":"relation","tenant_id":"acme","source_id":"good","target_id":"good"})", ""},
      {"RelationStrength2",
       R"({"kind":"relation","tenant_id":"acme","source_id":"good","target_id":"vector","strength":2})",
       "strength"},
  };
}

class CliBadLine : public Cli, public ::testing::WithParamInterface<BadLine> {};

// A vector first, so that the store has a dimension to compare with.
const std::string kVector = memory(R"("external_id":"vector","text":"v","embedding":[1,0])");

TEST_P(CliBadLine, IsRefusedByNumberAndFieldAndTheRestGoesIn) {
  const std::string input =
      file("in.jsonl", kVector + "\n" + kGood + "\n" + GetParam().line + "\n" + kLast + "\n");

  const Json summary = json({"import", input}, 2);

  ASSERT_EQ(summary["rejected"], 1) << summary;
  const Json& error = summary["errors"][0];
  EXPECT_EQ(error["line"], 3);
  EXPECT_THAT(error["field"].get<std::string>(), HasSubstr(GetParam().field));
  EXPECT_FALSE(error["error"].get<std::string>().empty());
  EXPECT_LT(error["error"].get<std::string>().size(), 1000U) << "the value is quoted whole";
  EXPECT_EQ(summary["imported"], 3);
  EXPECT_EQ(json({"get", "--tenant", "acme", "last"})["text"], "end");
  EXPECT_EQ(json({"stats"})["memories"], 3);
  EXPECT_EQ(json({"verify"})["problems"], Json::array());
}

TEST_P(CliBadLine, StrictLetsNothingIn) {
  const std::string input =
      file("in.jsonl", kVector + "\n" + kGood + "\n" + GetParam().line + "\n" + kLast + "\n");

  const Json summary = json({"import", "--strict", input}, 2);

  ASSERT_EQ(summary["rejected"], 1) << summary;
  EXPECT_EQ(summary["errors"][0]["line"], 3);
  EXPECT_FALSE(std::filesystem::exists(db()));
}

INSTANTIATE_TEST_SUITE_P(Each, CliBadLine, ::testing::ValuesIn(bad_lines()),
                         [](const auto& instance) { return instance.param.name; });

class CliInput : public Cli {};

TEST_F(CliInput, CrLfBlankLinesAndAByteOrderMarkAreNoErrors) {
  const std::string input =
      "\xEF\xBB\xBF" + kGood + "\r\n\r\n   \n" + "bad\r\n" + kLast;  // No last newline.

  const Json summary = json({"import", "-"}, 2, input);

  EXPECT_EQ(summary["imported"], 2);
  EXPECT_EQ(summary["errors"][0]["line"], 4);
}

TEST_F(CliInput, AnEmptyFileIsNoError) { EXPECT_EQ(json({"import", "-"})["imported"], 0); }

TEST_F(CliInput, ALongTextGoesInWhereTheLimitSaysSo) {
  const std::string line =
      memory(R"("external_id":"long","text":")" + std::string(8'000'000, 'x') + R"(")");

  EXPECT_EQ(json({"--text-bytes-max", "10000000", "import", "-"}, 0, line)["imported"], 1);

  EXPECT_EQ(json({"get", "--tenant", "acme", "long"})["text"].get<std::string>().size(),
            8'000'000U);
}

TEST_F(CliInput, LinesThatNameNoTenantGoToTheOneGiven) {
  const std::string input = R"({"kind":"memory","external_id":"a","text":"tea"}
{"kind":"memory","external_id":"b","text":"coffee"}
{"kind":"relation","source_id":"a","target_id":"b"}
{"kind":"memory","tenant_id":"other","external_id":"c","text":"cocoa"}
)";

  EXPECT_EQ(json({"import", "--tenant", "acme", "-"}, 0, input)["imported"], 4);

  EXPECT_EQ(names(Json{json({"related", "--tenant", "acme", "a"})["related"][0]["memory"]}),
            std::vector<std::string>{"b"});
  EXPECT_EQ(json({"get", "--tenant", "other", "c"})["text"], "cocoa");
}

// A file of holes has a line of zeros as long as it is: it is not read into RAM to its end.
TEST_F(CliInput, ALineThatIsTooLongToBeARecordEndsTheImport) {
  const std::string holes = file("holes", kGood + "\n");
  std::filesystem::resize_file(holes, std::uintmax_t{40} << 30U);

  const Outcome outcome = run({"import", holes});

  EXPECT_THAT(outcome, Failed(1));
  EXPECT_THAT(outcome.err, HasSubstr("line 2 of " + holes + " is longer than "));
  EXPECT_THAT(run({"import", "/dev/zero"}), Failed(1));
  // The longest text that may be, in the longest way to write it.
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "\\u0041";
  const Outcome longest =
      run({"import", file("longest", memory("\"text\":\"" + text + "\"") + "\n")});
  EXPECT_EQ(longest.exit_code, 0) << longest.err;
}

}  // namespace
}  // namespace tulving::testing
