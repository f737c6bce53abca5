// A score is (use_count + 1)^0.6 * f(age) * strength. Each f is computed here a second time, in
// long double and as the specification writes it, t0 solved from its half-life.

#include "core/model/decay.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tulving::model {
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

}  // namespace
}  // namespace tulving::model
