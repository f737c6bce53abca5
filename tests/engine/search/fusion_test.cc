// How the scores of two arms become one: worked out by hand on few candidates, and for random ones
// the same to the last bit whatever their order.

#include "core/engine/search/fusion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace tulving::engine {
namespace {

constexpr std::uint32_t kNone = TurnPlace::kNone;
constexpr std::size_t kRowLimit = 100;

struct Found {
  std::uint32_t row;
  std::optional<float> cosine, bm25;
};

// Score and parts by row, and what counted how much.
struct Fused {
  std::map<std::uint32_t, Candidate> by_row;
  ArmWeights weights;

  [[nodiscard]] float score(std::uint32_t row) const { return by_row.at(row).score; }
  [[nodiscard]] const ScoreParts& parts(std::uint32_t row) const { return by_row.at(row).parts; }
};

Fused fused(const std::vector<Found>& found, const std::vector<TurnPlace>& places = {},
            const FusionWeights& weights = {0.5F, 0.5F, 0.4F}) {
  CandidateSet candidates(kRowLimit, found.size());
  for (const Found& one : found) {
    candidates.at(one.row).parts.cosine = one.cosine;
    candidates.at(one.row).parts.bm25 = one.bm25;
  }
  Fused result{{}, fuse_by_score(candidates, places, weights)};
  for (const Candidate& candidate : candidates.list) result.by_row[candidate.row] = candidate;
  return result;
}

TEST(Fusion, ScalesEachArmOverTheCandidatesAndWeighsThem) {
  const Fused result =
      fused({{1, 0.25F, 4.0F}, {2, 0.75F, 1.0F}, {3, 0.5F, std::nullopt}}, {}, {3.0F, 1.0F, 0.0F});

  EXPECT_EQ(result.weights.vector, 0.75F);
  EXPECT_EQ(result.weights.text, 0.25F);
  EXPECT_EQ(result.score(1), 0.25F * 1.0F) << "the best text, the furthest vector";
  EXPECT_EQ(result.score(2), 0.75F * 1.0F + 0.25F * 0.25F);
  EXPECT_EQ(result.score(3), 0.75F * 0.5F) << "without a word the text adds nothing";
  EXPECT_EQ(result.parts(2).vector_part, 0.75F);
  EXPECT_EQ(result.parts(2).text_part, 0.0625F);
  EXPECT_EQ(result.parts(2).relevance, result.score(2));
}

TEST(Fusion, OfCosinesThatAreAllEqualEachIsTheBest) {
  EXPECT_EQ(fused({{1, 0.5F, 0.0F}, {2, 0.5F, 0.0F}}).score(2), 0.5F);
}

TEST(Fusion, AnArmThatFoundNothingGetsNothing) {
  const Fused no_words = fused({{1, 0.5F, 0.0F}, {2, 0.25F, {}}}, {}, {});
  const Fused no_vectors = fused({{1, {}, 2.0F}, {2, {}, 1.0F}}, {}, {});

  EXPECT_EQ(no_words.weights.vector, 1.0F);
  EXPECT_EQ(no_words.weights.text, 0.0F);
  EXPECT_EQ(no_vectors.weights.vector, 0.0F);
  EXPECT_EQ(no_vectors.weights.text, 1.0F);
  EXPECT_EQ(no_vectors.score(2), 0.5F);
}

// Of the best three texts (1, 1, 0.5) the three nearest hold (0.5, 0, 0): a loss of 2/3. The fourth
// is as near as the third, and counts too: (0.5, 0, 0, 0).
TEST(Fusion, WeighsTheTextByWhatOfItTheNearestLack) {
  const std::vector<Found> found = {
      {1, 0.1F, 2.0F}, {2, 0.0F, 2.0F}, {3, 0.9F, 1.0F}, {4, 0.8F, 0.0F}, {5, 0.7F, {}}};
  std::vector<Found> tied = found;
  tied.push_back({6, 0.7F, {}});

  EXPECT_FLOAT_EQ(fused(found, {}, {}).weights.text, 0.25F + 0.6F * (2.5F / 3 - 0.5F / 3));
  EXPECT_FLOAT_EQ(fused(tied, {}, {}).weights.text, 0.25F + 0.6F * (2.5F / 3 - 0.5F / 4));
  EXPECT_FLOAT_EQ(fused({{1, 0.9F, 2.0F}, {2, 0.1F, 0.0F}}, {}, {}).weights.text, 0.25F);
}

TEST(Fusion, OneWeightThatIsGivenLeavesTheOtherAtAHalf) {
  EXPECT_EQ(fused({{1, 0.5F, 1.0F}}, {}, {1.5F, {}, 0.0F}).weights.vector, 0.75F);
  EXPECT_EQ(fused({{1, 0.5F, 1.0F}}, {}, {{}, 1.5F, 0.0F}).weights.vector, 0.25F);
}

// The middle one of three turns hears the whole of what is before it and half of what is after it.
TEST(Fusion, ATurnHearsItsNeighboursRelevanceAndNotWhatTheyHear) {
  const std::vector<Found> turns = {{1, {}, 4.0F}, {2, {}, 0.0F}, {3, {}, 2.0F}, {4, {}, 0.0F}};
  const std::vector<TurnPlace> places = {{1, kNone, 2}, {2, 1, 3}, {3, 2, 4}, {4, 3, kNone}};

  const Fused result = fused(turns, places, {0.0F, 1.0F, 0.5F});

  EXPECT_EQ(result.parts(1).context_part, 0.0F);
  EXPECT_EQ(result.parts(2).context_part, 0.5F * (1.0F + 0.5F / 2));
  EXPECT_EQ(result.parts(3).context_part, 0.0F) << "its neighbours have context alone";
  EXPECT_EQ(result.parts(4).context_part, 0.5F * 0.5F);
  EXPECT_EQ(result.score(2), result.parts(2).context_part);
}

TEST(Fusion, OfAMergesPlacesTheBestCountsAndWhatIsNoCandidateDoesNot) {
  const std::vector<Found> found = {{1, {}, 4.0F}, {2, {}, 1.0F}, {9, {}, 0.0F}};
  const std::vector<TurnPlace> places = {{9, 2, kNone}, {9, 1, kNone}, {9, 2, 2}, {9, 50, 51}};

  const Fused result = fused(found, places, {0.0F, 1.0F, 1.0F});

  EXPECT_EQ(result.parts(9).context_part, 1.0F);
  EXPECT_EQ(result.score(9), 1.0F);
}

TEST(Fusion, DoesNotDependOnAnyOrderNotEvenInTheLastBit) {
  std::mt19937 random(5);
  const auto chance = [&](unsigned of) { return random() % of == 0; };
  for (int round = 0; round < 300; ++round) {
    std::vector<Found> found;
    std::vector<TurnPlace> places;
    const auto count = static_cast<std::uint32_t>(1 + random() % 60);
    const auto row = [&] { return chance(5) ? kNone : static_cast<std::uint32_t>(random() % 70); };
    for (std::uint32_t i = 0; i < count; ++i) {
      Found one{i, {}, {}};
      if (!chance(6)) one.cosine = static_cast<float>(random() % 30) / 29.0F;
      if (!chance(3)) one.bm25 = static_cast<float>(random() % 30) / 7.0F;
      found.push_back(one);
      for (auto n = random() % 3; n > 0; --n) places.push_back({i, row(), row()});
    }
    const Fused expected = fused(found, places, {{}, {}, 0.4F});
    std::shuffle(found.begin(), found.end(), random);
    std::shuffle(places.begin(), places.end(), random);

    const Fused shuffled = fused(found, places, {{}, {}, 0.4F});

    ASSERT_EQ(shuffled.weights.text, expected.weights.text);
    for (const auto& [at, candidate] : expected.by_row) {
      ASSERT_EQ(shuffled.score(at), candidate.score);
      ASSERT_EQ(shuffled.parts(at).context_part, candidate.parts.context_part);
    }
  }
}

TEST(Fusion, ByRankAddsTheWeightOverSixtyAndTheRank) {
  CandidateSet candidates(kRowLimit, 4);
  const std::vector<index::ScoredRow> by_vector = {{1, 0.9F}, {2, 0.8F}};
  const std::vector<index::ScoredRow> by_text = {{2, 5.0F}, {3, 1.0F}};

  const ArmWeights weights = fuse_by_rank(candidates, by_vector, by_text, {3.0F, 1.0F, 0.4F});

  EXPECT_EQ(weights.vector, 0.75F);
  EXPECT_EQ(candidates.at(1).score, 3.0F / 61.0F);
  EXPECT_EQ(candidates.at(2).score, 3.0F / 62.0F + 1.0F / 61.0F);
  EXPECT_EQ(candidates.at(3).score, 1.0F / 62.0F);
}

TEST(Candidates, HoldEachRowOnceAndForgetThemWhenTheyGo) {
  {
    CandidateSet first(kRowLimit, 0);
    first.at(7).score = 1.0F;
    first.at(3).score = 2.0F;
    EXPECT_EQ(first.at(7).score, 1.0F);
    EXPECT_EQ(first.list.size(), 2U);
    EXPECT_EQ(first.find(8), nullptr);
  }
  CandidateSet second(kRowLimit, 0);
  EXPECT_EQ(second.find(7), nullptr);
}

}  // namespace
}  // namespace tulving::engine
