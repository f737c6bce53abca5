// Searches of a text index that a person can follow: forms of a word, runs without spaces, erased
// words, equal scores, long texts, deadlines.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "index/text/text_index.h"
#include "tests/index/text/search_text.h"

namespace tulving::index {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(TextSearch, FindsAWordByAnotherFormOfIt) {
  TextIndex index;
  index.set(0, "She adopted two kittens.");
  index.set(1, "They talked about adoption agencies.");
  index.set(2, "Nothing of the sort.");
  const auto found = search(index, {.text = "Who is adopting a kitten?"});
  ASSERT_THAT(found.rows, SizeIs(2));
  EXPECT_EQ(found.rows[0].row, 0U);
  EXPECT_EQ(found.terms, 2U);
}

TEST(TextSearch, FindsOneCharacterAndAPairInARunWithoutSpaces) {
  TextIndex index;
  index.set(0, "東京に住んでいる");
  index.set(1, "京都の猫が好き");
  const auto rows = [&](std::string_view text) {
    std::vector<std::uint32_t> found;
    for (const ScoredRow& row : search(index, {.text = text}).rows) found.push_back(row.row);
    std::ranges::sort(found);
    return found;
  };
  EXPECT_THAT(rows("猫"), ElementsAre(1));
  EXPECT_THAT(rows("京"), ElementsAre(0, 1));
  EXPECT_THAT(rows("東京"), ElementsAre(0));
  EXPECT_THAT(rows("京都"), ElementsAre(1));
}

TEST(TextSearch, FindsAnErasedWordNoMoreWhenItsPlaceIsTakenByAnother) {
  TextIndex index;
  index.set(0, "Kittens, a kitten");
  index.erase(0);
  index.set(0, "sunsets");
  EXPECT_THAT(search(index, {.text = "kittens kitten"}).rows, IsEmpty());
  EXPECT_THAT(search(index, {.text = "sunset"}).rows, SizeIs(1));
}

TEST(TextSearch, RanksEqualScoresByRow) {
  TextIndex index;
  for (const std::uint32_t row : {7U, 3U, 9U, 1U, 5U}) index.set(row, "the same words");
  const auto found = search(index, {.text = "words", .k = 3});
  ASSERT_THAT(found.rows, SizeIs(3));
  EXPECT_EQ(found.rows[0].row, 1U);
  EXPECT_EQ(found.rows[1].row, 3U);
  EXPECT_EQ(found.rows[2].row, 5U);
  EXPECT_EQ(found.rows[0].score, found.rows[2].score);
}

TEST(TextSearch, FindsAPassageOfALongTextBesideShortOnes) {
  TextIndex index;
  std::string around;
  for (int i = 0; i < 150; ++i) around += "filler" + std::to_string(i) + " ";
  index.set(0, around + "the blue kettle leaks " + around);
  index.set(1, around + "blue " + around + "kettle " + around + "leaks");
  index.set(2, "a kettle");
  EXPECT_EQ(search(index, {.text = "blue kettle leaks"}).rows.front().row, 0U);
}

TEST(TextSearch, FlagsWhatADeadlineCutsOff) {
  TextIndex index;
  for (std::uint32_t row = 0; row < 200; ++row) index.set(row, "common words");
  const auto past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  const auto far = std::chrono::steady_clock::now() + std::chrono::hours(1);
  Roaring one;
  one.add(17);

  const auto late = search(index, {.text = "common", .deadline = past});
  const auto late_filtered = search(index, {.text = "common", .allowed = &one, .deadline = past});
  const auto in_time = search(index, {.text = "common", .deadline = far});

  EXPECT_TRUE(late.partial);
  EXPECT_THAT(late.rows, IsEmpty());
  EXPECT_TRUE(late_filtered.partial);
  EXPECT_FALSE(in_time.partial);
  EXPECT_THAT(in_time.rows, SizeIs(10));
  EXPECT_EQ(in_time.postings_read, 200U);
  EXPECT_THAT(search(index, {.text = "common", .allowed = &one}).rows, SizeIs(1));
}

}  // namespace
}  // namespace tulving::index
