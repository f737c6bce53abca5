// Searches answer as search.h says: what each mode ranks by, what hides a memory, what a filter, a
// blend and MMR do, and that arguments which do not apply are refused. Rankings are checked against
// formulas worked out in the test.

#include "tests/engine/search/search_fixture.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class Search : public Searched {};

TEST_F(Search, ByVectorRanksByCosineWhateverTheLength) {
  add(memory("east", {10, 0}));
  add(memory("north", {0, 0.1F}));
  add(memory("north-east", {1, 1}));

  const SearchResponse response = value_of(tenant_->search(vector_search({0.2F, 0.1F})));

  EXPECT_THAT(texts_of(response), ElementsAre("north-east", "east", "north"));
  EXPECT_NEAR(response.hits[0].score, 0.9487F, 1e-3F);
  EXPECT_FALSE(response.approximate);
}

TEST_F(Search, ByTextFindsOtherFormsOfAWordAndIgnoresStopWords) {
  add(memory("Caroline went running with the dogs"));
  add(memory("Melanie paints sunrises"));

  EXPECT_THAT(found(text_search("did the dog run?")),
              ElementsAre("Caroline went running with the dogs"));
  EXPECT_THAT(found(text_search("painted")), ElementsAre("Melanie paints sunrises"));
  EXPECT_THAT(found(text_search("the with")), IsEmpty());
}

TEST_F(Search, HybridAddsTheArmsScaledPerQuery) {
  add(memory("alpha", {1, 0}));
  add(memory("beta", {0, 1}));
  add(memory("gamma alpha", {0.6F, 0.8F}));
  SearchRequest request = text_search("alpha");
  request.vector = {0.0F, 1.0F};
  request.vector_weight = request.text_weight = 0.5F;
  request.explain = true;

  const SearchResponse response = value_of(tenant_->search(request));

  ASSERT_THAT(response.hits, SizeIs(3));
  EXPECT_EQ(response.plan->text_weight, 0.5F);
  for (const auto& hit : response.hits) {
    // Cosines here are 0, 1 and 0.8, so min-max leaves them; BM25 is scaled by its best.
    const float expected_vector = 0.5F * *hit.parts->cosine;
    EXPECT_NEAR(hit.parts->vector_part, expected_vector, 2e-3F) << hit.memory.text();
    EXPECT_NEAR(hit.score, hit.parts->vector_part + hit.parts->text_part, 1e-6F);
    if (hit.memory.text() == "alpha") {
      EXPECT_NEAR(hit.parts->text_part, 0.5F, 1e-6F);
    }
    if (hit.memory.text() == "beta") {
      EXPECT_EQ(hit.parts->text_part, 0.0F);
    }
  }
  EXPECT_EQ(response.hits[0].memory.text(), "gamma alpha");
}

TEST_F(Search, HybridFindsMemoriesWithoutAVectorByTheirText) {
  add(memory("with a vector", {1, 0}));
  add(memory("zebra without one"));
  SearchRequest request = text_search("zebra");
  request.vector = {1.0F, 0.0F};

  EXPECT_THAT(found(request), UnorderedElementsAre("with a vector", "zebra without one"));
}

TEST_F(Search, AReplyIsFoundByTheQuestionBeforeIt) {
  Session session;
  session.session_id = "s1";
  value_of(tenant_->put(session));
  const auto say = [&](const char* text, std::vector<float> vector) {
    Memory turn = memory(text, std::move(vector));
    turn.memory_type = "conversation";
    turn.session_id = "s1";
    clock_.advance(std::chrono::seconds(30));
    return add(turn);
  };
  say("Nice weather today", {0, 1});
  say("How many zebras did you see?", {1, 0.2F});
  say("Three of them!", {0.1F, 1});
  say("And then it rained", {0.2F, 1});
  SearchRequest request = text_search("zebras");
  request.vector = {1.0F, 0.0F};
  request.explain = true;

  const SearchResponse with = value_of(tenant_->search(request));
  request.context_weight = 0;
  const SearchResponse without = value_of(tenant_->search(request));

  EXPECT_EQ(with.hits[1].memory.text(), "Three of them!");
  const auto& asked = *with.hits[0].parts;
  const auto& reply = *with.hits[1].parts;
  const auto& after = *std::find_if(with.hits.begin(), with.hits.end(), [](const auto& hit) {
                         return hit.memory.text() == "And then it rained";
                       })->parts;
  EXPECT_NEAR(
      reply.context_part,
      0.4F * (asked.vector_part + asked.text_part) + 0.2F * (after.vector_part + after.text_part),
      1e-5F);
  EXPECT_NE(without.hits[1].memory.text(), "Three of them!");
  EXPECT_EQ(without.hits[1].parts->context_part, 0.0F);
}

