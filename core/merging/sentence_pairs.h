#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tulving::merging {

/// Unique sentences, and which of them are alike. Sentences are named by the order of adding.
class SentencePairs {
 public:
  using Sentence = std::uint32_t;

  /// Two sentences equal but for a value, lower number first.
  struct Conflict {
    Sentence a = 0;
    Sentence b = 0;
  };

  void add(std::string_view sentence);

  /// For each sentence the fuller one that takes its place; itself where there is none.
  [[nodiscard]] std::vector<Sentence> fuller() const;

  /// Pairs equal but for a number, a name or a negation.
  [[nodiscard]] std::vector<Conflict> conflicts() const;

 private:
  struct Word {
    std::uint32_t id = 0;
    bool is_name = false;  // A capital letter not due to the sentence's beginning.
  };
  struct Entry {
    std::size_t first_word = 0;  // In words_.
    std::uint32_t words = 0;
    std::uint32_t counted = 0;  // Without articles.
    std::size_t bytes = 0;
    bool is_question = false;  // It says nothing that could be contradicted.
  };

  void index() const;
  [[nodiscard]] std::vector<Sentence> candidates(Sentence sentence) const;
  [[nodiscard]] bool is_fuller(Sentence longer, Sentence shorter) const;
  [[nodiscard]] bool holds_all_of(Sentence longer, Sentence shorter) const;
  [[nodiscard]] bool is_conflict(Sentence a, Sentence b) const;
  struct Run {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  [[nodiscard]] bool is_value(Run run) const;
  [[nodiscard]] bool is_negation(Run run) const;

  std::vector<Entry> entries_;
  std::vector<Word> words_;
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::vector<std::uint8_t> kinds_;  // By word id, a set of kKind flags.

  // Filled by the first question: for each word how many sentences have it, and the first of them.
  mutable std::vector<std::uint32_t> counts_;
  mutable std::vector<std::size_t> postings_begin_;
  mutable std::vector<Sentence> postings_;
};

}  // namespace tulving::merging
