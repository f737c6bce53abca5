#include "index/text/analysis/word_forms.h"

#include <algorithm>
#include <array>

#include "core/base/text/utf8.h"
#include "index/text/analysis/accent_folding.h"
#include "index/text/analysis/stemmer.h"

namespace tulving::index {
namespace {

constexpr std::size_t kPartsMax = 6;                      // of a name that is joined as a whole
constexpr std::size_t kFormBytesMax = kWordBytesMax - 1;  // room for the mark in the vocabulary

constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool has_letter(std::string_view folded) {
  return !std::ranges::all_of(folded, [](char c) { return is_digit(c) || c == '.'; });
}

/// Where the words of a name in camel case begin, the first left out: fooBar, HTTPHeader, but not
/// PDFs or IDs.
void find_humps(std::string_view name, std::vector<std::size_t>& humps) {
  humps.clear();
  for (std::size_t i = 1; i < name.size(); ++i) {
    if (!is_upper(name[i])) continue;
    const bool after_lower = is_lower(name[i - 1]) || is_digit(name[i - 1]);
    const bool ends_capitals = i >= 2 && is_upper(name[i - 1]) && is_upper(name[i - 2]) &&
                               i + 2 < name.size() && is_lower(name[i + 1]) &&
                               is_lower(name[i + 2]);
    if (after_lower || ends_capitals) humps.push_back(i);
  }
}

/// Whether a word at `place` begins a sentence, a line or a quotation.
bool is_opening(std::string_view text, std::size_t place) {
  static constexpr std::string_view kEnds = ".!?:;\n\r-*>\"'([{";
  while (place > 0 && (text[place - 1] == ' ' || text[place - 1] == '\t')) --place;
  if (place == 0 || kEnds.find(text[place - 1]) != std::string_view::npos) return true;
  return static_cast<unsigned char>(text[place - 1]) >= 0x80;  // a typographic quote or dash
}

}  // namespace

bool is_given_name(std::string_view stop_word) { return stop_word == "will" || stop_word == "don"; }

std::string fold_number(std::string_view word) {
  if (word.size() > 3 && word.starts_with("0x")) {
    word.remove_prefix(2);
  } else if (word.size() > 1 && word[0] == 'v' && is_digit(word[1]) &&
             word.find('.') != std::string_view::npos) {
    word.remove_prefix(1);
  }
  std::string folded;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char before = folded.empty() ? ' ' : folded.back();
    const bool leads = word[i] == '0' && !is_digit(before) && before != '.';
    if (leads && i + 1 < word.size() && is_digit(word[i + 1])) continue;
    folded += word[i];
  }
  return folded;
}

std::size_t WrittenText::Cursor::place_of(std::size_t offset) {
  const auto& stretches = written_.stretches_;
  while (stretch_ < stretches.size() &&
         stretches[stretch_].folded + stretches[stretch_].bytes <= offset) {
    ++stretch_;
  }
  if (stretch_ == stretches.size() || offset < stretches[stretch_].folded) {
    return std::string_view::npos;
  }
  return offset - stretches[stretch_].folded + stretches[stretch_].text;
}

class WordForms::Finder {
 public:
  Finder(WordForms& forms, std::string_view folded, std::span<const Word> words,
         const WrittenText& written)
      : forms_(forms),
        folded_(folded),
        words_(words),
        text_(written.text()),
        cursor_(written),
        is_ascii_(is_ascii(folded)) {}

