// From one model to another, beside searches.

#include <algorithm>

#include "tests/engine/embed/toy_embedder.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;

class Reembedding : public ::testing::Test {
 protected:
  static constexpr int kCount = 600;  // More than two batches.

  void SetUp() override {
    Store store = value_of(Store::open(directory_ / "s", embedding_with({old_})));
    Tenant tenant = value_of(store.tenant("acme"));
    std::vector<Memory> memories;
    for (int i = 0; i < kCount; ++i) memories.push_back(memory("text" + std::to_string(i)));
    for (const AddResult& added : value_of(tenant.add(memories))) ids_.push_back(added.id);
    ASSERT_THAT(store.wait_for_embedding(), Succeeds());
  }
  Store open(std::vector<std::shared_ptr<const Embedder>> embedders) {
    return value_of(Store::open(directory_ / "s", embedding_with(std::move(embedders))));
  }
  std::vector<std::string> models_of(const Tenant& tenant, Uuid id) {
    std::vector<std::string> models;
    for (const auto& embedding : value_of(tenant.get(id, true)).embeddings) {
      models.push_back(embedding.model);
      const auto& made = embedding.model == "old" ? *old_ : *new_;
      EXPECT_EQ(embedding.vector, made.of(value_of(tenant.get(id)).text));
    }
    return models;
  }
  std::string embedded_by(const Tenant& tenant) {
    SearchRequest request = by_meaning("text7", 1);
    request.explain = true;
    const auto response = value_of(tenant.search(request));
    EXPECT_EQ(ids_of(response), std::vector{ids_[7]});  // Whichever it is.
    return response.plan->embedded_by;
  }

  TemporaryDirectory directory_;
  std::shared_ptr<ToyEmbedder> old_ = std::make_shared<ToyEmbedder>("old", 16);
  std::shared_ptr<ToyEmbedder> new_ = std::make_shared<ToyEmbedder>("new", 24);
  std::vector<Uuid> ids_;
};

TEST_F(Reembedding, GoesOnWhereItWasCutShortAndBothAreFoundMeanwhile) {
  {
    Store store = open({new_, old_});
    const Tenant tenant = value_of(store.tenant("acme"));
    EXPECT_EQ(embedded_by(tenant), "old");
    ReembedOptions options;
    options.progress = [](std::uint64_t done, std::uint64_t) { return done < 200; };
    const auto report = value_of(store.reembed(options));
    EXPECT_EQ(report.made, 256U);
    EXPECT_EQ(report.left, kCount - 256U);
    EXPECT_EQ(embedded_by(tenant), "old");  // Most are still of it.
  }
  Store store = open({new_, old_});
  Tenant tenant = value_of(store.tenant("acme"));
  // Meanwhile a memory comes: it is found by what finds the others.
  const Uuid late = value_of(tenant.add(memory("late"))).id;
  ASSERT_THAT(store.wait_for_embedding(), Succeeds());
  EXPECT_EQ(models_of(tenant, late), std::vector<std::string>{"old"});

  const std::size_t before = new_->embedded;
  EXPECT_EQ(value_of(store.reembed()).made, kCount + 1 - 256U);
  EXPECT_EQ(new_->embedded - before, kCount + 1 - 256U);  // None of them twice.
  EXPECT_EQ(embedded_by(tenant), "new");
  EXPECT_EQ(models_of(tenant, late), (std::vector<std::string>{"new", "old"}));
  EXPECT_EQ(value_of(store.reembed()).made, 0U);
}

TEST_F(Reembedding, DropsTheOldVectorOnceTheNewIsThere) {
  Store store = open({new_});
  const Tenant tenant = value_of(store.tenant("acme"));
  // Some have both before.
  ReembedOptions options;
  options.progress = [](std::uint64_t, std::uint64_t) { return false; };
  value_of(store.reembed(options));
  options = {};
  options.drop_model = "old";
  const auto report = value_of(store.reembed(options));
  EXPECT_EQ(report.left, 0U);
  for (const Uuid& id : ids_) EXPECT_EQ(models_of(tenant, id), std::vector<std::string>{"new"});
  EXPECT_EQ(embedded_by(tenant), "new");
  EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
}

TEST_F(Reembedding, AFailingEmbedderTakesNothingAway) {
  Store store = open({new_, old_});
  const Tenant tenant = value_of(store.tenant("acme"));
  new_->offline = true;
  ReembedOptions options;
  options.drop_model = "old";
  EXPECT_THAT(store.reembed(options), FailsWith(ErrorCode::kIo));
  EXPECT_EQ(models_of(tenant, ids_[0]), std::vector<std::string>{"old"});
  EXPECT_EQ(embedded_by(tenant), "old");
}

TEST_F(Reembedding, RefusesToDropItsOwnModelAndAStoreWithoutEmbedder) {
  Store store = open({new_});
  ReembedOptions options;
  options.drop_model = "new";
  EXPECT_THAT(store.reembed(options), FailsWith(ErrorCode::kInvalidArgument));
  ASSERT_THAT(store.close(), Succeeds());
  Store bare = open({});
  EXPECT_THAT(bare.reembed(), FailsWith(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace tulving
