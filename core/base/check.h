#pragma once

#include <cstdio>
#include <cstdlib>

// Our own broken invariant is a bug, never bad input: input is answered with an Error.
// TULVING_CHECK stays in release builds, so its condition must be O(1).
#define TULVING_CHECK(condition)                                                             \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: invariant broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)

// In debug and sanitizer builds only; may be O(n).
#ifdef NDEBUG
#define TULVING_DCHECK(condition) \
  do {                            \
  } while (false && (condition))
#else
#define TULVING_DCHECK(condition) TULVING_CHECK(condition)
#endif
