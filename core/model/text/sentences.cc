#include "core/model/text/sentences.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "core/base/text/code_points.h"

namespace tulving::model {
namespace {

constexpr std::string_view kDigits = "0123456789";
// Shorter lines end a sentence even when the next begins in lower case: they are lists and verse.
constexpr std::size_t kWrappedLineMin = 40;
// The longest abbreviation looked for; an end is decided in O(1).
constexpr std::size_t kAbbreviationMax = 12;

// Abbreviations, in lower case and without the last stop. Each list is sorted.
// Something always follows.
constexpr std::array<std::string_view, 20> kAlways = {
    "approx", "bzw", "ca", "capt", "cf",  "col", "d.h",  "dr",  "e.g", "eg",
    "gen",    "i.e", "ie", "mr",   "mrs", "ms",  "prof", "viz", "vs",  "z.b"};
// A number follows, or they are words that end a sentence.
constexpr std::array<std::string_view, 16> kBeforeNumbers = {
    "art", "ch", "eq", "ext", "fig", "figs", "no",  "nos",
    "nr",  "p",  "pp", "sec", "tel", "vers", "vol", "v"};
// They end a sentence when a capital letter follows.
constexpr std::array<std::string_view, 24> kUnlessCapital = {
    "a.m", "apr", "aug", "co", "corp", "dec", "etc", "feb", "inc",  "jan", "jr", "jul",
    "jun", "ltd", "mar", "mt", "nov",  "oct", "p.m", "sep", "sept", "sr",  "st", "usw"};
constexpr std::array<std::string_view, 12> kGermanMonths = {
    "April", "August", "Dezember",  "Februar",  "Januar",  "Juli",
    "Juni",  "Mai",    "M\u00e4rz", "November", "Oktober", "September"};

bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }
bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// Neither begins a line nor ends anything.
bool is_within(char c) {
  return c != '\n' && c != '.' && c != '!' && c != '?' &&
         (static_cast<unsigned char>(c) & 0x80U) == 0;
}

UChar32 code_point_at(std::string_view text, std::size_t offset) {
  return offset < text.size() ? next_code_point(text, offset) : -1;
}

bool has_letter_or_digit(std::string_view text) {
  for (std::size_t offset = 0; offset < text.size();) {
    const UChar32 c = next_code_point(text, offset);
    if (c >= 0 && u_isalnum(c)) return true;
  }
  return false;
}

bool is_closing(UChar32 c) {
  if (c < 0x80) return c == ')' || c == ']' || c == '}' || c == '"' || c == '\'' || c == '*';
  const auto type = u_charType(c);
  return type == U_END_PUNCTUATION || type == U_FINAL_PUNCTUATION;
}

bool is_question_mark(UChar32 c) {
  constexpr std::array<UChar32, 14> kQuestionMarks = {'?',    0x037E, 0x055E, 0x061F, 0x1367,
                                                      0x203D, 0x2047, 0x2048, 0x2CFA, 0xA60F,
                                                      0xA6F7, 0xFE56, 0xFF1F, 0x11143};
  return std::ranges::find(kQuestionMarks, c) != kQuestionMarks.end();
}

// The ellipsis is no Sentence_Terminal, as it often stands within.
bool is_stop(UChar32 c) { return c == 0x2026 || u_hasBinaryProperty(c, UCHAR_S_TERM) != 0; }

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<std::string_view> run() && {
    while (offset_ < text_.size()) {
      if (at_line_start() && skip_code_block()) continue;
      step();
    }
    end_sentence(text_.size());
    return std::move(sentences_);
  }

 private:
  [[nodiscard]] char at(std::size_t offset) const {
    return offset < text_.size() ? text_[offset] : '\0';
  }
  [[nodiscard]] bool at_line_start() const { return offset_ == 0 || text_[offset_ - 1] == '\n'; }

