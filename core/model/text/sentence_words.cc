#include "core/model/text/sentence_words.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstddef>
#include <cstdint>

#include "core/base/text/code_points.h"

namespace tulving::model {
namespace {

void append_folded(std::string& out, std::string_view raw, UChar32 c) {
  if (c < 0) {
    out += raw;  // Ill-formed bytes stay as they are.
    return;
  }
  const UChar32 folded = u_foldCase(c, U_FOLD_CASE_DEFAULT);
  char bytes[U8_MAX_LENGTH];
  std::size_t count = 0;
  U8_APPEND_UNSAFE(bytes, count, folded);
  out.append(bytes, count);
}

bool is_mark(UChar32 c) { return (U_MASK(u_charType(c)) & U_GC_M_MASK) != 0; }

bool is_ideograph(UChar32 c) {
  return c >= 0x2E80 && u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_IDEOGRAPHIC;
}

bool is_digit(UChar32 c) { return c >= 0 && u_isdigit(c) != 0; }
bool is_letter(UChar32 c) { return c >= 0 && u_isalpha(c) != 0; }

bool is_minus_or_plus(UChar32 c) { return c == '-' || c == '+' || c == 0x2212; }

// Punctuation that a sentence can lose without losing its sense.
bool is_silent(UChar32 c) {
  if (c < 0x80) {
    return c <= ' ' || std::string_view(".,;:!\"'`()[]{}-").find(static_cast<char>(c)) !=
                           std::string_view::npos;
  }
  constexpr std::uint32_t kSilent = U_GC_P_MASK | U_GC_Z_MASK | U_GC_C_MASK | U_GC_M_MASK;
  return (U_MASK(u_charType(c)) & kSilent) != 0 && c != 0xFF1F && c != 0x061F;
}

class WordReader {
 public:
  WordReader(std::string_view text, const std::function<void(const SentenceWord&)>& visit)
      : text_(text), visit_(visit) {}

  void run() {
    while (offset_ < text_.size()) {
      const std::size_t start = offset_;
      const UChar32 c = next_code_point(text_, offset_);
      if (c >= 0 && u_isalnum(c)) {
        word(start, c);
      } else if (is_minus_or_plus(c) && is_digit(peek()) && !is_alnum(previous_)) {
        number_with_sign(start);
      } else if (c < 0 || !is_silent(c)) {
        sign(start, c);
      } else {
        previous_ = c;
      }
    }
  }

 private:
  static bool is_alnum(UChar32 c) { return c >= 0 && u_isalnum(c) != 0; }

  [[nodiscard]] UChar32 peek() const {
    std::size_t offset = offset_;
    return offset < text_.size() ? next_code_point(text_, offset) : -1;
  }

  // `c`, at `start`, is read; the rest of its word follows.
  void word(std::size_t start, UChar32 c) {
    const bool capitalised = u_isupper(c) || u_istitle(c);
    folded_.clear();
    append_folded(folded_, {}, c);
    bool has_digit = u_isdigit(c) != 0;
    if (!is_ideograph(c)) rest_of_word(c, has_digit);
    give({text_.substr(start, offset_ - start), folded_, first_, capitalised, has_digit, false});
  }

  void number_with_sign(std::size_t start) {
    folded_ = "-";
    if (text_[start] == '+') folded_ = "+";
    bool has_digit = true;
    rest_of_word('0', has_digit);
    give({text_.substr(start, offset_ - start), folded_, first_, false, true, false});
  }

  void rest_of_word(UChar32 last, bool& has_digit) {
    while (offset_ < text_.size()) {
      std::size_t next = offset_;
      const UChar32 c = next_code_point(text_, next);
      if (c < 0 || is_ideograph(c)) break;
      if (!u_isalnum(c) && !is_mark(c) && !joins(last, c, next)) break;
      // The typographic apostrophe and the typewriter's are one.
      append_folded(folded_, {}, c == 0x2019 ? '\'' : c);
      has_digit = has_digit || u_isdigit(c);
      last = c;
      offset_ = next;
    }
    previous_ = last;
  }

  // "don't", "3.14", "10:30", "2024-05-01", "snake_case".
  [[nodiscard]] bool joins(UChar32 before, UChar32 c, std::size_t next) const {
    const UChar32 after = next < text_.size() ? next_code_point(text_, next) : -1;
    if (c == '\'' || c == 0x2019) return is_letter(before) && is_letter(after);
    if (c == '_') return is_alnum(before) && is_alnum(after);
    if (c == '.' || c == ',' || c == ':' || c == '-' || c == '/') {
      return is_digit(before) && is_digit(after);
    }
    return false;
  }

  void sign(std::size_t start, UChar32 c) {
    folded_.clear();
    append_folded(folded_, text_.substr(start, offset_ - start), c);
    if (c == 0xFF1F || c == 0x061F) folded_ = "?";
    previous_ = c;
    give({text_.substr(start, offset_ - start), folded_, first_, false, false, true});
  }

  void give(const SentenceWord& word) {
    visit_(word);
    if (!word.is_sign) first_ = false;
  }

  std::string_view text_;
  const std::function<void(const SentenceWord&)>& visit_;
  std::size_t offset_ = 0;
  UChar32 previous_ = -1;
  bool first_ = true;
  std::string folded_;
};

}  // namespace

void visit_words(std::string_view sentence,
                 const std::function<void(const SentenceWord& word)>& visit) {
  WordReader(sentence, visit).run();
}

}  // namespace tulving::model
