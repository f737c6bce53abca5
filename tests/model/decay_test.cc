// A score is (use_count + 1)^0.6 * f(age) * strength. Each f is computed here a second time, in
// long double and as the specification writes it, t0 solved from its half-life. The time until a
// threshold is the inverse of the projected score: over random inputs with a printed seed, putting
// one into the other must give the threshold back.

#include "tulving/decay.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace tulving {
namespace {

constexpr long double kThreeDays = 3.0L * 24 * 3600;
constexpr DecayModel kModels[] = {DecayModel::kPowerLaw, DecayModel::kExponential,
                                  DecayModel::kTwoComponent};

long double oracle_retention(DecayModel model, long double age) {
  if (model == DecayModel::kPowerLaw) {
    const long double t0 = kThreeDays / (std::pow(2.0L, 1 / 1.1L) - 1);
    return std::pow(1 + age / t0, -1.1L);
  }
  if (model == DecayModel::kExponential) return std::exp(-age * std::log(2.0L) / kThreeDays);
  return 0.7L * std::exp(-1.603e-5L * age) + 0.3L * std::exp(-1.147e-6L * age);
}

TEST(DecayScore, IsTheFormulaOfEachModel) {
  for (const DecayModel model : kModels) {
    for (const double age : {0.0, 1.0, 3600.0, 86'400.0, 259'200.0, 3e6, 3e8}) {
      for (const std::int32_t uses : {0, 1, 5, 1000, std::numeric_limits<std::int32_t>::max()}) {
        for (const float strength : {0.0F, 0.5F, 1.0F, 2.0F}) {
          const long double expected = std::pow(uses + 1.0L, 0.6L) *
                                       oracle_retention(model, static_cast<long double>(age)) *
                                       static_cast<long double>(strength);

          const double score =
              decay_score(model, {.use_count = uses, .strength = strength, .age_seconds = age});

          const auto expected_double = static_cast<double>(expected);
          EXPECT_NEAR(score, expected_double, 1e-12 * expected_double + 1e-300);
        }
      }
    }
  }
}

TEST(DecayScore, IsHalvedAfterThreeDaysByTheModelsWithThatHalfLife) {
  const DecayInput input{.use_count = 0, .strength = 1.0F, .age_seconds = 259'200};

  EXPECT_NEAR(decay_score(DecayModel::kPowerLaw, input), 0.5, 1e-12);
  EXPECT_NEAR(decay_score(DecayModel::kExponential, input), 0.5, 1e-12);
}

TEST(DecayScore, CountsAMemoryUsedInTheFutureAsUsedNow) {
  for (const DecayModel model : kModels) {
    EXPECT_DOUBLE_EQ(decay_score(model, {.use_count = 0, .strength = 1, .age_seconds = -5e9}), 1.0);
  }
}

TEST(DecayScore, FallsWithAgeAndRisesWithUse) {
  for (const DecayModel model : kModels) {
    double before = std::numeric_limits<double>::infinity();
    for (double age = 0; age < 1e8; age = 2 * age + 1) {
      const double score = decay_score(model, {.use_count = 3, .strength = 1, .age_seconds = age});
      EXPECT_LT(score, before);
      EXPECT_LT(score, decay_score(model, {.use_count = 4, .strength = 1, .age_seconds = age}));
      before = score;
    }
  }
}

TEST(DecayScore, IsClampedForDecisionsOnly) {
  const DecayInput fresh{.use_count = 9, .strength = 2, .age_seconds = 0};

  EXPECT_GT(decay_score(DecayModel::kPowerLaw, fresh), 1.0);
  EXPECT_EQ(decay_score_clamped(DecayModel::kPowerLaw, fresh), 1.0);
  EXPECT_EQ(decay_score_clamped(DecayModel::kPowerLaw, {.use_count = 0, .strength = 0}), 0.0);
}

TEST(DecayScore, OfAMemoryIsItsScoreAtThatTime) {
  const Timestamp used{std::chrono::hours(10)};
  Memory memory;
  memory.use_count = 4;
  memory.strength = 1.5F;
  EXPECT_EQ(decay_input(memory, used).age_seconds, 0) << "a memory that was never stored is new";

  memory.last_used = used;
  const DecayInput input = decay_input(memory, used + std::chrono::minutes(90));

  EXPECT_EQ(input.use_count, 4);
  EXPECT_EQ(input.strength, 1.5F);
  EXPECT_EQ(input.age_seconds, 5400);
  EXPECT_EQ(decay_input(memory, used - std::chrono::seconds(7)).age_seconds, -7);
}

TEST(DecayScore, ProjectedIsTheScoreOfTheAgeThen) {
  const DecayInput now{.use_count = 2, .strength = 1, .age_seconds = 1000};
  const DecayInput then{.use_count = 2, .strength = 1, .age_seconds = 51'000};

  for (const DecayModel model : kModels) {
    EXPECT_EQ(projected_decay_score(model, now, std::chrono::seconds(50'000)),
              decay_score(model, then));
  }
}

class TimeUntilThreshold : public testing::Test {
 protected:
  DecayInput random_input() {
    DecayInput input;
    const double magnitude = std::uniform_real_distribution(0.0, 31.0)(random_);
    input.use_count = static_cast<std::int32_t>(std::exp2(magnitude) - 1);
    input.strength = std::uniform_real_distribution(0.001F, 2.0F)(random_);
    input.age_seconds = std::exp2(std::uniform_real_distribution(-2.0, 32.0)(random_));
    if (random_() % 8 == 0) input.age_seconds = -input.age_seconds;
    return input;
  }

  std::mt19937_64 random_{20261121};
};

TEST_F(TimeUntilThreshold, IsTheInverseOfTheProjectedScore) {
  RecordProperty("seed", 20261121);
  int reached = 0;
  for (int round = 0; round < 20'000; ++round) {
    for (const DecayModel model : kModels) {
      const DecayInput input = random_input();
      const double threshold = std::exp2(std::uniform_real_distribution(-40.0, 0.0)(random_));
      SCOPED_TRACE(testing::Message()
                   << "model " << static_cast<int>(model) << " uses " << input.use_count
                   << " strength " << input.strength << " age " << input.age_seconds
                   << " threshold " << threshold);

      const TimeUntil until = time_until(model, input, threshold);

      if (decay_score(model, input) <= threshold) {
        ASSERT_EQ(until, TimeUntil(AlreadyThere()));
        continue;
      }
      const auto* wait = std::get_if<std::chrono::duration<double>>(&until);
      ASSERT_NE(wait, nullptr);
      ASSERT_GE(wait->count(), 0);
      // The score's slope by age is below 1 / 12 h of itself, and ages reach 1e20 by the power law.
      ASSERT_NEAR(projected_decay_score(model, input, *wait), threshold, 1e-9 * threshold);
      ++reached;
    }
  }
  EXPECT_GT(reached, 10'000) << "too few inputs were above their threshold to tell anything";
}

TEST_F(TimeUntilThreshold, IsAlreadyThereAtTheThresholdAndBelowIt) {
  const DecayInput fresh;  // Scores 1.
  for (const DecayModel model : kModels) {
    EXPECT_EQ(time_until(model, fresh, 1.0), TimeUntil(AlreadyThere()));
    EXPECT_EQ(time_until(model, fresh, 2.0), TimeUntil(AlreadyThere()));
    EXPECT_EQ(time_until(model, {.use_count = 5, .strength = 0}, 0.0), TimeUntil(AlreadyThere()));
    EXPECT_TRUE(std::holds_alternative<std::chrono::duration<double>>(
        time_until(model, fresh, std::nextafter(1.0, 0.0))));
  }
}

TEST_F(TimeUntilThreshold, IsNeverForWhatNoScoreAboveZeroReaches) {
  const DecayInput fresh;
  for (const DecayModel model : kModels) {
    EXPECT_EQ(time_until(model, fresh, 0.0), TimeUntil(NeverThere()));
    EXPECT_EQ(time_until(model, fresh, -0.5), TimeUntil(NeverThere()));
    EXPECT_EQ(time_until(model, fresh, std::nan("")), TimeUntil(NeverThere()));
  }
}

TEST_F(TimeUntilThreshold, OfHalfIsTheHalfLife) {
  const auto three_days = std::chrono::duration<double>(std::chrono::hours(72));
  for (const DecayModel model : {DecayModel::kPowerLaw, DecayModel::kExponential}) {
    const TimeUntil until = time_until(model, DecayInput(), 0.5);
    EXPECT_NEAR(std::get<std::chrono::duration<double>>(until).count(), three_days.count(), 1e-6);
  }
}

}  // namespace
}  // namespace tulving
