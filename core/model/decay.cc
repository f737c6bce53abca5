#include "core/model/decay.h"

#include <algorithm>
#include <cmath>

namespace tulving::model {
namespace {

constexpr double kUseExponent = 0.6;
constexpr double kHalfLifeSeconds = 3.0 * 24 * 3600;
constexpr double kPowerLawAlpha = 1.1;

// 1 / t0, with t0 such that (1 + half-life / t0)^-alpha is one half.
const double kPowerLawRate = (std::pow(2.0, 1.0 / kPowerLawAlpha) - 1.0) / kHalfLifeSeconds;

// A fast component (half-life half a day) and a slow one (a week).
constexpr double kFastShare = 0.7;
constexpr double kFastRate = 1.603e-5;
constexpr double kSlowShare = 0.3;
constexpr double kSlowRate = 1.147e-6;

double retention(DecayModel model, double age_seconds) {
  switch (model) {
    case DecayModel::kPowerLaw:
      return std::pow(1.0 + age_seconds * kPowerLawRate, -kPowerLawAlpha);
    case DecayModel::kExponential:
      return std::exp2(-age_seconds / kHalfLifeSeconds);
    case DecayModel::kTwoComponent:
      return kFastShare * std::exp(-kFastRate * age_seconds) +
             kSlowShare * std::exp(-kSlowRate * age_seconds);
  }
  return 0.0;
}

}  // namespace

double decay_score(DecayModel model, const DecayInput& input) {
  const double uses = std::pow(1.0 + static_cast<double>(input.use_count), kUseExponent);
  const double age_seconds = std::max(0.0, input.age_seconds);
  return uses * retention(model, age_seconds) * static_cast<double>(input.strength);
}

double decay_score_clamped(DecayModel model, const DecayInput& input) {
  return std::clamp(decay_score(model, input), 0.0, 1.0);
}

}  // namespace tulving::model
