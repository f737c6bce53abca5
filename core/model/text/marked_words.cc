#include "core/model/text/marked_words.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/model/text/sentences.h"

namespace tulving::model {
namespace {

// Longer "quotations" are a stray mark and whatever stands up to the next one.
constexpr std::size_t kQuoteBytesMax = 400;

struct Character {
  UChar32 value = 0;
  std::size_t offset = 0;
  std::size_t bytes = 0;
};

std::vector<Character> characters_of(std::string_view text) {
  std::vector<Character> characters;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t offset = 0; offset < text.size();) {
    Character& one = characters.emplace_back();
    one.offset = offset;
    U8_NEXT(bytes, offset, text.size(), one.value);
    one.bytes = offset - one.offset;
  }
  return characters;
}

bool is_one_of(UChar32 c, std::string_view set) {
  return c > 0 && c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos;
}

std::uint32_t category(UChar32 c) { return c < 0 ? 0U : U_MASK(u_charType(c)); }

bool is_letter_or_digit(UChar32 c) {
  return (category(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0;
}

// A word of its own, and no mark: scripts that set no blanks.
bool stands_alone(UChar32 c) {
  return c >= 0x2E80 && u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_IDEOGRAPHIC;
}

bool is_separator(UChar32 c) { return c < 0 || u_isUWhiteSpace(c) || c == 0x2014; }

bool is_quote_or_emphasis(UChar32 c) {
  return is_one_of(c, "\"'`*") || (category(c) & (U_GC_PI_MASK | U_GC_PF_MASK)) != 0;
}

// Stops, brackets and the like around a word, which part it from its neighbour.
bool is_break(UChar32 c) {
  return is_one_of(c, ",;:!?|") || c == 0xA1 || c == 0xBF || c == 0x2026 ||
         (category(c) & (U_GC_PS_MASK | U_GC_PE_MASK)) != 0 ||
         (c >= 0x80 && (category(c) & U_GC_PO_MASK) != 0);
}

bool is_sign(UChar32 c) {
  return is_one_of(c, "_/\\@.:+#=$%&~<>^|*!?,;()[]{}") ||
         (category(c) & (U_GC_SC_MASK | U_GC_SM_MASK)) != 0;
}

class Reader {
 public:
  MarkedText run(std::string_view text) && {
    for (const std::string_view sentence : split_sentences(text)) {
      is_first_ = true;
      sentence_ = sentence;
      characters_ = characters_of(sentence);
      read_words();
      end_run();
    }
    return std::move(marked_);
  }

 private:
  void read_words() {
    for (std::size_t i = 0; i < characters_.size();) {
      if (is_separator(characters_[i].value)) {
        if (characters_[i].value == '\n') end_run();  // Whatever text the next line is of.
        ++i;
      } else if (stands_alone(characters_[i].value)) {
        end_run();
        is_first_ = false;
        ++i;
      } else {
        std::size_t end = i + 1;
        while (end < characters_.size() && !is_separator(characters_[end].value) &&
               !stands_alone(characters_[end].value)) {
          ++end;
        }
        read_chunk(i, end);
        i = end;
      }
    }
  }

  void read_chunk(std::size_t begin, std::size_t end) {
    bool breaks_before = false;
    bool breaks_after = false;
    const auto value = [this](std::size_t i) { return characters_[i].value; };
    for (; begin < end && (is_quote_or_emphasis(value(begin)) || is_break(value(begin))); ++begin) {
      breaks_before = breaks_before || is_break(value(begin));
    }
    for (; begin < end; --end) {
      const UChar32 last = value(end - 1);
      const bool breaks = is_break(last) || last == '.';
      if (!breaks && !is_quote_or_emphasis(last)) break;
      breaks_after = breaks_after || breaks;
    }
    if (breaks_before) end_run();
    if (has_letters(begin, end)) {
      take(begin, end);
    } else {
      end_run();  // A bullet, a dash, an emoji.
    }
    if (breaks_after) end_run();
  }

  [[nodiscard]] bool has_letters(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end; ++i) {
      if (is_letter_or_digit(characters_[i].value)) return true;
    }
    return false;
  }

  void take(std::size_t begin, std::size_t end) {
    bool has_first_capital = false;
    bool is_marked = is_one_of(characters_[begin].value, "-");
    for (std::size_t i = begin; i < end; ++i) {
      const UChar32 c = characters_[i].value;
      const bool is_capital = (category(c) & (U_GC_LU_MASK | U_GC_LT_MASK)) != 0;
      if (i == begin && is_capital) {
        has_first_capital = true;
      } else if (is_capital || (category(c) & U_GC_N_MASK) != 0 || is_sign(c)) {
        is_marked = true;
      }
    }
    const std::size_t offset = characters_[begin].offset;
    const Character& last = characters_[end - 1];
    std::string word(sentence_.substr(offset, last.offset + last.bytes - offset));
    marked_.words.insert(word);
    const bool opens_sentence = std::exchange(is_first_, false) && has_first_capital && !is_marked;
    if (!is_marked && !has_first_capital) {
      end_run();
      return;
    }
    if (run_.words.empty()) run_.opens_sentence = opens_sentence;
    run_.words.push_back(std::move(word));
  }

  void end_run() {
    if (!run_.words.empty()) marked_.runs.push_back(std::exchange(run_, {}));
  }

  std::string_view sentence_;
  std::vector<Character> characters_;
  bool is_first_ = true;
  MarkedRun run_;
  MarkedText marked_;
};

// The closing mark of an opening one; 0: it opens nothing.
UChar32 closing_of(UChar32 open) {
  constexpr std::array<std::pair<UChar32, UChar32>, 10> kPairs = {{{'"', '"'},
                                                                   {'`', '`'},
                                                                   {'\'', '\''},
                                                                   {0x201C, 0x201D},
                                                                   {0x201E, 0x201C},
                                                                   {0x2018, 0x2019},
                                                                   {0xAB, 0xBB},
                                                                   {0x2039, 0x203A},
                                                                   {0x300C, 0x300D},
                                                                   {0x300E, 0x300F}}};
  for (const auto& [opening, closing] : kPairs) {
    if (opening == open) return closing;
  }
  return 0;
}

class QuoteReader {
 public:
  explicit QuoteReader(std::string_view text) : text_(text), characters_(characters_of(text)) {}

  std::vector<std::string> run() && {
    std::vector<std::string> quotes;
    for (std::size_t i = 0; i < characters_.size(); ++i) {
      const UChar32 closing = closing_of(characters_[i].value);
      if (closing == 0 || !may_open(i)) continue;
      const auto end = find_closing(i, closing);
      if (end == 0) continue;
      const std::size_t begin = characters_[i].offset + characters_[i].bytes;
      quotes.emplace_back(text_.substr(begin, characters_[end].offset - begin));
      i = end;
    }
    return quotes;
  }

 private:
  // An apostrophe within a word is none.
  [[nodiscard]] bool may_open(std::size_t i) const {
    const bool is_apostrophe = characters_[i].value == '\'' || characters_[i].value == 0x2018;
    return !is_apostrophe || i == 0 || !is_letter_or_digit(characters_[i - 1].value);
  }
  [[nodiscard]] bool may_close(std::size_t i) const {
    const bool is_apostrophe = characters_[i].value == '\'' || characters_[i].value == 0x2019;
    return !is_apostrophe || i + 1 == characters_.size() ||
           !is_letter_or_digit(characters_[i + 1].value);
  }

  // 0: there is none on this line, or nothing between.
  [[nodiscard]] std::size_t find_closing(std::size_t open, UChar32 closing) const {
    for (std::size_t i = open + 1; i < characters_.size(); ++i) {
      const auto& [value, offset, bytes] = characters_[i];
      if (value == '\n' || offset - characters_[open].offset > kQuoteBytesMax) return 0;
      if (value == closing && may_close(i)) return i > open + 1 ? i : 0;
    }
    return 0;
  }

  std::string_view text_;
  std::vector<Character> characters_;
};

}  // namespace

MarkedText read_marked(std::string_view text) {
  MarkedText marked = Reader().run(text);
  marked.quotes = QuoteReader(text).run();
  return marked;
}

std::string with_small_letter(std::string_view word) {
  const auto characters = characters_of(word.substr(0, 4));
  if (characters.empty() || characters.front().value < 0) return std::string(word);
  char bytes[U8_MAX_LENGTH];
  std::size_t count = 0;
  U8_APPEND_UNSAFE(bytes, count, u_tolower(characters.front().value));
  return std::string(bytes, count) + std::string(word.substr(characters.front().bytes));
}

}  // namespace tulving::model
