#include "core/model/text/summary.h"

#include "core/base/text/code_points.h"
#include "core/base/text/utf8.h"
#include "core/model/text/sentences.h"

namespace tulving::model {
namespace {

constexpr std::size_t kCharactersMax = 200;
// What is looked at: enough past the limit to tell an abbreviation's full stop from a sentence's.
constexpr std::size_t kWindowCharacters = 300;
// A text that begins with more blanks than this has no summary; the search for it stays O(1).
constexpr std::size_t kBlanksMax = 1000;

std::string_view trim_right(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

bool fits(std::string_view text) { return utf8_prefix(text, kCharactersMax).size() == text.size(); }

// The part that leaves room for "…", up to its last blank where it has one.
std::string cut_at_a_word(std::string_view window) {
  const std::string_view head = utf8_prefix(window, kCharactersMax - 1);
  std::size_t end = head.size();
  if (kBlanks.find(window[end]) == std::string_view::npos) {
    const std::size_t blank = head.find_last_of(kBlanks);
    if (blank != std::string_view::npos) end = blank;
  }
  return std::string(trim_right(head.substr(0, end))) + "…";
}

}  // namespace

std::string default_summary(std::string_view text) {
  const std::size_t first = text.substr(0, kBlanksMax).find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  const std::string_view window = utf8_prefix(text.substr(first), kWindowCharacters);
  const bool whole = first + window.size() == text.size();
  if (whole && fits(trim_right(window))) return std::string(trim_right(window));

  // The window's last sentence goes on behind it.
  const std::size_t window_end = trim_right(window).size();
  std::string_view best;
  for (const std::string_view sentence : split_sentences(window)) {
    const auto end = static_cast<std::size_t>(sentence.data() + sentence.size() - window.data());
    const std::string_view sentences = window.substr(0, end);
    if (end == window_end || !fits(sentences)) break;
    best = sentences;
  }
  return best.empty() ? cut_at_a_word(window) : std::string(best);
}

}  // namespace tulving::model
