// Texts in, texts out: what add and import take without a vector is found by meaning, where a model
// is installed.

#include <cstdlib>
#include <fstream>

#include "core/embedding/model_file.h"
#include "tests/cli/cli.h"
#include "tests/embedding/small_model.h"
#include "tulving/embedder.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;

/// With a model of 32 components that takes no time, and knows a dozen pieces of words.
class CliMeaning : public Cli {
 protected:
  CliMeaning() {
    std::filesystem::create_directory(path("models"));
    const std::string file = path("models/use-lite.tulving-model");
    EXPECT_TRUE(embedding::write_model(file, embedding::small_model()));
    ::setenv("TULVING_MODELS", path("models").c_str(), 1);
    ::setenv("TULVING_EMBEDDER", "auto", 1);
  }
  ~CliMeaning() override {
    if (models_.empty()) {
      ::unsetenv("TULVING_MODELS");
    } else {
      ::setenv("TULVING_MODELS", models_.c_str(), 1);
    }
  }
  Outcome add(const std::string& text, const Arguments& more = {}) {
    Arguments arguments = {"add", "--tenant", "acme", "--text", text};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Outcome added = run(arguments);
    EXPECT_EQ(added.exit_code, 0) << added.err;
    return added;
  }
  const std::string models_ = [] {
    const char* folder = std::getenv("TULVING_MODELS");
    return std::string(folder == nullptr ? "" : folder);
  }();  // What another test is to find again.
  Json stats() { return Json::parse(run({"stats", "--json"}).out); }
};

TEST_F(CliMeaning, AnAddedTextHasItsVectorWhenAddReturns) {
  add("the cat");
  const Json figures = stats();
  EXPECT_EQ(figures["without_vector"], 0);
  EXPECT_EQ(figures["tenants"][0]["vectors"][0]["model"], "use-lite");
  EXPECT_EQ(figures["embedding"]["model"], "use-lite");
  const Outcome found =
      run({"search", "--tenant", "acme", "--text", "a cat", "--explain", "--json"});
  EXPECT_EQ(Json::parse(found.out)["plan"]["embedded_by"], "use-lite") << found.err;
}

TEST_F(CliMeaning, WithoutAnEmbedderItIsFoundByWordsAndEmbeddedLater) {
  add("the cat", {"--embedder", "none"});
  EXPECT_EQ(stats()["without_vector"], 1);
  const Outcome done = run({"reembed"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("use-lite: "));  // Or it was made as the store opened.
  EXPECT_EQ(stats()["without_vector"], 0);
}

TEST_F(CliMeaning, ImportEmbedsToo) {
  const std::string lines = file("r.jsonl", R"({"kind":"memory","text":"the cat"})"
                                            "\n"
                                            R"({"kind":"memory","text":"at"})"
                                            "\n");
  ASSERT_EQ(run({"import", "--tenant", "acme", lines}).exit_code, 0);
  EXPECT_EQ(stats()["without_vector"], 0);
}

TEST_F(CliMeaning, AnEmbedderThatIsNoneIsRefusedBeforeAnythingIsWritten) {
  const Outcome refused = run({"add", "--tenant", "acme", "--text", "x", "--embedder", "lite"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("none, use-lite, auto"));
  file("models/use-lite.tulving-model", "cut");
  EXPECT_EQ(run({"add", "--tenant", "acme", "--text", "x"}).exit_code, 1);
}

/// With the published model, where it is installed.
class CliUseLite : public Cli {
 protected:
  void SetUp() override {
    if (const auto found = find_model("use-lite"); !found) GTEST_SKIP() << found.error().message;
    ::setenv("TULVING_EMBEDDER", "use-lite", 1);
  }
};

struct Said {
  std::string text;
  std::string paraphrase;
};

/// The ten that every face is asked for (tests/faces).
std::vector<Said> ten_said() {
  std::ifstream in(TULVING_SOURCE_DIR "/tests/faces/paraphrases.tsv");
  std::vector<Said> all;
  Said one;
  while (std::getline(in, one.text, '\t') && std::getline(in, one.paraphrase)) all.push_back(one);
  return all;
}

TEST_F(CliUseLite, FindsEachOfTenSentencesByAParaphrase) {
  const std::vector<Said> all = ten_said();
  ASSERT_EQ(all.size(), 10U);
  for (const Said& said : all) {
    ASSERT_EQ(run({"add", "--tenant", "acme", "--text", said.text}).exit_code, 0);
  }
  for (const Said& said : all) {
    const Outcome found = run({"search", "--tenant", "acme", "--text", said.paraphrase, "--json"});
    ASSERT_EQ(found.exit_code, 0) << found.err;
    EXPECT_EQ(Json::parse(found.out)["results"][0]["text"], said.text) << said.paraphrase;
  }
}

}  // namespace
}  // namespace tulving::testing
