#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/text/analysis/word.h"

namespace tulving::index {

/// Splits text of any script: NFKC_Casefold, then word boundaries of Unicode TR29 as ICU finds
/// them, and pairs of characters in scripts without spaces. One thread at a time.
class UnicodeSplitter {
 public:
  UnicodeSplitter();
  ~UnicodeSplitter();

  /// Appends the folded text to `folded` and its words to `words`. What is not UTF-8 separates
  /// words.
  void split(std::string_view text, std::string& folded, std::vector<Word>& words);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;  // Keeps ICU out of this header; made at the first use.
};

}  // namespace tulving::index
