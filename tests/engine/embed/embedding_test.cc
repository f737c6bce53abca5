// A store that has an embedder: texts come in, and are found by meaning. What an embedder does
// wrong is in embedding_faults_test.cc, the change from one model to another in reembed_test.cc.

#include <algorithm>

#include "tests/engine/embed/toy_embedder.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EmbeddedTexts : public ::testing::Test {
 protected:
  void open(EmbedWrites embed = EmbedWrites::kBackground) {
    store_.emplace(value_of(Store::open_in_memory(embedding_with({toy_}, embed))));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  Uuid add(const std::string& text) { return value_of(tenant_->add(memory(text))).id; }
  Uuid first(const SearchRequest& request) {
    const auto response = value_of(tenant_->search(request));
    return response.hits.empty() ? Uuid() : response.hits[0].memory.id();
  }

  std::shared_ptr<ToyEmbedder> toy_ = std::make_shared<ToyEmbedder>();
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

TEST_F(EmbeddedTexts, FindsByMeaningWhatWasAddedAsText) {
  open();
  const Uuid car = add("the car is red");
  add("the cat sleeps");
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());

  EXPECT_EQ(vector_of(*tenant_, car), toy_->of("the car is red"));
  EXPECT_EQ(first(by_meaning("automobile")), car);
  const auto hybrid = value_of(tenant_->search(text_search("red automobile")));
  ASSERT_FALSE(hybrid.hits.empty());
  EXPECT_EQ(hybrid.hits[0].memory.id(), car);
}

// The oracle: the same search with the vector that the embedder makes.
TEST_F(EmbeddedTexts, AnswersATextAsItsVector) {
  open(EmbedWrites::kWait);
  std::mt19937 random(7);
  const auto words = [&] {
    std::string text;
    for (int i = 0; i < 5; ++i) text += "w" + std::to_string(random() % 40) + " ";
    return text;
  };
  for (int i = 0; i < 60; ++i) add(words());
  for (int i = 0; i < 20; ++i) {
    SearchRequest by_text = text_search(words());
    by_text.explain = true;
    SearchRequest by_vector = by_text;
    by_vector.vector = toy_->of(*by_text.text);
    const auto embedded = value_of(tenant_->search(by_text));
    const auto given = value_of(tenant_->search(by_vector));
    EXPECT_EQ(ids_of(embedded), ids_of(given));
    EXPECT_EQ(embedded.plan->embedded_by, "toy");
    EXPECT_EQ(given.plan->embedded_by, "");
  }
}

TEST_F(EmbeddedTexts, IsFoundByItsWordsBeforeItsVectorComes) {
  open();
  toy_->close();
  const Uuid car = add("the car is red");

  EXPECT_EQ(first(text_search("red")), car);
  EXPECT_EQ(store_->stats().embedding.pending, 1U);
  toy_->open();
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());
  EXPECT_EQ(store_->stats().embedding.pending, 0U);
  EXPECT_EQ(store_->stats().embedding.made, 1U);
  EXPECT_EQ(first(by_meaning("automobile")), car);
}

TEST_F(EmbeddedTexts, AWriteThatWaitsHasItsVectorWhenItReturns) {
  open(EmbedWrites::kWait);
  EXPECT_EQ(vector_of(*tenant_, add("the car")), toy_->of("the car"));
  const std::vector<Memory> both = {memory("one"), memory("two", {1, 2, 3})};
  const auto added = value_of(tenant_->add(both));
  EXPECT_EQ(vector_of(*tenant_, added[0].id), toy_->of("one"));
  EXPECT_THAT(vector_of(*tenant_, added[1].id), ElementsAre(1, 2, 3));
}

TEST_F(EmbeddedTexts, OffEmbedsQueriesAlone) {
  open(EmbedWrites::kOff);
  Memory brought = memory("the car is red");
  brought.embeddings = {{"toy", toy_->of("the car is red")}};
  const Uuid car = value_of(tenant_->add(brought)).id;
  const Uuid text = add("a cat");
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());
  EXPECT_THAT(vector_of(*tenant_, text), IsEmpty());
  EXPECT_EQ(first(by_meaning("automobile")), car);
}

TEST_F(EmbeddedTexts, AnEditedTextIsEmbeddedAgain) {
  open();
  const Uuid id = add("the cat sleeps");
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());
  MemoryPatch patch;
  patch.text = "the car is red";
  value_of(tenant_->update(id, patch));
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());
  EXPECT_EQ(vector_of(*tenant_, id), toy_->of("the car is red"));
}

// An edit that comes while the embedder has the old text: the vector of that must not be put.
TEST_F(EmbeddedTexts, AnEditMeanwhileWins) {
  open();
  toy_->close();
  const Uuid id = add("the cat sleeps");
  while (toy_->calls == 0) std::this_thread::yield();  // It has the old text.
  MemoryPatch patch;
  patch.text = "the car is red";
  value_of(tenant_->update(id, patch));
  const Uuid gone = add("gone");
  ASSERT_THAT(tenant_->erase(gone), Succeeds());
  toy_->open();
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());
  EXPECT_EQ(vector_of(*tenant_, id), toy_->of("the car is red"));
  EXPECT_THAT(tenant_->get(gone), FailsWith(ErrorCode::kNotFound));
}

