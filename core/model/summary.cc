#include "core/model/summary.h"

#include <unicode/ubrk.h>

#include <memory>
#include <vector>

#include "core/base/utf8.h"

namespace tulving::model {
namespace {

constexpr std::size_t kCharactersMax = 200;
// What is looked at: enough past the limit for ICU to tell an abbreviation's full stop from a
// sentence's.
constexpr std::size_t kWindowCharacters = 300;
// A text that begins with more blanks than this has no summary; the search for it stays O(1).
constexpr std::size_t kBlanksMax = 1000;
constexpr std::string_view kBlanks = " \t\n\r\v\f";

std::string_view trim_right(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

bool fits(std::string_view text) { return utf8_prefix(text, kCharactersMax).size() == text.size(); }

// Offsets behind the sentences of `window`, ascending. The window's end is not one of them.
std::vector<std::size_t> ascii_sentence_ends(std::string_view window) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i + 1 < window.size(); ++i) {
    const bool stop = window[i] == '.' || window[i] == '!' || window[i] == '?';
    if (window[i] == '\n' || (stop && kBlanks.find(window[i + 1]) != std::string_view::npos)) {
      ends.push_back(i + 1);
    }
  }
  return ends;
}

struct CloseIterator {
  void operator()(UBreakIterator* iterator) const { ubrk_close(iterator); }
};

// One a thread: opening one reads its rules and costs some 20 us. Null when ICU's data is missing.
UBreakIterator* sentence_iterator() {
  thread_local const std::unique_ptr<UBreakIterator, CloseIterator> iterator = [] {
    UErrorCode error = U_ZERO_ERROR;
    UBreakIterator* opened = ubrk_open(UBRK_SENTENCE, "", nullptr, 0, &error);
    return std::unique_ptr<UBreakIterator, CloseIterator>(U_SUCCESS(error) ? opened : nullptr);
  }();
  return iterator.get();
}

std::vector<std::size_t> icu_sentence_ends(std::string_view window) {
  UBreakIterator* iterator = sentence_iterator();
  if (iterator == nullptr) return ascii_sentence_ends(window);
  UErrorCode error = U_ZERO_ERROR;
  UText text = UTEXT_INITIALIZER;
  utext_openUTF8(&text, window.data(), static_cast<std::int64_t>(window.size()), &error);
  ubrk_setUText(iterator, &text, &error);
  std::vector<std::size_t> ends;
  if (U_SUCCESS(error)) {
    for (auto end = ubrk_next(iterator); end != UBRK_DONE; end = ubrk_next(iterator)) {
      if (static_cast<std::size_t>(end) < window.size())
        ends.push_back(static_cast<std::size_t>(end));
    }
  }
  utext_close(&text);
  return ends;
}

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

  const auto ends = is_ascii(window) ? ascii_sentence_ends(window) : icu_sentence_ends(window);
  std::string_view best;
  for (const std::size_t end : ends) {
    const std::string_view sentences = trim_right(window.substr(0, end));
    if (!fits(sentences)) break;
    best = sentences;
  }
  return best.empty() ? cut_at_a_word(window) : std::string(best);
}

}  // namespace tulving::model
