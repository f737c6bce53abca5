// A search's pages: offset and least score, held against the whole list.

#include <algorithm>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;

class SearchPages : public ::testing::TestWithParam<SearchMode> {
 protected:
  SearchPages() {
    std::mt19937 random(3);
    std::vector<Memory> memories;
    for (int i = 0; i < 120; ++i) {
      std::string text = "w" + std::to_string(random() % 7) + " x" + std::to_string(random() % 5);
      text += " n" + std::to_string(i);
      memories.push_back(memory(text, random_vector(random, 8)));
    }
    value_of(tenant_.add(memories));
    request_.mode = GetParam();
    const bool by_text = GetParam() == SearchMode::kText || GetParam() == SearchMode::kHybrid;
    const bool by_vector = GetParam() == SearchMode::kVector || GetParam() == SearchMode::kHybrid;
    if (by_text) request_.text = "w1 x2";
    if (by_vector) request_.vector = random_vector(random, 8);
  }
  SearchResponse page(std::uint32_t offset, std::uint32_t k) {
    request_.offset = offset;
    request_.k = k;
    return value_of(tenant_.search(request_));
  }

  Store store_ = value_of(Store::open_in_memory());
  Tenant tenant_ = value_of(store_.tenant("acme"));
  SearchRequest request_;
};

INSTANTIATE_TEST_SUITE_P(Modes, SearchPages,
                         ::testing::Values(SearchMode::kVector, SearchMode::kText,
                                           SearchMode::kRecent));

TEST_P(SearchPages, FollowEachOtherWithoutGapOrOverlap) {
  const std::vector<Uuid> all = ids_of(page(0, 200));
  std::vector<Uuid> joined;
  for (std::uint32_t offset = 0; offset < 140; offset += 7) {
    for (const Uuid& id : ids_of(page(offset, 7))) joined.push_back(id);
  }
  EXPECT_EQ(joined, all);
}

TEST_P(SearchPages, HaveNoLowerScore) {
  if (GetParam() == SearchMode::kRecent) {
    request_.least_score = 0.5F;
    EXPECT_THAT(tenant_.search(request_), FailsWith(ErrorCode::kInvalidArgument));
    return;
  }
  const auto all = page(0, 200);
  const float least = all.hits[all.hits.size() / 3].score;
  request_.least_score = least;
  const auto some = page(0, 200);
  const auto expected =
      std::ranges::count_if(all.hits, [&](const SearchHit& hit) { return hit.score >= least; });
  EXPECT_EQ(some.hits.size(), static_cast<std::size_t>(expected));
  EXPECT_TRUE(std::ranges::all_of(some.hits, [&](const auto& hit) { return hit.score >= least; }));
}

TEST(SearchPageRules, AreChecked) {
  Store store = value_of(Store::open_in_memory());
  const Tenant tenant = value_of(store.tenant("acme"));
  SearchRequest request = text_search("a", 10'000);
  EXPECT_THAT(tenant.search(request), Succeeds());
  request.offset = 1;
  const auto refused = tenant.search(request);
  ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_EQ(refused.error().field, "offset");
  request = text_search("a");
  request.least_score = std::nanf("");
  EXPECT_THAT(tenant.search(request), FailsWith(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace tulving
