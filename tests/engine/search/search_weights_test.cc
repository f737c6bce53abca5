// What a memory is found by besides its text, and how much each arm of a hybrid search counts:
// worked out anew here, over random corpora.

#include "tests/engine/search/search_fixture.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SearchedWordsAndWeights : public Searched {};

// A quarter for the text, and the more the less the nearest memories hold its words.
TEST_F(SearchedWordsAndWeights, HybridWeighsTheArmsByHowMuchTheyTellApart) {
  for (int i = 0; i < 6; ++i) {
    add(memory("alpha " + std::to_string(i), {1, 0.1F * static_cast<float>(i)}));
    add(memory("beta " + std::to_string(i), {-1, 0.1F * static_cast<float>(i)}));
  }
  SearchRequest request = text_search("alpha");
  request.explain = true;
  const auto text_weight = [&](std::vector<float> vector) {
    request.vector = std::move(vector);
    const SearchResponse response = value_of(tenant_->search(request));
    EXPECT_EQ(response.plan->vector_weight + response.plan->text_weight, 1.0F);
    return response.plan->text_weight;
  };

  EXPECT_EQ(text_weight({1, 0}), 0.25F) << "the nearest are those that say alpha";
  EXPECT_FLOAT_EQ(text_weight({-1, 0}), 0.85F) << "none of the nearest says it";
  request.text = "gamma";
  EXPECT_EQ(text_weight({1, 0}), 0.0F) << "no text says it";
  request.text = "alpha";
  request.vector_weight = 3.0F;
  request.text_weight = 1.0F;
  EXPECT_EQ(text_weight({-1, 0}), 0.25F) << "as the caller says";
  request.vector_weight.reset();
  request.fusion = Fusion::kRrf;
  request.text_weight.reset();
  EXPECT_EQ(text_weight({-1, 0}), 0.5F);
}

// Over random corpora: the plan's weights are the formula's, and every hit's parts add up.
TEST_F(SearchedWordsAndWeights, HybridWeightsAreThoseWorkedOutAnew) {
  std::mt19937 random(11);
  for (int round = 0; round < 40; ++round) {
    Tenant tenant = value_of(store_->tenant("round" + std::to_string(round)));
    const int count = 5 + static_cast<int>(random() % 60);
    for (int i = 0; i < count; ++i) {
      std::string text = "m" + std::to_string(i);
      for (auto n = random() % 6; n > 0; --n) text += " word" + std::to_string(random() % 9);
      value_of(tenant.add(memory(text, random_vector(random, 8))));
    }
    SearchRequest request = text_search("word1 word2 word3", 100);
    request.vector = random_vector(random, 8);
    request.explain = true;
    const SearchResponse response = value_of(tenant.search(request));
    std::vector<std::pair<float, float>> by_cosine;
    std::vector<float> texts;
    float best = 0;
    for (const auto& hit : response.hits) best = std::max(best, hit.parts->bm25.value_or(0));
    if (best == 0) continue;
    for (const auto& hit : response.hits) {
      texts.push_back(hit.parts->bm25.value_or(0) / best);
      by_cosine.emplace_back(*hit.parts->cosine, texts.back());
      EXPECT_NEAR(hit.score, hit.parts->vector_part + hit.parts->text_part, 1e-6F);
    }
    std::ranges::sort(texts, std::greater<>());
    std::ranges::sort(by_cosine, std::greater<>());
    float loss = 0;
    for (std::size_t i = 0; i < 3; ++i) loss += (texts[i] - by_cosine[i].second) / 3;
    EXPECT_NEAR(response.plan->text_weight, 0.25F + 0.6F * std::clamp(loss, 0.0F, 1.0F), 1e-4F);
  }
}

TEST_F(SearchedWordsAndWeights, SaysWhenAQueryHasNothingToLookFor) {
  add(memory("the zebra \U0001F993", {1, 0}));
  for (const auto* text : {"", "the and of", "\U0001F993", "?!"}) {
    const SearchResponse response = value_of(tenant_->search(text_search(text)));
    EXPECT_TRUE(response.text_unsearchable) << text;
    EXPECT_THAT(response.hits, IsEmpty());
  }
  SearchRequest request = text_search("the and");
  request.vector = {1.0F, 0.0F};
  EXPECT_TRUE(value_of(tenant_->search(request)).text_unsearchable);
  EXPECT_THAT(found(request), SizeIs(1));
  EXPECT_FALSE(value_of(tenant_->search(text_search("unknown"))).text_unsearchable);
  EXPECT_FALSE(value_of(tenant_->search(vector_search({1, 0}))).text_unsearchable);
}

TEST_F(SearchedWordsAndWeights, ByTextFindsTagsEntitiesAndKeywordsAndTheyCountForLess) {
  Memory tagged = memory("something else entirely");
  tagged.tags = {"trip-planning"};
  tagged.entities = {"Jonas Weber"};
  tagged.keywords = {"visa"};
  const Uuid id = add(tagged);
  add(memory("planning and Jonas and visa"));

  for (const auto* text : {"planning", "jonas", "visas"}) {
    EXPECT_THAT(found(text_search(text)),
                ElementsAre("planning and Jonas and visa", "something else entirely"));
  }
  MemoryPatch patch;
  patch.tags = {"cooking"};
  value_of(tenant_->update(id, patch));
  EXPECT_THAT(found(text_search("cooking")), ElementsAre("something else entirely"));
  EXPECT_THAT(found(text_search("planning")), ElementsAre("planning and Jonas and visa"));
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

TEST_F(SearchedWordsAndWeights, ByTextFindsContentWithoutATextByItsStrings) {
  Memory memory;
  memory.content = R"({"goal": "repair the kettle", "steps": [{"tool": "screwdriver"}, 7, null]})";
  const Uuid id = add(memory);

  EXPECT_THAT(ids_of(value_of(tenant_->search(text_search("kettles")))), ElementsAre(id));
  EXPECT_THAT(ids_of(value_of(tenant_->search(text_search("screwdriver")))), ElementsAre(id));
  EXPECT_THAT(found(text_search("goal")), IsEmpty()) << "a member's name";
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

}  // namespace
}  // namespace tulving
