#pragma once

#include <cstdlib>

namespace tulving {

/// The seed of random tests: always the same, so that a failure repeats, unless TULVING_TEST_SEED
/// says another.
inline unsigned test_seed() {
  const char* const given = std::getenv("TULVING_TEST_SEED");
  return given == nullptr ? 20'240'501U : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
}

}  // namespace tulving
