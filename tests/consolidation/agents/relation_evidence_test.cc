// What evidence of relations says of made-up memories where the right answer is plain.

#include "core/consolidation/agents/relation_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tulving::consolidation {
namespace {

using ::testing::DoubleEq;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::Lt;

TEST(NameOverlap, IsTheShareOfTheRarityInCommon) {
  const Sharers sharers = {{"common", {0, 1, 2, 3}}, {"rare", {0, 1}}};

  EXPECT_THAT(shared_names({"common", "rare"}, {"rare"}), ElementsAre("rare"));
  EXPECT_THAT(name_overlap({"rare"}, {"rare"}, sharers, 8), DoubleEq(1));
  EXPECT_THAT(name_overlap({"common"}, {"rare"}, sharers, 8), DoubleEq(0));
  EXPECT_THAT(name_overlap({}, {}, sharers, 8), DoubleEq(0));
  EXPECT_THAT(name_overlap({"common", "rare"}, {"rare"}, sharers, 8),
              Gt(name_overlap({"common", "rare"}, {"common"}, sharers, 8)));
}

TEST(NameOverlap, OfACommonNameIsLittleBeItTheOnlyOneOfBoth) {
  const Sharers sharers = {
      {"half", {0, 1, 2, 3}}, {"all", {0, 1, 2, 3, 4, 5, 6, 7}}, {"two", {0, 1}}};

  EXPECT_THAT(name_overlap({"half"}, {"half"}, sharers, 8), DoubleEq(0.5));  // log 2 / log 4
  EXPECT_THAT(name_overlap({"all"}, {"all"}, sharers, 8), DoubleEq(0));
  EXPECT_THAT(name_overlap({"two"}, {"two"}, sharers, 2), DoubleEq(1)) << "of two memories";
}

TEST(WordRarity, CountsAWordOfOneTextFullyAndAWordOfAllNotAtAll) {
  WordRarity words;
  words.add("Ada plays the violin.");
  words.add("Ada plays chess, chess, CHESS!");
  words.add("Ada");
  words.add("");

  // Of four texts: "ada" is in three, "plays" in two, the others in one.
  const double ada = std::log(4.0 / 3) / std::log(4.0);
  EXPECT_THAT(words.rare_words(0), DoubleNear(2.5 + ada, 1e-12));
  EXPECT_THAT(words.rare_words(1), DoubleNear(1.5 + ada, 1e-12));
  EXPECT_THAT(words.rare_words(2), DoubleNear(ada, 1e-12));
  EXPECT_THAT(words.rare_words(3), DoubleEq(0));
}

TEST(WordRarity, KnowsNothingOfALoneText) {
  WordRarity words;
  words.add("Ada plays the violin.");

  EXPECT_THAT(words.rare_words(0), DoubleEq(4)) << "each word is as rare as can be";
}

TEST(Surroundings, AreTheNearestTenthAndNotTheMemoryItself) {
  // Of 100 memories ten lie at cosine 0.8 to the first axis, the others at right angles to it.
  Surroundings sample;
  for (int i = 0; i < 10; ++i) sample.add(std::vector<float>{0.8F, 0.6F, 0});
  for (int i = 0; i < 89; ++i) sample.add(std::vector<float>{0, 0, 3});
  const std::vector<float> memory{2, 0, 0};
  sample.add(memory);

  // Ten at 0.8 and, of the prior, ten at 0.4.
  EXPECT_THAT(sample.mean_of(memory, 0.4), DoubleNear(0.6, 1e-6));
}

TEST(Surroundings, OfAFewAreThePrior) {
  Surroundings sample;
  const std::vector<float> a{1, 0}, b{0.6F, 0.8F};
  EXPECT_THAT(sample.mean_of(a, 0.4), DoubleNear(0.4, 1e-12));
  sample.add(a);
  EXPECT_THAT(sample.mean_of(a, 0.4), DoubleNear(0.4, 1e-12));
  sample.add(b);
  EXPECT_THAT(sample.mean_of(a, 0.4), DoubleNear((0.6 + 10 * 0.4) / 11, 1e-6));
}

TEST(Surroundings, TakeNoMoreThanASample) {
  Surroundings sample;
  int added = 0;
  for (; !sample.is_full(); ++added) sample.add(std::vector<float>{1, 0});
  EXPECT_EQ(added, 600);
}

TEST(Lift, IsSmallAmongHubsAndLargeAmongStrangers) {
  EXPECT_THAT(lift(0.90, 0.85, 0.85), Lt(0.1));
  EXPECT_THAT(lift(0.70, 0.45, 0.45), Gt(0.2));
}

}  // namespace
}  // namespace tulving::consolidation
