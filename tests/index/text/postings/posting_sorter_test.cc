// Postings come out of a sorter by term, in the order in which they went in, however often it is
// emptied between.

#include "index/text/postings/posting_sorter.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "tests/index/text/test_seed.h"

namespace tulving::index {
namespace {

struct OfTerm {
  std::vector<Posting> postings;
  std::uint32_t rows = 0;

  friend bool operator==(const OfTerm&, const OfTerm&) = default;
};

TEST(PostingSorter, HandsOutWhatWasAddedByTerm) {
  const auto seed = test_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::uint32_t kTerms = 300;
  PostingSorter sorter(kTerms, 10);
  std::uint32_t place = 1;
  for (int round = 0; round < 5; ++round) {
    std::map<std::uint32_t, OfTerm> expected, found;
    for (std::size_t i = random() % 5000; i > 0; --i, ++place) {
      const auto term =
          static_cast<std::uint32_t>(random() % kTerms * (random() % kTerms) / kTerms);
      const auto times = 1 + static_cast<std::uint32_t>(random() % kPlaceTimesMax);
      const bool begins = random() % 2 == 0;
      sorter.add(term, {place, times}, begins);
      expected[term].postings.push_back({place, times});
      expected[term].rows += begins ? 1 : 0;
    }
    sorter.hand_out([&](std::uint32_t term, std::span<const Posting> postings, std::uint32_t rows) {
      ASSERT_TRUE(found.empty() || found.rbegin()->first < term);
      found[term] = {{postings.begin(), postings.end()}, rows};
    });
    ASSERT_EQ(found, expected);
  }
  sorter.hand_out([](std::uint32_t, std::span<const Posting>, std::uint32_t) { FAIL(); });
}

}  // namespace
}  // namespace tulving::index
