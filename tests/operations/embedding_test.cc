// What a store with an embedder answers: texts in, found by meaning; counts; another model.

#include "tests/engine/embed/toy_embedder.h"
#include "tests/operations/called.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;

const Covers kCoversEmbedding{"reembed", "store.wait_for_embedding"};

class EmbeddingOperations : public Called {
 protected:
  EmbeddingOperations() : Called({}, embedding_with({toy_, old_}, EmbedWrites::kWait)) {}
  static inline const std::shared_ptr<ToyEmbedder> toy_ = std::make_shared<ToyEmbedder>();
  static inline const std::shared_ptr<ToyEmbedder> old_ = std::make_shared<ToyEmbedder>("old");
};

TEST_F(EmbeddingOperations, ATextIsFoundByMeaning) {
  const std::string car = add("car", "the car is red");
  add("cat", "a cat sleeps");
  const Json found =
      ask("search",
          {{"tenant_id", "t"}, {"text", "automobile"}, {"mode", "vector"}, {"explain", true}});
  EXPECT_EQ(found["results"][0]["id"], car);
  EXPECT_EQ(found["plan"]["embedded_by"], "toy");
}

TEST_F(EmbeddingOperations, LinesOfABatchAreEmbeddedToo) {
  const std::string car = add("car", "the car is red");
  add("cat", "a cat sleeps");
  for (const char* mode : {"auto", "vector", "hybrid"}) {
    const auto out = stream("search.batch", {{"tenant_id", "t"}, {"mode", mode}},
                            {R"({"query_id":1,"text":"automobile"})"});
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(out[0]["results"][0]["id"], car) << mode;
  }
}

TEST_F(EmbeddingOperations, AFailingEmbedderIsTold) {
  add("car", "the car is red");
  toy_->offline = true;
  const Json found = ask("search", {{"tenant_id", "t"}, {"text", "car"}});
  EXPECT_THAT(std::string(found["embedding_error"]), HasSubstr("nobody answers"));
  EXPECT_THAT(remarks_.at(0), HasSubstr("looked for the words alone"));
  add("late", "a late memory");
  EXPECT_THAT(refused("store.wait_for_embedding", "{}").message, HasSubstr("nobody answers"));
  const Json stats = ask("store.stats", Json::object())["embedding"];
  EXPECT_EQ(stats["pending"], 1);
  EXPECT_EQ(stats["is_failing"], true);
  toy_->offline = false;
}

TEST_F(EmbeddingOperations, AnotherModelTakesOver) {
  Json memory = {{"tenant_id", "t"}, {"memory", {{"text", "the car"}, {"embedding_model", "old"}}}};
  memory["memory"]["embedding"] = old_->of("the car");
  ask("memory.add", memory);
  const Json report = ask("reembed", {{"drop_model", "old"}});
  EXPECT_EQ(report["made"], 1);
  EXPECT_EQ(report["left"], 0);
  const Json tenants = ask("tenants", Json::object());
  for (const Json& model : tenants["tenants"][0]["models"]) {
    EXPECT_EQ(model["vectors"], model["model"] == "toy" ? 1 : 0) << model;
  }
  EXPECT_EQ(ask("store.wait_for_embedding", Json::object())["failed"], 0);
}

}  // namespace
}  // namespace tulving::testing
