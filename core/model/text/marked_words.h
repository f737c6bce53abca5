#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace tulving::model {

// What a text names exactly: a word with a digit ("2291", "2024-05-01", "5%"), with a capital
// letter
// ("York", "mW"), or that is an identifier (has a sign within, as "snake_case", "a@b.org", or a
// hyphen before it, as "-v"). Marked words without a stop, a bracket or another word between them
// name one thing together ("New York", "1 200", "5 mW"). Quotes, brackets and stops around a word
// are not part of it. Words of scripts without capital letters are marked by digits and signs
// alone.

/// Marked words in a row, all there are.
struct MarkedRun {
  std::vector<std::string> words;
  /// The first has its capital letter from beginning a sentence, perhaps.
  bool opens_sentence = false;
};

struct MarkedText {
  std::vector<MarkedRun> runs;            ///< In order.
  std::vector<std::string> quotes;        ///< What stands in quotation marks on one line.
  std::unordered_set<std::string> words;  ///< Marked or not.
};

/// O(bytes).
[[nodiscard]] MarkedText read_marked(std::string_view text);

/// The word with its first letter made small.
[[nodiscard]] std::string with_small_letter(std::string_view word);

}  // namespace tulving::model
