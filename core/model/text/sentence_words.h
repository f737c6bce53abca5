#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tulving::model {

/// A word of a sentence, a number with its sign and separators ("-5", "10:30", "2024-05-01"), or a
/// sign that has a meaning ("$", "<", "?", an emoji).
struct SentenceWord {
  std::string_view text;    ///< As it stands in the sentence.
  std::string_view folded;  ///< Without case. Valid during the visit.
  bool is_first = false;    ///< No word is before it: its capital letter may mean nothing.
  bool is_capitalised = false;
  bool has_digit = false;
  bool is_sign = false;
};

/// Calls `visit` with each word in order. Blanks, quotes, brackets, hyphens, commas, colons and
/// stops are left out, but for "?". Each character of a script without spaces is a word. O(bytes).
void visit_words(std::string_view sentence,
                 const std::function<void(const SentenceWord& word)>& visit);

}  // namespace tulving::model
