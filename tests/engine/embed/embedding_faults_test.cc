// What an embedder does wrong is told, and loses nothing.

#include "tests/engine/embed/toy_embedder.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EmbeddingFaults : public ::testing::TestWithParam<EmbedWrites> {
 protected:
  EmbeddingFaults()
      : store_(value_of(Store::open_in_memory(embedding_with({toy_}, GetParam())))),
        tenant_(value_of(store_.tenant("acme"))) {}
  Uuid add(const std::string& text) { return value_of(tenant_.add(memory(text))).id; }
  void await_failure() {
    while (!store_.stats().embedding.is_failing) std::this_thread::yield();
  }
  void await_success() {
    while (!store_.wait_for_embedding()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  std::shared_ptr<ToyEmbedder> toy_ = std::make_shared<ToyEmbedder>();
  Store store_;
  Tenant tenant_;
};

INSTANTIATE_TEST_SUITE_P(Writes, EmbeddingFaults,
                         ::testing::Values(EmbedWrites::kBackground, EmbedWrites::kWait));

TEST_P(EmbeddingFaults, OneThatIsOfflineIsToldAndAskedAgain) {
  toy_->offline = true;
  const Uuid id = add("the car");
  await_failure();
  const auto stats = store_.stats().embedding;
  EXPECT_EQ(stats.pending, 1U);
  EXPECT_EQ(stats.failed, 0U);
  EXPECT_THAT(stats.last_error, HasSubstr("embedder \"toy\": nobody answers"));
  const auto waited = store_.wait_for_embedding();
  ASSERT_THAT(waited, FailsWith(ErrorCode::kIo));
  EXPECT_THAT(value_of(tenant_.search(text_search("car"))).hits, ::testing::SizeIs(1));

  toy_->offline = false;
  await_success();
  EXPECT_EQ(vector_of(tenant_, id), toy_->of("the car"));
  EXPECT_FALSE(store_.stats().embedding.is_failing);
}

TEST_P(EmbeddingFaults, OneThatThrowsEndsNothing) {
  toy_->throws = true;
  add("the car");
  await_failure();
  EXPECT_THAT(store_.stats().embedding.last_error, HasSubstr("a bug of the caller's"));
  toy_->throws = false;
  await_success();
  EXPECT_EQ(store_.stats().embedding.made, 1U);
}

TEST_P(EmbeddingFaults, OneThatAnswersTooManyFloatsIsNotBelieved) {
  toy_->floats_too_many = true;
  const Uuid id = add("the car");
  await_failure();
  EXPECT_THAT(store_.stats().embedding.last_error,
              HasSubstr("answered 33 floats for 1 texts of 32 each"));
  EXPECT_THAT(vector_of(tenant_, id), IsEmpty());
}

// Of a batch one: the others have theirs, whether it says which text it is or not.
TEST_P(EmbeddingFaults, ATextThatIsRefusedCostsTheOthersNothing) {
  for (const bool names : {true, false}) {
    toy_->names_positions = names;
    std::vector<Memory> batch;
    for (int i = 0; i < 20; ++i) {
      const bool refused = i % 6 == 3;
      batch.push_back(memory((refused ? "refuse" : "take") + std::to_string(i) +
                             (names ? " named" : " unnamed")));
    }
    const auto added = value_of(tenant_.add(batch));
    ASSERT_THAT(store_.wait_for_embedding(), Succeeds());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      EXPECT_EQ(vector_of(tenant_, added[i].id).empty(), batch[i].text.starts_with("refuse"))
          << batch[i].text;
    }
  }
  const auto stats = store_.stats().embedding;
  EXPECT_EQ(stats.failed, 6U);
  EXPECT_EQ(stats.pending, 6U);
  EXPECT_FALSE(stats.is_failing);
  EXPECT_THAT(stats.last_error, HasSubstr("the text says refuse"));
}

TEST_P(EmbeddingFaults, ARefusedTextIsTriedAgainWhenItChanges) {
  const Uuid id = add("refuse");
  ASSERT_THAT(store_.wait_for_embedding(), Succeeds());
  ASSERT_EQ(store_.stats().embedding.failed, 1U);
  MemoryPatch patch;
  patch.text = "take";
  value_of(tenant_.update(id, patch));
  ASSERT_THAT(store_.wait_for_embedding(), Succeeds());
  EXPECT_EQ(vector_of(tenant_, id), toy_->of("take"));
  EXPECT_EQ(store_.stats().embedding.failed, 0U);
}

TEST_P(EmbeddingFaults, AVectorThatIsNoneIsRefused) {
  const Uuid id = add("nonsense");
  const Uuid sound = add("sound");
  ASSERT_THAT(store_.wait_for_embedding(), Succeeds());
  EXPECT_THAT(vector_of(tenant_, id), IsEmpty());
  EXPECT_EQ(vector_of(tenant_, sound), toy_->of("sound"));
  EXPECT_EQ(store_.stats().embedding.failed, 1U);
}

