#ifndef TULVING_TESTS_C_CHECK_H
#define TULVING_TESTS_C_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the programs in C, which have no test framework: the first condition that fails ends them. */
#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

/* The call succeeds; else its error is shown. Wants a variable `error`. */
#define OK(call)                                                    \
  do {                                                              \
    if ((call) != TULVING_OK) {                                     \
      fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, \
              tulving_error_message(error).data);                   \
      exit(1);                                                      \
    }                                                               \
    CHECK(error == NULL);                                           \
  } while (0)

static int has_bytes(const char* data, size_t size, const char* word) {
  size_t length = strlen(word), at;
  for (at = 0; at + length <= size; ++at) {
    if (memcmp(data + at, word, length) == 0) return 1;
  }
  return 0;
}

/* Whether a text, which is asked for twice, has that word in it; and whether it is that word. */
#define has(text, word) has_bytes((text).data, (text).size, word)
#define is(text, word) ((text).size == strlen(word) && has(text, word))

#endif
