#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tulving::index {

/// What is done with a word to make a term of it.
enum class WordKind : std::uint8_t {
  kLetters,    ///< Dropped when a stop word, else stemmed.
  kNumber,     ///< Has a digit: stays as it is.
  kGram,       ///< Two neighbours in a script without spaces, or a character without one.
  kCharacter,  ///< One of several characters in a run: documents index it, queries do not ask for
               ///< it.
};

inline constexpr std::size_t kWordBytesMax = 255;

/// A folded word: its place in the analyzer's buffer.
struct Word {
  std::size_t offset = 0;
  std::uint32_t bytes = 0;  ///< 1..kWordBytesMax.
  WordKind kind = WordKind::kLetters;

  friend bool operator==(const Word&, const Word&) = default;
};

/// What a character means to the cutter.
enum class CharacterClass : std::uint8_t { kOther, kLetter, kDigit, kMark, kDot };

/// Appends folded[begin, end), cut to kWordBytesMax between characters.
inline void append_word(std::string_view folded, std::size_t begin, std::size_t end, WordKind kind,
                        std::vector<Word>& words) {
  std::size_t bytes = end - begin;
  if (bytes > kWordBytesMax) {
    bytes = kWordBytesMax;
    const auto continues = [&](std::size_t at) {
      return (static_cast<unsigned char>(folded[begin + at]) & 0xC0U) == 0x80U;
    };
    while (bytes > 0 && continues(bytes)) --bytes;
  }
  if (bytes > 0) words.push_back({begin, static_cast<std::uint32_t>(bytes), kind});
}

/// Cuts words out of a folded text, one character after another: runs of letters, digits and the
/// marks on them; a dot between two digits belongs to them ("3.14", "v1.2.3"), but a decimal number
/// ends where letters begin ("2.5kg" is 2.5 and kg), as in Postgres.
class WordCutter {
 public:
  WordCutter(std::string_view folded, std::vector<Word>& words) : folded_(folded), words_(words) {}

  void take(CharacterClass character, std::size_t begin, std::size_t end) {
    switch (character) {
      case CharacterClass::kLetter:
        if (dot_waits_ || is_decimal_) close();
        extend(begin, end);
        has_letter_ = true;
        break;
      case CharacterClass::kDigit:
        if (dot_waits_ && !has_letter_) is_decimal_ = true;
        dot_waits_ = false;
        extend(begin, end);
        has_digit_ = ends_in_digit_ = true;
        break;
      case CharacterClass::kMark:
        if (dot_waits_) close();
        if (open_) extend(begin, end);
        break;
      case CharacterClass::kDot:
        if (dot_waits_ || !ends_in_digit_) {
          close();
        } else {
          dot_waits_ = true;
        }
        break;
      case CharacterClass::kOther:
        close();
        break;
    }
  }

  void close() {
    if (open_) {
      append_word(folded_, begin_, end_, has_digit_ ? WordKind::kNumber : WordKind::kLetters,
                  words_);
    }
    open_ = has_letter_ = has_digit_ = ends_in_digit_ = is_decimal_ = dot_waits_ = false;
  }

  [[nodiscard]] bool is_open() const { return open_; }

 private:
  void extend(std::size_t begin, std::size_t end) {
    if (!open_) begin_ = begin;
    open_ = true;
    end_ = end;
    ends_in_digit_ = false;
  }

  std::string_view folded_;
  std::vector<Word>& words_;
  std::size_t begin_ = 0, end_ = 0;
  bool open_ = false, has_letter_ = false, has_digit_ = false;
  bool ends_in_digit_ = false, is_decimal_ = false, dot_waits_ = false;
};

}  // namespace tulving::index
