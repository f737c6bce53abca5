#include "core/model/decay.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tulving {
namespace {

using model::DecayCurve;

constexpr double kUseExponent = 0.6;
constexpr double kHalfLifeSeconds = 3.0 * 24 * 3600;
constexpr double kPowerAlpha = 1.1;

DecayCurve make_curve(DecayModel model) {
  DecayCurve curve;
  curve.use_exponent = kUseExponent;
  switch (model) {
    case DecayModel::kPowerLaw:
      // t0 such that (1 + half-life / t0)^-alpha is one half.
      curve.power_rate = (std::pow(2.0, 1.0 / kPowerAlpha) - 1.0) / kHalfLifeSeconds;
      curve.power_alpha = kPowerAlpha;
      break;
    case DecayModel::kExponential:
      curve.components[0] = {1.0, std::numbers::ln2 / kHalfLifeSeconds};
      curve.component_count = 1;
      break;
    case DecayModel::kTwoComponent:
      curve.components = {{{0.7, 1.603e-5}, {0.3, 1.147e-6}}};  // The fast one first.
      curve.component_count = 2;
      break;
  }
  return curve;
}

double retention(const DecayCurve& curve, double age_seconds) {
  if (curve.component_count == 0) {
    return std::pow(1.0 + age_seconds * curve.power_rate, -curve.power_alpha);
  }
  double sum = 0;
  for (std::size_t i = 0; i < curve.component_count; ++i) {
    sum += curve.components[i].share * std::exp(-curve.components[i].rate * age_seconds);
  }
  return sum;
}

double score_when_new(const DecayCurve& curve, const DecayInput& input) {
  return std::pow(1.0 + static_cast<double>(input.use_count), curve.use_exponent) *
         static_cast<double>(input.strength);
}

// The age at which two components have faded to `share`, in (0, 1). The logarithm of their sum,
//   g(t) = -slow t + ln(slow_share + fast_share e^(-(fast - slow) t)),
// falls and is convex, so Newton's steps from a point left of the root stay left of it and grow
// to it. That point is where the slow component alone has fallen to `share`; where it would have if
// it were all, lies right of the root and holds the steps when rounding would carry them past.
double age_of_two(const DecayCurve& curve, double share) {
  const auto& [fast, slow] = curve.components;
  const double gap = fast.rate - slow.rate;
  const double target = std::log(share);
  double age = std::max(0.0, (std::log(slow.share) - target) / slow.rate);
  const double age_max = -target / slow.rate;
  constexpr int kStepsMax = 100;  // A dozen are enough; this bounds what rounding might do.
  for (int i = 0; i < kStepsMax; ++i) {
    const double fast_left = fast.share * std::exp(-gap * age);
    const double sum = slow.share + fast_left;
    const double value = std::log(sum) - slow.rate * age;
    const double slope = -slow.rate - gap * fast_left / sum;
    const double next = std::clamp(age - (value - target) / slope, age, age_max);
    if (next - age <= 1e-14 * next) return next;
    age = next;
  }
  return age;
}

// The age at which f is `share`, in (0, 1).
double age_at(const DecayCurve& curve, double share) {
  if (curve.component_count == 0) {
    return (std::pow(share, -1.0 / curve.power_alpha) - 1.0) / curve.power_rate;
  }
  if (curve.component_count == 1) return -std::log(share) / curve.components[0].rate;
  return age_of_two(curve, share);
}

}  // namespace

const DecayCurve& model::decay_curve(DecayModel model) {
  static const std::array<DecayCurve, 3> curves = {make_curve(DecayModel::kPowerLaw),
                                                   make_curve(DecayModel::kExponential),
                                                   make_curve(DecayModel::kTwoComponent)};
  return curves[static_cast<std::size_t>(model)];
}

DecayInput decay_input(const Memory& memory, Timestamp at) {
  const auto age = memory.last_used ? at - *memory.last_used : Timestamp::duration(0);
  return {memory.use_count, static_cast<float>(memory.strength),
          static_cast<double>(age.count()) * 1e-6};
}

double decay_score(DecayModel model, const DecayInput& input) {
  const DecayCurve& curve = model::decay_curve(model);
  return score_when_new(curve, input) * retention(curve, std::max(0.0, input.age_seconds));
}

double decay_score_clamped(DecayModel model, const DecayInput& input) {
  return std::clamp(decay_score(model, input), 0.0, 1.0);
}

double projected_decay_score(DecayModel model, const DecayInput& input,
                             std::chrono::duration<double> later) {
  DecayInput then = input;
  then.age_seconds += later.count();
  return decay_score(model, then);
}

TimeUntil time_until(DecayModel model, const DecayInput& input, double threshold) {
  if (decay_score(model, input) <= threshold) return AlreadyThere();
  if (!(threshold > 0)) return NeverThere();
  const DecayCurve& curve = model::decay_curve(model);
  const double age = age_at(curve, threshold / score_when_new(curve, input));
  // Rounding may put the root a hair before now.
  return std::chrono::duration<double>(std::max(0.0, age - input.age_seconds));
}

}  // namespace tulving
