// Which model a request means that names none: the store's default where the tenant has it, else
// the only one the tenant has; of several none is guessed. The oracle is a model's vectors compared
// by its name. Never is an empty answer given in silence.

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ModelChoice : public ::testing::Test {
 protected:
  ModelChoice() : store_(value_of(Store::open_in_memory())) {}

  Tenant tenant(const std::string& id) { return value_of(store_.tenant(id)); }
  static Uuid add(Tenant& tenant, const std::string& text, const std::string& model,
                  std::vector<float> vector) {
    Memory one = memory(text);
    one.embeddings = {{model, std::move(vector)}};
    return value_of(tenant.add(one)).id;
  }

  Store store_;
};

TEST_F(ModelChoice, TheOnlyModelIsMeantWithoutAName) {
  auto acme = tenant("acme");
  const Uuid tea = add(acme, "tea", "minilm", {1, 0, 0});

  const auto found = value_of(acme.search(vector_search({1, 0, 0})));

  EXPECT_THAT(ids_of(found), ::testing::ElementsAre(tea));
  EXPECT_FALSE(found.vector_unsearchable);
  EXPECT_THAT(acme.search(vector_search({1, 0})), FailsWith(ErrorCode::kInvalidArgument))
      << "the dimension is the meant model's";
}

TEST_F(ModelChoice, OfSeveralOneMustBeNamed) {
  auto acme = tenant("acme");
  add(acme, "tea", "minilm", {1, 0});
  add(acme, "milk", "ada", {0, 1});

  const auto refused = acme.search(vector_search({1, 0}));

  ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_EQ(refused.error().field, "model");
  EXPECT_THAT(refused.error().message, HasSubstr("\"ada\", \"minilm\""));
  ClusterRequest clusters;
  EXPECT_THAT(acme.clusters(clusters), FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(ModelChoice, AModelThatOnlyAnotherTenantHasIsSaidToFindNothing) {
  auto acme = tenant("acme");
  auto other = tenant("other");
  add(acme, "tea", "minilm", {1, 0});
  add(other, "milk", "ada", {0, 1});
  SearchRequest request = vector_search({1, 0});
  request.model = "ada";
  request.text = "tea";

  const auto found = value_of(acme.search(request));

  EXPECT_TRUE(found.vector_unsearchable);
  EXPECT_THAT(found.hits, SizeIs(1)) << "the text's";
  request.model = "unheard-of";
  const auto refused = acme.search(request);
  ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(refused.error().message, HasSubstr("\"minilm\""));
  EXPECT_TRUE(value_of(tenant("nobody").search(vector_search({1, 0}))).vector_unsearchable);
}

TEST_F(ModelChoice, AModelWhoseLastVectorWentIsNone) {
  auto acme = tenant("acme");
  add(acme, "tea", "minilm", {1, 0});
  const Uuid milk = add(acme, "milk", "ada", {0, 1});
  ASSERT_THAT(acme.erase(milk), Succeeds());

  EXPECT_THAT(value_of(acme.search(vector_search({1, 0}))).hits, SizeIs(1));
}

TEST_F(ModelChoice, ClustersAndJobsMeanTheSameModel) {
  auto acme = tenant("acme");
  for (int i = 0; i < 3; ++i) {
    Memory one = memory("Water the tomatoes, says " + std::to_string(i) + ".");
    one.project_id = "garden";
    one.embeddings = {{"minilm", {1, 0.01F * static_cast<float>(i)}}};
    value_of(acme.add(one));
  }
  ClusterRequest clusters;
  EXPECT_THAT(value_of(acme.clusters(clusters)).clusters, SizeIs(1));

  auto runner = value_of(JobRunner::create(store_, "acme"));
  JobRequest request;
  request.project_id = "garden";
  const auto job = value_of(runner.start(request));
  EXPECT_EQ(job.metrics.memories_processed, 3U);
  EXPECT_THAT(job.errors, IsEmpty());
}

// Random tenants with a random share of four models, the default among them or not.
TEST_F(ModelChoice, IsTheOraclesForRandomTenants) {
  const std::vector<std::string> models = {"default", "ada", "bge", "minilm"};
  std::mt19937 random(5);
  constexpr int kCases = 300;
  for (int i = 0; i < kCases; ++i) {
    auto one = tenant("t" + std::to_string(i));
    std::vector<std::string> present;
    for (const std::string& model : models) {
      if (random() % 5 > 1) continue;
      present.push_back(model);
      for (int n = 0; n < 3; ++n) {
        add(one, model + std::to_string(n), model, random_vector(random, 8));
      }
    }
    const bool has_default = !present.empty() && present.front() == "default";
    SearchRequest request = vector_search(random_vector(random, 8));
    EXPECT_EQ(one.usual_model(),
              has_default || present.size() == 1 ? present.front() : std::string());

    const auto found = one.search(request);

    if (present.empty()) {
      EXPECT_TRUE(value_of(found).vector_unsearchable);
    } else if (has_default || present.size() == 1) {
      request.model = present.front();
      EXPECT_EQ(ids_of(value_of(found)), ids_of(value_of(one.search(request))));
      EXPECT_THAT(value_of(found).hits, SizeIs(3));
    } else {
      ASSERT_THAT(found, FailsWith(ErrorCode::kInvalidArgument));
      for (const auto& name : present) EXPECT_THAT(found.error().message, HasSubstr(name));
    }
  }
}

}  // namespace
}  // namespace tulving