TEST_P(EmbeddingFaults, AQueryWithoutItsVectorIsOneForWordsAndSaysSo) {
  const Uuid id = add("the car");
  ASSERT_THAT(store_.wait_for_embedding(), Succeeds());
  toy_->offline = true;
  const auto response = value_of(tenant_.search(text_search("car")));
  EXPECT_THAT(ids_of(response), ElementsAre(id));
  EXPECT_THAT(response.embedding_error, HasSubstr("nobody answers"));
  // What was asked for by name is not replaced.
  EXPECT_THAT(tenant_.search(by_meaning("car")), FailsWith(ErrorCode::kIo));
  SearchRequest hybrid = text_search("car");
  hybrid.mode = SearchMode::kHybrid;
  EXPECT_THAT(tenant_.search(hybrid), FailsWith(ErrorCode::kIo));
}

TEST(EmbeddingThreads, WritersAndTheWorkerMeet) {
  const auto toy = std::make_shared<ToyEmbedder>("toy", 8);
  StoreOptions options = embedding_with({toy});
  Store store = value_of(Store::open_in_memory(options));
  Tenant tenant = value_of(store.tenant("acme"));
  constexpr int kEach = 60;
  std::vector<std::vector<Uuid>> ids(2);
  std::vector<std::thread> writers;
  for (std::size_t w = 0; w < ids.size(); ++w) {
    writers.emplace_back([&, w] {
      std::mt19937 random(static_cast<unsigned>(w));
      for (int i = 0; i < kEach; ++i) {
        const std::string text = "w" + std::to_string(w) + " i" + std::to_string(i);
        ids[w].push_back(value_of(tenant.add(memory(text))).id);
        MemoryPatch patch;
        patch.text = text + " edited";
        if (random() % 3 == 0) value_of(tenant.update(ids[w][random() % ids[w].size()], patch));
        value_of(tenant.search(text_search(text, 3)));
      }
    });
  }
  for (auto& writer : writers) writer.join();
  ASSERT_THAT(store.wait_for_embedding(), Succeeds());
  for (const auto& of_writer : ids) {
    for (const Uuid& id : of_writer) {
      EXPECT_EQ(vector_of(tenant, id), toy->of(value_of(tenant.get(id)).text));
    }
  }
  EXPECT_EQ(store.stats().embedding.pending, 0U);
  EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
}

TEST(EmbeddingOfADroppedTenant, EndsAReembedding) {
  const auto toy = std::make_shared<ToyEmbedder>();
  Store store = value_of(Store::open_in_memory(embedding_with({toy}, EmbedWrites::kOff)));
  std::vector<Record> records;
  for (int i = 0; i < 600; ++i) records.emplace_back(memory("the car " + std::to_string(i)));
  value_of(value_of(store.tenant("acme")).write(records));
  toy->close();
  std::thread dropping([&] {
    while (toy->calls == 0) std::this_thread::yield();
    EXPECT_THAT(store.drop_tenant("acme"), Succeeds());
    toy->open();
  });
  const auto report = value_of(store.reembed());
  dropping.join();
  EXPECT_EQ(report.made, 0U);
  EXPECT_THAT(store.tenants(), IsEmpty());
}

// A call that is under way is waited for; what it was for is owed to the next opening.
TEST(EmbeddingThreads, AStoreClosesBesideACall) {
  const auto toy = std::make_shared<ToyEmbedder>();
  Store store = value_of(Store::open_in_memory(embedding_with({toy})));
  toy->close();
  value_of(value_of(store.tenant("acme")).add(memory("the car")));
  while (toy->calls == 0) std::this_thread::yield();
  std::thread opener([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    toy->open();
  });
  EXPECT_THAT(store.close(), Succeeds());
  opener.join();
}

// Of a tenant that goes while its texts are read nothing is owed, and nothing has failed.
TEST(EmbeddingOfADroppedTenant, IsLeftAlone) {
  const auto toy = std::make_shared<ToyEmbedder>();
  Store store = value_of(Store::open_in_memory(embedding_with({toy}, EmbedWrites::kBackground)));
  for (const char* text : {"the car", "refuse the car"}) {
    toy->close();
    const auto calls = toy->calls.load();
    value_of(value_of(store.tenant("acme")).add(memory(text)));
    while (toy->calls.load() == calls) std::this_thread::yield();
    EXPECT_EQ(value_of(store.drop_tenant("acme")), 1U);
    const Uuid anew = value_of(value_of(store.tenant("acme")).add(memory("the boat"))).id;
    toy->open();
    EXPECT_THAT(store.wait_for_embedding(), Succeeds());
    EXPECT_EQ(vector_of(value_of(store.tenant("acme")), anew), toy->of("the boat"));
    const auto stats = store.stats().embedding;
    EXPECT_FALSE(stats.is_failing);
    EXPECT_EQ(stats.pending, 0U);
    EXPECT_EQ(stats.failed, 0U);
    EXPECT_EQ(value_of(store.drop_tenant("acme")), 1U);
  }
  EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
}

}  // namespace
}  // namespace tulving
