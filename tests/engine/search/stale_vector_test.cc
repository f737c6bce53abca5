// A vector belongs to a text: a new text without a new vector has none.

#include "tests/engine/follow/follow_fixture.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StaleVector : public Following {
 protected:
  StaleVector() {
    id_ = add("A spare key lies under the flower pot.", {1.0F, 0.05F});
    other_ = add("The bins go out on Tuesday.", {0.0F, 1.0F});
  }
  bool is_hit() {
    const auto hits = value_of(tenant_->search(vector_search({1.0F, 0.05F}))).hits;
    return std::ranges::any_of(hits, [&](const auto& hit) { return hit.memory.id() == id_; });
  }
  Uuid id_, other_;
};

TEST_F(StaleVector, GoesWithTheTextOnUpdate) {
  ASSERT_TRUE(is_hit());

  update(id_, "The dentist is in Mill Lane.");

  EXPECT_FALSE(is_hit());
  EXPECT_THAT(get(id_).embeddings, IsEmpty());
  EXPECT_EQ(store_->stats().without_vector, 1U);
  EXPECT_EQ(store_->stats().tenants.at(0).without_vector, 1U);
  expect_sound();
  reopen();
  EXPECT_FALSE(is_hit());
  EXPECT_EQ(tenant_->stats().without_vector, 1U);
  expect_sound();
}

TEST_F(StaleVector, StaysWhereTheTextDoes) {
  update(id_, [](MemoryPatch& patch) { patch.tags = {"home"}; });
  update(id_, "A spare key lies under the flower pot.");
  EXPECT_TRUE(is_hit());

  MemoryPatch patch;
  patch.text = "A spare key is under the flower pot.";
  patch.keep_vectors = true;
  value_of(tenant_->update(id_, patch));
  EXPECT_TRUE(is_hit());
}

TEST_F(StaleVector, IsReplacedByTheOneThatComesWithTheText) {
  update(id_, [](MemoryPatch& patch) { patch.embedding = Embedding{"other", {1.0F, 2.0F, 3.0F}}; });
  ASSERT_THAT(get(id_).embeddings, SizeIs(2));

  update(id_, [](MemoryPatch& patch) {
    patch.text = "The dentist is in Mill Lane.";
    patch.embedding = Embedding{"other", {3.0F, 2.0F, 1.0F}};
  });

  EXPECT_THAT(get(id_).embeddings, ElementsAre(Embedding{"other", {3.0F, 2.0F, 1.0F}}));
}

TEST_F(StaleVector, GoesWithTheTextOnImport) {
  Memory line = get(id_);
  line.embeddings.clear();
  line.tags = {"home"};
  value_of(tenant_->write(std::vector<Record>{line}));
  EXPECT_THAT(get(id_).embeddings, SizeIs(1)) << "the same text";

  line.text = "The dentist is in Mill Lane.";
  const std::string old_summary = line.summary;
  value_of(tenant_->write(std::vector<Record>{line}, {.keep_vectors = true}));
  EXPECT_THAT(get(id_).embeddings, SizeIs(1));
  EXPECT_EQ(get(id_).summary, line.text) << "not " << old_summary;

  line.text = "The dentist is in High Street.";
  value_of(tenant_->write(std::vector<Record>{line}));
  EXPECT_THAT(get(id_).embeddings, IsEmpty());

  line.text = "The dentist moved to the mill.";
  line.embeddings = {{"default", {0.5F, 0.5F}}};
  value_of(tenant_->write(std::vector<Record>{line}));
  line.text = "The dentist moved to the lake.";  // With the same vector, given again.
  value_of(tenant_->write(std::vector<Record>{line}));
  EXPECT_THAT(get(id_).embeddings, ElementsAre(Embedding{"default", {0.5F, 0.5F}}));
}

// Random texts and vectors, given and not: whoever is found by a vector was given it with its text.
TEST_F(StaleVector, OfRandomChangesIsNeverFound) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::map<Uuid, std::map<std::string, std::vector<float>>> vectors;
  std::vector<Uuid> ids = {id_, other_};
  for (const Uuid& id : ids) vectors[id]["default"] = get(id).embeddings.at(0).vector;
  for (int i = 0; i < 300; ++i) {
    const Uuid& id = ids[random() % ids.size()];
    const std::string model = random() % 2 == 0 ? "default" : "other";
    MemoryPatch patch;
    if (random() % 2 == 0) patch.text = "Note " + std::to_string(random() % 4);
    if (random() % 2 == 0) patch.embedding = Embedding{model, random_vector(random, 2)};
    patch.keep_vectors = random() % 4 == 0;
    const bool is_new_text = patch.text && *patch.text != text(id);
    if (is_new_text && !patch.keep_vectors) vectors[id].clear();
    if (patch.embedding) vectors[id][model] = patch.embedding->vector;

    if (random() % 2 == 0) {
      value_of(tenant_->update(id, patch));
    } else {
      Memory line = get(id);
      line.embeddings.clear();
      if (patch.text) line.text = *patch.text;
      if (patch.embedding) line.embeddings = {*patch.embedding};
      value_of(tenant_->write(std::vector<Record>{line}, {.keep_vectors = patch.keep_vectors}));
    }
    if (random() % 30 == 0) reopen();

    std::uint64_t without = 0;
    for (const auto& [one, by_model] : vectors) {
      std::map<std::string, std::vector<float>> stored;
      for (const Embedding& embedding : get(one).embeddings) {
        stored[embedding.model] = embedding.vector;
      }
      EXPECT_EQ(stored, by_model);
      without += by_model.empty() ? 1 : 0;
    }
    EXPECT_EQ(tenant_->stats().without_vector, without);
  }
  expect_sound();
}

}  // namespace
}  // namespace tulving
