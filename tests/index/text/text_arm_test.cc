// An arm scores given rows as it ranks the best ones, to the bit, whether it reads what best() has
// left in the thread's score table or looks every row up: short texts and long ones, allowed or
// not, and whoever has used the table in between. Which of equally good texts are found is for the
// keys to say, whatever rows they have.

#include "index/text/text_arm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
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
      const TextMatches best = arm.best(1 + below(200));

      ASSERT_THAT(scores_of(arm), ElementsAreArray(expected)) << query;
      for (const ScoredRow& row : best.rows) ASSERT_EQ(row.score, expected[row.row]);
    }
  }
}

TEST_F(TextArms, ScoreTheirOwnQueryWhoeverSearchesInBetween) {
  const std::string query = "word1 word2 word3";
  TextArm arm(index_, {.text = query});
  (void)arm.best(100);

  TextArm other(index_, {.text = "word4 word5"});
  (void)other.best(100);
  EXPECT_THAT(scores_of(arm), ElementsAreArray(looked_up(query)));
  EXPECT_THAT(scores_of(other), ElementsAreArray(looked_up("word4 word5")));

  // A thread has a table of its own, which this arm has not filled.
  (void)arm.best(100);
  std::vector<float> elsewhere;
  std::thread([&] { elsewhere = scores_of(arm); }).join();
  EXPECT_THAT(elsewhere, ElementsAreArray(looked_up(query)));
}

// A row's places are marked when few are asked for; nothing of that may be left.
TEST_F(TextArms, FindTheSameAfterAnotherSearchOfTheThread) {
  for (int round = 0; round < 50; ++round) {
    const std::string query = text_of(3);
    TextMatches alone, after;
    std::thread([&] { alone = TextArm(index_, {.text = query}).best(kRows); }).join();
    (void)TextArm(index_, {.text = text_of(1)}).best(1 + below(20));
    after = TextArm(index_, {.text = query}).best(kRows);
    ASSERT_THAT(after.rows, ElementsAreArray(alone.rows));
  }
}

// Texts of so many passages that not all postings are read.
TEST_F(TextArms, OfALargeIndexScoreTheSame) {
  for (std::uint32_t row = kRows; row < kRows + 100; ++row) index_.set(row, text_of(7'000));
  rows_.push_back(kRows + 50);
  for (int round = 0; round < 20; ++round) {
    const std::string query = text_of(1 + below(4));
    const auto expected = looked_up(query);
    Roaring some;
    for (std::uint32_t row = 0; row < kRows + 100; ++row) {
      if (below(100) < 60U) some.add(row);
    }
    for (const Roaring* allowed : {static_cast<const Roaring*>(nullptr), &std::as_const(some)}) {
      TextArm arm(index_, {.text = query, .allowed = allowed});
      const TextMatches best = arm.best(1 + below(50));

      ASSERT_THAT(scores_of(arm), ElementsAreArray(expected)) << query;
      for (const ScoredRow& row : best.rows) {
        if (row.row >= kRows) continue;
        ASSERT_EQ(row.score, expected[row.row]);
      }
    }
  }
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

// The same texts under the same keys, in rows of another order: few texts, so that hundreds score
// the same and every k cuts among them.
TEST(TextArmTies, GoByKeyInWhateverRows) {
  std::mt19937 random(11);
  const auto below = [&random](std::uint32_t end) {
    return static_cast<std::uint32_t>(random() % end);
  };
  std::vector<std::string> texts;
  std::vector<RowKey> keys;
  for (std::uint32_t i = 0; i < 700; ++i) {
    std::string text;  // Some of many passages.
    for (std::uint32_t n = i % 7 == 0 ? 90 + below(2) * 40 : 1 + below(2); n > 0; --n) {
      text += "word" + std::to_string(below(3)) + " ";
    }
    texts.push_back(text);
    keys.push_back({below(2), (std::uint64_t{random()} << 32U) + i});
  }
  struct Copy {
    std::vector<std::uint32_t> rows;  // Of each text.
    TextIndex index;
    std::vector<RowKey> keys;  // By row.
    Roaring allowed;
  };
  std::array<Copy, 2> copies;
  for (Copy& copy : copies) {
    for (std::uint32_t i = 0; i < texts.size(); ++i) copy.rows.push_back(i);
    if (&copy != copies.data()) std::shuffle(copy.rows.begin(), copy.rows.end(), random);
    copy.keys.resize(texts.size());
    for (std::uint32_t i = 0; i < texts.size(); ++i) {
      copy.index.set(copy.rows[i], texts[i]);
      copy.keys[copy.rows[i]] = keys[i];
    }
  }
  const auto found = [](const Copy& copy, const std::string& query, std::uint32_t k, bool some) {
    TextArm arm(
        copy.index,
        {.text = query, .allowed = some ? &copy.allowed : nullptr, .ties = TieOrder(copy.keys)});
    std::vector<std::pair<RowKey, float>> answer;
    for (const ScoredRow& row : arm.best(k).rows)
      answer.emplace_back(copy.keys[row.row], row.score);
    return answer;
  };
  for (int round = 0; round < 300; ++round) {
    const std::string query = "word" + std::to_string(below(3)) + (below(2) == 0 ? "" : " word1");
    for (Copy& copy : copies) copy.allowed = {};
    const std::uint32_t share = round % 3 == 0 ? 2 : 40;
    for (std::uint32_t i = 0; i < texts.size(); ++i) {
      if (below(share) > 0) continue;
      for (Copy& copy : copies) copy.allowed.add(copy.rows[i]);
    }
    const std::uint32_t k = 1 + below(round % 2 == 0 ? 20 : 400);
    const bool some = below(2) == 0;
    ASSERT_EQ(found(copies[1], query, k, some), found(copies[0], query, k, some)) << query << k;
  }
}

}  // namespace
}  // namespace tulving::index
