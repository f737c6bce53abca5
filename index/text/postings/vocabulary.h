#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "index/text/analysis/analyzer.h"
#include "index/text/postings/string_table.h"

namespace tulving::index {

/// The terms of an index, and the words seen so far with the term each leads to, so that a word is
/// stemmed once and not at every occurrence. Words are kept as long as their term, stop words for
/// good (there are 127): the cache is bounded by the vocabulary of the texts that are there, and an
/// erased text leaves no word of its own behind.
class Vocabulary {
 public:
  static constexpr std::uint32_t kUnknown = StringTable::kNone;
  static constexpr std::uint32_t kStopWord = kUnknown - 1;

  /// The term of a word of the analyzer's current text, kStopWord or kUnknown. When unknown, and
  /// `unknown` is not null, it gets the term, valid until the analyzer's next call.
  std::uint32_t find(Analyzer& analyzer, const Word& word, std::string_view* unknown) const;
  /// The same; a new term is added.
  std::uint32_t intern(Analyzer& analyzer, const Word& word);
  /// A form's term: apart from those of words, so that it can count for less. The same string of
  /// another mark is another term. `kind` as of a word.
  enum class Mark : char { kForm = '\x01', kName = '\x02' };
  std::uint32_t find_form(Analyzer& analyzer, std::string_view form, WordKind kind,
                          Mark mark) const;
  /// The same of a word's term, which needs no more to be done to it.
  [[nodiscard]] std::uint32_t find_marked(std::string_view term, Mark mark) const;
  std::uint32_t intern_form(Analyzer& analyzer, std::string_view form, WordKind kind, Mark mark);
  /// A term itself, or kUnknown.
  [[nodiscard]] std::uint32_t find_term(std::string_view term) const { return terms_.find(term); }
  /// Forgets a term and the words that led to it. Its id may be given out again.
  void erase(std::uint32_t term);

  [[nodiscard]] std::uint32_t limit() const { return terms_.limit(); }
  [[nodiscard]] std::size_t size() const { return terms_.size(); }
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::string_view view(std::uint32_t term) const { return terms_.view(term); }

  /// For loading: terms in the order of their ids, the empty string for an id without a term. False
  /// when a term comes twice.
  bool restore(std::string_view term);
  void reserve(std::size_t terms, std::size_t term_bytes) { terms_.reserve(terms, term_bytes); }

 private:
  struct Surface {
    std::uint32_t term = kUnknown;
    std::uint32_t next = kUnknown;  // another word of the same term
  };

  std::uint32_t intern_term(std::string_view term);
  std::uint32_t add_surface(std::string_view surface, std::uint32_t term);

  StringTable terms_, surfaces_;
  std::vector<Surface> surface_links_;         // by surface id
  std::vector<std::uint32_t> first_surfaces_;  // by term id
};

}  // namespace tulving::index