  void run() {
    std::size_t joined_to = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const Word& word = words_[i];
      if (!is_spaced(word)) continue;
      word_ = static_cast<std::uint32_t>(i);
      if (word.kind == WordKind::kNumber) {
        add_number_forms(surface(word));
      } else if (!is_ascii_ && fold_accents(surface(word), bare_)) {
        add(bare_, FormKind::kFolded, WordKind::kLetters);
      }
      add_written_forms(word);
      if (i >= joined_to) joined_to = add_joined_forms(i);
    }
  }

 private:
  [[nodiscard]] std::string_view surface(const Word& word) const {
    return folded_.substr(word.offset, word.bytes);
  }
  static bool is_spaced(const Word& word) {
    return word.kind == WordKind::kLetters || word.kind == WordKind::kNumber;
  }

  void add(std::string_view text, FormKind form, WordKind kind) {
    if (text.empty() || text.size() > kFormBytesMax) return;
    const auto offset = static_cast<std::uint32_t>(forms_.bytes_.size());
    forms_.bytes_ += text;
    forms_.forms_.push_back({word_, offset, static_cast<std::uint32_t>(text.size()), form, kind});
  }

  void add_number_forms(std::string_view number) {
    if (number == ".net") add(number.substr(1), FormKind::kPrefix, WordKind::kLetters);
    const std::string folded = fold_number(number);
    if (folded != number) add(folded, FormKind::kFolded, WordKind::kNumber);
    std::string_view prefix = folded;
    for (auto dots = std::ranges::count(folded, '.'); dots > 1; --dots) {
      prefix = prefix.substr(0, prefix.rfind('.'));
      add(prefix, FormKind::kPrefix, WordKind::kNumber);
    }
  }

  // What only the capitals tell.
  void add_written_forms(const Word& word) {
    const std::size_t place = cursor_.place_of(word.offset);
    if (place == std::string_view::npos) return;
    const std::string_view written = text_.substr(place, word.bytes);
    if (written == surface(word)) return;  // As most are: no capitals.
    if (std::none_of(written.begin() + 1, written.end(), is_upper)) {
      if (is_upper(written[0]) && word.kind == WordKind::kLetters) add_name(word, place);
      return;
    }
    find_humps(written, humps_);
    if (humps_.empty()) {
      if (is_upper(written[0]) && word.kind == WordKind::kLetters) add_name(word, place);
      return;
    }
    humps_.push_back(written.size());
    const auto part = [&](std::size_t from, std::size_t to) {
      const std::size_t begin = from == 0 ? 0 : humps_[from - 1];
      const std::string_view text = surface(word).substr(begin, humps_[to] - begin);
      if (text.size() < 2) return;
      const bool is_number = std::ranges::any_of(text, is_digit);
      add(text, FormKind::kPart, is_number ? WordKind::kNumber : WordKind::kLetters);
    };
    for (std::size_t i = 0; i < humps_.size(); ++i) part(i, i);
    if (humps_.size() < 3) return;  // two parts joined are the word
    for (std::size_t i = 0; i + 1 < humps_.size(); ++i) part(i, i + 1);
  }

  void add_name(const Word& word, std::size_t place) {
    const std::string_view stop_word = surface(word);
    if (stop_word == "i" || !is_stop_word(stop_word)) return;
    const std::string_view rest = text_.substr(place + word.bytes);
    if (rest.starts_with("'t") || rest.starts_with("\u2019t")) return;  // don't
    const bool opens = is_opening(text_, place);
    add(stop_word, opens ? FormKind::kOpening : FormKind::kName, WordKind::kNumber);
  }

  enum class Link : std::uint8_t { kNone, kHyphen, kDot, kComma };

  /// What joins a word to the next.
  [[nodiscard]] Link link_after(std::size_t i) const {
    if (i + 1 >= words_.size() || !is_spaced(words_[i + 1])) return Link::kNone;
    const std::size_t end = words_[i].offset + words_[i].bytes;
    if (words_[i + 1].offset <= end) return Link::kNone;
    if (folded_[end] == ' ') return Link::kNone;  // As between most.
    const std::string_view gap = folded_.substr(end, words_[i + 1].offset - end);
    if (gap == "-" || gap == "_" || gap == "\u2010" || gap == "\u200B") return Link::kHyphen;
    const bool letters =
        words_[i].kind == WordKind::kLetters && words_[i + 1].kind == WordKind::kLetters;
    if (gap == ".") return letters ? Link::kDot : Link::kNone;
    return gap == "," && is_group(i) ? Link::kComma : Link::kNone;
  }

  /// 1,250.50: up to three digits, and three behind the comma.
  [[nodiscard]] bool is_group(std::size_t i) const {
    const std::string_view before = surface(words_[i]), after = surface(words_[i + 1]);
    const auto digits = [](std::string_view text) {
      return text.size() <= 3 && std::ranges::all_of(text, is_digit);
    };
    return digits(before) && after.size() >= 3 && digits(after.substr(0, 3)) &&
           !has_letter(after) && (after.size() == 3 || after[3] == '.');
  }

  /// The forms of the compound that begins with word i; returns the word after it.
  std::size_t add_joined_forms(std::size_t i) {
    const Link link = link_after(i);
    if (link == Link::kNone) return i + 1;
    std::size_t end = i + 1;
    const auto continues = [&] {
      const Link next = link_after(end - 1);
      return next != Link::kNone && (next == Link::kComma) == (link == Link::kComma);
    };
    while (continues()) ++end;
    if (link == Link::kComma) {
      add_group(i, end);
      return end;
    }
    if (end - i <= kPartsMax) add_join(i, end);
    for (std::size_t at = i; end - i > 2 && at + 1 < end; ++at) add_join(at, at + 2);
    return end;
  }

  void add_group(std::size_t begin, std::size_t end) {
    joined_.clear();
    for (std::size_t i = begin; i < end; ++i) joined_ += surface(words_[i]);
    add(joined_, FormKind::kJoined, WordKind::kNumber);
    const std::size_t dot = joined_.find('.');
    if (dot != std::string::npos) {
      add(std::string_view(joined_).substr(0, dot), FormKind::kPrefix, WordKind::kNumber);
    }
  }

  // Not of numbers alone, which are dates and ranges, and not to a single letter, which is what an
  // apostrophe or a list leaves.
  void add_join(std::size_t begin, std::size_t end) {
    const Word& last = words_[end - 1];
    if (last.kind == WordKind::kLetters && last.bytes == 1) return;
    joined_.clear();
    bool is_number = false, letters = false;
    for (std::size_t i = begin; i < end; ++i) {
      const std::string_view part = surface(words_[i]);
      letters = letters || has_letter(part);
      if (words_[i].kind == WordKind::kNumber) {
        is_number = true;
        joined_ += fold_number(part);
      } else {
        joined_ += fold_accents(part, bare_) ? std::string_view(bare_) : part;
      }
    }
    if (letters) {
      add(joined_, FormKind::kJoined, is_number ? WordKind::kNumber : WordKind::kLetters);
    }
  }

  WordForms& forms_;
  std::string_view folded_;
  std::span<const Word> words_;
  std::string_view text_;
  WrittenText::Cursor cursor_;
  bool is_ascii_;
  std::uint32_t word_ = 0;  // whose forms are being added
  std::vector<std::size_t> humps_;
  std::string bare_, joined_;
};

void WordForms::find(std::string_view folded, std::span<const Word> words,
                     const WrittenText& written) {
  forms_.clear();
  bytes_.clear();
  Finder(*this, folded, words, written).run();
}

}  // namespace tulving::index
