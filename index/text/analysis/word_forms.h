#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/text/analysis/word.h"

namespace tulving::index {

/// What a word is also looked for as. A form is not the word: it counts for less (query_terms.h).
enum class FormKind : std::uint8_t {
  kFolded,   ///< Without accents; a number without leading zeros, "v" of a version, or "0x".
  kPrefix,   ///< A version's first numbers: 2.10 of 2.10.3; net of .NET. For documents alone.
  kPart,     ///< A word of a name in camel case: http and header of parseHttpHeader.
  kJoined,   ///< Parts written as one: adr16 of ADR-016, nodejs of Node.js, 1250.50 of 1,250.50.
  kName,     ///< A stop word with a capital within a sentence: the Who, and Will.
  kOpening,  ///< A stop word with a capital that begins a sentence: it may be a name or none.
};

struct WordForm {
  std::uint32_t word = 0;  ///< Which of the words it is a form of, or begins at.
  std::uint32_t offset = 0, bytes = 0;
  FormKind form = FormKind::kFolded;
  WordKind kind = WordKind::kLetters;  ///< What is done to make a term of it.
};

/// Where the words of a folded text stood in the text as written: known of stretches that folding
/// changed only in the case of ASCII letters.
class WrittenText {
 public:
  void begin(std::string_view text) {
    text_ = text;
    stretches_.clear();
  }
  void add_stretch(std::size_t folded, std::size_t text, std::size_t bytes) {
    stretches_.push_back({folded, text, bytes});
  }
  [[nodiscard]] std::string_view text() const { return text_; }
  /// The place of folded[offset] in text(), or npos. `offset` never falls between two calls.
  class Cursor {
   public:
    explicit Cursor(const WrittenText& written) : written_(written) {}
    std::size_t place_of(std::size_t offset);

   private:
    const WrittenText& written_;
    std::size_t stretch_ = 0;
  };

 private:
  struct Stretch {
    std::size_t folded, text, bytes;
  };
  std::string_view text_;
  std::vector<Stretch> stretches_;
};

/// The forms of a text's words, ascending by word. One thread at a time.
class WordForms {
 public:
  void find(std::string_view folded, std::span<const Word> words, const WrittenText& written);

  [[nodiscard]] std::span<const WordForm> all() const { return forms_; }
  [[nodiscard]] std::string_view text(const WordForm& form) const {
    return std::string_view(bytes_).substr(form.offset, form.bytes);
  }

 private:
  class Finder;
  std::vector<WordForm> forms_;
  std::string bytes_;
};

/// A number in the form in which equal ones are written alike: 016 is 16, adr016 adr16, v2.10.3
/// 2.10.3, 0x80070005 80070005. Digits behind a dot stay: 1.05 is not 1.5.
[[nodiscard]] std::string fold_number(std::string_view word);

/// Stop words that are people's given names too: Will, Don.
[[nodiscard]] bool is_given_name(std::string_view stop_word);

}  // namespace tulving::index
