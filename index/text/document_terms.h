#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "index/text/postings/inverted_index.h"
#include "index/text/postings/vocabulary.h"

namespace tulving::index {

/// What is searched of a row, as the terms of its blocks. Kept for its memory.
class DocumentTerms {
 public:
  /// Takes a text, and words that stand beside it; new terms are added to the vocabulary.
  void read(std::string_view text, std::span<const std::string_view> beside,
            Vocabulary& vocabulary);

  /// Counted words: those of the text, without stop words and forms.
  [[nodiscard]] std::uint32_t length() const { return length_; }
  /// By term and block, each once.
  [[nodiscard]] std::span<const TermCount> counts() const { return counts_; }
  [[nodiscard]] std::size_t bytes() const {
    return (placed_.capacity() + sorting_.capacity()) * sizeof(std::uint64_t) +
           counts_.capacity() * sizeof(TermCount);
  }

 private:
  static constexpr std::uint32_t kBesideText = UINT32_MAX;  // as a position

  void place(std::uint32_t term, std::uint32_t position);
  void read_text(std::string_view text, Vocabulary& vocabulary);
  void read_beside(std::string_view words, Vocabulary& vocabulary);
  void count();

  void sort_by_term();

  std::vector<std::uint64_t> placed_;  // term, and the counted words before it
  std::vector<std::uint64_t> sorting_;
  std::vector<TermCount> counts_;
  std::uint32_t length_ = 0;
};

}  // namespace tulving::index
