#pragma once

#include "tulving/number.h"

namespace tulving::model {

/// A figure that was computed, to the digits that a float has: what is worth keeping of it.
[[nodiscard]] inline double rounded(double value) {
  return Number::widened(static_cast<float>(value));
}

}  // namespace tulving::model
