// What evidence of relations says of made-up memories where the right answer is plain.

#include "core/consolidation/relation_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

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
  EXPECT_THAT(name_overlap({"rare"}, {"rare"}, sharers, 4), DoubleEq(1));
  EXPECT_THAT(name_overlap({"common"}, {"rare"}, sharers, 4), DoubleEq(0));
  EXPECT_THAT(name_overlap({}, {}, sharers, 4), DoubleEq(0));
  EXPECT_THAT(name_overlap({"common", "rare"}, {"rare"}, sharers, 4),
              Gt(name_overlap({"common", "rare"}, {"common"}, sharers, 4)));
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

TEST(Lift, IsSmallAmongHubsAndLargeAmongStrangers) {
  const Surroundings hub{.sum = 85, .count = 100};
  const Surroundings stranger{.sum = 45, .count = 100};

  EXPECT_THAT(lift(0.90, hub, hub, 0.4), Lt(0.1));
  EXPECT_THAT(lift(0.70, stranger, stranger, 0.4), Gt(0.2));
}

TEST(Lift, OfTwoAloneIsWhatTheCosineIsAboveThePrior) {
  const Surroundings each_other{.sum = 0.7, .count = 1};

  EXPECT_THAT(lift(0.7, each_other, each_other, 0.4), DoubleNear(0.3, 1e-12));
}

}  // namespace
}  // namespace tulving::consolidation
