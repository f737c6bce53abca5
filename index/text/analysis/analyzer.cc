// Most text is ASCII, or ASCII with typographic quotes and dashes, and needs neither normalisation
// nor ICU: between spaces, a piece of it yields the words that ICU's boundaries would. So a text is
// taken piece by piece, cut after white space, and neighbours of one sort go the same way together.
//
// (1) No word, no dot between digits and no composition of characters reaches across white space.
// (2) A zero-width space separates words, but NFKC_Casefold drops it: it is always a piece of its
// own.

#include "index/text/analysis/analyzer.h"

#include <array>

#include "core/base/text/utf8.h"
#include "index/text/text_index.h"

namespace tulving::index {
namespace {

/// The classes of bytes; those above 127 are separators here, see is_plain_punctuation().
constexpr std::array<CharacterClass, 256> byte_classes() {
  std::array<CharacterClass, 256> classes{};
  for (std::size_t c = 'a'; c <= 'z'; ++c) classes[c] = CharacterClass::kLetter;
  for (std::size_t c = '0'; c <= '9'; ++c) classes[c] = CharacterClass::kDigit;
  classes['.'] = CharacterClass::kDot;
  return classes;
}
constexpr auto kByteClasses = byte_classes();

CharacterClass class_at(std::string_view folded, std::size_t at) {
  return kByteClasses[static_cast<unsigned char>(folded[at])];
}

constexpr char fold_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Characters of General Punctuation that separate words and nothing else: zero-width space,
/// dashes, quotes, daggers, bullets (U+2010-2023) and the ellipsis. Not the dot leaders, which fold
/// to dots.
bool is_plain_punctuation(std::string_view text, std::size_t at) {
  if (text.size() - at < 3 || text[at] != '\xE2' || text[at + 1] != '\x80') return false;
  const auto last = static_cast<unsigned char>(text[at + 2]);
  return last == 0x8B || (last >= 0x90 && last <= 0xA3) || last == 0xA6;
}

bool is_zero_width_space(std::string_view text, std::size_t at) {
  return text.substr(at, 3) == "\xE2\x80\x8B";
}

struct Piece {
  std::size_t end = 0;
  bool plain = true;
};

Piece piece_at(std::string_view text, std::size_t at) {
  if (is_zero_width_space(text, at)) return {at + 3, true};
  Piece piece{at, true};
  while (piece.end < text.size()) {
    const auto byte = static_cast<unsigned char>(text[piece.end]);
    if (byte <= ' ') {
      ++piece.end;
      break;
    }
    if (byte < 0x80) {
      ++piece.end;
    } else if (is_zero_width_space(text, piece.end)) {
      break;
    } else if (is_plain_punctuation(text, piece.end)) {
      piece.end += 3;
    } else {
      piece.plain = false;
      ++piece.end;
    }
  }
  return piece;
}

}  // namespace

Analyzer& Analyzer::of_this_thread() {
  static thread_local Analyzer analyzer;
  return analyzer;
}

void Analyzer::begin() {
  constexpr std::size_t kKeptBytes = std::size_t{1}
                                     << 20;  // one huge text is not remembered for ever
  folded_.clear();
  words_.clear();
  if (folded_.capacity() > kKeptBytes) folded_.shrink_to_fit();
  if (words_.capacity() > kKeptBytes / sizeof(Word)) words_.shrink_to_fit();
}

std::span<const Word> Analyzer::split(std::string_view text) {
  begin();
  written_.begin(text);
  if (is_ascii(text)) {
    written_.add_stretch(0, 0, text.size());
    take_plain(text);
    attach_signs();
    return words_;
  }
  for (std::size_t at = 0; at < text.size();) {
    const Piece first = piece_at(text, at);
    std::size_t end = first.end;
    while (end < text.size()) {
      const Piece next = piece_at(text, end);
      if (next.plain != first.plain) break;
      end = next.end;
    }
    const std::string_view stretch = text.substr(at, end - at);
    if (first.plain) {
      written_.add_stretch(folded_.size(), at, stretch.size());
      take_plain(stretch);
    } else {
      unicode_.split(stretch, folded_, words_);
    }
    at = end;
  }
  attach_signs();
  return words_;
}

std::span<const Word> Analyzer::split_with_icu(std::string_view text) {
  begin();
  written_.begin(text);
  unicode_.split(text, folded_, words_);
  attach_signs();
  return words_;
}

// C++, C#, F# and .NET: the sign makes the word another one.
void Analyzer::attach_signs() {
  const std::string_view folded(folded_);
  const auto at = [folded](std::size_t place) {
    return place < folded.size() ? folded[place] : ' ';
  };
  const auto is_word = [&](std::size_t place) {
    const auto byte = static_cast<unsigned char>(at(place));
    return byte >= 0x80 || byte == '_' || kByteClasses[byte] == CharacterClass::kLetter ||
           kByteClasses[byte] == CharacterClass::kDigit;
  };
  for (Word& word : words_) {
    if (word.kind != WordKind::kLetters) continue;
    const std::size_t end = word.offset + word.bytes;
    const char next = at(end);
    if (next == '+' && at(end + 1) == '+' && at(end + 2) != '+' && word.bytes < kWordBytesMax - 1) {
      word.bytes += 2;
    } else if (next == '#' && word.bytes == 1 && !is_word(end + 1) && at(end + 1) != '#') {
      word.bytes += 1;
    } else if (word.bytes == 3 && word.offset > 0 && at(word.offset - 1) == '.' &&
               folded.substr(word.offset, 3) == "net" &&
               (word.offset == 1 || !is_word(word.offset - 2))) {
      word.offset -= 1;
      word.bytes += 1;
    } else {
      continue;
    }
    word.kind = WordKind::kNumber;  // stays as it is
  }
}

const WordForms& Analyzer::forms() {
  forms_.find(folded_, words_, written_);
  return forms_;
}

void Analyzer::take_plain(std::string_view text) {
  std::size_t at = folded_.size();
  const std::size_t end = at + text.size();
  folded_.resize(end);
  // By way of a pointer of its own, or each byte would ask the string anew where it lies.
  char* const to = folded_.data() + at;
  for (std::size_t i = 0; i < text.size(); ++i) to[i] = fold_ascii(text[i]);
  const std::string_view folded(folded_);
  WordCutter cutter(folded, words_);
  while (at < end) {
    if (!cutter.is_open()) {  // most words are letters only: no state, one comparison a byte
      const std::size_t start = at;
      while (at < end && class_at(folded, at) == CharacterClass::kLetter) ++at;
      if (at == end || class_at(folded, at) != CharacterClass::kDigit) {
        append_word(folded, start, at, WordKind::kLetters, words_);
        ++at;
        continue;
      }
      at = start;
    }
    cutter.take(class_at(folded, at), at, at + 1);
    ++at;
  }
  cutter.close();
}

std::string_view Analyzer::term_of(std::string_view folded, WordKind kind) {
  if (kind != WordKind::kLetters) return folded;
  if (is_stop_word(folded)) return {};
  return stemmer_.stem(folded);
}

std::vector<std::string> analyze(std::string_view text) {
  Analyzer& analyzer = Analyzer::of_this_thread();
  std::vector<std::string> terms;
  for (const Word& word : analyzer.split(text)) {
    if (word.kind == WordKind::kCharacter) continue;
    const std::string_view term = analyzer.term_of(word);
    if (!term.empty()) terms.emplace_back(term);
  }
  return terms;
}

}  // namespace tulving::index