  void step() {
    const char c = text_[offset_];
    if (c == '\n') {
      if (line_ends_sentence(offset_)) end_sentence(offset_);
      ++offset_;
    } else if (c == '.' || c == '!' || c == '?') {
      stop(offset_, false);
    } else if ((static_cast<unsigned char>(c) & 0x80U) == 0) {
      do {
        ++offset_;
      } while (offset_ < text_.size() && is_within(text_[offset_]));
    } else {
      const std::size_t start = offset_;
      const UChar32 code_point = next_code_point(text_, offset_);
      if (code_point == 0x2026) {
        stop(start, false);
      } else if (code_point == 0x2028 || code_point == 0x2029) {
        end_sentence(start);
      } else if (code_point > 0 && u_hasBinaryProperty(code_point, UCHAR_S_TERM) != 0) {
        stop(start, true);
      }
    }
  }

  // At a full stop or its like; one of another script needs no blank behind it.
  void stop(std::size_t start, bool other_script) {
    bool closed = false;
    offset_ = after_stops(start, other_script, closed);
    if (offset_ < text_.size() && !other_script && !is_blank(text_[offset_])) return;
    if (other_script || !goes_on(start, offset_, closed)) end_sentence(offset_);
  }

  // Behind the run of stops that begins at `start` and what closes behind them.
  std::size_t after_stops(std::size_t start, bool& other_script, bool& closed) const {
    std::size_t offset = start;
    static_cast<void>(next_code_point(text_, offset));
    while (offset < text_.size()) {
      std::size_t next = offset;
      const UChar32 c = next_code_point(text_, next);
      if (c < 0) break;
      const bool is_stop = c == '.' || c == '!' || c == '?' || c == 0x2026;
      const bool is_other = !is_stop && c > 0x7F && u_hasBinaryProperty(c, UCHAR_S_TERM) != 0;
      if (is_closing(c)) {
        closed = true;
      } else if (is_other) {
        other_script = true;
      } else if (!is_stop) {
        break;
      }
      offset = next;
    }
    return offset;
  }

  // Whether the sentence goes on behind the stop at `start`, with blanks from `end` on.
  [[nodiscard]] bool goes_on(std::size_t start, std::size_t end, bool closed) const {
    const std::size_t next_offset = text_.find_first_not_of(" \t", end);
    if (next_offset == std::string_view::npos || is_blank(text_[next_offset])) return false;
    const UChar32 next = code_point_at(text_, next_offset);
    const bool lower = next > 0 && u_islower(next);
    if (text_[start] == '!' || text_[start] == '?') return closed && lower;
    if (end - start > 1) return lower;  // "and then... nothing", "so." he said
    return is_abbreviation(start, next_offset, lower, is_ascii_digit(text_[next_offset]));
  }

  // Whether the stop at `start` belongs to the word before it.
  [[nodiscard]] bool is_abbreviation(std::size_t start, std::size_t next_offset, bool lower,
                                     bool digit) const {
    const std::string_view before = text_.substr(0, start);
    const std::size_t cut = start > kAbbreviationMax ? start - kAbbreviationMax : 0;
    std::size_t word_start = start;
    while (word_start > cut && !is_blank(before[word_start - 1]) &&
           std::string_view("([\"'/").find(before[word_start - 1]) == std::string_view::npos) {
      --word_start;
    }
    const std::string_view word = before.substr(word_start);
    if (word.empty()) return false;
    if (is_list_number(word, word_start)) return true;
    if (word.size() <= 2 && word.find_first_not_of(kDigits) == std::string_view::npos) {
      return is_one_of(kGermanMonths, word_at(next_offset));
    }
    if (word.size() == 1 && word[0] >= 'A' && word[0] <= 'Z') return word[0] != 'I';
    std::string folded(word);
    for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (is_one_of(kAlways, folded)) return true;
    if (is_one_of(kBeforeNumbers, folded)) return digit;
    if (is_one_of(kUnlessCapital, folded)) return lower || digit;
    return is_dotted(folded);
  }

  [[nodiscard]] std::string_view word_at(std::size_t offset) const {
    const std::string_view rest = text_.substr(offset);
    return rest.substr(0, rest.find_first_of(" \t\n\r,.;:!?)"));
  }