// A vector that comes by itself must not stand between a caller's read and its write.
TEST_F(EmbeddedTexts, ARevisionReadBeforeTheVectorCameStillHolds) {
  open();
  const AddResult added = value_of(tenant_->add(memory("the car")));
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());
  EXPECT_GT(value_of(tenant_->get(added.id)).revision, added.revision);  // Or syncs would miss it.
  MemoryPatch patch;
  patch.tags = {{"seen"}};
  const AddResult patched = value_of(tenant_->update(added.id, patch, added.revision));
  EXPECT_THAT(tenant_->update(added.id, patch, added.revision), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(tenant_->update(added.id, patch, patched.revision), Succeeds());
  EXPECT_THAT(tenant_->update(added.id, patch, patched.revision - 1),
              FailsWith(ErrorCode::kConflict));
}

TEST_F(EmbeddedTexts, LeavesNothingInAHistory) {
  open(EmbedWrites::kWait);
  EXPECT_THAT(value_of(tenant_->history(add("the car"))), SizeIs(1));  // The memory as it is.
}

// Vectors of another kind would only be in the way there.
TEST_F(EmbeddedTexts, LeavesATenantWithVectorsOfItsOwnAlone) {
  open();
  value_of(tenant_->add(memory("one", {1, 0})));
  value_of(tenant_->add(memory("two", {0, 1})));
  const Uuid without = add("three");
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());
  EXPECT_THAT(vector_of(*tenant_, without), IsEmpty());
  EXPECT_EQ(store_->stats().embedding.pending, 0U);
  EXPECT_EQ(tenant_->usual_model(), "default");
  SearchRequest request = text_search("one");
  request.explain = true;
  EXPECT_EQ(value_of(tenant_->search(request)).plan->embedded_by, "");
}

TEST_F(EmbeddedTexts, EmbedsTheStringsOfAContentAndSkipsWhatHasNone) {
  open();
  Memory content;
  content.content = R"({"note":"the car","n":1})";
  const Uuid id = value_of(tenant_->add(content)).id;
  Memory bare;
  bare.content = R"({"n":2})";
  value_of(tenant_->add(bare));
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());
  EXPECT_EQ(vector_of(*tenant_, id), toy_->of("the car"));
  EXPECT_EQ(store_->stats().embedding.pending, 0U);
  EXPECT_EQ(store_->stats().embedding.failed, 0U);
}

TEST_F(EmbeddedTexts, ChangesAndVerifySeeTheVector) {
  open();
  add("the car");
  const Position before = store_->position();
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());
  add("another");
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());
  EXPECT_THAT(value_of(store_->changes({before.revision - 1, before.incarnation})).changes,
              SizeIs(2));
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

// Of a long text the end counts as much as its beginning.
TEST_F(EmbeddedTexts, ALongTextIsFoundByItsBestPassage) {
  toy_->words_read = 6;
  open();
  std::string text;
  for (int i = 0; i < 20; ++i) text += "filler number " + std::to_string(i) + " of many. ";
  const Uuid id = add(text +
                      "Anna bought the car. More words of no sense follow it here without "
                      "any stop at all for a while");
  for (int i = 0; i < 10; ++i) add("short text " + std::to_string(i));
  ASSERT_THAT(store_->wait_for_embedding(), Succeeds());

  const Memory stored = value_of(tenant_->get(id, true));
  ASSERT_THAT(stored.embeddings, SizeIs(1));
  EXPECT_EQ(stored.embeddings[0].passages, 25U);
  const auto response = value_of(tenant_->search(by_meaning("Anna bought the automobile.", 3)));
  ASSERT_FALSE(response.hits.empty());
  EXPECT_EQ(response.hits[0].memory.id(), id);
  EXPECT_GT(response.hits[0].score, 0.7F);
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

TEST(EmbeddingAcrossOpenings, WhatWasOwedIsMadeByTheNextOne) {
  const TemporaryDirectory directory;
  Uuid id;
  {
    Store store = value_of(Store::open(directory / "s"));
    id = value_of(value_of(store.tenant("acme")).add(memory("the car"))).id;
  }
  const auto toy = std::make_shared<ToyEmbedder>();
  {
    Store store = value_of(Store::open(directory / "s", embedding_with({toy})));
    ASSERT_THAT(store.wait_for_embedding(), Succeeds());
  }
  Store store = value_of(Store::open(directory / "s"));
  const Tenant tenant = value_of(store.tenant("acme"));
  EXPECT_EQ(vector_of(tenant, id), toy->of("the car"));
  EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
}

TEST(EmbeddingAcrossOpenings, ADimensionThatTheModelHasNotIsRefused) {
  const TemporaryDirectory directory;
  {
    Store store = value_of(
        Store::open(directory / "s", embedding_with({std::make_shared<ToyEmbedder>("toy", 8)})));
    value_of(value_of(store.tenant("acme")).add(memory("the car")));
    ASSERT_THAT(store.wait_for_embedding(), Succeeds());
  }
  for (const bool read_only : {false, true}) {
    StoreOptions options = embedding_with({std::make_shared<ToyEmbedder>("toy", 9)});
    options.read_only = read_only;
    const auto opened = Store::open(directory / "s", options);
    ASSERT_THAT(opened, FailsWith(ErrorCode::kInvalidArgument));
    EXPECT_EQ(opened.error().field, "embedders");
  }
}

TEST(EmbeddingOptions, AreChecked) {
  const auto toy = std::make_shared<ToyEmbedder>();
  const auto twice = Store::open_in_memory(embedding_with({toy, toy}));
  EXPECT_THAT(twice, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Store::open_in_memory(embedding_with({nullptr})),
              FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Store::open_in_memory(embedding_with({std::make_shared<ToyEmbedder>("", 8)})),
              FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Store::open_in_memory(embedding_with({std::make_shared<ToyEmbedder>("big", 5000)})),
              FailsWith(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace tulving
