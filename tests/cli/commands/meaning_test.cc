// Texts in, texts out: what add and import take without a vector is found by meaning, where a model
// is installed.

#include <array>
#include <cstdlib>

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
  const char* text;
  const char* paraphrase;
};

constexpr std::array kSaid = {
    Said{"Anna is allergic to peanuts.", "Which food must she never eat?"},
    Said{"The meeting was moved to Thursday afternoon.", "When do we get together?"},
    Said{"He bought a new car last week.", "Which vehicle did he purchase?"},
    Said{"The server crashed because the disk was full.", "Why did the machine go down?"},
    Said{"My sister lives in Berlin.", "Where does my sibling reside?"},
    Said{"I prefer tea over coffee in the morning.", "What do I like to drink?"},
    Said{"The dog is afraid of thunder.", "What scares the animal?"},
    Said{"We pay our rent on the first of the month.", "When is money for the flat due?"},
    Said{"Her favourite instrument is the violin.", "What music does she play?"},
    Said{"The password is changed every ninety days.", "How often must credentials be renewed?"},
};

TEST_F(CliUseLite, FindsEachOfTenSentencesByAParaphrase) {
  for (const Said& said : kSaid) {
    ASSERT_EQ(run({"add", "--tenant", "acme", "--text", said.text}).exit_code, 0);
  }
  for (const Said& said : kSaid) {
    const Outcome found = run({"search", "--tenant", "acme", "--text", said.paraphrase, "--json"});
    ASSERT_EQ(found.exit_code, 0) << found.err;
    EXPECT_EQ(Json::parse(found.out)["results"][0]["text"], said.text) << said.paraphrase;
  }
}

}  // namespace
}  // namespace tulving::testing