TEST_F(Search, AForgottenTurnLendsNothingToItsNeighbours) {
  Session session;
  session.session_id = "s1";
  value_of(tenant_->put(session));
  std::vector<Uuid> turns;
  for (const char* text : {"What about zebras?", "Yes.", "No."}) {
    Memory turn = memory(text, {1, static_cast<float>(turns.size())});
    turn.memory_type = "conversation";
    turn.session_id = "s1";
    turn.created_at = clock_.now() + std::chrono::seconds(turns.size());
    turns.push_back(add(turn));
  }
  ASSERT_THAT(tenant_->forget(turns[0]), Succeeds());
  SearchRequest request = text_search("zebras");
  request.vector = {0.0F, 1.0F};
  request.explain = true;

  const SearchResponse response = value_of(tenant_->search(request));

  ASSERT_THAT(response.hits, SizeIs(2));
  for (const auto& hit : response.hits) EXPECT_EQ(hit.parts->text_part, 0.0F);
  // "Yes." has "No." after it, and nothing from the forgotten question.
  const auto& yes = response.hits[0].memory.text() == "Yes." ? response.hits[0] : response.hits[1];
  const auto& no = response.hits[0].memory.text() == "Yes." ? response.hits[1] : response.hits[0];
  EXPECT_NEAR(yes.parts->context_part, 0.2F * no.parts->vector_part, 1e-6F);
}

TEST_F(Search, RrfScoresByRanks) {
  add(memory("alpha", {1, 0}));
  add(memory("beta", {0, 1}));
  SearchRequest request = text_search("alpha");
  request.vector = {0.1F, 1.0F};
  request.fusion = Fusion::kRrf;

  const SearchResponse response = value_of(tenant_->search(request));

  ASSERT_THAT(response.hits, SizeIs(2));
  EXPECT_EQ(response.hits[0].memory.text(), "alpha");
  EXPECT_NEAR(response.hits[0].score, 0.5F / 62 + 0.5F / 61, 1e-6F);
  EXPECT_NEAR(response.hits[1].score, 0.5F / 61, 1e-6F);
}

TEST_F(Search, WithoutAQueryTheNewestComeFirst) {
  for (const char* text : {"first", "second", "third"}) {
    add(memory(text));
    clock_.advance(std::chrono::minutes(10));
  }
  SearchRequest request;
  request.k = 2;

  EXPECT_THAT(found(request), ElementsAre("third", "second"));
}

TEST_F(Search, ForgottenExpiredAndArchivedMemoriesShowOnlyWhenAskedFor) {
  const Uuid forgotten = add(memory("cat forgotten"));
  ASSERT_THAT(tenant_->forget(forgotten), Succeeds());
  Memory expiring = memory("cat expiring");
  expiring.expires_at = clock_.now() + std::chrono::seconds(10);
  add(expiring);
  Memory archived = memory("cat archived");
  archived.status = MemoryStatus::kArchived;
  add(archived);
  add(memory("cat plain"));

  EXPECT_THAT(found(text_search("cat")), UnorderedElementsAre("cat plain", "cat expiring"));
  clock_.advance(std::chrono::seconds(10));
  EXPECT_THAT(found(text_search("cat")), ElementsAre("cat plain"));
  SearchRequest all = text_search("cat");
  all.include_deleted = all.include_expired = all.include_archived = true;
  EXPECT_THAT(found(all), SizeIs(4));
  SearchRequest then = text_search("cat");
  then.now = clock_.now() - std::chrono::seconds(5);
  EXPECT_THAT(found(then), UnorderedElementsAre("cat plain", "cat expiring"));
}

TEST_F(Search, AFilterReturnsKResultsWheneverKMatch) {
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    Memory one = memory("memory number " + std::to_string(i), random_vector(random, 8));
    if (i % 50 == 0) one.tags = {"rare"};
    add(one);
  }
  SearchRequest request = vector_search(random_vector(random, 8), 10);
  request.filter = tags_any({"rare"});
  request.explain = true;

  const SearchResponse response = value_of(tenant_->search(request));

  EXPECT_THAT(response.hits, SizeIs(10));
  EXPECT_EQ(response.plan->matching, 10U);
}

