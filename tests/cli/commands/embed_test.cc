// embed prints a vector a text, as --json what a record's embedding is; what is wrong with text or
// model is told, and where a model was looked for.

#include <cmath>

#include "core/embedding/model_file.h"
#include "tests/cli/cli.h"
#include "tests/embedding/small_model.h"

namespace tulving::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliEmbed : public Cli {
 protected:
  CliEmbed() { EXPECT_TRUE(embedding::write_model(model_, embedding::small_model())); }
  [[nodiscard]] Outcome embed(const Arguments& more) const {
    Arguments arguments = {"embed", "--model", model_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_bare(arguments);
  }
  const std::string model_ = path("small.tulving-model");
};

TEST_F(CliEmbed, PrintsAVectorATextAndNothingElse) {
  const Outcome outcome = embed({"the cat", "at", ""});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, IsEmpty());
  std::istringstream lines(outcome.out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto vector = Json::parse(line).get<std::vector<float>>();
    ASSERT_EQ(vector.size(), 32U);
    double squares = 0;
    for (const float x : vector) squares += double{x} * double{x};
    EXPECT_NEAR(squares, 1, 1e-5);
  }
  EXPECT_EQ(count, 3);
}

TEST_F(CliEmbed, WhatItPrintsIsAnEmbeddingThatAddTakes) {
  const Outcome outcome = embed({"--json", "the cat"});
  const Json embedding = Json::parse(outcome.out);
  EXPECT_EQ(embedding.at("model"), "use-lite");
  Json record = {
      {"kind", "memory"}, {"external_id", "m"}, {"text", "the cat"}, {"embeddings", {embedding}}};
  const std::string lines = file("r.jsonl", record.dump() + "\n");
  const Outcome imported = run({"import", "--tenant", "acme", lines});
  EXPECT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_THAT(exported(), HasSubstr("\"use-lite\""));
}

TEST_F(CliEmbed, FloatsDifferFromBytesALittle) {
  const auto bytes = Json::parse(embed({"the cat"}).out).get<std::vector<float>>();
  const auto floats = Json::parse(embed({"--exact", "the cat"}).out).get<std::vector<float>>();
  EXPECT_NE(bytes, floats);
  for (std::size_t i = 0; i < bytes.size(); ++i) EXPECT_NEAR(bytes[i], floats[i], 0.1);
}

TEST_F(CliEmbed, SaysWhatIsWrong) {
  const Outcome text = embed({"fine", "\xFF"});
  EXPECT_EQ(text.exit_code, 2);
  EXPECT_THAT(text.out, IsEmpty());
  EXPECT_THAT(text.err, HasSubstr("must be UTF-8"));
  EXPECT_EQ(embed({}).exit_code, 2);
  file("small.tulving-model", "no model");
  const Outcome damaged = embed({"the cat"});
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_THAT(damaged.err, HasSubstr(model_));
  ::setenv("TULVING_MODELS", path("models").c_str(), 1);
  const Outcome missing = run_bare({"embed", "the cat"});
  const Outcome nowhere = run_bare({"model", "where"});
  std::filesystem::create_directory(path("models"));
  file("models/use-lite.tulving-model", "");
  const Outcome somewhere = run_bare({"model", "where"});
  ::unsetenv("TULVING_MODELS");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err,
              AllOf(HasSubstr(path("models")), HasSubstr("tools/scripts/install_use_lite.sh")));
  EXPECT_EQ(nowhere.exit_code, 1);
  EXPECT_EQ(somewhere.out, path("models/use-lite.tulving-model") + "\n");
}

TEST_F(CliEmbed, AFolderThatIsNoPackageMakesNoModel) {
  const Outcome outcome = run_bare({"model", "convert", path("."), path("made")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("vocab.json"));
  EXPECT_FALSE(std::filesystem::exists(path("made")));
}

}  // namespace
}  // namespace tulving::testing