  // "1", "12", "a" at the start of a line.
  [[nodiscard]] bool is_list_number(std::string_view word, std::size_t word_start) const {
    const std::size_t last = text_.substr(0, word_start).find_last_not_of(" \t");
    const bool line_start =
        last == std::string_view::npos || text_[last] == '\n' || text_[last] == '\r';
    const bool number = word.find_first_not_of(kDigits) == std::string_view::npos;
    return line_start && (word.size() == 1 || (number && word.size() <= 3));
  }

  // "u.s", "p.h.d": single letters with stops between.
  static bool is_dotted(std::string_view word) {
    if (word.size() < 3 || word.size() % 2 == 0) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
      const bool letter = word[i] >= 'a' && word[i] <= 'z';
      if (i % 2 == 0 ? !letter : word[i] != '.') return false;
    }
    return true;
  }

  [[nodiscard]] bool line_ends_sentence(std::size_t newline) const {
    const UChar32 next = code_point_at(text_, newline + 1);
    if (next < 0 || !u_islower(next)) return true;
    const std::size_t line_start = text_.substr(0, newline).rfind('\n') + 1;  // npos + 1 is 0.
    std::string_view line = text_.substr(line_start, newline - line_start);
    line = line.substr(0, line.find_last_not_of(kBlanks) + 1);
    if (line.size() < kWrappedLineMin) return true;
    const char last = line.back();
    return last == ':' || last == ';' || last == '|';
  }

  // A block between two lines that begin with ``` or ~~~ is passed over whole.
  bool skip_code_block() {
    const std::string_view rest = text_.substr(offset_);
    if (!rest.starts_with("```") && !rest.starts_with("~~~")) return false;
    const std::string closing = "\n" + std::string(rest.substr(0, 3));
    const std::size_t close = rest.find(closing);
    if (close == std::string_view::npos) return false;
    end_sentence(offset_);
    const std::size_t line_end = text_.find('\n', offset_ + close + closing.size());
    offset_ = std::min(line_end, text_.size());
    end_sentence(offset_);
    return true;
  }

  // Looks only at what is new since the last call, so that all calls together are O(bytes).
  void end_sentence(std::size_t end) {
    const std::size_t fresh = std::exchange(checked_, end);
    const std::size_t first = text_.substr(0, end).find_first_not_of(kBlanks, fresh);
    if (first == std::string_view::npos) {
      if (start_ == fresh) start_ = end;
    } else {
      if (start_ == fresh) start_ = first;
      last_ = text_.substr(0, end).find_last_not_of(kBlanks) + 1;
      if (has_letter_or_digit(text_.substr(first, last_ - first))) {
        take_sentence(end);
      } else if (!sentences_.empty()) {
        const auto begin = static_cast<std::size_t>(sentences_.back().data() - text_.data());
        sentences_.back() = text_.substr(begin, last_ - begin);
        start_ = end;
      }
      // Else it belongs to the sentence that follows, which begins where it began.
    }
    if (end == text_.size() && start_ < last_) take_sentence(end);
  }

  void take_sentence(std::size_t end) {
    sentences_.push_back(text_.substr(start_, last_ - start_));
    start_ = end;
  }

  std::string_view text_;
  std::size_t offset_ = 0;
  std::size_t start_ = 0;    // Of the sentence that is being read.
  std::size_t last_ = 0;     // Behind the last character that is no blank, before checked_.
  std::size_t checked_ = 0;  // Where end_sentence() was called last.
  std::vector<std::string_view> sentences_;
};

}  // namespace

std::vector<std::string_view> split_sentences(std::string_view text) {
  return Splitter(text).run();
}

bool is_complete(std::string_view sentence) {
  bool has_stop = false;
  for (std::size_t end = sentence.size(); end > 0;) {
    const auto is_tail = [&](std::size_t i) {
      return (static_cast<unsigned char>(sentence[i]) & 0xC0U) == 0x80U;
    };
    do --end;
    while (end > 0 && is_tail(end));
    const UChar32 c = code_point_at(sentence, end);
    if (c >= 0 && (is_stop(c) || is_question_mark(c))) {
      if (is_question_mark(c)) return false;
      has_stop = true;
    } else if (has_stop || c < 0 || c == ':' || u_isalnum(c)) {
      break;
    }
  }
  return has_stop;
}

}  // namespace tulving::model
