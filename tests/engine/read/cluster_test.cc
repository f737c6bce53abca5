// What Tenant::clusters() promises beyond index/cluster, whose tests hold the clusters themselves
// against textbook linkage: which memories are compared, that nothing waits for it, and that a
// cache changes what it costs and not what it says. The test of the cache can tell because after
// every few of many random writes it asks with and without.

#include <set>

#include "tests/engine/one_tenant.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class Clusters : public OneTenant {
 protected:
  Uuid add(const std::string& text, std::vector<float> vector = {},
           const std::function<void(Memory&)>& edit = {}) {
    Memory one = memory(text, std::move(vector));
    if (edit) edit(one);
    return value_of(tenant_->add(one)).id;
  }
  // 21 words, one of them another in each copy.
  Uuid add_copy(int copy, const std::function<void(Memory&)>& edit = {}) {
    return add("the red kettle in the second kitchen must be switched off before " +
                   std::to_string(copy) + " since the fuse of that wall is old",
               {}, edit);
  }
  [[nodiscard]] std::vector<std::vector<Uuid>> ids_by_text(const ClusterRequest& asked = {}) const {
    ClusterRequest request = asked;
    request.by = ClusterBy::kTexts;
    std::vector<std::vector<Uuid>> ids;
    for (const auto& cluster : value_of(tenant_->clusters(request)).clusters) {
      ids.push_back(cluster.ids);
    }
    return ids;
  }
  static std::vector<Uuid> sorted(std::vector<Uuid> ids) {
    std::sort(ids.begin(), ids.end());
    return ids;
  }
};

TEST_F(Clusters, OfTextsAreNearCopiesWithoutAnEmbedding) {
  const auto copies = sorted({add_copy(1), add_copy(2), add_copy(3)});
  add("the blue kettle in the first kitchen is new and may stay on all day");
  // With an embedding, of whatever model: others compare those.
  Memory embedded = memory("");
  embedded.text = value_of(tenant_->get(copies[0])).text + " now";
  embedded.embeddings.push_back({"other", {1.0F, 0.0F}});
  value_of(tenant_->add(embedded));

  ClusterRequest request;
  request.by = ClusterBy::kTexts;
  const ClusterReport report = value_of(tenant_->clusters(request));

  ASSERT_THAT(report.clusters, SizeIs(1));
  EXPECT_EQ(report.clusters[0].ids, copies);
  // 21 words have 19 phrases of three; the word that differs is in three of them.
  EXPECT_NEAR(report.clusters[0].cohesion, 16.0 / 19.0, 1e-6);
  EXPECT_EQ(report.memories, 4U);
  EXPECT_FALSE(report.approximate);
  EXPECT_THAT(value_of(tenant_->clusters()).clusters, IsEmpty()) << "none has a vector";
}

TEST_F(Clusters, OfTextsAreOfWhatASearchShowsAndTheFilterLetsThrough) {
  const Uuid a = add_copy(1), b = add_copy(2);
  const Uuid archived = add_copy(3), deleted = add_copy(4), left_out = add_copy(5);
  ASSERT_THAT(tenant_->archive(archived), Succeeds());
  ASSERT_THAT(tenant_->forget(deleted), Succeeds());
  add_copy(6, [&](Memory& m) { m.expires_at = clock_.now() + std::chrono::seconds(1); });
  const Uuid tagged = add_copy(7, [](Memory& m) { m.tags = {"kitchen"}; });
  clock_.advance(std::chrono::seconds(2));
  Tenant other = value_of(store_->tenant("other"));
  value_of(other.add(memory(value_of(tenant_->get(a)).text)));
  ClusterRequest request;
  request.leave_out = {left_out};

  EXPECT_THAT(ids_by_text(request), ElementsAre(sorted({a, b, tagged})));

  request.filter = not_(equals(Field::kTag, "kitchen"));
  EXPECT_THAT(ids_by_text(request), ElementsAre(sorted({a, b})));
  request.threshold = 0.9;
  EXPECT_THAT(ids_by_text(request), IsEmpty());
}

