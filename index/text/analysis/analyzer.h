#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/text/analysis/stemmer.h"
#include "index/text/analysis/unicode_splitter.h"
#include "index/text/analysis/word.h"
#include "index/text/analysis/word_forms.h"

namespace tulving::index {

/// Splits text into words and makes terms of them. What Postgres' to_tsvector('english') does,
/// where its parser sees words and numbers; the differences, each of which finds more:
///
/// - e-mail and web addresses, paths, hyphenated words: their parts are the terms, and the whole is
///   not one (Postgres indexes an address as one term, "well-known" as a whole and as its parts);
/// - signs are no part of a number: "-5" and "2023-05-08" give 5, 05 and 08 (Postgres: -5, -05,
/// -08);
///   a number with both a decimal point and an exponent is taken apart at the exponent;
/// - markup is no different: "<b>" and "&amp;" give the terms b and amp (Postgres drops them);
/// - letters are compared by NFKC_Casefold, not by their lower case: full-width forms, ligatures,
///   combining accents, "ß" and "ss" match. Accents themselves count, as in Postgres;
/// - Han, Hiragana, Katakana, Bopomofo, Hangul and the scripts of South-East Asia that put no
/// spaces
///   between words: each run gives its overlapping pairs of characters (Postgres: the run is one
///   term). A document's run gives its single characters too, so that a query of one finds it; a
///   query's run of several does not, or any common character would match. Hangul is among them,
///   though it has spaces, because its particles are written onto the noun;
/// - words are cut after 255 bytes (Postgres: left out from 2,047);
/// - C++, C# and .NET are words of their own, with their signs (Postgres: c, c, net);
/// - beside its words a text has forms of them that count for less: see word_forms.h.
///
/// One thread at a time: each has its own.
class Analyzer {
 public:
  static Analyzer& of_this_thread();

  /// The words of a text in order, until the next call. O(bytes); ASCII text with the usual
  /// typographic quotes and dashes takes a path without ICU, about 1 ns a byte.
  std::span<const Word> split(std::string_view text);
  /// The same words, all by way of ICU. For tests, which compare the two.
  std::span<const Word> split_with_icu(std::string_view text);

  /// The word, folded, until the next split.
  [[nodiscard]] std::string_view folded(const Word& word) const {
    return std::string_view(folded_).substr(word.offset, word.bytes);
  }

  /// The term of a word, empty for a stop word; until the next call.
  std::string_view term_of(const Word& word) { return term_of(folded(word), word.kind); }
  std::string_view term_of(std::string_view folded, WordKind kind);

  /// The forms of the words of the last text that was split, which must still be there; until the
  /// next split. O(words).
  const WordForms& forms();

 private:
  void begin();
  void take_plain(std::string_view text);
  void attach_signs();

  std::string folded_;
  WrittenText written_;
  WordForms forms_;
  std::vector<Word> words_;
  Stemmer stemmer_;
  UnicodeSplitter unicode_;
};

}  // namespace tulving::index
