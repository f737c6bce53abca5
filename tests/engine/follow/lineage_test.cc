// Lineage names every memory that one was made from, and every one that was made from it, each link
// once and at its smallest depth. The oracle is a relaxation over all links of a random graph,
// repeated until nothing changes; cycles, which a hand-written import may hold, end it too.

#include <iostream>
#include <limits>
#include <set>

#include "tests/engine/plans/plan_testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Link {
  Uuid source, derived;
  std::string kind;
};

class RandomLineage : public ::testing::Test {
 protected:
  RandomLineage() { std::cout << "seed " << seed_ << "\n"; }

  std::size_t below(std::size_t limit) { return random_() % limit; }

  // Memories whose sources are any others, or only earlier ones.
  void fill(int count, bool cyclic) {
    for (int i = 0; i < count; ++i) ids_.push_back(Uuid::random());
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      Memory one = memory("m" + std::to_string(i));
      one.id = ids_[i];
      if (below(3) != 0) one.embeddings = {{"default", random_vector(random_, 4)}};
      const std::size_t known = cyclic ? ids_.size() : i;
      if (known > 0) {
        std::set<Uuid> sources;
        for (auto left = below(3); left > 0; --left) sources.insert(ids_[below(known)]);
        one.source_memory_ids.assign(sources.begin(), sources.end());
        if (below(3) == 0) one.parent_memory_id = ids_[below(known)];
      }
      if (below(8) == 0) one.source_memory_ids.push_back(Uuid::random());  // Never was here.
      one.abstraction_level = one.source_memory_ids.empty() ? 0 : 1;
      memories_[one.id] = one;
      value_of(tenant_.add(one));
    }
    for (const auto& [id, one] : memories_) {
      for (const Uuid& source : one.source_memory_ids) {
        if (memories_.contains(source)) links_.push_back({source, id, "consolidated"});
      }
      if (!one.parent_memory_id.is_nil()) links_.push_back({one.parent_memory_id, id, "parent"});
    }
  }

  std::optional<double> similarity(const Uuid& a, const Uuid& b) {
    const auto& x = memories_.at(a).embeddings;
    const auto& y = memories_.at(b).embeddings;
    if (x.empty() || y.empty()) return std::nullopt;
    return cosine(x[0].vector, y[0].vector);
  }

  std::vector<LineageLink> oracle(const Uuid& start, std::uint32_t depth_max, bool upwards) {
    std::map<Uuid, std::uint32_t> depth{{start, 0}};
    const auto from = [&](const Link& link) { return upwards ? link.derived : link.source; };
    const auto to = [&](const Link& link) { return upwards ? link.source : link.derived; };
    for (bool changed = true; changed;) {
      changed = false;
      for (const Link& link : links_) {
        const auto near = depth.find(from(link));
        if (near == depth.end()) continue;
        const auto [far, is_new] = depth.try_emplace(to(link), near->second + 1);
        if (!is_new && far->second <= near->second + 1) continue;
        far->second = near->second + 1;
        changed = true;
      }
    }
    std::vector<LineageLink> found;
    for (const Link& link : links_) {
      const auto near = depth.find(from(link));
      if (near == depth.end() || near->second >= depth_max) continue;
      found.push_back({link.source, link.derived, link.kind, near->second + 1, {}});
    }
    std::ranges::sort(found, {}, [](const LineageLink& link) {
      return std::tuple(link.depth, link.source_id, link.derived_id, link.kind);
    });
    return found;
  }

  void expect_equal(const std::vector<LineageLink>& actual, std::vector<LineageLink> expected) {
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const auto cosine = similarity(expected[i].source_id, expected[i].derived_id);
      ASSERT_EQ(actual[i].similarity.has_value(), cosine.has_value());
      if (cosine) {
        EXPECT_NEAR(*actual[i].similarity, *cosine, 1e-3);
      }
      expected[i].similarity = actual[i].similarity;
      EXPECT_EQ(actual[i], expected[i]);
    }
  }

  void expect_all() {
    for (const Uuid& id : ids_) {
      for (const std::uint32_t depth : {1U, 2U, 64U}) {
        const Lineage lineage = value_of(tenant_.lineage(id, depth));
        EXPECT_EQ(lineage.id, id);
        expect_equal(lineage.sources, oracle(id, depth, true));
        expect_equal(lineage.derived, oracle(id, depth, false));
      }
    }
  }

  const std::uint32_t seed_ = std::random_device{}();
  ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
  Store store_ = value_of(Store::open_in_memory());
  Tenant tenant_ = value_of(store_.tenant("acme"));
  std::vector<Uuid> ids_;
  std::map<Uuid, Memory> memories_;
  std::vector<Link> links_;
};

TEST_F(RandomLineage, IsThatOfABruteForceWalk) {
  fill(80, false);
  expect_all();
}

TEST_F(RandomLineage, EndsInCyclesToo) {
  fill(40, true);
  expect_all();
}

TEST(Lineage, OfAMergeNamesItsOriginalsWithTheirSimilarity) {
  Store store = value_of(Store::open_in_memory());
  Tenant tenant = value_of(store.tenant("acme"));
  const Uuid a = value_of(tenant.add(memory("a", {1.0F, 0.0F}))).id;
  const Uuid b = value_of(tenant.add(memory("b", {0.0F, 1.0F}))).id;
  const Plan plan = merge_plan(tenant, {a, b});
  value_of(tenant.apply_plan(plan));
  const Uuid made = made_by(plan).id;

  const Lineage up = value_of(tenant.lineage(made));
  ASSERT_THAT(up.sources, SizeIs(2));
  EXPECT_THAT(up.derived, IsEmpty());
  EXPECT_NEAR(up.sources[0].similarity.value_or(0), 0.7071, 1e-3);
  const Lineage down = value_of(tenant.lineage(a));
  EXPECT_THAT(down.sources, IsEmpty());
  ASSERT_THAT(down.derived, SizeIs(1));
  EXPECT_EQ(down.derived[0].derived_id, made);
  EXPECT_EQ(down.derived[0].kind, "consolidated");

  EXPECT_THAT(tenant.lineage(Uuid::random()), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(tenant.lineage(a, 0), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant.lineage(a, 1001), FailsWith(ErrorCode::kInvalidArgument));
}

TEST(Lineage, GoesWithAnUndo) {
  Store store = value_of(Store::open_in_memory());
  Tenant tenant = value_of(store.tenant("acme"));
  const Uuid a = value_of(tenant.add(memory("a"))).id;
  const Uuid b = value_of(tenant.add(memory("b"))).id;
  ASSERT_THAT(tenant.undo_plan(value_of(tenant.apply_plan(merge_plan(tenant, {a, b}))).id),
              Succeeds());

  EXPECT_THAT(value_of(tenant.lineage(a)).derived, IsEmpty());
}

}  // namespace
}  // namespace tulving
