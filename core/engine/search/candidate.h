#pragma once

#include <cstdint>

#include "tulving/search.h"

namespace tulving::engine {

/// A row on its way to becoming a hit.
struct Candidate {
  std::uint32_t row = 0;
  float score = 0.0F;
  ScoreParts parts = {};
};

}  // namespace tulving::engine
