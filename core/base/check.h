#pragma once

#include <cstdio>
#include <cstdlib>

// Our own broken invariant is a bug, never bad input: input, and what a file holds, is answered
// with an Error. A condition says what always holds at its place, and does nothing.

/// Stays in release builds, so its condition must be O(1).
#define TULVING_CHECK(condition)                                                             \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: invariant broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)

/// Of the builds that tests run in alone (the CMake option TULVING_DCHECKS); may cost O(n) of what
/// the call itself looks at.
#ifdef TULVING_DCHECKS
#define TULVING_DCHECK(condition) TULVING_CHECK(condition)
#else
#define TULVING_DCHECK(condition) \
  do {                            \
  } while (false && (condition))
#endif