TEST_F(Search, TheBlendStaysWithinItsBounds) {
  Memory low = memory("tea", {1, 0});
  low.priority = 1;
  Memory high = memory("tea again", {0.99F, 0.14F});
  high.priority = 10;
  add(low);
  add(high);
  SearchRequest request = vector_search({1, 0});
  EXPECT_THAT(found(request), ElementsAre("tea", "tea again"));
  request.blend.priority = 0.2F;
  request.explain = true;

  const SearchResponse response = value_of(tenant_->search(request));

  EXPECT_THAT(texts_of(response), ElementsAre("tea again", "tea"));
  EXPECT_NEAR(response.hits[0].parts->priority_factor, 1.1F, 1e-6F);
  EXPECT_NEAR(response.hits[1].parts->priority_factor, 0.9F, 1e-6F);
  EXPECT_NEAR(response.hits[1].score, 0.9F, 1e-3F);
}

TEST_F(Search, DecayAndRecencyFavourWhatIsFresh) {
  add(memory("old tea", {1, 0}));
  clock_.advance(std::chrono::hours(24 * 30));
  add(memory("new tea", {1, 0}));
  SearchRequest request = vector_search({1, 0});
  request.blend.recency = 0.5F;
  request.explain = true;

  const SearchResponse response = value_of(tenant_->search(request));

  EXPECT_THAT(texts_of(response), ElementsAre("new tea", "old tea"));
  EXPECT_NEAR(response.hits[1].parts->recency_factor, 1.0F, 1e-4F);  // One half-life: x is 0.5.
  SearchRequest fresh = vector_search({1, 0});
  fresh.filter = Filter(DecayAtLeast{0.5});
  EXPECT_THAT(found(fresh), ElementsAre("new tea"));
}

TEST_F(Search, MmrPrefersADifferentMemoryToANearCopy) {
  add(memory("tea", {1, 0, 0}));
  add(memory("tea copy", {0.999F, 0.02F, 0}));
  add(memory("coffee", {0.8F, 0, 0.6F}));
  SearchRequest request = vector_search({1, 0, 0}, 2);
  EXPECT_THAT(found(request), ElementsAre("tea", "tea copy"));
  request.mmr_lambda = 0.3F;

  EXPECT_THAT(found(request), ElementsAre("tea", "coffee"));
}

TEST_F(Search, TouchReinforcesWhatIsReturned) {
  const Uuid id = add(memory("useful"));
  clock_.advance(std::chrono::hours(1));

  value_of(tenant_->search_and_touch(text_search("useful")));

  EXPECT_EQ(value_of(tenant_->get(id)).use_count, 1);
  EXPECT_EQ(value_of(tenant_->get(id)).last_used, clock_.now());
}

TEST_F(Search, ArgumentsThatDoNotApplyAreRefused) {
  add(memory("east", {1, 0}));
  const auto refused = [&](const std::function<void(SearchRequest&)>& spoil, const char* field) {
    SearchRequest request = vector_search({1, 0});
    spoil(request);
    const auto result = tenant_->search(request);
    ASSERT_FALSE(result.has_value()) << field;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(result.error().field, field) << result.error().message;
  };
  refused([](auto& r) { r.k = 0; }, "k");
  refused([](auto& r) { r.vector = {1, 0, 0}; }, "vector");
  refused([](auto& r) { r.vector = {0, 0}; }, "vector");
  refused([](auto& r) { r.vector = {NAN, 0}; }, "vector");
  refused([](auto& r) { r.mode = SearchMode::kText; }, "text");
  refused([](auto& r) { r.mode = SearchMode::kHybrid; }, "text");
  refused([](auto& r) { r.model = "unheard-of"; }, "model");
  refused([](auto& r) { r.vector_weight = r.text_weight = 0; }, "vector_weight");
  refused([](auto& r) { r.blend.decay = 1.5F; }, "blend.decay");
  refused([](auto& r) { r.mmr_lambda = -1.0F; }, "mmr_lambda");
  refused([](auto& r) { r.context_weight = 1.5F; }, "context_weight");
  refused([](auto& r) { r.filter = equals(Field::kStatus, "sleeping"); }, "status");
  refused([](auto& r) { r.deadline = std::chrono::microseconds(0); }, "deadline");
}

TEST_F(Search, AQueryOfAnotherModelNeverSeesThisModelsVectors) {
  Memory both = memory("two models", {1, 0});
  both.embeddings.push_back({"other", {0, 0, 1}});
  add(both);
  add(memory("default only", {1, 0}));
  SearchRequest request = vector_search({0, 0, 1});
  request.model = "other";

  EXPECT_THAT(found(request), ElementsAre("two models"));
}

TEST_F(Search, ADeadlineThatHasPassedGivesAFlaggedPartialAnswer) {
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    add(memory("note number " + std::to_string(i), random_vector(random, 64)));
  }
  SearchRequest request = vector_search(random_vector(random, 64));
  request.deadline = std::chrono::microseconds(1);

  const SearchResponse response = value_of(tenant_->search(request));

  EXPECT_TRUE(response.partial);
}

}  // namespace
}  // namespace tulving
