#pragma once

#include <cstdint>

#include "tulving/options.h"

namespace tulving::model {

/// What a decay score depends on.
struct DecayInput {
  std::int32_t use_count = 0;
  float strength = 1.0F;
  double age_seconds = 0;  ///< now - last_used; negative counts as 0.
};

/// score = (use_count + 1)^0.6 * f(age) * strength, f by `model` (SPEC section 4). Not clamped.
[[nodiscard]] double decay_score(DecayModel model, const DecayInput& input);
/// Clamped to [0, 1], as decisions and filters use it.
[[nodiscard]] double decay_score_clamped(DecayModel model, const DecayInput& input);

}  // namespace tulving::model
