#pragma once

#include <array>
#include <cstddef>

#include "tulving/decay.h"

namespace tulving::model {

/// The constants of one model's f(age), for those who compute it over columns. decay_score() is the
/// specification of what they compute.
struct DecayCurve {
  /// share * e^(-rate * age), age in seconds.
  struct Component {
    double share = 0;
    double rate = 0;
  };
  double use_exponent = 0;
  double power_rate = 0;   ///< 1 / t0, by second; for the power law.
  double power_alpha = 0;  ///< 0: the model is a sum of components.
  std::array<Component, 2> components;
  std::size_t component_count = 0;
};

[[nodiscard]] const DecayCurve& decay_curve(DecayModel model);

}  // namespace tulving::model
