#pragma once

#include <string_view>

struct sb_stemmer;

namespace tulving::index {

/// Whether a folded word is one of the 127 English stop words of Postgres.
[[nodiscard]] bool is_stop_word(std::string_view word);

/// Snowball's English stemmer, the one that Postgres uses. One thread at a time.
class Stemmer {
 public:
  Stemmer();
  ~Stemmer();
  Stemmer(const Stemmer&) = delete;
  Stemmer& operator=(const Stemmer&) = delete;

  /// The stem of a folded word, until the next call.
  std::string_view stem(std::string_view word);

 private:
  sb_stemmer* const stemmer_;
};

}  // namespace tulving::index
