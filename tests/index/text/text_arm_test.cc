// An arm scores given rows as it ranks the best ones, to the bit, whether it reads what best() has
// left in the thread's score table or looks every row up: short texts and long ones, allowed or
// not, and whoever has used the table in between.

#include "index/text/text_arm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <thread>

namespace tulving::index {
namespace {

using ::testing::ElementsAreArray;
using ::testing::UnorderedElementsAreArray;

constexpr std::uint32_t kRows = 300;

class TextArms : public ::testing::Test {
 protected:
  TextArms() {
    for (std::uint32_t row = 0; row < kRows; ++row) {
      if (row % 17 == 0) continue;  // rows without a text
      // Every fifth is a text of many passages.
      const std::uint32_t words = row % 5 == 0 ? 100 + below(300) : 1 + below(20);
      const std::string tag = word();
      const std::array<std::string_view, 1> beside = {tag};
      index_.set(row, text_of(words), beside);
    }
    for (std::uint32_t row = 0; row < kRows + 5; ++row) rows_.push_back(row);
  }

  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  std::string word() { return "word" + std::to_string(below(60)); }
  std::string text_of(std::uint32_t words) {
    std::string text;
    for (std::uint32_t i = 0; i < words; ++i) text += word() + " ";
    return text;
  }

  std::vector<float> scores_of(const TextArm& arm) {
    std::vector<float> scores(rows_.size(), -1.0F);
    arm.score(rows_, scores);
    return scores;
  }
  // By an arm that has ranked nothing: every row is looked up.
  std::vector<float> looked_up(const std::string& query) {
    return scores_of(TextArm(index_, {.text = query}));
  }

  std::mt19937 random_{7};
  TextIndex index_;
  std::vector<std::uint32_t> rows_;
};

TEST_F(TextArms, ScoreAfterBestWhatTheyScoreWithoutIt) {
  for (int round = 0; round < 100; ++round) {
    const std::string query = text_of(1 + below(8));
    const auto expected = looked_up(query);
    Roaring some;
    for (std::uint32_t row = 0; row < kRows; ++row) {
      if (below(100) < (round % 2 == 0 ? 3U : 60U)) some.add(row);
    }
    for (const Roaring* allowed : {static_cast<const Roaring*>(nullptr), &std::as_const(some)}) {
      TextArm arm(index_, {.text = query, .allowed = allowed});
      const TextMatches best = arm.best(1 + below(100));

      ASSERT_THAT(scores_of(arm), ElementsAreArray(expected)) << query;
      for (const ScoredRow& row : best.rows) ASSERT_EQ(row.score, expected[row.row]);
    }
  }
}

TEST_F(TextArms, ScoreTheirOwnQueryWhoeverSearchesInBetween) {
  const std::string query = "word1 word2 word3";
  TextArm arm(index_, {.text = query});
  (void)arm.best(10);

  TextArm other(index_, {.text = "word4 word5"});
  (void)other.best(10);
  EXPECT_THAT(scores_of(arm), ElementsAreArray(looked_up(query)));
  EXPECT_THAT(scores_of(other), ElementsAreArray(looked_up("word4 word5")));

  // A thread has a table of its own, which this arm has not filled.
  (void)arm.best(10);
  std::vector<float> elsewhere;
  std::thread([&] { elsewhere = scores_of(arm); }).join();
  EXPECT_THAT(elsewhere, ElementsAreArray(looked_up(query)));
}

TEST_F(TextArms, CutShortScoreEveryWordAllTheSame) {
  const std::string query = "word1 word2 word3";
  const auto past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  TextArm arm(index_, {.text = query, .deadline = past});

  EXPECT_TRUE(arm.best(10).partial);

  EXPECT_THAT(scores_of(arm), ElementsAreArray(looked_up(query)));
}

TEST_F(TextArms, InAnyOrderAreTheSameRows) {
  for (int round = 0; round < 50; ++round) {
    const std::string query = text_of(4);
    TextArm arm(index_, {.text = query});
    const std::uint32_t k = below(150);

    const auto sorted = arm.best(k).rows;

    EXPECT_TRUE(std::ranges::is_sorted(sorted, ranks_before));
    EXPECT_THAT(arm.best(k, RowOrder::kAny).rows, UnorderedElementsAreArray(sorted));
  }
}

}  // namespace
}  // namespace tulving::index