TEST_F(Clusters, OfNothingAreNoneAndBadOptionsAreRefusedStill) {
  EXPECT_THAT(ids_by_text(), IsEmpty());
  ClusterRequest request;
  request.by = ClusterBy::kTexts;
  request.threshold = 0;
  EXPECT_THAT(tenant_->clusters(request), FailsWith(ErrorCode::kInvalidArgument));
  request.by = static_cast<ClusterBy>(7);
  request.threshold = 0.5;
  EXPECT_THAT(tenant_->clusters(request), FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(Clusters, LetOthersWriteWhileTheyAreFound) {
  for (int i = 0; i < 10; ++i) {
    add_copy(i);
    add("v" + std::to_string(i), {1.0F, static_cast<float>(i)});
  }
  ClusterCache cache;
  for (const ClusterBy by : {ClusterBy::kTexts, ClusterBy::kVectors}) {
    int calls = 0;
    ClusterRequest request;
    request.by = by;
    request.cache = &cache;
    // A write would never return if the one that clusters held the tenant.
    request.progress = [&](const ClusterProgress&) {
      if (calls++ == 0) add("written meanwhile, and about something else");
      return true;
    };
    EXPECT_THAT(value_of(tenant_->clusters(request)).clusters, ::testing::Not(IsEmpty()));
    EXPECT_GT(calls, 0);
  }
}

// What two reports must agree on.
void expect_equal(const ClusterReport& found, const ClusterReport& expected) {
  ASSERT_EQ(found.clusters.size(), expected.clusters.size());
  for (std::size_t i = 0; i < found.clusters.size(); ++i) {
    ASSERT_EQ(found.clusters[i].ids, expected.clusters[i].ids);
    ASSERT_EQ(found.clusters[i].cohesion, expected.clusters[i].cohesion);
  }
  ASSERT_EQ(found.memories, expected.memories);
  ASSERT_EQ(found.pairs, expected.pairs);
  ASSERT_EQ(found.components, expected.components);
  ASSERT_EQ(found.split, expected.split);
  ASSERT_EQ(found.left_over, expected.left_over);
}

TEST_F(Clusters, AreTheSameWithACacheAfterAnyWrites) {
  constexpr unsigned kSeed = 20261121;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const auto below = [&](std::size_t end) { return random() % end; };
  // Few directions, so that there are clusters, ties and equal vectors.
  const auto some_vector = [&] {
    std::vector<float> vector(6, 0.05F * static_cast<float>(below(5)));
    vector[below(6)] = 1.0F;
    return vector;
  };
  ClusterCache tight, loose;
  std::vector<Uuid> ids;
  std::uint64_t compared = 0, memories = 0;
  for (int step = 0; step < 120; ++step) {
    for (std::size_t writes = step == 0 ? 300 : below(12); writes > 0; --writes) {
      const std::size_t any = ids.empty() ? 0 : below(ids.size());
      switch (ids.empty() ? 0 : below(8)) {
        case 0:
        case 1:
        case 2:
          ids.push_back(add("memory " + std::to_string(random()), some_vector()));
          break;
        case 3: {
          MemoryPatch patch;
          patch.embedding = Embedding{"default", some_vector()};
          value_of(tenant_->update(ids[any], patch));
          break;
        }
        case 4:
          ASSERT_THAT(tenant_->erase(ids[any]), Succeeds());
          ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(any));
          break;
        case 5:
          (void)tenant_->archive(ids[any]).has_value();
          break;
        case 6:
          (void)tenant_->recover(ids[any]).has_value();
          break;
        default: {
          const std::vector<Uuid> touched = {ids[any]};
          (void)tenant_->touch(touched).has_value();
          break;
        }
      }
    }
    if (step == 60) reopen();
    for (ClusterCache* cache : {&tight, &loose}) {
      SCOPED_TRACE(step);
      ClusterRequest request;
      request.threshold = cache == &tight ? 0.9 : 0.6;
      request.size_max = cache == &tight ? 5 : 12;
      if (step % 10 == 9) request.size_max = 3;  // Another kind of request, now and then.
      const ClusterReport expected = value_of(tenant_->clusters(request));
      request.cache = cache;
      const ClusterReport found = value_of(tenant_->clusters(request));
      ASSERT_NO_FATAL_FAILURE(expect_equal(found, expected));
      compared += found.compared;
      memories += found.memories;
    }
  }
  EXPECT_LT(compared, memories / 2) << "the cache saves nothing";
}

TEST_F(Clusters, WithACacheCompareOnlyWhatHasAnotherVector) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 40; ++i) {
    std::vector<float> vector(4);
    vector[static_cast<std::size_t>(i % 4)] = 1.0F;
    ids.push_back(add("m" + std::to_string(i), vector));
  }
  ClusterCache cache;
  ClusterRequest request;
  request.cache = &cache;
  const auto ask = [&](std::uint64_t compared, std::uint64_t linked) {
    const ClusterReport report = value_of(tenant_->clusters(request));
    EXPECT_EQ(report.compared, compared);
    EXPECT_EQ(report.linked, linked);
  };
  ask(40, 40);
  EXPECT_GT(cache.bytes(), 0U);
  ask(0, 0);
  ASSERT_THAT(tenant_->touch(ids), Succeeds());
  ask(0, 0);
  MemoryPatch patch;
  patch.embedding = Embedding{"default", {0.0F, 1.0F, 0.1F, 0.0F}};
  value_of(tenant_->update(ids[0], patch));
  ask(1, 20);  // It left a group of ten for one that has eleven now.
  request.filter = equals(Field::kTag, "none");
  ask(0, 0);
  request.filter = {};
  ask(40, 40);
}

TEST_F(Clusters, KeepNothingBeyondTheCachesBoundOrOfAnotherTenant) {
  for (int i = 0; i < 40; ++i) add("m" + std::to_string(i), {1.0F, 0.0F});
  ClusterCache small(100);
  ClusterRequest request;
  request.cache = &small;
  value_of(tenant_->clusters(request));
  EXPECT_EQ(small.bytes(), 0U);

  ClusterCache cache;
  request.cache = &cache;
  value_of(tenant_->clusters(request));
  Tenant other = value_of(store_->tenant("other"));
  value_of(other.add(memory("alone", {1.0F, 0.0F})));
  const ClusterReport report = value_of(other.clusters(request));
  EXPECT_EQ(report.compared, 1U);
  EXPECT_THAT(report.clusters, IsEmpty());
  EXPECT_EQ(value_of(tenant_->clusters(request)).compared, 40U);
}

}  // namespace
}  // namespace tulving
