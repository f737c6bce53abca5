// The k best of the rows offered are those that sorting all of them gives, in either order asked
// for, and what the threshold lets a caller skip is never among them. Equal scores go by key, where
// rows have some, and narrowing says whether they were cut.

#include "index/top_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tulving::index {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

// Few different scores, so that many are equal and go by row.
std::vector<ScoredRow> random_rows(std::mt19937& random, std::size_t count) {
  std::vector<ScoredRow> rows;
  for (std::uint32_t row = 0; row < count; ++row) {
    rows.push_back({row, static_cast<float>(random() % 40) - 20.0F});
  }
  std::shuffle(rows.begin(), rows.end(), random);
  return rows;
}

// Keys of the first rows, many of which are equal in one half.
std::vector<RowKey> random_keys(std::mt19937& random, std::size_t count) {
  std::vector<RowKey> keys;
  for (std::size_t row = 0; row < count; ++row) keys.push_back({random() % 3, row});
  std::shuffle(keys.begin(), keys.end(), random);
  return keys;
}

std::vector<ScoredRow> best_by_sorting(std::vector<ScoredRow> rows, std::size_t k,
                                       const TieOrder& ties = {}) {
  std::sort(rows.begin(), rows.end(),
            [&](const auto& a, const auto& b) { return ranks_before_by(ties, a, b); });
  rows.resize(std::min(k, rows.size()));
  return rows;
}

// Scores of which most are different, near each other and far apart.
TEST(BestToFront, BringsTheBestOfManyDifferentScores) {
  std::mt19937 random(5);
  std::lognormal_distribution<float> wide(0.0F, 6.0F);
  std::normal_distribution<float> narrow(0.5F, 1e-6F);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    std::vector<ScoredRow> rows(96 + random() % 900);
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
      rows[row] = {row, round % 3 == 0 ? wide(random) : narrow(random)};
    }
    if (round % 3 == 2) rows[random() % rows.size()].score = -1e30F;
    const std::size_t k = 1 + random() % rows.size();
    const auto expected = best_by_sorting(rows, k);
    best_to_front(rows, k);
    EXPECT_EQ(rows[k - 1], expected.back());
    rows.resize(k);
    std::sort(rows.begin(), rows.end(), ranks_before);
    EXPECT_EQ(rows, expected);
  }
}

// Random, sorted, reversed, and all of one score.
TEST(BestToFront, BringsThoseThatSortingGivesAndTheKthLast) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    auto rows = random_rows(random, 1 + random() % 300);
    if (round % 4 == 1) std::sort(rows.begin(), rows.end(), ranks_before);
    if (round % 4 == 2) {
      std::sort(rows.rbegin(), rows.rend(), ranks_before);
    }
    if (round % 4 == 3) {
      for (ScoredRow& row : rows) row.score = 0.0F;
    }
    const std::size_t k = 1 + random() % rows.size();
    const auto keys = random_keys(random, random() % 2 == 0 ? 0 : random() % 400);
    const TieOrder ties(keys);
    const auto expected = best_by_sorting(rows, k, ties);

    best_to_front(rows, k, ties);

    EXPECT_EQ(rows[k - 1], expected.back());
    rows.resize(k);
    EXPECT_THAT(rows, UnorderedElementsAreArray(expected));
  }
}

TEST(TopRows, AreThoseThatSortingGives) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    const std::size_t k = random() % 90;
    const auto rows = random_rows(random, random() % 400);
    const auto keys = random_keys(random, random() % 2 == 0 ? 0 : random() % 500);
    const TieOrder ties(keys);
    TopRows sorted(k, ties), any(k, ties);
    for (const ScoredRow& row : rows) {
      sorted.offer(row);
      if (any.may_enter(row)) any.add(row);
    }
    const auto expected = best_by_sorting(rows, k, ties);

    EXPECT_EQ(sorted.full(), rows.size() >= k);
    EXPECT_THAT(sorted.take(), ElementsAreArray(expected));
    EXPECT_THAT(any.take(RowOrder::kAny), UnorderedElementsAreArray(expected));
  }
}

TEST(TopRows, TheThresholdIsReachedByKRowsAndAfterSettlingIsTheKthBest) {
  std::mt19937 random(2);
  for (int round = 0; round < 500; ++round) {
    const std::size_t k = 1 + random() % 20;
    const auto rows = random_rows(random, 200);
    TopRows top(k);
    std::vector<ScoredRow> offered;
    float threshold = top.threshold();
    for (const ScoredRow& row : rows) {
      top.offer(row);
      offered.push_back(row);
      EXPECT_GE(top.threshold(), threshold);
      threshold = top.threshold();
      const bool settle = random() % 10 == 0;
      if (settle) top.settle();
      const auto best = best_by_sorting(offered, k);
      if (best.size() < k) {
        EXPECT_EQ(top.threshold(), -std::numeric_limits<float>::infinity());
      } else {
        EXPECT_LE(top.threshold(), best.back().score);
        if (settle) {
          EXPECT_EQ(top.threshold(), best.back().score);
        }
      }
    }
  }
}

TEST(TopRows, NarrowedAreTheBestAndSayWhetherEqualScoresWereCut) {
  std::mt19937 random(4);
  int cut = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::size_t k = 1 + random() % 60;
    const auto rows = random_rows(random, random() % 200);
    const auto keys = random_keys(random, rows.size());
    const TieOrder ties(keys);
    TopRows top(k + 1, ties);
    for (const ScoredRow& row : rows) top.offer(row);
    const auto best = best_by_sorting(rows, k + 1, ties);
    const bool parted = best.size() <= k || best[k - 1].score != best[k].score;

    EXPECT_EQ(top.narrow(k), parted);

    cut += parted ? 0 : 1;
    EXPECT_EQ(top.full(), rows.size() >= k);
    EXPECT_THAT(top.take(), ElementsAreArray(best_by_sorting(rows, k, ties)));
  }
  EXPECT_GT(cut, 200);
}

TEST(TopRows, OfNoneNothingEnters) {
  TopRows none(0);

  none.offer({1, 5.0F});

  EXPECT_FALSE(none.may_enter({0, std::numeric_limits<float>::infinity()}));
  EXPECT_THAT(none.take(), IsEmpty());
}

}  // namespace
}  // namespace tulving::index
