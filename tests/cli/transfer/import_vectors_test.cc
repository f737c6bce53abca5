// Row i of --vectors belongs to the i-th memory line, and to no other; a file of vectors of another
// shape lets nothing in.
//
// Each memory gets a vector that points in a direction of its own, so a vector search tells whose
// row it got.

#include <cmath>
#include <limits>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;

std::string named_memory(const std::string& name) {
  return R"({"kind":"memory","tenant_id":"acme","external_id":")" + name + R"(","text":")" + name +
         "\"}\n";
}

class CliVectors : public Cli {
 protected:
  /// The memory nearest to `vector`.
  std::string nearest(const std::string& vector, const Arguments& more = {}) {
    Arguments arguments = {"search", "--tenant", "acme", "--vector", vector, "--k", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json(arguments)["results"][0]["external_id"];
  }

  void expect_refused(const std::string& vectors, const std::string& says) {
    for (const bool strict : {false, true}) {
      Arguments arguments = {"import", file("in.jsonl", named_memory("a") + named_memory("b")),
                             "--vectors", vectors};
      if (strict) arguments.emplace_back("--strict");
      const Outcome outcome = run(arguments);
      EXPECT_THAT(outcome, Failed(2));
      EXPECT_THAT(outcome.err, HasSubstr(says));
      EXPECT_FALSE(std::filesystem::exists(db()));
    }
  }
};

TEST_F(CliVectors, RowsFollowTheMemoryLinesAlone) {
  const std::string input =
      file("in.jsonl", R"({"kind":"session","tenant_id":"acme","session_id":"s"})"
                       "\n" +
                           named_memory("a") + "\n" +
                           R"({"tenant_id":"acme","session_id":"t","kind":"session"})"
                           "\n" +
                           named_memory("b") + named_memory("c"));
  const std::string vectors = fvecs("in.fvecs", {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});

  EXPECT_EQ(json({"import", input, "--vectors", vectors})["imported"], 5);

  EXPECT_EQ(nearest("1,0.1,0"), "a");
  EXPECT_EQ(nearest("0,1,0.1"), "b");
  EXPECT_EQ(nearest("-0.1,0,1"), "c");
}

TEST_F(CliVectors, ComeThroughAPipeToo) {
  const std::string vectors = fvecs("in.fvecs", {{1, 0}, {0, 1}});

  Running import = start({"--db", db(), "import", "-", "--vectors", vectors});
  write_text(import, named_memory("a") + named_memory("b"));
  ASSERT_EQ(wait_for(import), 0);

  EXPECT_EQ(nearest("0,1"), "b");
}

TEST_F(CliVectors, ARefusedLineUsesItsRowUp) {
  const std::string bad = R"({"kind":"memory","tenant_id":"acme","text":"x","priority":11})";
  const std::string input = file("in.jsonl", named_memory("a") + bad + "\n" + named_memory("c"));
  const std::string vectors = fvecs("in.fvecs", {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});

  EXPECT_EQ(json({"import", input, "--vectors", vectors}, 2)["imported"], 2);

  EXPECT_EQ(nearest("0,0,1"), "c");
}

TEST_F(CliVectors, AnUnreadableLineHasARowIfTheCountsSaySo) {
  const std::string input = file("in.jsonl", named_memory("a") + "no json\n" + named_memory("c"));

  json({"import", input, "--vectors", fvecs("three.fvecs", {{1, 0}, {0, 1}, {-1, 0}})}, 2);
  EXPECT_EQ(nearest("-1,0"), "c");

  json({"import", input, "--vectors", fvecs("two.fvecs", {{1, 0}, {0, 1}})}, 2);
  EXPECT_EQ(nearest("0,1"), "c");
}

TEST_F(CliVectors, AnotherNumberOfRowsLetsNothingIn) {
  expect_refused(fvecs("in.fvecs", {{1, 0}, {0, 1}, {1, 1}}), "3 rows");
  expect_refused(fvecs("in.fvecs", {{1, 0}, {0, 1}, {1, 1}}), "2 memory lines");
  expect_refused(fvecs("in.fvecs", {{1, 0}}), "1 rows");
  expect_refused(fvecs("in.fvecs", {}), "0 rows");
}

TEST_F(CliVectors, AFileOfAnotherShapeLetsNothingIn) {
  expect_refused(fvecs("in.fvecs", {{1, 0}, {0, 1, 1}}), "row 1");
  const std::string two = fvecs("in.fvecs", {{1, 0}, {0, 1}});
  std::filesystem::resize_file(two, std::filesystem::file_size(two) - 1);
  expect_refused(two, "row 1");
  std::filesystem::resize_file(two, 14);
  expect_refused(two, "row 1");
  expect_refused(file("in.fvecs", "not vectors at all"), "row 0");
  expect_refused(file("in.fvecs", std::string(8, '\0')), "row 0");
  EXPECT_THAT(run({"import", file("in.jsonl", named_memory("a")), "--vectors", path("nowhere")}),
              Failed(1));
}

// Eight gigabytes of holes say that they are one vector. They are refused by what they say: nothing
// as large is read, or asked for.
TEST_F(CliVectors, ARowLongerThanAnyVectorIsRefusedUnread) {
  const std::int32_t length = std::numeric_limits<std::int32_t>::max();
  const std::string sparse =
      file("in.fvecs", std::string(reinterpret_cast<const char*>(&length), sizeof length));
  std::filesystem::resize_file(sparse, sizeof length * (std::uint64_t{1} << 31U));
  expect_refused(sparse, "row 0 has length 2147483647; must be 1..4096");
  expect_refused(fvecs("long.fvecs", {std::vector<float>(4097, 1.0F)}), "length 4097");
  expect_refused(fvecs("two.fvecs", {std::vector<float>(4096, 1.0F)}), "1 rows");
}

TEST_F(CliVectors, ARowThatIsNoDirectionCostsItsLineAlone) {
  const std::string input = file(
      "in.jsonl", named_memory("a") + named_memory("b") + named_memory("c") + named_memory("d"));
  const std::string vectors = fvecs("in.fvecs", {{1, 0}, {NAN, 1}, {0, 0}, {INFINITY, 0}});

  const Json summary = json({"import", input, "--vectors", vectors}, 2);

  EXPECT_EQ(summary["imported"], 1);
  ASSERT_EQ(summary["errors"].size(), 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(summary["errors"][i]["line"], i + 2);
    EXPECT_THAT(summary["errors"][i]["field"].get<std::string>(), HasSubstr("embedding"));
  }
}

TEST_F(CliVectors, ALineWithAnEmbeddingOfItsOwnOfThatModelIsRefused) {
  const std::string own = R"({"kind":"memory","tenant_id":"acme","text":"x","embedding":[1,0]})";
  const std::string input = file("in.jsonl", named_memory("a") + own);

  const Json summary = json({"import", input, "--vectors", fvecs("in.fvecs", {{1, 0}, {0, 1}})}, 2);

  EXPECT_EQ(summary["errors"][0]["line"], 2);
  EXPECT_EQ(summary["errors"][0]["field"], "embedding");
}

TEST_F(CliVectors, ModelsAreKeptApart) {
  const std::string input = file("in.jsonl", named_memory("a") + named_memory("b"));
  json({"import", input, "--vectors", fvecs("small.fvecs", {{1, 0}, {0, 1}}), "--model", "small"});
  const std::string with_both =
      file("both.jsonl", R"({"kind":"memory","tenant_id":"acme","external_id":"c","text":"c",)"
                         R"("embedding":[0.7,0.7],"embedding_model":"small"})");
  json({"import", with_both, "--vectors", fvecs("large.fvecs", {{1, 0, 0}}), "--model", "large"});

  EXPECT_EQ(nearest("0,1", {"--model", "small"}), "b");
  EXPECT_EQ(nearest("1,1", {"--model", "small"}), "c");
  EXPECT_EQ(nearest("1,0,0", {"--model", "large"}), "c");
  EXPECT_THAT(run({"search", "--tenant", "acme", "--vector", "1,0,0", "--model", "small"}),
              Failed(2));
}

TEST_F(CliVectors, TheDimensionCanBeFixedBeforeTheFirst) {
  const std::string input = file("in.jsonl", named_memory("a"));

  const Json summary =
      json({"--dim", "4", "import", input, "--vectors", fvecs("in.fvecs", {{1, 0}})}, 2);

  EXPECT_EQ(summary["rejected"], 1);
  EXPECT_THAT(summary["errors"][0]["error"].get<std::string>(), HasSubstr("4"));
}

}  // namespace
}  // namespace tulving::testing
